namespace Anax.Tests.Simulation.Simulated;

/// <summary>All rules, in the order of asking. A further checker of histories is one more row.</summary>
internal static class HistoryChecks
{
    /// <summary>
    /// Commands over several shards happen at one instant. False while the engine does not promise it: then what rests on
    /// that is judged with one shard only, and <see cref="PairCheck"/> shows that the simulation finds the lack.
    /// </summary>
    public static bool AtomicAcrossShards => false;

    public static IReadOnlyList<IHistoryCheck> All { get; } =
        [new SerialOrderCheck(), new PairCheck(), new AccountsCheck(), new DeliveryCheck(), new QueueCheck()];
}
