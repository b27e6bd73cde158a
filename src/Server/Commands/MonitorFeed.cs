using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Runtime;
using Anax.Server.Network;

namespace Anax.Server.Commands;

// A command is seen on the loop of its client, and told to monitors on any loop:
//
//   Observe ── a line more in _lines ── (end of the turn) Tell ──┬── Deliver: this loop's monitors
//                                                               └── one block per loop that has monitors ── Deliver there
//
// 1. A loop's lines reach every monitor in the order in which they were seen. Lines of different loops are not ordered.
// 2. Lines are pushes: a monitor gets them between replies, never inside one.
// 3. Nobody monitors anywhere: there is no observer, and commands pay one branch.

/// <summary>
/// MONITOR on one loop: shows what this loop's clients send to all monitors, and what all loops' clients send to this
/// loop's monitors.
/// </summary>
internal sealed class MonitorFeed : ICommandObserver
{
    private const ushort LinesKind = 17, LeftKind = 18;

    private readonly ServerLoop _host;
    private readonly List<Session> _monitors = [];
    private readonly int[] _monitorsOfLoop;
    private readonly TellTimer _tell;
    private ReplyStream _lines;

    internal MonitorFeed(ServerLoop host)
    {
        _host = host;
        _monitorsOfLoop = new int[host.Engine.Loops.Length];
        _tell = new TellTimer(this);
        host.Engine.Events.OnMessage(LinesKind, (int from, in Message message) => Deliver(NativeBlock.From((nint)message.A), (int)message.B));
        host.Engine.Events.OnMessage(LeftKind, (int from, in Message message) => Count(from, -1));
    }

    internal int Monitors => _monitors.Count;

    /// <summary>A loop has a monitor more or less. Told to every loop, before the monitor's own +OK.</summary>
    internal void Count(int loop, int difference)
    {
        _monitorsOfLoop[loop] += difference;
        bool any = false;
        foreach (int monitors in _monitorsOfLoop) any |= monitors != 0;
        _host.Engine.Dispatcher.Observer = any ? this : null;
    }

    internal void Enter(Session session)
    {
        _monitors.Add(session);
        session.Monitoring = true;
    }

    /// <summary>The session monitors no more: it was reset, or its client is gone.</summary>
    internal void Leave(Session session)
    {
        if (!_monitors.Remove(session)) return;
        session.Monitoring = false;
        Withdraw();
    }

    /// <summary>Tells all loops that this one has a monitor less.</summary>
    internal void Withdraw()
    {
        int own = _host.Engine.Index;
        Count(own, -1);
        for (int loop = 0; loop < _monitorsOfLoop.Length; loop++)
            if (loop != own) _ = _host.Engine.Events.Post(loop, new Message { Kind = LeftKind });
    }

    public void Observe(Session session, CommandSpec spec, Arguments args)
    {
        var text = new TextBuilder(stackalloc byte[1024]);
        text.Add((byte)'+');
        text.AddMicroseconds(_host.Engine.Events.WallUs());
        text.Add(" ["u8);
        text.Add(session.Database);
        text.Add((byte)' ');
        if (session.Owner is Connection { IsUnix: true } connection)
        {
            text.Add("unix:"u8);
            text.Add(connection.LocalAddress[..^2]);
        }
        else text.Add(session.Owner.PeerAddress);
        text.Add((byte)']');
        for (int i = 0; i < args.Count; i++)
        {
            text.Add((byte)' ');
            bool isSecret = spec.Redacts is { } redacts && redacts(args, i);
            AddQuoted(ref text, isSecret ? "(redacted)"u8 : args[i]);
        }
        text.EndLine();
        _lines.AppendCopy(_host.Engine.Events.Chunks, text.Written);
        text.Dispose();
        if (!_tell.IsScheduled) _host.Engine.Events.Schedule(_tell, _host.Engine.Events.NowNs);
    }

    private static void AddQuoted(ref TextBuilder text, ReadOnlySpan<byte> argument)
    {
        text.Add((byte)'"');
        foreach (byte value in argument)
        {
            switch (value)
            {
                case (byte)'\\' or (byte)'"':
                    text.Add((byte)'\\');
                    text.Add(value);
                    break;
                case (byte)'\n': text.Add("\\n"u8); break;
                case (byte)'\r': text.Add("\\r"u8); break;
                case (byte)'\t': text.Add("\\t"u8); break;
                case (byte)'\a': text.Add("\\a"u8); break;
                case (byte)'\b': text.Add("\\b"u8); break;
                case >= 0x20 and < 0x7F: text.Add(value); break;
                default:
                    text.Add("\\x"u8);
                    text.Add("0123456789abcdef"u8[value >> 4]);
                    text.Add("0123456789abcdef"u8[value & 15]);
                    break;
            }
        }
        text.Add((byte)'"');
    }

    /// <summary>The turn's lines leave for the monitors, those on other loops first.</summary>
    private void Tell()
    {
        // Taken away first: a monitor that is told may go on and send a command, which is seen in its turn.
        ReplyStream lines = _lines;
        _lines = default;
        var length = (int)Math.Min(lines.Length, int.MaxValue - 64);
        NativeBlock block = NativeBlock.Allocate(length);
        if (!block.IsNull)
        {
            lines.CopyTo(block.Bytes[..length]);
            for (int loop = 0; loop < _monitorsOfLoop.Length; loop++)
            {
                if (loop == _host.Engine.Index || _monitorsOfLoop[loop] == 0) continue;
                block.AddReference();
                _ = _host.Engine.Events.Post(loop, new Message { Kind = LinesKind, A = block.Address, B = length });
            }
            Deliver(block, length);
        }
        lines.Free(_host.Engine.Events.Chunks);
    }

    /// <summary>Lines for this loop's monitors; takes over one reference of the block.</summary>
    private void Deliver(NativeBlock block, int length)
    {
        ChunkPool chunks = _host.Engine.Events.Chunks;
        foreach (Session monitor in _monitors)
        {
            if (length < ReplyStream.RelinkBytesMin) monitor.Pushes.AppendCopy(chunks, block.Bytes[..length]);
            else monitor.Pushes.AppendBlock(chunks, block, 0, length);
            _host.Engine.Pushes.Add(monitor);
        }
        block.Release();
    }

    private sealed class TellTimer(MonitorFeed feed) : LoopTimer
    {
        public override void OnTimer() => feed.Tell();
    }
}
