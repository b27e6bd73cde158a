using System.Globalization;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>The ordinary client: draws what it does next, again and again, and notes in the history what came of it.</summary>
internal sealed partial class Chatter : SimulatedUser
{
    private const int PauseMsMax = 20;

    private readonly CommandMaker _maker;
    private int _left;
    private int _database;
    private int _echoes;
    private Action? _followUp;

    public Chatter(SimulatedWorld world, Random random, int number)
        : base(world, random)
    {
        _maker = new CommandMaker(world.Plan, random) { ValuePrefix = $"v{number}." };
        _left = world.Plan.Activities;
        ReadsSlowly = random.Next(4) == 0;
        WakeNs = NowNs + random.Next(1_000_000);
    }

    protected override void GoOn()
    {
        if (!IsConnected)
        {
            if (_left == 0)
            {
                IsDone = true;
                return;
            }

            Connect();
            _database = 0;
        }

        WakeNs = NowNs + Think();
        if (_followUp is { } followUp)
        {
            _followUp = null;
            followUp();
        }
        else if (_left == 0)
        {
            Leave();
        }
        else
        {
            _left--;
            Choose();
        }
    }

    protected override void OnLost() => _followUp = null;

    private void Choose()
    {
        switch (Random.Next(100))
        {
            case < 12:
                Send([OnPair(), OnPair()]);
                break;
            case < 18:
                Select();
                break;
            case < 21:
                Pause();
                break;
            case < 24:
                Flush();
                break;
            case < 28:
                // Half closed: the replies of all that was sent still come.
                Send(Pipeline());
                Leave();
                break;
            case < 32 when World.Plan.ClientsVanish:
                Send(Pipeline(), cutAt: Random.Next(2) == 0 ? Random.Next(1, 60) : int.MaxValue);
                VanishIn(Random.Next(2 * (int)World.Plan.Network.LatencyNsMax + 50_000));
                break;
            case < 35:
                WakeNs = NowNs + (Random.Next(4) == 0 ? 1_200_000_000 : 40_000_000);
                break;
            case < 43 when World.Can.HasTransactions:
                Transact();
                break;
            case < 51 when World.Can.HasScripts:
                RunScript();
                break;
            case < 56 when World.Can.HasSubscriptions:
                Publish();
                break;
            case < 62 when World.Can.HasBlocking:
                UseQueue();
                break;
            default:
                Send(Pipeline());
                break;
        }
    }

    private List<(string[] Words, Action<Reply> Take)> Pipeline()
    {
        List<(string[], Action<Reply>)> commands = [];
        for (int left = 1 + Random.Next(World.Plan.PipelineMax); left > 0; left--)
        {
            if (Random.Next(8) == 0) commands.Add(Echo());
            commands.Add(Noted(_maker.Any(_database)));
        }

        return commands;
    }

    private (string[] Words, Action<Reply> Take) OnPair() => _database == 0 ? Noted(_maker.OnPair()) : Echo();

    /// <summary>A command that the history remembers.</summary>
    private (string[] Words, Action<Reply> Take) Noted(Command command)
    {
        Operation operation = World.History.Add(Session, NowNs, command);
        return (command.Words, reply => operation.Answer(NowNs, [reply]));
    }

    /// <summary>Its reply must stand in its own place among the others'.</summary>
    private (string[] Words, Action<Reply> Take) Echo()
    {
        string text = $"echo {Session}.{_echoes++}";
        return (["ECHO", text], Expect(text));
    }

    private Action<Reply> Expect(string text) => reply =>
    {
        if (reply.Text != text) throw World.Failure($"session {Session} got '{reply}' in the place of '{text}'");
    };

    private void Select()
    {
        int database = 1 - _database;
        _database = database;
        // In the middle of a pipeline: what stands behind it is about the other database.
        List<(string[], Action<Reply>)> commands = [(["SELECT", database.ToString(CultureInfo.InvariantCulture)], Expect("OK"))];
        commands.AddRange(Pipeline());
        Send(commands);
    }

    private void Pause()
    {
        string ms = Random.Next(1, PauseMsMax).ToString(CultureInfo.InvariantCulture);
        Send(["CLIENT", "PAUSE", ms, Random.Next(2) == 0 ? "ALL" : "WRITE"], Expect("OK"));
    }

    private void Flush()
    {
        // The pair and the accounts are never flushed: their rules say nothing of half of them.
        if (_database == 0)
            Send(["CLIENT", "UNPAUSE"], Expect("OK"));
        else
            Send([Noted(new Command("FLUSHDB", _database, [], []))]);
    }

    private long Think() => Random.Next(3) switch
    {
        0 => 0,
        1 => Random.Next(200_000),
        _ => Random.Next(3_000_000),
    };
}
