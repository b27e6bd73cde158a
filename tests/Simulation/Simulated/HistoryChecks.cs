namespace Anax.Tests.Simulation.Simulated;

/// <summary>All rules, in the order of asking. A further checker of histories is one more row.</summary>
internal static class HistoryChecks
{
    public static IReadOnlyList<IHistoryCheck> All { get; } =
        [new SerialOrderCheck(), new PairCheck(), new AccountsCheck(), new DeliveryCheck(), new QueueCheck()];
}
