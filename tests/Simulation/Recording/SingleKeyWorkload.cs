using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>Pipelines of commands on one key each: every key is a linearizable object, and replies come in order.</summary>
internal sealed class SingleKeyWorkload(ServerUnderTest server, string prefix) : Workload
{
    private const int PipelineMax = 6, HangUpEvery = 400;

    private readonly string[] _texts = server.KeysOverShards(prefix + "text:", 7);
    private readonly string[] _numbers = server.KeysOverShards(prefix + "number:", 3);

    internal override string Name => "single keys";
    internal override Means Needs => Means.SingleKey;

    internal override void Act(RecordingClient client, Random random)
    {
        if (random.Next(HangUpEvery) == 0)
        {
            client.RunAndHangUp(Step.Set(OneOf(random, _texts), client.NewValue()));
            return;
        }
        var steps = new Step[random.Next(2) == 0 ? 1 : random.Next(2, PipelineMax + 1)];
        for (int i = 0; i < steps.Length; i++) steps[i] = Choose(client, random);
        client.Pipeline(steps);
    }

    internal override Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound) => Linearizability.Check(history, bound);

    private Step Choose(RecordingClient client, Random random)
    {
        string key = OneOf(random, _texts);
        return random.Next(14) switch
        {
            0 or 1 or 2 or 3 => Step.Get(key),
            4 or 5 => Step.Set(key, client.NewValue()),
            6 => Step.SetNx(key, client.NewValue()),
            7 => Step.GetSet(key, client.NewValue()),
            8 => Step.GetDel(key),
            9 => Step.Del(key),
            10 => Step.Append(key, client.NewValue()),
            11 => Step.Get(OneOf(random, _numbers)),
            _ => Step.Incr(OneOf(random, _numbers)),
        };
    }
}
