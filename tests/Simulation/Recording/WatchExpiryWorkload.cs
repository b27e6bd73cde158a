using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>A watched key expires before EXEC, which must then do nothing. Each key is used once.</summary>
internal sealed class WatchExpiryWorkload(string prefix) : Workload
{
    private const int LifeMs = 4;

    private readonly string _prefix = prefix + "brief:";

    internal override string Name => "watched expiry";
    internal override Means Needs => Means.Transactions;
    internal override int Weight => 1;
    internal override bool Overlaps => false;

    internal override void Act(RecordingClient client, Random random)
    {
        string key = _prefix + client.NewValue();
        client.SetBriefly(key, client.NewValue(), LifeMs);
        Step[] observed = client.Watch(key);
        if (observed[0].Result![0] is null)
        {
            // It expired before it was watched: another case.
            client.Unwatch();
            return;
        }
        Thread.Sleep(LifeMs + random.Next(4));
        client.TryExecute(observed, Step.Set(key + ":done", client.NewValue()), Step.Get(key));
    }

    internal override Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound) => StrictSerializability.Check(history);
}
