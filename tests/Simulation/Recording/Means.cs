namespace Anax.Tests.Simulation.Recording;

/// <summary>The ways to ask for something atomic; a workload uses those that it is allowed.</summary>
[Flags]
internal enum Means
{
    None = 0,
    SingleKey = 1,

    /// <summary>One command over keys of several shards.</summary>
    MultiKey = 2,

    /// <summary>MULTI, EXEC and WATCH.</summary>
    Transactions = 4,
    Scripts = 8,
}

/// <summary>Which means a server has, and which of them it promises to be atomic.</summary>
internal static class Promises
{
    /// <summary>What the tests and the long run assert: means that are missing here are not used there.</summary>
    internal const Means Kept = Means.SingleKey | Means.MultiKey | Means.Transactions | Means.Scripts;

    /// <summary>The means whose commands the server knows.</summary>
    internal static Means KnownTo(RespConnection connection)
    {
        Means known = Means.SingleKey;
        if (Knows("mget", "mset", "msetnx", "del", "exists", "rename", "copy")) known |= Means.MultiKey;
        if (Knows("multi", "exec", "watch", "unwatch")) known |= Means.Transactions;
        if (Knows("eval")) known |= Means.Scripts;
        return known;

        bool Knows(params string[] commands)
        {
            connection.Send([["COMMAND", "INFO", .. commands]]);
            return Array.TrueForAll(connection.Read().Items!, row => row.Items is not null);
        }
    }
}
