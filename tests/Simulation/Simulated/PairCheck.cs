namespace Anax.Tests.Simulation.Simulated;

/// <summary>Two keys that every MSET sets to one value are equal in every MGET: neither is half done when the other runs.</summary>
internal sealed class PairCheck : IHistoryCheck
{
    public string? Judge(History history, Counters counters)
    {
        Operation? torn = history.Operations.FirstOrDefault(IsTorn);
        return torn is null ? null : $"a pair was seen half written: {torn}";
    }

    private static bool IsTorn(Operation operation) =>
        operation is { IsAnswered: true, Commands: [{ Name: "MGET" } command] } && command.Keys.SequenceEqual(CommandMaker.Pair)
        && operation.Replies[0].Items[0].Text != operation.Replies[0].Items[1].Text;
}
