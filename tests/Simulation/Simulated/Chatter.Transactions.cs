using System.Globalization;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

// What a client does with several commands as one, with channels and with queues; only where the server has them.
internal sealed partial class Chatter
{
    private const string QueueKey = "q";
    private const int CommandsMax = 4;
    private const int ScriptVariants = 8;
    private const int ScriptLoopsMax = 20_000;

    /// <summary>
    /// Runs the commands that stand one after the other in ARGV, each behind the number of its words, and answers as EXEC
    /// would. Between them it counts up to what the first argument says, so that slices end.
    /// </summary>
    private const string Script =
        """
        local replies, at = {}, 2
        while at <= #ARGV do
          for i = 1, ARGV[1] do end
          local count, words = tonumber(ARGV[at]), {}
          for i = 1, count do words[i] = ARGV[at + i] end
          replies[#replies + 1] = redis.pcall(unpack(words))
          at = at + count + 1
        end
        return replies
        """;

    private int _published;
    private int _pushed;

    private void Transact()
    {
        List<Command> commands = Several();
        if (Random.Next(2) == 0)
        {
            SendTransaction(commands);
            return;
        }

        // Compare and set: where EXEC goes through, the key still holds what was read after WATCH.
        Command read = Command.Of("GET", _database, commands[0].Keys[0]);
        List<(string[], Action<Reply>)> sent = [];
        // A key that expires between WATCH and EXEC has changed, too.
        if (_database == 1 && Random.Next(2) == 0) sent.Add(Noted(Command.Of("PEXPIRE", _database, read.Keys[0], "3")));
        sent.Add((["WATCH", read.Keys[0]], Expect("OK")));
        (string[] words, Action<Reply> take) = Noted(read);
        sent.Add((words, reply =>
        {
            take(reply);
            _followUp = () => SendTransaction(commands, (read, reply));
            if (Random.Next(2) == 0) WakeNs = NowNs + Random.Next(10_000_000);
        }
        ));
        Send(sent);
    }

    private List<Command> Several()
    {
        if (_database == 0 && Random.Next(2) == 0) return _maker.OnAccounts();
        return [.. Enumerable.Range(0, 1 + Random.Next(CommandsMax)).Select(_ => _maker.Any(_database))];
    }

    private void SendTransaction(List<Command> commands, (Command Read, Reply Reply)? seen = null)
    {
        List<(string[], Action<Reply>)> sent = [(["MULTI"], Expect("OK"))];
        foreach (Command command in commands) sent.Add((command.Words, Expect("QUEUED")));
        if (Random.Next(8) == 0)
        {
            sent.Add((["DISCARD"], Expect("OK")));
            Send(sent);
            return;
        }

        Operation operation = World.History.Add(Session, NowNs, seen is { } first ? [first.Read, .. commands] : commands);
        sent.Add((["EXEC"], reply =>
        {
            if (reply.IsError || (reply.IsNull && seen is null)) throw World.Failure($"session {Session}: EXEC answered '{reply}'");
            if (reply.IsNull) operation.Answer(NowNs, []);
            else operation.Answer(NowNs, seen is { } read ? [read.Reply, .. reply.Items] : reply.Items);
            World.Counters.Add(reply.IsNull ? "transactions prevented by WATCH" : "transactions", 1);
        }
        ));
        Send(sent);
    }

    private void RunScript()
    {
        List<Command> commands = Several();
        string[] keys = [.. commands.SelectMany(command => command.Keys).Distinct()];
        // Keys that are not declared are locked when they are needed, or the script begins anew, or a command is refused:
        // which one, a client that has gone could not tell.
        if (World.Plan.IsFaithful && !commands[0].Keys[0].StartsWith('b') && Random.Next(2) == 0)
            keys = [.. keys.Where(_ => Random.Next(2) == 0)];
        int loops = Random.Next(4) == 0 ? Random.Next(ScriptLoopsMax) : 0;
        string[] words =
        [
            "EVAL", Variant(), keys.Length.ToString(CultureInfo.InvariantCulture), .. keys,
            loops.ToString(CultureInfo.InvariantCulture), .. commands.SelectMany(c => c.Words.Prepend(c.Words.Length.ToString(CultureInfo.InvariantCulture))),
        ];
        Operation operation = World.History.Add(Session, NowNs, commands);
        Send(words, reply =>
        {
            if (reply.Items.Count != commands.Count) throw World.Failure($"session {Session}: EVAL answered '{reply}'");
            operation.Answer(NowNs, reply.Items);
            operation.Refuse(IsRefusal);
            World.Counters.Add("refused commands of scripts", reply.Items.Count(IsRefusal));
            World.Counters.Add(Counters.Scripts, 1);
        });
    }

    /// <summary>One of several texts that do the same: each is new at first, then known for what it needs.</summary>
    private string Variant() => string.Create(CultureInfo.InvariantCulture, $"{Script} -- {Random.Next(ScriptVariants)}");

    private static bool IsRefusal(Reply reply) => reply.Text.StartsWith("-ERR Script needs keys that it has not declared", StringComparison.Ordinal);

    private void Publish()
    {
        List<(string[], Action<Reply>)> sent = [];
        for (int left = 1 + Random.Next(CommandsMax); left > 0; left--)
        {
            Publication publication = new(Listener.Channels[Random.Next(Listener.Channels.Length)], $"{Session}.{_published++}", Session);
            World.History.Publications.Add(publication);
            sent.Add((["PUBLISH", publication.Channel, publication.Text], _ => publication.IsAnswered = true));
        }

        Send(sent);
    }

    private void UseQueue()
    {
        if (_database != 0) return;
        if (Random.Next(2) == 0)
        {
            QueueEntry entry = new($"{Session}.{_pushed++}");
            World.History.Queue.Add(entry);
            Send(["RPUSH", QueueKey, entry.Text], _ => entry.IsPushed = true);
            return;
        }

        World.History.PopsBegun++;
        Send(["BLPOP", QueueKey, Random.Next(2) == 0 ? "0.001" : "0.02"], reply =>
        {
            World.History.PopsAnswered++;
            if (!reply.IsNull) World.History.Popped.Add(reply.Items[1].Text);
        });
    }
}
