using Anax.Core;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>
/// Questions between two loops and their answers, on one thread that gives both their turns: what the mailbox and a turn
/// cost without system calls and without a line that goes to and fro between processors.
/// </summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class MailboxBenchmarks : IDisposable
{
    private const int Window = 32;

    /// <summary>As many as two loops have between them in a server.</summary>
    private const int RingSlots = 512;
    private const ushort Question = 1;
    private const ushort Reply = 2;

    private readonly SimulatedNetwork _network = new(new SimulationOptions());
    private LoopGroup _group = null!;
    private SimulatedLoop _asker = null!;
    private SimulatedLoop _host = null!;
    private long _answers;

    [GlobalSetup]
    public void Start()
    {
        _group = LoopGroup.Create(new LoopGroupOptions { Count = 2, Network = _network, MailboxCapacity = RingSlots });
        _asker = (SimulatedLoop)_group[0];
        _host = (SimulatedLoop)_group[1];
        _host.OnMessage(Question, (int from, in Message message) => _host.Answer(from, new Message { Kind = Reply, A = message.A }));
        _asker.OnMessage(Reply, (int from, in Message message) => _answers += message.A);
        _group.Start();
        _host.RunSimulatedTurn();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _group.Dispose();
        _network.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public long QuestionInTurns() => AskInTurns(1);

    [Benchmark(OperationsPerInvoke = Window)]
    public long QuestionsInTurns() => AskInTurns(Window);

    /// <summary>The host sleeps: the asker's turn serves the question in its name, and takes the answer.</summary>
    [Benchmark]
    public long QuestionByVisit()
    {
        long before = _asker.Statistics.Visits;
        _asker.Ask(1, new Message { Kind = Question, A = 1 }, isBrief: true);
        _asker.RunSimulatedTurn();
        Invariant.Holds(_asker.Statistics.Visits == before + 1, "a sleeping loop is visited");
        return Answered(1);
    }

    private long AskInTurns(int questions)
    {
        for (int i = 0; i < questions; i++) _asker.Ask(1, new Message { Kind = Question, A = 1 });
        _asker.RunSimulatedTurn();
        _host.RunSimulatedTurn();
        _asker.RunSimulatedTurn();
        return Answered(questions);
    }

    /// <summary>An operation ends with its answers: it has as many as it asked questions.</summary>
    private long Answered(int questions)
    {
        Invariant.Holds(_answers == questions, "every question is answered within these turns");
        _answers = 0;
        return questions;
    }
}
