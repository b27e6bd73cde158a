using System.Text;
using Anax.Tests.Fuzz;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Random values in two servers: what they dump is the same, bytes that have an order included, and what either of them has
/// dumped, whole or spoilt, is the same in both when it is restored.
/// </summary>
internal sealed class DumpComparison(RespClient left, RespClient right, int seed)
{
    private const int FlushEvery = 400, DifferencesMax = 20, PayloadsMax = 60, ContextMax = 12;

    private static readonly string[] Templates =
    [
        "SET k v", "SET k i", "APPEND k v", "SETRANGE k b v", "SETRANGE k 3000 vv",
        "RPUSH k v*", "LPUSH k v*", "RPUSH k 1 2 3 70000 v v", "LPOP k 2", "LSET k 0 v",
        "SADD k M*", "SADD k i*", "SADD k b b b b b", "SREM k M*", "HSET k h v h v", "HSET k h v", "HSET k h v h v h v h v", "HDEL k h",
        "HPEXPIREAT k T FIELDS 1 h", "HPEXPIREAT k 4102444800000 FIELDS 2 h h", "HPERSIST k FIELDS 1 h", "ZADD k s e s e s e", "ZADD k s v", "ZREM k e",
        "XADD k I h_v*", "XADD k I field1 v field2 v", "XADD k I field1 i field2 f field3 v", "XADD k I field1 v field2 v", "XDEL k q*",
        "XTRIM k MAXLEN 3|10", "XSETID k q [ENTRIESADDED_90]", "XGROUP CREATE k G q|$|0|0 [MKSTREAM] [ENTRIESREAD_3]", "XGROUP CREATE k G 0 MKSTREAM",
        "XGROUP SETID k G q|0 [ENTRIESREAD_3]", "XGROUP CREATECONSUMER k G C", "XREADGROUP GROUP G C [COUNT_3] STREAMS k >", "XACK k G q q q",
        "XCLAIM k G C 0 q q q TIME 1700000000000 [FORCE] [JUSTID] [RETRYCOUNT_5]", "XGROUP DELCONSUMER k G C", "XPENDING k G", "XINFO STREAM k",
        "XLEN k", "XRANGE k - +", "CONFIG SET stream-node-max-entries 2|4|100|100",
        "PEXPIREAT k 4102444800000", "DEL k", "DUMP k", "DUMP k", "DUMP k", "RESTORE k 0 P", "RESTORE k 0 P REPLACE", "RESTORE k 0 P REPLACE",
        "RESTORE k n P [REPLACE] [ABSTTL] [IDLETIME_i|FREQ_b|FREQ_i]", "RESTORE k 4102444800000|T P ABSTTL REPLACE", "RESTORE k i v",
        "OBJECT ENCODING k", "OBJECT ENCODING k", "DEBUG DIGEST-VALUE k", "DEBUG DIGEST-VALUE k", "TYPE k", "PEXPIRETIME k", "HPEXPIRETIME k FIELDS 1 h",
        "COPY k k REPLACE", "RENAME k k", "CONFIG SET list-max-listpack-size -2|-1|4|1", "CONFIG SET hash-max-listpack-entries 3|512|512",
        "CONFIG SET set-max-intset-entries 3|512|512", "CONFIG SET set-max-listpack-entries 3|128|128", "CONFIG SET zset-max-listpack-entries 3|128|128",
        "CONFIG SET zset-max-listpack-value 4|64|64", "CONFIG SET rdbcompression yes|no",
    ];

    private readonly List<string> _payloads = [];
    private readonly List<string> _history = [];
    private readonly Random _random = new(seed);

    public List<string> Differences { get; } = [];

    /// <summary>Dumps whose bytes were compared, and values that were restored.</summary>
    public int Dumped { get; private set; }

    public int Restored { get; private set; }

    public void Run(int commands)
    {
        var grammar = new CommandGrammar(Templates, _random, word => word == "P" ? Payload() : null);
        for (int i = 0; i < commands && Differences.Count < DifferencesMax; i++)
        {
            if (i % FlushEvery == 0)
            {
                left.Call("FLUSHALL");
                right.Call("FLUSHALL");
                _history.Clear();
            }
            byte[][] command = grammar.Next();
            if (Comparison.LeavesToChance(command)) continue;
            RespValue fromLeft = left.Call(command), fromRight = right.Call(command);
            _history.Add(Comparison.Show(command));
            string name = Comparison.Name(command);
            if (name == "DUMP" && command.Length == 2) CompareDumps(command, fromLeft, fromRight, i);
            else if (!Comparison.Same(command, fromLeft, fromRight) && KnownDifferences.Reason(command, fromLeft, fromRight) is null)
                Report(command, fromLeft, fromRight, i);
            if (name == "RESTORE" && fromRight is { IsError: false, Text: "OK" }) CompareRestored(command, i);
        }
    }

    private void CompareDumps(byte[][] command, RespValue fromLeft, RespValue fromRight, int index)
    {
        if (fromLeft.Text is { } ours && fromRight.Text is { } theirs)
        {
            Keep(ours);
            Keep(theirs);
            // What a table holds has no order; how a list is divided into nodes depends on all that has happened to it.
            byte[][] encoding = ["OBJECT"u8.ToArray(), "ENCODING"u8.ToArray(), command[1]];
            if (left.Call(encoding).Text is "hashtable" or "quicklist" || right.Call(encoding).Text == "quicklist") return;
            Dumped++;
            // Each server's clock has told when consumers read; what does not hang on it is the same.
            if (ours != theirs && StreamText.AreSameButForTimes(ours, theirs)) return;
        }
        if (fromLeft.Text != fromRight.Text) Report(command, Hex(fromLeft), Hex(fromRight), index);
    }

    private void CompareRestored(byte[][] command, int index)
    {
        Restored++;
        byte[][] digest = ["DEBUG"u8.ToArray(), "DIGEST-VALUE"u8.ToArray(), command[1]], encoding = ["OBJECT"u8.ToArray(), "ENCODING"u8.ToArray(), command[1]];
        byte[][] stream = ["XINFO"u8.ToArray(), "STREAM"u8.ToArray(), command[1], "FULL"u8.ToArray(), "COUNT"u8.ToArray(), "0"u8.ToArray()];
        foreach (byte[][] question in new[] { digest, encoding, stream })
        {
            RespValue fromLeft = left.Call(question), fromRight = right.Call(question);
            if (!Comparison.Same(question, fromLeft, fromRight) && KnownDifferences.Reason(question, fromLeft, fromRight) is null)
                Report([.. question, .. command], fromLeft, fromRight, index);
        }
    }

    private void Keep(string payload)
    {
        if (_payloads.Count < PayloadsMax) _payloads.Add(payload);
        else _payloads[_random.Next(PayloadsMax)] = payload;
    }

    /// <summary>One of both servers', sometimes of another version, sometimes spoilt in a way that both must find.</summary>
    private string Payload()
    {
        if (_payloads.Count == 0) return "";
        string payload = _payloads[_random.Next(_payloads.Count)];
        switch (_random.Next(14))
        {
            case 0:
                return payload[.._random.Next(payload.Length)];
            case 1:
                int at = _random.Next(payload.Length);
                return payload[..at] + (char)(payload[at] ^ 1 << _random.Next(8)) + payload[(at + 1)..];
            case 2:
                int version = _random.Next(4) switch { 0 => 81, 1 => 0, 2 => 60, _ => 11 };
                return Latin1(RdbBytes.Payload(Encoding.Latin1.GetBytes(payload[..^RdbBytes.FooterBytes]), version));
            default:
                return payload;
        }
    }

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static RespValue Hex(RespValue value) =>
        value.Text is null ? value : value with { Text = Convert.ToHexString(Encoding.Latin1.GetBytes(value.Text)) };

    private void Report(byte[][] command, RespValue fromLeft, RespValue fromRight, int index)
    {
        string key = command.Length > 1 ? Comparison.Show([command[command[0].AsSpan().SequenceEqual("DEBUG"u8) ? 2 : 1]]) : "";
        var before = _history.SkipLast(1).Reverse().Where(h => h.Contains(key, StringComparison.Ordinal)).Take(ContextMax).Reverse();
        Differences.Add($"seed {seed}, command {index}: {Comparison.Show(command)}\n  anax:   {fromLeft}\n  valkey: {fromRight}\n"
            + string.Concat(before.Select(b => $"  after {b}\n")));
    }
}
