using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// Commands over the three keys of a group, which lie on different shards. No operation spans two groups, so each is one
/// linearizable object whatever the commands are, RENAME, COPY and DEL included.
/// </summary>
internal sealed class KeyGroupWorkload : Workload
{
    private const int Groups = 6, KeysEach = 3, HangUpEvery = 500;

    private readonly string[][] _groups;

    internal KeyGroupWorkload(ServerUnderTest server, string prefix) =>
        _groups = [.. Enumerable.Range(0, Groups).Select(i => server.KeysOverShards($"{prefix}group:{i}:", KeysEach))];

    internal override string Name => "key groups";
    internal override Means Needs => Means.MultiKey;

    internal override void Act(RecordingClient client, Random random)
    {
        string[] keys = [.. OneOf(random, _groups)];
        random.Shuffle(keys);
        Step[] steps = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Choose(client, random, keys))];
        switch (random.Next(4))
        {
            case 0 when client.May(Means.Transactions): client.TryExecute([], steps); break;
            case 1 when client.May(Means.Scripts) && !steps.Any(MayFail): client.RunScript(steps); break;
            case 2 when random.Next(HangUpEvery / 4) == 0: client.RunAndHangUp(steps[0]); break;
            default: client.Pipeline(steps); break;
        }
    }

    internal override Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound) => Linearizability.Check(history, bound);

    /// <summary>RENAME of a missing key raises an error, which ends a script in the middle.</summary>
    private static bool MayFail(Step step) => step.Verb == Verb.Rename;

    private static Step Choose(RecordingClient client, Random random, string[] keys) => random.Next(12) switch
    {
        0 or 1 or 2 => Step.MGet(keys),
        3 or 4 => Step.MSet(keys, [.. keys.Select(_ => client.NewValue())]),
        5 => Step.MSetNx(keys[..2], [client.NewValue(), client.NewValue()]),
        6 => Step.Del(keys[..2]),
        7 => Step.Exists(keys),
        8 => Step.Rename(keys[0], keys[1]),
        9 => Step.Copy(keys[0], keys[1]),
        10 => Step.Get(keys[0]),
        _ => Step.Set(keys[0], client.NewValue()),
    };
}
