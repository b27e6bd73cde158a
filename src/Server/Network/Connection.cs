using System.Text;
using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Runtime;
using Anax.Server.Options;

namespace Anax.Server.Network;

/// <summary>
/// One client's socket and its session: carries bytes to the dispatcher and replies back, and holds the client to
/// its limits. Owned by one loop, and used again for another client when this one is gone.
/// </summary>
public sealed class Connection : SocketEvents, ISessionOwner
{
    /// <summary>Input that waits behind a busy session before the socket is left unread.</summary>
    private const int WaitingInputMax = 1 << 20;

    /// <summary>A client that is not authenticated has nothing but errors to read, and may not let them pile up.</summary>
    private const long StrangerOutputMax = 17 * 1024;

    private readonly ServerLoop _server;
    private InputBuffer _input;
    private string? _peer;
    private string? _local;
    private long _overSoftLimitSinceNs;
    private long _inputCounted;
    private bool _reading = true;
    private bool _feeding;

    internal Connection(ServerLoop server)
    {
        _server = server;
        Session = new Session(0, this, new RequestParser());
    }

    public Session Session { get; }
    public ServerLoop Server => _server;
    public bool IsUnix { get; private set; }

    /// <summary>Position in the loop's list of connections.</summary>
    internal int ListIndex { get; set; }

    public int Descriptor => Loop.DescriptorOf(Handle);
    public long PendingSendBytes => Loop.PendingSendBytes(Handle);

    /// <summary>What the client has sent of requests that are not complete, and the memory that waits for it.</summary>
    public long InputBytes => _input.Length + Session.Parser.HeldBytes - Session.Parser.DirectTarget.Length;
    public long InputCapacity => _input.Capacity + Session.Parser.HeldBytes;

    public string PeerAddress => _peer ??= NameOf(peer: true);
    public string LocalAddress => _local ??= NameOf(peer: false);

    /// <summary>Begins for a client, new or used before.</summary>
    internal void Open(long id, bool isUnix)
    {
        IsUnix = isUnix;
        _peer = _local = null;
        _overSoftLimitSinceNs = 0;
        _reading = true;
        Session.Parser.Reset();
        Session.Parser.BulkBytesMax = _server.Settings.ProtoMaxBulkLength;
        Session.Parser.ArgumentsMax = _server.Settings.MultibulkCountMax;
        Session.Open(id, _server.Settings.RequirePass is null, _server.Engine.Events.NowNs);
    }

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        Session.BytesIn += bytes.Length;
        _feeding = true;
        if (_input.IsEmpty)
        {
            int taken = Session.Busy ? 0 : _server.Engine.Dispatcher.Feed(Session, bytes);
            Keep(bytes[taken..]);
        }
        else
        {
            Keep(bytes);
            FeedKept();
        }
        _feeding = false;
        Settle();
    }

    public override Span<byte> DirectTarget => Session.Busy ? default : Session.Parser.DirectTarget;

    public override void OnDirectBytes(int count)
    {
        Session.BytesIn += count;
        Session.Parser.DirectReceived(count);
        if (!Session.Parser.DirectTarget.IsEmpty) return;
        _feeding = true;
        int taken = _server.Engine.Dispatcher.Feed(Session, _input.Bytes);
        _input.Consume(taken);
        _feeding = false;
        Settle();
    }

    /// <summary>The session can go on: a round or a coordinator has ended.</summary>
    public void Continue()
    {
        if (_feeding) return;
        if (Session.Gone)
        {
            _server.Keep(this);
            return;
        }
        _feeding = true;
        FeedKept();
        _feeding = false;
        Settle();
    }

    public override void OnEndOfInput()
    {
        Session.EndInput();
        if (!Session.Busy) Loop.CloseAfterFlush(Handle);
    }

    public override void OnDrained() => _overSoftLimitSinceNs = 0;

    public override void OnClosed(int errno)
    {
        _server.Remove(this);
        _server.Engine.Dispatcher.Drop(Session);
        _input.Free();
        Session.Parser.Dispose();
        CountInput();
        if (!Session.Busy) _server.Keep(this);
    }

    /// <summary>Ends the connection: at once, or for the client's own CLIENT KILL when its reply has left.</summary>
    public void Kill(bool afterReply)
    {
        Session.Closing = true;
        if (afterReply) return;
        // What it waits for is the next one's from now on, not from when the socket is closed.
        _ = Session.TryUnblock(withError: false);
        Loop.Abort(Handle);
    }

    /// <summary>Sends what lies in the session's output: pushes from outside a command, and the replies of a turn.</summary>
    public void Flush()
    {
        long bytes = Session.Output.Length;
        if (bytes == 0) return;
        Session.BytesOut += bytes;
        _ = Loop.Send(Handle, ref Session.Output);
    }

    /// <summary>Once a second: the idle timeout, and the soft limit of the output.</summary>
    internal void OnSecond(long nowNs)
    {
        int timeout = _server.Settings.TimeoutSeconds;
        bool idle = timeout > 0 && !Session.Busy && !Session.Monitoring && !Session.IsSubscriber && nowNs - Session.LastUseNs > timeout * 1_000_000_000L;
        if (idle) Loop.Abort(Handle);
        else if (!Session.Closing && IsOverOutputLimit(nowNs)) EndForOutput();
    }

    private void FeedKept()
    {
        if (Session.Busy || Session.Gone) return;
        int taken = _server.Engine.Dispatcher.Feed(Session, _input.Bytes);
        _input.Consume(taken);
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || Session.Closing) return;
        if (!_input.TryAppend(rest)) EndForInput();
    }

    private void EndForInput()
    {
        _server.Log.QueryBufferLimit(Session.Id, PeerAddress, _input.Length + Session.Parser.HeldBytes);
        _server.Admin.Figures.InputLimitClosings++;
        Session.Closing = true;
        Loop.Abort(Handle);
    }

    private void EndForOutput()
    {
        _server.Log.OutputBufferLimit(Session.Id, PeerAddress, PendingSendBytes);
        _server.Admin.Figures.OutputLimitClosings++;
        Session.Closing = true;
        Loop.Abort(Handle);
    }

    /// <summary>After each batch of events: replies leave, limits are judged, reading is paused or resumed.</summary>
    private void Settle()
    {
        if (Session.Gone) return;
        Flush();
        CountInput();
        if (Session.Closing || Session.InputEnded && !Session.Busy)
        {
            if (!Session.Busy) Loop.CloseAfterFlush(Handle);
            return;
        }
        long inputMax = _server.Settings.ClientQueryBufferLimit;
        if (_input.Length + Session.Parser.HeldBytes > inputMax)
        {
            EndForInput();
            return;
        }
        if (IsOverOutputLimit(Loop.NowNs))
        {
            EndForOutput();
            return;
        }
        // What waits for our own slowness must not come near the client's limit.
        bool read = !Session.Busy || _input.Length < Math.Min(WaitingInputMax, inputMax / 2);
        if (read == _reading) return;
        _reading = read;
        if (read) Loop.ResumeReading(Handle);
        else Loop.PauseReading(Handle);
    }

    /// <summary>Keeps the loop's account of memory for requests that are not complete, large arguments included.</summary>
    private void CountInput()
    {
        long bytes = InputCapacity;
        _server.Engine.ClientBytes += bytes - _inputCounted;
        _inputCounted = bytes;
    }

    private bool IsOverOutputLimit(long nowNs)
    {
        ServerSettings settings = _server.Settings;
        OutputBufferLimit limit = Session.IsSubscriber ? settings.PubSubOutputLimit : settings.NormalOutputLimit;
        if (!Session.Authenticated) return PendingSendBytes > StrangerOutputMax;
        if (limit.HardBytes == 0 && limit.SoftBytes == 0) return false;
        var pending = (ulong)(PendingSendBytes + Session.Pushes.Length);
        if (limit.HardBytes != 0 && pending > limit.HardBytes) return true;
        if (limit.SoftBytes == 0 || pending <= limit.SoftBytes)
        {
            _overSoftLimitSinceNs = 0;
            return false;
        }
        if (_overSoftLimitSinceNs == 0) _overSoftLimitSinceNs = nowNs;
        return nowNs - _overSoftLimitSinceNs > limit.SoftSeconds * 1_000_000_000L;
    }

    private string NameOf(bool peer)
    {
        Span<byte> text = stackalloc byte[SocketNames.LengthMax];
        int descriptor = Descriptor;
        if (descriptor < 0) return "";
        return Encoding.UTF8.GetString(text[..(peer && !IsUnix ? SocketNames.FormatPeer(descriptor, text) : SocketNames.FormatLocal(descriptor, text))]);
    }
}

/// <summary>A connection that only gets to hear why there is none: too many clients, protected mode.</summary>
internal sealed class RefusedConnection : SocketEvents
{
    internal void Say(ReadOnlySpan<byte> error)
    {
        var stream = default(ReplyStream);
        stream.AppendCopy(Loop.Chunks, error);
        _ = Loop.Send(Handle, ref stream);
        Loop.CloseAfterFlush(Handle);
    }

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        // Whatever it says, the answer is on its way already.
    }

    public override void OnClosed(int errno)
    {
        // Nobody waits for it.
    }
}
