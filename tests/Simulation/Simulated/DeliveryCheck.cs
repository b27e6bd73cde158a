namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// What a subscriber hears was published there, once, and in the order of each publisher; one that stayed throughout has
/// heard all that was published for certain.
/// </summary>
internal sealed class DeliveryCheck : IHistoryCheck
{
    public string? Judge(History history, Counters counters)
    {
        // A publication's place in the order of its publisher and channel.
        Dictionary<(string, string), (int Session, int Place)> places = [];
        foreach (Publication publication in history.Publications)
            places.Add((publication.Channel, publication.Text), (publication.Session, places.Count));
        foreach (var heard in history.Deliveries.GroupBy(delivery => delivery.Subscriber))
        {
            Dictionary<(int Session, string Channel), int> last = [];
            foreach (Delivery delivery in heard)
            {
                if (!places.TryGetValue((delivery.Channel, delivery.Text), out var said)) return $"nobody published {delivery}";
                if (last.TryGetValue((said.Session, delivery.Channel), out int before) && before >= said.Place)
                    return $"{delivery} came twice or behind a later one";
                last[(said.Session, delivery.Channel)] = said.Place;
            }
        }

        counters.Add("deliveries", history.Deliveries.Count);
        foreach (int subscriber in history.FaithfulSubscribers)
        {
            HashSet<string> heard = [.. history.Deliveries.Where(d => d.Subscriber == subscriber).Select(d => d.Text)];
            if (history.Publications.FirstOrDefault(p => p.IsAnswered && !heard.Contains(p.Text)) is { } missed)
                return $"subscriber {subscriber} never heard {missed}";
        }

        return null;
    }
}
