using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Sends the same random commands to two servers, in pipelines, and finds replies that differ. What may differ is
/// declared: replies that depend on time, chance or the server's own identity.
/// </summary>
internal sealed class Comparison(RespClient left, RespClient right, string[] templates, int seed)
{
    private const int PipelineMax = 16, FlushEvery = 400, DifferencesMax = 40, ContextMax = 12;

    private readonly List<string> _history = [];

    public List<string> Differences { get; } = [];

    public void Run(int commands)
    {
        // How long a command took is chance, so neither server shall note slow ones.
        Both(["CONFIG"u8.ToArray(), "SET"u8.ToArray(), "slowlog-log-slower-than"u8.ToArray(), "-1"u8.ToArray()]);
        var random = new Random(seed);
        var grammar = new CommandGrammar(templates, random);
        for (int done = 0; done < commands && Differences.Count < DifferencesMax;)
        {
            if (done % FlushEvery < PipelineMax)
            {
                // Who tracks keys would be told of the flush.
                Both(["CLIENT"u8.ToArray(), "TRACKING"u8.ToArray(), "OFF"u8.ToArray()]);
                Both(["FLUSHALL"u8.ToArray()]);
                _history.Clear();
            }
            var batch = new byte[random.Next(1, PipelineMax)][][];
            for (int i = 0; i < batch.Length; i++) batch[i] = grammar.Next();
            // To wait for what never comes is right in both, and endless.
            batch = Array.FindAll(batch, command => !Waits(command) && !LeavesToChance(command) && !HasSeveralReplies(command));
            Pipeline(batch, done);
            done += Math.Max(1, batch.Length);
        }
    }

    private void Both(byte[][] command)
    {
        left.Call(command);
        right.Call(command);
    }

    private void Pipeline(byte[][][] batch, int first)
    {
        // A cursor of one server says nothing to the other: whole scans are compared, alone.
        if (Array.Exists(batch, IsScan)) batch = Array.FindAll(batch, c => !IsScan(c) || !CompareScan(c, first));
        byte[] request = [.. batch.SelectMany(RespClient.Encode)];
        left.SendRaw(request);
        right.SendRaw(request);
        for (int i = 0; i < batch.Length; i++)
        {
            RespValue fromLeft = ReadFrom(left, "anax", batch[i]), fromRight = ReadFrom(right, "valkey", batch[i]);
            _history.Add(Show(batch[i]));
            if (Same(batch[i], fromLeft, fromRight)) continue;
            if (KnownDifferences.Reason(batch[i], fromLeft, fromRight) is not null) continue;
            Report(batch[i], fromLeft, fromRight, first + i);
        }
    }

    private RespValue ReadFrom(RespClient client, string name, byte[][] command)
    {
        try
        {
            return client.Read();
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            throw new InvalidOperationException($"seed {seed}: {name} does not answer {Show(command)}", error);
        }
    }

    internal static bool Same(byte[][] command, RespValue a, RespValue b)
    {
        string name = Name(command);
        if (a.IsError || b.IsError) return a.Type == b.Type && a.Text == b.Text;
        return name switch
        {
            "TTL" or "EXPIRETIME" => Near(a, b, 1),
            "PTTL" or "PEXPIRETIME" => Near(a, b, 2000),
            "KEYS" or "SMEMBERS" or "SINTER" or "SUNION" or "SDIFF" => SameMembers(a, b),
            "SPOP" => SameMembers(a, b),
            // What is chosen by chance has the same length, at least.
            "SRANDMEMBER" => a.Type == b.Type && a.IsNull == b.IsNull && a.Items.Length == b.Items.Length,
            "SSCAN" when a.Items.Length == 2 => SameMembers(a.Items[1], b.Items[1]),
            "PUBSUB" when a.Items.Length != 0 => Sorted(a) == Sorted(b),
            // Whole scans are compared elsewhere; where a made-up cursor leads is each server's own affair.
            "SCAN" => a.Items.Length == b.Items.Length,
            "RANDOMKEY" => a.IsNull == b.IsNull,
            "HTTL" or "HPTTL" or "HEXPIRETIME" or "HPEXPIRETIME" => NearAll(a, b, name.StartsWith("HP", StringComparison.Ordinal) ? 2000 : 1),
            // A hash with a table of its fields has no order that clients may rely on.
            "HGETALL" or "HKEYS" or "HVALS" => a.Type == b.Type && Sorted(a) == Sorted(b),
            "HRANDFIELD" => a.IsNull == b.IsNull && a.Items.Length == b.Items.Length,
            "XPENDING" or "XINFO" => StreamTimes.AreEqual(command, a, b),
            "ZRANDMEMBER" => a.IsNull == b.IsNull && a.Items.Length == b.Items.Length,
            "HSCAN" or "ZSCAN" => IsWhole(command, a, b) ? Sorted(a.Items[1]) == Sorted(b.Items[1]) : a.Items.Length == b.Items.Length,
            _ => Equal(a, b),
        };
    }

    internal static bool Equal(RespValue a, RespValue b)
    {
        if (a.Type != b.Type || a.Text != b.Text || a.Items.Length != b.Items.Length) return false;
        for (int i = 0; i < a.Items.Length; i++)
            if (!Equal(a.Items[i], b.Items[i])) return false;
        return true;
    }

    /// <summary>The same kind of reply with the same items, in any order.</summary>
    private static bool SameMembers(RespValue a, RespValue b) => a.Type == b.Type && Sorted(a) == Sorted(b);

    private static bool Near(RespValue a, RespValue b, long tolerance) =>
        a.Type == ':' && b.Type == ':' && Math.Abs(a.Integer - b.Integer) <= tolerance && a.Integer < 0 == b.Integer < 0;

    private static bool NearAll(RespValue a, RespValue b, long tolerance)
    {
        if (a.Items.Length != b.Items.Length) return false;
        for (int i = 0; i < a.Items.Length; i++)
            if (!Near(a.Items[i], b.Items[i], tolerance)) return false;
        return true;
    }

    /// <summary>Both have told of every member at once.</summary>
    private static bool IsWhole(byte[][] command, RespValue a, RespValue b) =>
        command[2].AsSpan().SequenceEqual("0"u8) && a.Items[0].Text == "0" && b.Items[0].Text == "0";

    private static string Sorted(RespValue value) =>
        string.Join('\n', value.Items.Select(i => i.ToString()).Order(StringComparer.Ordinal));

    /// <summary>It would wait for what never comes: for a replica, or long for a key.</summary>
    internal static bool Waits(byte[][] command) => Name(command) switch
    {
        "WAIT" => command.Length == 3 && Number(command[1]) > 0,
        "BLPOP" or "BRPOP" or "BZPOPMIN" or "BZPOPMAX" or "BLMOVE" or "BRPOPLPUSH" => MayBeLong(command[^1]),
        "BLMPOP" or "BZMPOP" => command.Length > 1 && MayBeLong(command[1]),
        "XREAD" or "XREADGROUP" => command.Zip(command[1..]).Any(pair => Name([pair.First]) == "BLOCK" && Number(pair.Second) is 0 or > 1),
        _ => false,
    };

    private static bool MayBeLong(byte[] timeout)
    {
        string text = Encoding.Latin1.GetString(timeout);
        return text != "0.001" && (text.StartsWith("0x", StringComparison.Ordinal)
            || double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value >= 0);
    }

    /// <summary>The number that a word is; -1 where it is none.</summary>
    private static long Number(byte[] word) => long.TryParse(Encoding.Latin1.GetString(word), out long number) ? number : -1;

    /// <summary>After it the two servers would hold different values: members are drawn, unless it takes none or all, or the clock gives an id.</summary>
    internal static bool LeavesToChance(byte[][] command) => Name(command) switch
    {
        "SPOP" => command.Length == 2 || command.Length == 3 && Number(command[2]) is > 0 and < 10_000,
        "XADD" => Array.Exists(command, word => word.AsSpan().SequenceEqual("*"u8)),
        _ => false,
    };

    /// <summary>
    /// One confirmation per name, where all are meant in no order; and what a client may hear of itself comes beside replies.
    /// </summary>
    private static bool HasSeveralReplies(byte[][] command) => Name(command) switch
    {
        "PUBLISH" or "SPUBLISH" => command.Length > 1 && !command[1].AsSpan().SequenceEqual("other"u8),
        "PSUBSCRIBE" => command.Length != 2 || command[1].AsSpan().Contains((byte)'*'),
        string name => command.Length != 2 && name.EndsWith("SUBSCRIBE", StringComparison.Ordinal),
    };

    private static bool IsScan(byte[][] command) => Name(command) == "SCAN";

    /// <summary>Compares a whole scan; false when the command is refused, so that its error is compared like any other.</summary>
    private bool CompareScan(byte[][] command, int index)
    {
        RespValue first = left.Call(command);
        right.Call(command);
        if (first.IsError || Encoding.Latin1.GetString(command[1]) != "0") return false;
        string fromLeft = WholeScan(left, command), fromRight = WholeScan(right, command);
        if (fromLeft != fromRight)
            Report(command, new RespValue('+', fromLeft, []), new RespValue('+', fromRight, []), index);
        return true;
    }

    private static string WholeScan(RespClient client, byte[][] command)
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        byte[][] step = [.. command];
        do
        {
            RespValue reply = client.Call(step);
            foreach (RespValue key in reply.Items[1].Items) keys.Add(key.ToString());
            step[1] = Encoding.Latin1.GetBytes(reply.Items[0].Text!);
        }
        while (!(step[1].Length == 1 && step[1][0] == '0'));
        return string.Join(' ', keys);
    }

    private void Report(byte[][] command, RespValue fromLeft, RespValue fromRight, int index)
    {
        var text = new StringBuilder();
        text.AppendLine($"seed {seed}, command {index}: {Show(command)}");
        text.AppendLine($"  anax:   {fromLeft}");
        text.AppendLine($"  valkey: {fromRight}");
        string? key = command.Length > 1 ? Show([command[1]]) : null;
        if (key is { Length: > 2 })
            foreach (string before in _history.SkipLast(1).Reverse().Where(h => h.Contains(key, StringComparison.Ordinal)).Take(ContextMax).Reverse())
                text.AppendLine($"  after {before}");
        Differences.Add(text.ToString());
    }

    internal static string Name(byte[][] command) => Encoding.Latin1.GetString(command[0]).ToUpperInvariant();

    internal static string Show(byte[][] command) =>
        string.Join(' ', command.Select(a => new RespValue('$', Encoding.Latin1.GetString(a), []).ToString()[1..]));
}
