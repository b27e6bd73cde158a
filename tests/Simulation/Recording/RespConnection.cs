using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Simulation.Recording;

/// <summary>One reply: its type's sign, its text or its items; neither of both is a nil.</summary>
internal sealed record RespReply(char Type, string? Text, RespReply[]? Items)
{
    internal bool IsError => Type == '-';

    /// <summary>A scalar's text, or those of an array's items.</summary>
    internal string?[] Values => Items is null ? [Text] : [.. Items.Select(item => item.Text)];

    public override string ToString() => Items is null ? $"{Type}{Text ?? "nil"}" : $"[{string.Join(", ", (object[])Items)}]";
}

/// <summary>A blocking connection that speaks RESP2: writes many commands in one piece, reads reply after reply.</summary>
internal class RespConnection : IDisposable
{
    private const int TimeoutMs = 20_000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[1 << 14];
    private readonly StringBuilder _request = new();
    private int _start, _end;

    internal RespConnection(int port)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = TimeoutMs,
            SendTimeout = TimeoutMs,
        };
        _socket.Connect("127.0.0.1", port);
    }

    internal virtual void Send(IReadOnlyList<string[]> commands)
    {
        _request.Clear();
        foreach (string[] command in commands)
        {
            _request.Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
            foreach (string argument in command) _request.Append(CultureInfo.InvariantCulture, $"${argument.Length}\r\n{argument}\r\n");
        }
        ReadOnlySpan<byte> bytes = Encoding.Latin1.GetBytes(_request.ToString());
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    internal virtual RespReply Read() => ReadReply();

    public void Dispose()
    {
        _socket.Dispose();
        GC.SuppressFinalize(this);
    }

    private RespReply ReadReply()
    {
        string line = ReadLine();
        char type = line[0];
        string text = line[1..];
        if (type is not ('$' or '*')) return new RespReply(type, text, null);
        int length = int.Parse(text, CultureInfo.InvariantCulture);
        if (length < 0) return new RespReply(type, null, null);
        if (type == '$') return new RespReply(type, ReadText(length), null);
        var items = new RespReply[length];
        for (int i = 0; i < length; i++) items[i] = ReadReply();
        return new RespReply(type, null, items);
    }

    private string ReadLine()
    {
        StringBuilder line = new();
        for (char c = ReadChar(); c != '\r'; c = ReadChar()) line.Append(c);
        if (ReadChar() != '\n') throw new InvalidDataException("a line does not end in CR LF");
        return line.ToString();
    }

    private string ReadText(int length)
    {
        var text = new char[length];
        for (int i = 0; i < length; i++) text[i] = ReadChar();
        if (ReadLine().Length != 0) throw new InvalidDataException("a bulk string does not end where it says");
        return new string(text);
    }

    private char ReadChar()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, _socket.Receive(_buffer));
            if (_end == 0) throw new EndOfStreamException("the server closed the connection");
        }
        return (char)_buffer[_start++];
    }
}
