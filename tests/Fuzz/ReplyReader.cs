using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Fuzz;

/// <summary>Reads whole replies of either RESP version off a socket, and throws on what is not one.</summary>
internal sealed class ReplyReader(Stream stream)
{
    private const int DepthMax = 64;

    private readonly BufferedStream _stream = new(stream);

    /// <summary>
    /// One reply; its first line stands for it. Null when the server has closed the connection.
    /// </summary>
    public string? Read(int depth = 0)
    {
        if (depth > DepthMax)
            throw new InvalidDataException("replies nested without end");
        if (ReadLine() is not { } line)
            return null;
        switch (line[0])
        {
            case '+' or '-' or ':' or '_' or '#' or ',' or '(':
                return line;
            case '$' or '=' or '!':
                SkipBulk(Number(line));
                return line;
            case '*' or '~' or '>':
                SkipItems(Number(line), depth);
                return line;
            case '%' or '|':
                SkipItems(Number(line) * 2, depth);
                return line[0] == '|' ? Read(depth) : line;
            default:
                throw new InvalidDataException($"no reply starts with {line}");
        }
    }

    private void SkipItems(long count, int depth)
    {
        for (long i = 0; i < count; i++)
        {
            if (Read(depth + 1) is null)
                throw new InvalidDataException("the reply breaks off");
        }
    }

    private void SkipBulk(long length)
    {
        if (length < 0)
            return;
        byte[] bytes = new byte[length + 2];
        _stream.ReadExactly(bytes);
        if (bytes[^2] != '\r' || bytes[^1] != '\n')
            throw new InvalidDataException("a bulk string without its line end");
    }

    private static bool IsReset(IOException e) =>
        e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };

    private static long Number(string line) => long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);

    private string? ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            int b;
            try
            {
                b = _stream.ReadByte();
            }
            catch (IOException e) when (IsReset(e))
            {
                return null;
            }
            if (b < 0)
                return line.Length == 0 ? null : throw new InvalidDataException($"breaks off after {line}");
            if (b == '\n' && line.Length > 1 && line[^1] == '\r')
                return line.ToString(0, line.Length - 1);
            line.Append((char)b);
        }
    }
}
