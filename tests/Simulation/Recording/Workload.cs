using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// Something that clients do on keys of their own kind, and how its history is judged. One object serves all clients at
/// once, so it does not change once it is prepared.
/// </summary>
internal abstract class Workload
{
    internal abstract string Name { get; }

    /// <summary>The means without which it makes no sense.</summary>
    internal abstract Means Needs { get; }

    /// <summary>How often it is chosen, beside others.</summary>
    internal virtual int Weight => 10;

    /// <summary>Whether it is about clients that meet on a key.</summary>
    internal virtual bool Overlaps => true;

    /// <summary>What stands before the clients begin, as part of the history.</summary>
    internal virtual void Prepare(RecordingClient client)
    {
    }

    /// <summary>One thing that a client does.</summary>
    internal abstract void Act(RecordingClient client, Random random);

    internal abstract Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound);

    /// <summary>One of each kind, with keys that begin with the prefix.</summary>
    internal static Workload[] All(ServerUnderTest server, string prefix) =>
    [
        new SingleKeyWorkload(server, prefix),
        new KeyGroupWorkload(server, prefix),
        new TransactionWorkload(server, prefix),
        new BankWorkload(server, prefix),
        new WatchExpiryWorkload(prefix),
    ];

    protected static T OneOf<T>(Random random, T[] choice) => choice[random.Next(choice.Length)];
}
