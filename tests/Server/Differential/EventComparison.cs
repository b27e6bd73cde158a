using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Sends the same random commands to two servers, each through a client that hears all messages of its server, and finds
/// commands after which the messages differ. Clients speak RESP3, so a command's messages stand between its reply and the
/// answer to a PING.
/// </summary>
internal sealed class EventComparison(RespClient left, RespClient right, bool inOrder, int seed)
{
    private const int FlushEvery = 400, DifferencesMax = 20;

    public List<string> Differences { get; } = [];

    public int Messages { get; private set; }

    public void Run(string[] templates, int commands)
    {
        Both("HELLO", "3");
        // When the sweep meets a key is each server's own affair.
        Both("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        Both("CONFIG", "SET", "notify-keyspace-events", "AKEmn");
        Both("PSUBSCRIBE", "*");
        var grammar = new CommandGrammar(templates, new Random(seed));
        for (int i = 0; i < commands && Differences.Count < DifferencesMax; i++)
        {
            if (i % FlushEvery == 0) Both("FLUSHALL");
            byte[][] command = grammar.Next();
            if (!Comparison.LeavesToChance(command) && !Comparison.Waits(command)) Compare(command, i);
        }
    }

    private void Compare(byte[][] command, int index)
    {
        string[] fromLeft = MessagesOf(left, command, out bool failed), fromRight = MessagesOf(right, command, out _);
        Messages += fromRight.Length;
        if (fromLeft.SequenceEqual(fromRight)) return;
        if (!inOrder && Settled(fromLeft, failed).SequenceEqual(Settled(fromRight, failed))) return;
        Differences.Add($"seed {seed}, command {index}: {Comparison.Show(command)}\n"
            + $"  anax:   {string.Join(", ", fromLeft)}\n  valkey: {string.Join(", ", fromRight)}\n");
    }

    /// <summary>
    /// Of a command over several shards: its events in any order. Which stale keys it meets before it ends without success
    /// depends on the order in which it looks, too; and so do the keys that it misses before it ends with an error.
    /// </summary>
    private static IEnumerable<string> Settled(string[] messages, bool failed) => messages
        .Where(message => !message.Contains("expired", StringComparison.Ordinal))
        .Where(message => !failed || !message.Contains("keymiss", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private void Both(params string[] command)
    {
        left.Call(command);
        right.Call(command);
    }

    /// <summary>"channel message" of all that a command brought.</summary>
    private static string[] MessagesOf(RespClient client, byte[][] command, out bool failed)
    {
        var messages = new List<string>();
        client.SendRaw(RespClient.Encode(command));
        failed = ReadReply(client, messages).IsError;
        client.Send("PING", "the end");
        _ = ReadReply(client, messages);
        return [.. messages];
    }

    private static RespValue ReadReply(RespClient client, List<string> messages)
    {
        RespValue value;
        while ((value = client.Read()).Type == '>') messages.Add($"{value.Items[2].Text} {value.Items[3].Text}");
        return value;
    }
}
