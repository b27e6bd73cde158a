using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Server.Harness;

/// <summary>
/// A plain blocking client that hides nothing: sends arguments or raw bytes, reads one reply at a time as a tree in
/// which every RESP type is told apart.
/// </summary>
internal sealed class RespClient : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    public RespClient(int port, int timeoutMs = 20_000)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect("127.0.0.1", port);
        _socket.ReceiveTimeout = _socket.SendTimeout = timeoutMs;
    }

    public Socket Socket => _socket;

    /// <summary>Sends a command of text arguments and reads its reply.</summary>
    public RespValue Call(params string[] arguments)
    {
        Send(arguments);
        return Read();
    }

    public RespValue Call(byte[][] arguments)
    {
        SendRaw(Encode(arguments));
        return Read();
    }

    public void Send(params string[] arguments) => SendRaw(Encode(arguments));

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    public static byte[] Encode(params string[] arguments) => Encode(Array.ConvertAll(arguments, Encoding.UTF8.GetBytes));

    public static byte[] Encode(byte[][] arguments)
    {
        using var request = new MemoryStream();
        request.Write(Encoding.ASCII.GetBytes($"*{arguments.Length}\r\n"));
        foreach (byte[] argument in arguments)
        {
            request.Write(Encoding.ASCII.GetBytes($"${argument.Length}\r\n"));
            request.Write(argument);
            request.Write("\r\n"u8);
        }
        return request.ToArray();
    }

    /// <summary>True when the peer has closed and nothing is left to read.</summary>
    public bool IsClosed()
    {
        try
        {
            return _start == _end && !Fill();
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public RespValue Read()
    {
        byte type = ReadByte();
        string line = ReadLine();
        switch ((char)type)
        {
            case '+' or '-' or ':' or ',' or '#' or '(':
                return new RespValue((char)type, line, []);
            case '_':
                return new RespValue('_', null, []);
            case '$' or '=' or '!':
                int length = int.Parse(line, CultureInfo.InvariantCulture);
                return length < 0 ? new RespValue('$', null, []) : new RespValue((char)type, ReadText(length), []);
            case '*' or '~' or '>':
                return ReadItems((char)type, line, 1);
            case '%' or '|':
                return ReadItems((char)type, line, 2);
            default:
                throw new InvalidDataException($"not RESP: '{(char)type}{line}'");
        }
    }

    public void Dispose() => _socket.Dispose();

    private RespValue ReadItems(char type, string line, int each)
    {
        int count = int.Parse(line, CultureInfo.InvariantCulture);
        if (count < 0) return new RespValue('*', null, []);
        var items = new RespValue[count * each];
        for (int i = 0; i < items.Length; i++) items[i] = Read();
        return new RespValue(type, "", items);
    }

    private string ReadText(int length)
    {
        var bytes = new byte[length + 2];
        for (int i = 0; i < bytes.Length;)
        {
            if (_start == _end && !Fill()) throw new EndOfStreamException();
            int piece = Math.Min(_end - _start, bytes.Length - i);
            Array.Copy(_buffer, _start, bytes, i, piece);
            _start += piece;
            i += piece;
        }
        if (bytes[length] != '\r' || bytes[length + 1] != '\n') throw new InvalidDataException("a bulk string does not end where it says");
        return Encoding.Latin1.GetString(bytes, 0, length);
    }

    /// <summary>A line of whatever protocol, without its end.</summary>
    public string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            byte b = ReadByte();
            if (b == '\r')
            {
                if (ReadByte() != '\n') throw new InvalidDataException("a line does not end in CR LF");
                return line.ToString();
            }
            line.Append((char)b);
        }
    }

    private byte ReadByte()
    {
        if (_start == _end && !Fill()) throw new EndOfStreamException();
        return _buffer[_start++];
    }

    private bool Fill()
    {
        _start = 0;
        _end = _socket.Receive(_buffer);
        return _end != 0;
    }
}

/// <summary>One reply: its RESP type, its text (Latin-1, null for a null), its items (pairs flattened, for maps).</summary>
internal sealed record RespValue(char Type, string? Text, RespValue[] Items)
{
    public bool IsError => Type is '-' or '!';
    public bool IsNull => Text is null;

    public long Integer => long.Parse(Text!, CultureInfo.InvariantCulture);

    /// <summary>In one line, in RESP's own signs.</summary>
    public override string ToString()
    {
        if (Type is '*' or '~' or '>' or '%' or '|')
            return Text is null ? "*null" : $"{Type}[{string.Join(", ", (object[])Items)}]";
        return Text is null ? $"{Type}null" : Type is '$' or '=' ? $"{Type}\"{Escape(Text)}\"" : $"{Type}{Escape(Text)}";
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text)
        {
            if (c is >= ' ' and < '\x7f') escaped.Append(c);
            else escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }
        return escaped.Length <= 400 ? escaped.ToString() : $"{escaped.ToString(0, 400)}… ({text.Length} bytes)";
    }
}
