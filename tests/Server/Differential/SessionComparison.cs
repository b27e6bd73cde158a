using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Several clients of two servers: at random one of them sends the same commands to both, and all that any of them gets,
/// replies and messages, is compared after each step. The third client also hears invalidations for others.
/// </summary>
internal sealed class SessionComparison : IDisposable
{
    private const int Clients = 3, ResetEvery = 300, BatchMax = 3, DifferencesMax = 20, ContextMax = 400;
    private const int ShortLifeMs = 30, SettleMax = 100, SettleMs = 3;

    private static readonly string[] Channels = ["a", "b", "ab", "news.1", "news.2", "", "k1"];
    private static readonly string[] Patterns = ["a*", "*", "?", "[ab]", "news.*", "a", ""];

    private readonly SessionClient[] _left, _right;

    /// <summary>They track all the while: when nobody does, what clients have read is forgotten here, and kept by Valkey.</summary>
    private readonly SessionClient _leftTracker, _rightTracker;
    private readonly Random _random;
    private readonly CommandGrammar _grammar;
    private readonly int _seed, _resp;
    private readonly bool _asidesInOrder, _meetsExpired;
    private readonly List<string> _history = [];

    /// <summary>What each client has queued; which of them had before the step.</summary>
    private readonly List<byte[][]>[] _queues = [[], [], []];
    private readonly bool[] _wasInMulti = new bool[Clients];
    private int _messages;
    private bool _queuesShortLife;

    /// <summary>Compares the servers on two ports; where asides have no order they are compared as the keys that they name.</summary>
    public SessionComparison(int left, int right, string[] templates, int resp, bool asidesInOrder, int seed)
    {
        (_seed, _resp, _asidesInOrder) = (seed, resp, asidesInOrder);
        _meetsExpired = templates == SessionFamilies.Tracking;
        _random = new Random(seed);
        var scripts = new ScriptGrammar(_random);
        _grammar = new CommandGrammar(templates, _random, word => scripts.Word(word) ?? Word(word));
        _left = Connect(left);
        _right = Connect(right);
        (_leftTracker, _rightTracker) = (Tracker(left), Tracker(right));
    }

    public List<string> Differences { get; } = [];

    /// <summary>How many commands were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>How many messages came beside replies.</summary>
    public int Asides { get; private set; }

    public void Run(int commands)
    {
        int reset = 0;
        while (Sent < commands && Differences.Count < DifferencesMax)
        {
            if (Sent >= reset)
            {
                Reset();
                reset = Sent + ResetEvery;
            }
            int differences = Differences.Count;
            Step();
            if (Differences.Count != differences) reset = 0;
        }
    }

    public void Dispose()
    {
        foreach (SessionClient client in _left.Concat(_right)) client.Dispose();
        _leftTracker.Dispose();
        _rightTracker.Dispose();
    }

    private static SessionClient Tracker(int port)
    {
        var client = new SessionClient(port);
        _ = client.Call("CLIENT", "TRACKING", "ON", "OPTIN");
        return client;
    }

    private static SessionClient[] Connect(int port)
    {
        var clients = new SessionClient[Clients];
        for (int i = 0; i < Clients; i++) clients[i] = new SessionClient(port);
        // When the sweep meets a key is each server's own affair.
        _ = clients[0].Call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        return clients;
    }

    private void Reset()
    {
        foreach (SessionClient[] clients in new[] { _left, _right })
        {
            foreach (SessionClient client in clients) client.Reset(_resp);
            string[][] begin = [["FLUSHALL"], ["SCRIPT", "FLUSH"], ["FUNCTION", "FLUSH"], ["FUNCTION", "LOAD", ScriptGrammar.RightLibrary]];
            foreach (string[] command in begin) _ = clients[0].Call(command);
            _ = clients[2].Call("SUBSCRIBE", "__redis__:invalidate");
        }
        _history.Clear();
        foreach (List<byte[][]> queue in _queues) queue.Clear();
        _queuesShortLife = false;
    }

    private void Step()
    {
        int who = _random.Next(5) switch { 0 or 1 or 2 => 0, 3 => 1, _ => _random.Next(2) == 0 ? 1 : 2 };
        byte[][][] commands = Commands(who);
        if (commands.Length == 0) return;
        Sent += commands.Length;
        foreach (byte[][] command in commands) _history.Add($"client {who}: {Comparison.Show(command)}");
        Exchange(_left, who, commands, "anax");
        Exchange(_right, who, commands, "valkey");
        Settle();
        Asides += _right.Sum(client => client.Asides.Count());
        for (int i = 0; i < Clients; i++) Compare(i, i == who ? commands : [], isSeveral: commands.Length > 1);
        if (!NeedsWait(who, commands)) return;
        Thread.Sleep(ShortLifeMs);
        if (_meetsExpired) MeetExpired();
    }

    /// <summary>Which commands meet expired keys is each server's own affair; who is told then must not hang on it.</summary>
    private void MeetExpired()
    {
        foreach (SessionClient tracker in new[] { _leftTracker, _rightTracker })
            foreach (string database in new[] { "0", "1" })
            {
                _ = tracker.Call("SELECT", database);
                _ = tracker.Call("EXISTS", "k1", "k2", "k3", "k4");
            }
    }

    // ---- what is sent ----

    private byte[][][] Commands(int who)
    {
        var commands = new List<byte[][]>();
        bool isQueued = _left[who].IsInMulti;
        for (int templates = _random.Next(4) == 0 ? _random.Next(1, BatchMax + 1) : 1; templates > 0; templates--)
        {
            byte[][][] next = Split(_grammar.Next());
            foreach (byte[][] command in next)
            {
                if (SessionClient.IsSubscription(Comparison.Name(command)))
                {
                    // How many confirmations there will be is not known, so these stand alone.
                    if (!isQueued) return commands.Count == 0 ? [command] : [.. commands];
                    // EXEC counts commands, not frames: with more than one name what follows would be taken for the next reply.
                    if (command.Length != 2) continue;
                }
                if (KnownDifferences.ReasonApart(_queues[who].Concat(commands), isQueued, command) is not null)
                {
                    if (isQueued) continue;
                    return [.. commands];
                }
                commands.Add(command);
                isQueued = Comparison.Name(command) switch
                {
                    "MULTI" => isQueued || command.Length == 1,
                    "EXEC" or "DISCARD" => isQueued && command.Length != 1,
                    "RESET" => false,
                    _ => isQueued,
                };
            }
            // What lives for a short time is gone before anything else is asked.
            if (Array.Exists(next, HasShortLife)) break;
        }
        return [.. commands];
    }

    private static byte[][][] Split(byte[][] words)
    {
        var commands = new List<byte[][]>();
        int start = 0;
        for (int i = 0; i <= words.Length; i++)
        {
            if (i < words.Length && !words[i].AsSpan().SequenceEqual(";"u8)) continue;
            if (i > start) commands.Add(words[start..i]);
            start = i + 1;
        }
        return [.. commands];
    }

    private string? Word(string word) => word switch
    {
        "x" => Channels[_random.Next(Channels.Length)],
        "P" => Patterns[_random.Next(Patterns.Length)],
        "m" => string.Create(CultureInfo.InvariantCulture, $"message {++_messages}"),
        "c" => _random.Next(8) == 0 ? "999999999" : $"@{_random.Next(Clients)}",
        "R" => $"{_resp}",
        _ => null,
    };

    private static bool HasShortLife(byte[][] command) => Array.Exists(command, word => word.AsSpan().SequenceEqual("PX"u8));

    private bool NeedsWait(int who, byte[][][] commands)
    {
        bool sent = Array.Exists(commands, HasShortLife);
        if (sent) _queuesShortLife |= _left[who].IsInMulti;
        bool runs = _queuesShortLife && Array.Exists(commands, c => Comparison.Name(c) == "EXEC");
        return sent || runs;
    }

    // ---- what comes ----

    private void Exchange(SessionClient[] clients, int who, byte[][][] commands, string name)
    {
        for (int i = 0; i < Clients; i++)
        {
            _wasInMulti[i] = clients[i].IsInMulti;
            if (!_wasInMulti[i]) clients[i].Forget();
        }
        SessionClient sender = clients[who];
        int before = sender.Values.Count;
        try
        {
            sender.Send([.. commands.Select(command => WithIds(clients, command))]);
            foreach (byte[][] command in commands) sender.ReadReply(command);
            AskAll(clients);
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException or InvalidDataException)
        {
            throw new InvalidOperationException($"seed {_seed}: {name} does not answer as it should\n{Context()}\n"
                + $"  it said {string.Join(", ", sender.Values.Skip(before))}", error);
        }
    }

    private static void AskAll(SessionClient[] clients)
    {
        foreach (SessionClient client in clients) client.SendMarker();
        foreach (SessionClient client in clients) client.ReadToMarker();
    }

    /// <summary>What goes from one client's shard by another loop to a third client may come a little later than a reply.</summary>
    private void Settle()
    {
        for (int i = 0; i < SettleMax && Enumerable.Range(0, Clients).Any(IsLate); i++)
        {
            Thread.Sleep(SettleMs);
            AskAll(_left);
            AskAll(_right);
        }
    }

    private bool IsLate(int client) => !_left[client].IsInMulti && !_right[client].IsInMulti
        && _left[client].Asides.Count() != _right[client].Asides.Count() && !AsidesOf(_left, client).SequenceEqual(AsidesOf(_right, client));

    private void Compare(int client, byte[][][] commands, bool isSeveral)
    {
        RespValue[] left = [.. _left[client].Replies], right = [.. _right[client].Replies];
        bool isSubscription = commands.Length == 1 && !_wasInMulti[client] && SessionClient.IsSubscription(Comparison.Name(commands[0]));
        if (!isSubscription)
        {
            // Of a client whose commands are queued, earlier replies stand before these.
            int at = right.Length - commands.Length;
            if (left.Length != right.Length || at < 0) Report(client, "replies", Show(left), Show(right));
            for (int i = 0; i < commands.Length && left.Length == right.Length && at >= 0; i++)
            {
                RespValue a = left[at + i], b = right[at + i];
                if (!IsSame(client, commands[i], a, b)) Report(client, Comparison.Show(commands[i]), $"{a}", $"{b}");
                if (b is { Type: '+', Text: "QUEUED" }) _queues[client].Add(commands[i]);
                else if (Comparison.Name(commands[i]) is "EXEC" or "DISCARD" or "RESET") _queues[client].Clear();
            }
        }
        if (!_right[client].IsInMulti) _queues[client].Clear();
        if (_left[client].IsInMulti || _right[client].IsInMulti) return;
        string[] fromLeft = isSubscription || _asidesInOrder ? InOrder(_left[client], isSubscription, commands) : AsidesOf(_left, client);
        string[] fromRight = isSubscription || _asidesInOrder ? InOrder(_right[client], isSubscription, commands) : AsidesOf(_right, client);
        // How many turns a pipeline takes is each server's own affair, and so how often a key is broadcast meanwhile.
        if (!_asidesInOrder && (isSeveral || _wasInMulti[client])) (fromLeft, fromRight) = ([.. fromLeft.Distinct()], [.. fromRight.Distinct()]);
        if (!fromLeft.SequenceEqual(fromRight)) Report(client, "messages", string.Join(", ", fromLeft), string.Join(", ", fromRight));
    }

    private bool IsSame(int client, byte[][] command, RespValue a, RespValue b)
    {
        List<byte[][]> queue = _queues[client];
        if (Comparison.Name(command) != "EXEC" || a.Type != '*' || b.Type != '*' || a.Items.Length != queue.Count || b.Items.Length != queue.Count)
            return IsSame(command, WithoutIds(_left, command, a), WithoutIds(_right, command, b));
        for (int i = 0; i < queue.Count; i++)
            if (!IsSame(queue[i], WithoutIds(_left, queue[i], a.Items[i]), WithoutIds(_right, queue[i], b.Items[i]))) return false;
        return true;
    }

    private static bool IsSame(byte[][] command, RespValue a, RespValue b) =>
        Comparison.Same(command, a, b) || KnownDifferences.Reason(command, a, b) is not null;

    /// <summary>
    /// All that a client got, in order, without the replies themselves, which are compared by their commands. One message comes
    /// once for each topic of the client's, and where a client leaves all topics they are named: both in no order.
    /// </summary>
    private static string[] InOrder(SessionClient client, bool withReplies, byte[][][] commands)
    {
        var lines = new List<(string Group, string Text)>();
        // Messages wait for the end of a pipeline's round.
        foreach (RespValue value in commands.Length > 1 ? client.Asides : client.Values)
        {
            if (value.Items is [{ Text: { } kind }, _, _] && kind.EndsWith("unsubscribe", StringComparison.Ordinal))
            {
                lines.Add((kind, $"{value.Type} {kind} {value.Items[1]}"));
                lines.Add((kind, $"{value.Type} {kind} leaves {value.Items[2]}"));
            }
            else if (SessionClient.IsAside(value) && value.Items is [_, _, .., { Text: { } payload }]) lines.Add(($"message {payload}", $"{value}"));
            else lines.Add(($"reply {lines.Count}", withReplies ? $"{value}" : "a reply"));
        }
        var ordered = new List<string>();
        for (int i = 0, end; i < lines.Count; i = end)
        {
            for (end = i + 1; end < lines.Count && lines[end].Group == lines[i].Group;) end++;
            ordered.AddRange(lines[i..end].Select(line => line.Text).Order(StringComparer.Ordinal));
        }
        return [.. ordered];
    }

    /// <summary>The asides of a client in the order of their texts; of several keys in one invalidation each by itself.</summary>
    private static string[] AsidesOf(SessionClient[] clients, int client) =>
        [.. clients[client].Asides.SelectMany(Parts).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Parts(RespValue aside)
    {
        RespValue last = aside.Items[^1];
        string kind = $"{aside.Type} {string.Join(' ', aside.Items[..^1].Select(item => item.ToString()))}";
        // To a client of RESP3 Valkey sends the null of RESP2 in the name of a client of RESP2.
        if (last.IsNull) return [$"{kind} null"];
        return last.Items.Length == 0 ? [$"{kind} {last}"] : last.Items.Select(key => $"{kind} {key}");
    }

    // ---- ids ----

    private static byte[][] WithIds(SessionClient[] clients, byte[][] command) =>
        Comparison.Name(command) == "CLIENT" ? Array.ConvertAll(command, word => WithId(clients, word)) : command;

    private static byte[] WithId(SessionClient[] clients, byte[] word) => word is [(byte)'@', >= (byte)'0' and < (byte)'0' + Clients]
        ? Encoding.ASCII.GetBytes(clients[word[1] - '0'].Id.ToString(CultureInfo.InvariantCulture))
        : word;

    /// <summary>A reply of CLIENT in which clients have the names that they have in requests.</summary>
    private static RespValue WithoutIds(SessionClient[] clients, byte[][] command, RespValue reply) =>
        Comparison.Name(command) == "CLIENT" ? WithoutIds(clients, reply) : reply;

    private static RespValue WithoutIds(SessionClient[] clients, RespValue value)
    {
        if (value.Type == ':')
        {
            int client = Array.FindIndex(clients, c => value.Text == c.Id.ToString(CultureInfo.InvariantCulture));
            return client < 0 ? value : value with { Text = $"@{client}" };
        }
        return value.Items.Length == 0 ? value : value with { Items = Array.ConvertAll(value.Items, item => WithoutIds(clients, item)) };
    }

    // ---- what is told ----

    private void Report(int client, string what, string left, string right) =>
        Differences.Add($"seed {_seed}, command {Sent}, client {client}: {what}\n  anax:   {left}\n  valkey: {right}\n{Context()}");

    private string Context() => string.Join('\n', _history.TakeLast(ContextMax).Select(line => $"  after {line}"));

    private static string Show(RespValue[] values) => string.Join(", ", (object[])values);
}
