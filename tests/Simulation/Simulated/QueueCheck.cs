namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// Each element of the queue is taken once at most, and none is lost: it was taken, remains, or went to a client whose
/// connection broke before it could read the reply.
/// </summary>
internal sealed class QueueCheck : IHistoryCheck
{
    public string? Judge(History history, Counters counters)
    {
        string[] seen = [.. history.Popped, .. history.Remaining];
        if (seen.GroupBy(text => text).FirstOrDefault(group => group.Count() > 1) is { } twice) return $"the queue gave {twice.Key} twice";
        if (seen.Except(history.Queue.Select(entry => entry.Text)).FirstOrDefault() is { } strange) return $"nobody pushed {strange}";
        string[] missing = [.. history.Queue.Where(entry => entry.IsPushed).Select(entry => entry.Text).Except(seen)];
        int unheard = history.PopsBegun - history.PopsAnswered;
        counters.Add("popped elements", history.Popped.Count);
        return missing.Length > unheard ? $"the queue lost {string.Join(", ", missing)}, and {unheard} replies were lost" : null;
    }
}
