using Anax.Core.Buffers;

namespace Anax.Engine.Dispatch;

/// <summary>Which log of COMMANDLOG an entry is in; the slow log is the first.</summary>
public enum CommandLogKind { Slow, LargeRequest, LargeReply }

/// <summary>One remembered command. Value is microseconds for the slow log, bytes for the others.</summary>
public sealed record CommandLogEntry(long Id, long UnixMs, long Value, byte[][] Arguments, string Peer, byte[] ClientName);

/// <summary>
/// One loop's log of slow or large commands (COMMANDLOG, SLOWLOG), newest first when read. Entries are managed objects:
/// they are rare by definition, bounded in number, and their arguments are cut.
/// </summary>
public sealed class CommandLog
{
    private const int ArgumentsMax = 32, ArgumentBytesMax = 128;

    private readonly Queue<CommandLogEntry> _entries = new();

    public int Count => _entries.Count;
    public IReadOnlyCollection<CommandLogEntry> Entries => _entries;

    public void Clear() => _entries.Clear();

    public void Add(CommandLogEntry entry, int lengthMax)
    {
        if (lengthMax <= 0) return;
        _entries.Enqueue(entry);
        Shrink(lengthMax);
    }

    /// <summary>A command's arguments as entries show them: cut, and without what is secret.</summary>
    public static byte[][] Copy(CommandSpec spec, Arguments args)
    {
        int count = Math.Min(args.Count, ArgumentsMax);
        var copy = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            if (i == ArgumentsMax - 1 && args.Count > ArgumentsMax)
                copy[i] = System.Text.Encoding.ASCII.GetBytes($"... ({args.Count - ArgumentsMax + 1} more arguments)");
            else if (spec.Redacts is { } redacts && redacts(args, i))
                copy[i] = "(redacted)"u8.ToArray();
            else if (args[i].Length > ArgumentBytesMax)
                copy[i] = [.. args[i][..ArgumentBytesMax], .. System.Text.Encoding.ASCII.GetBytes($"... ({args[i].Length - ArgumentBytesMax} more bytes)")];
            else copy[i] = args[i].ToArray();
        }
        return copy;
    }

    public void Shrink(int lengthMax)
    {
        while (_entries.Count > Math.Max(0, lengthMax)) _entries.Dequeue();
    }
}
