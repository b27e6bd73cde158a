using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// Transactions over any keys of any shards, by all means that there are: plain commands, MULTI, scripts, WATCH loops.
/// Every value is new, so the graph of who saw what says whether one serial order explains all of it.
/// </summary>
internal sealed class TransactionWorkload(ServerUnderTest server, string prefix) : Workload
{
    private const int AttemptsMax = 3;

    private readonly string[] _registers = server.KeysOverShards(prefix + "register:", 14);
    private readonly string[] _lists = server.KeysOverShards(prefix + "list:", 7);
    private readonly string[] _counters = server.KeysOverShards(prefix + "counter:", 3);

    internal override string Name => "transactions";
    internal override Means Needs => Means.MultiKey;

    internal override void Act(RecordingClient client, Random random)
    {
        switch (random.Next(4))
        {
            case 0 when client.May(Means.Transactions): client.TryExecute([], Steps(client, random)); break;
            case 1 when client.May(Means.Scripts): client.RunScript(Steps(client, random)); break;
            case 2 when client.May(Means.Transactions): Update(client, random); break;
            default: client.Pipeline(PlainCommand(client, random)); break;
        }
    }

    internal override Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound) => StrictSerializability.Check(history);

    /// <summary>The loop that clients write around WATCH: read two, write both, again when somebody was faster.</summary>
    private void Update(RecordingClient client, Random random)
    {
        string[] keys = Two(random, _registers);
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            Step[] observed = client.Watch(keys);
            if (client.TryExecute(observed, [.. keys.Select(key => Step.Set(key, client.NewValue()))])) return;
        }
    }

    private Step[] Steps(RecordingClient client, Random random) =>
        [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => Choose(client, random))];

    private Step Choose(RecordingClient client, Random random) => random.Next(9) switch
    {
        0 or 1 => Step.Get(OneOf(random, _registers)),
        2 or 3 => Step.Set(OneOf(random, _registers), client.NewValue()),
        4 => Step.GetSet(OneOf(random, _registers), client.NewValue()),
        5 => Step.Get(OneOf(random, _lists)),
        6 => Step.Append(OneOf(random, _lists), client.NewValue()),
        7 => Step.Incr(OneOf(random, _counters)),
        _ => PlainCommand(client, random),
    };

    private Step PlainCommand(RecordingClient client, Random random)
    {
        string[] keys = Two(random, _registers);
        return random.Next(2) == 0 ? Step.MGet([.. keys, OneOf(random, _lists)]) : Step.MSet(keys, [client.NewValue(), client.NewValue()]);
    }

    private static string[] Two(Random random, string[] keys)
    {
        int first = random.Next(keys.Length);
        return [keys[first], keys[(first + 1 + random.Next(keys.Length - 1)) % keys.Length]];
    }
}
