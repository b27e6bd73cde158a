using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// A connection to a server on this machine that speaks RESP2, one reply after the other. Throws what sockets throw,
/// and <see cref="IOException"/> where the server is silent for a minute, hangs up or answers what is not RESP.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private const int PatienceMs = 60_000;
    private const int BufferBytes = 4096;
    private const int BulkBufferBytes = 1 << 20;
    private const int LineBytesMax = 64 << 10;
    private const int TextBytesMax = 1 << 20;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = PatienceMs,
        SendTimeout = PatienceMs,
        // Closed at once: ten thousand that linger would take the ports of the next ten thousand.
        LingerState = new LingerOption(enable: true, 0),
    };

    private byte[] _buffer = [];
    private int _at, _end;

    public RespConnection(int port)
    {
        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command of plain words and returns the text of its reply, of a line with its first byte.</summary>
    public string Ask(params string[] words)
    {
        Send(words);
        string line = ReadLine();
        if (!line.StartsWith('$')) return line;
        int length = (int)LengthIn(line);
        if (length > TextBytesMax) throw new IOException($"an answer of {length} bytes to {words[0]}");
        if (length < 0) return "";
        byte[] bytes = new byte[length + 2];
        for (int read = 0; read < bytes.Length;) read += Take(bytes.AsSpan(read));
        return Encoding.ASCII.GetString(bytes, 0, length);
    }

    /// <summary>Sends a command of plain words, and its reply is read by whoever wants it.</summary>
    public void Send(params string[] words)
    {
        StringBuilder text = new($"*{words.Length}\r\n");
        foreach (string word in words) text.Append($"${word.Length}\r\n{word}\r\n");
        Send(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Returns when the kernel has taken all of it.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes, SocketFlags.None)..];
        }
        catch (SocketException e)
        {
            throw new IOException($"cannot send: {e.Message}", e);
        }
    }

    /// <summary>Without its line end.</summary>
    public string ReadLine()
    {
        StringBuilder line = new();
        while (line.Length < LineBytesMax)
        {
            if (_at == _end) Receive();
            char sign = (char)_buffer[_at++];
            if (sign == '\n') return line.ToString().TrimEnd('\r');
            line.Append(sign);
        }

        throw new IOException("the answer has no line end");
    }

    /// <summary>Reads the header of a bulk string, skips all of its bytes as fast as they come, and returns how many they were.</summary>
    public long SkipBulk()
    {
        string line = ReadLine();
        if (!line.StartsWith('$')) throw new IOException($"instead of a value: {line}");
        long length = LengthIn(line);
        if (length >= 0) Skip(length + 2);
        return length;
    }

    /// <summary>
    /// Passes over a whole reply as fast as it comes and returns how many elements it has, 1 where it is none of several; throws
    /// <see cref="IOException"/> also where it is an error.
    /// </summary>
    public long SkipReply()
    {
        long open = 1, elements = 0;
        for (bool isFirst = true; open > 0; isFirst = false, open--)
        {
            char type = (char)Next();
            if (type == '-') throw new IOException($"an error: {ReadLine()}");
            long number = PassNumber();
            if (type == '$' && number >= 0) Skip(number + 2);
            if (type == '*') open += Math.Max(0, number);
            if (isFirst) elements = type == '*' ? number : 1;
        }

        return elements;
    }

    public void Dispose() => _socket.Dispose();

    private void Skip(long bytes)
    {
        while (bytes > 0)
        {
            if (_at == _end) Receive(BulkBufferBytes);
            int step = (int)Math.Min(bytes, _end - _at);
            _at += step;
            bytes -= step;
        }
    }

    private byte Next()
    {
        if (_at == _end) Receive(BulkBufferBytes);
        return _buffer[_at++];
    }

    /// <summary>The number in the rest of a line; of a line that holds none it says nothing.</summary>
    private long PassNumber()
    {
        long number = 0;
        bool isNegative = false;
        for (byte sign = Next(); sign != '\n'; sign = Next())
        {
            if (sign == '-') isNegative = true;
            else if (sign != '\r') number = number * 10 + (sign - '0');
        }

        return isNegative ? -number : number;
    }

    private int Take(Span<byte> bytes)
    {
        if (_at == _end) Receive();
        int count = Math.Min(bytes.Length, _end - _at);
        _buffer.AsSpan(_at, count).CopyTo(bytes);
        _at += count;
        return count;
    }

    /// <summary>When all is read that came. The buffer is as large as an answer has wanted it: most connections only wait.</summary>
    private void Receive(int bufferBytes = BufferBytes)
    {
        if (_buffer.Length < bufferBytes) _buffer = GC.AllocateUninitializedArray<byte>(bufferBytes);
        try
        {
            (_at, _end) = (0, _socket.Receive(_buffer));
        }
        catch (SocketException e)
        {
            throw new IOException($"no answer: {e.Message}", e);
        }

        if (_end == 0) throw new IOException("the server hung up");
    }

    private static long LengthIn(string line) =>
        long.TryParse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long length)
            ? length
            : throw new IOException($"no length: {line}");
}
