namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// Every group of keys has a serial order that explains all replies. The last reader's part of the history makes the final
/// state one of them.
/// </summary>
internal sealed class SerialOrderCheck : IHistoryCheck
{
    public string? Judge(History history, Counters counters)
    {
        foreach (KeyGroup group in KeyGroup.Of(history))
        {
            SerialOrder order = new(history, group);
            switch (order.Search())
            {
                case Verdict.Impossible:
                    return $"no serial order of what was done to {string.Join(", ", group.Keys)} explains the replies:\n{order.Account()}";
                case Verdict.Undecided:
                    counters.Add(Counters.Undecided, 1);
                    break;
                case Verdict.Possible:
                    counters.Add(Counters.Ordered, 1);
                    break;
            }
        }

        return null;
    }
}
