using System.Buffers.Text;
using System.Text;
using Anax.Runtime;

namespace Anax.Tests.Stub;

/// <summary>
/// One client of the stub: cuts its bytes into requests and answers them in order, each when it is due.
/// </summary>
internal sealed class StubConnection(StubServer server, int number) : SocketEvents
{
    private readonly Queue<Pending> _pending = new();
    private byte[] _input = new byte[16 * 1024];
    private int _start;
    private int _end;
    private (int Start, int Length)[] _arguments = new (int, int)[16];
    private bool _isKnown = server.Options.Password.Length == 0;
    private bool _isClosed;
    private long _lastDueNs;

    private readonly record struct Pending(long Number, byte[] Reply);

    private StubOptions Options => server.Options;

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        if (Options.IsSilent) return;
        long nowNs = Loop.MonotonicNs();
        Append(bytes);
        while (TryCut(out int count) && !_isClosed)
        {
            if (count > 0) Take(count, nowNs);
        }

        if (_start == _end) _start = _end = 0;
    }

    public override void OnClosed(int errno)
    {
        _isClosed = true;
        server.Record.OpenConnections--;
    }

    /// <summary>Sends the oldest reply that waits.</summary>
    public void Reply()
    {
        Pending next = _pending.Dequeue();
        if (_isClosed) return;
        Write(next.Reply);
        server.Record.Replied(next.Number, Loop.MonotonicNs());
    }

    private void Take(int count, long nowNs)
    {
        ReadOnlySpan<byte> name = Argument(0);
        byte[]? greeting = Greeting(name, count);
        if (greeting is not null)
        {
            server.Record.Greetings++;
            Write(greeting);
            return;
        }

        StubRecord record = server.Record;
        bool isGet = Is(name, "GET");
        long request = record.Arrived(number, !isGet, nowNs);
        if (Options.KeepsRequests) record.Requests.Add(Texts(count));
        if (Options.CloseAtRequest != 0 && request + 1 == Options.CloseAtRequest)
        {
            Close();
            return;
        }

        byte[] reply = Answer(name, count, request, isGet);
        if (Options.Delay is null)
        {
            Write(reply);
            record.Replied(request, Loop.MonotonicNs());
            return;
        }

        // Replies keep the order of their requests, so one that is late holds up those behind it.
        _lastDueNs = Math.Max(_lastDueNs, Options.Delay.DueNs(nowNs, request));
        _pending.Enqueue(new Pending(request, reply));
        record.PendingPeak = Math.Max(record.PendingPeak, _pending.Count);
        record.PendingSum += _pending.Count;
        server.Expect(this, _lastDueNs);
    }

    /// <summary>The reply to what prepares a connection; null where the request is one that is measured.</summary>
    private byte[]? Greeting(ReadOnlySpan<byte> name, int count)
    {
        if (Is(name, "AUTH"))
        {
            _isKnown = Encoding.Latin1.GetString(Argument(count - 1)) == Options.Password;
            return _isKnown
                ? "+OK\r\n"u8.ToArray()
                : "-WRONGPASS invalid username-password pair or user is disabled.\r\n"u8.ToArray();
        }

        if (!_isKnown) return "-NOAUTH Authentication required.\r\n"u8.ToArray();
        if (Is(name, "PING")) return "+PONG\r\n"u8.ToArray();
        if (Is(name, "INFO")) return Bulk("# Server\r\nredis_version:7.4.0\r\n"u8);
        if (Is(name, "CLUSTER"))
        {
            return Options.ClusterNodes is { } nodes
                ? Bulk(Encoding.Latin1.GetBytes(nodes(server.Port)))
                : "-ERR This instance has cluster support disabled\r\n"u8.ToArray();
        }

        bool isSetup = Is(name, "CLIENT") || Is(name, "SELECT") || Is(name, "CONFIG") || Is(name, "COMMAND");
        if (isSetup) return "+OK\r\n"u8.ToArray();
        return Is(name, "HELLO") ? "-ERR unknown command 'HELLO'\r\n"u8.ToArray() : null;
    }

    private byte[] Answer(ReadOnlySpan<byte> name, int count, long request, bool isGet)
    {
        if (Options.ErrorOneIn != 0 && request % Options.ErrorOneIn == Options.ErrorOneIn - 1)
            return Encoding.Latin1.GetBytes($"-{Options.ErrorText}\r\n");
        if (Options.MovedTo.Length != 0 && count > 1)
            return Encoding.Latin1.GetBytes($"-MOVED 1234 {Options.MovedTo}\r\n");
        if (isGet) return server.Find(Argument(1));
        if (Is(name, "SET")) server.Store(Argument(1), Argument(2));
        else if (Is(name, "SETEX")) server.Store(Argument(1), Argument(3));
        else if (Is(name, "ZADD") || Is(name, "DEL") || Is(name, "INCR")) return ":1\r\n"u8.ToArray();
        else return Encoding.Latin1.GetBytes($"-ERR unknown command '{Encoding.Latin1.GetString(name)}'\r\n");
        return StubServer.Ok;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (!_isClosed) Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, bytes);
    }

    private void Close()
    {
        _isClosed = true;
        Loop.Abort(Handle);
    }

    internal static byte[] Bulk(ReadOnlySpan<byte> bytes)
    {
        byte[] head = Encoding.Latin1.GetBytes($"${bytes.Length}\r\n");
        return [.. head, .. bytes, .. "\r\n"u8];
    }

    // ---- cutting ----

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_input.Length - _end < bytes.Length)
        {
            int held = _end - _start;
            byte[] target = held + bytes.Length > _input.Length ? new byte[(held + bytes.Length) * 2] : _input;
            Buffer.BlockCopy(_input, _start, target, 0, held);
            (_input, _start, _end) = (target, 0, held);
        }

        bytes.CopyTo(_input.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>
    /// Cuts the next array of bulk strings off the input; false where it is not there as a whole. What is not RESP is the
    /// stub's <see cref="StubServer.Failure"/>: its clients are under test themselves.
    /// </summary>
    private bool TryCut(out int count)
    {
        int at = _start;
        if (!TryLength((byte)'*', ref at, out count)) return false;
        if (_arguments.Length < count) _arguments = new (int, int)[count * 2];
        for (int i = 0; i < count; i++)
        {
            if (!TryLength((byte)'$', ref at, out int length) || _end - at < length + 2) return false;
            _arguments[i] = (at, length);
            at += length + 2;
        }

        _start = at;
        return true;
    }

    private bool TryLength(byte type, ref int at, out int length)
    {
        length = 0;
        int line = _input.AsSpan(at, _end - at).IndexOf("\r\n"u8);
        if (line < 0) return false;
        ReadOnlySpan<byte> text = _input.AsSpan(at, line);
        if (text.IsEmpty || text[0] != type || !Utf8Parser.TryParse(text[1..], out length, out int used) || used != line - 1)
        {
            server.Fail($"the stub was sent '{Encoding.Latin1.GetString(text)}'");
            Close();
            return false;
        }

        at += line + 2;
        return true;
    }

    private Span<byte> Argument(int index)
    {
        (int start, int length) = _arguments[index];
        return _input.AsSpan(start, length);
    }

    private string[] Texts(int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < count; i++) texts[i] = Encoding.Latin1.GetString(Argument(i));
        return texts;
    }

    private static bool Is(ReadOnlySpan<byte> name, string other) => Ascii.EqualsIgnoreCase(name, other);
}
