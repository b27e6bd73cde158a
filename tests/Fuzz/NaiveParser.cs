using System.Text;
using Anax.Core.Text;

namespace Anax.Tests.Fuzz;

/// <summary>
/// The rules of requests, written down as plainly as possible: it starts over with the whole command each
/// time.
/// </summary>
internal sealed class NaiveParser
{
    private const int LineMax = 64 * 1024;

    private readonly List<byte> _bytes = [];

    public List<byte[][]> Commands { get; } = [];

    public string? Error { get; private set; }

    public bool IsAuthenticated { get; init; } = true;

    public long BulkMax { get; init; }

    /// <summary>Bytes that no complete command took.</summary>
    public int Left => _bytes.Count;

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        while (Error == null && _bytes.Count > 0)
        {
            var taken = _bytes[0] == '*' ? Array(out var command) : Line(out command);
            if (taken == 0) return;
            _bytes.RemoveRange(0, taken);
            if (command.Count > 0) Commands.Add([.. command]);
        }
    }

    private int Array(out List<byte[]> command)
    {
        command = [];
        var at = 0;
        if (!Header(ref at, null, out var count)) return 0;
        if (count > 10 && !IsAuthenticated) return Fail("unauthenticated multibulk length");
        for (; count > 0; count--)
        {
            if (!Header(ref at, '$', out var length)) return 0;
            if (length > 16384 && !IsAuthenticated) return Fail("unauthenticated bulk length");
            if (_bytes.Count - at < length + 2) return 0;
            command.Add([.. _bytes.GetRange(at, (int)length)]);
            at += (int)length;
            if (_bytes[at] != '\r' || _bytes[at + 1] != '\n') return Fail("invalid CRLF in request");
            at += 2;
        }
        return at;
    }

    // The line with the count, or, where a type is given, the one before an argument.
    private bool Header(ref int at, char? type, out long number)
    {
        number = 0;
        var isBulk = type != null;
        var end = _bytes.IndexOf((byte)'\r', at);
        if (end < 0)
        {
            var tooBig = isBulk ? "too big bulk count string" : "too big mbulk count string";
            if (_bytes.Count - at > LineMax) Fail(tooBig);
            return false;
        }
        if (end + 1 == _bytes.Count) return false;
        if (isBulk && _bytes[at] != type) return Fail($"expected '$', got '{Shown((char)_bytes[at])}'") != 0;
        if (_bytes[end + 1] != '\n') return Fail("invalid CRLF in request") != 0;
        var text = _bytes.GetRange(at + 1, end - at - 1).ToArray();
        var valid = Numbers.TryParseLong(text, out number);
        if (isBulk) valid &= number >= 0 && number <= BulkMax;
        else valid &= number <= int.MaxValue;
        if (!valid) return Fail(isBulk ? "invalid bulk length" : "invalid multibulk length") != 0;
        at = end + 2;
        return true;
    }

    private int Line(out List<byte[]> command)
    {
        command = [];
        var zero = _bytes.IndexOf(0);
        var end = _bytes.IndexOf((byte)'\n');
        if (end < 0 || (zero >= 0 && zero < end))
            return _bytes.Count > LineMax ? Fail("too big inline request") : 0;
        var line = Encoding.Latin1.GetString([.. _bytes.GetRange(0, end)]);
        if (line.EndsWith('\r')) line = line[..^1];

        for (var i = 0; ;)
        {
            while (i < line.Length && line[i] is ' ' or >= '\t' and <= '\r') i++;
            if (i >= line.Length) return end + 1;
            var argument = new StringBuilder();
            var quote = '\0';
            for (; i < line.Length; i++)
            {
                var value = line[i];
                if (quote == '\0')
                {
                    if (value is ' ' or '\t' or '\r' or '\n') break;
                    if (value is '"' or '\'') quote = value;
                    else argument.Append(value);
                }
                else if (quote == '"' && value == '\\' && i + 4 < line.Length && line[i + 1] == 'x' &&
                    char.IsAsciiHexDigit(line[i + 2]) && char.IsAsciiHexDigit(line[i + 3]))
                {
                    argument.Append((char)System.Convert.ToInt32(line.Substring(i + 2, 2), 16));
                    i += 3;
                }
                else if (quote == '"' && value == '\\' && i + 2 < line.Length)
                {
                    i++;
                    const string Escapes = "n\nr\rt\tb\ba\a";
                    var escape = Escapes.IndexOf(line[i], StringComparison.Ordinal);
                    argument.Append(escape >= 0 && escape % 2 == 0 ? Escapes[escape + 1] : line[i]);
                }
                else if (quote == '\'' && value == '\\' && i + 2 < line.Length && line[i + 1] == '\'')
                {
                    i++;
                    argument.Append('\'');
                }
                else if (value == quote)
                {
                    quote = '\0';
                }
                else
                {
                    argument.Append(value);
                }
            }
            if (quote != '\0') return Fail("unbalanced quotes in request");
            command.Add(Encoding.Latin1.GetBytes(argument.ToString()));
        }
    }

    private static char Shown(char value) => value is '\r' or '\n' ? ' ' : value;

    private int Fail(string error)
    {
        Error = $"-ERR Protocol error: {error}\r\n";
        return 0;
    }
}
