using System.Text;

namespace Anax.Tests.Unit.Harness;

/// <summary>
/// A parsed reply of any RESP type. Its text is what tests compare: strings as they are, <c>:5</c> for integers,
/// <c>(nil)</c>, <c>-ERR …</c>, <c>[a, :1]</c> for arrays, <c>{k: v}</c> for maps, <c>~[a]</c> for sets, <c>>[a]</c>
/// for pushes, <c>,1.5</c>, <c>#t</c> and <c>(12</c> for the other types of RESP3.
/// </summary>
public sealed record Reply(char Type, string Text, IReadOnlyList<Reply> Items)
{
    public bool IsError => Type == '-';
    public bool IsNull { get; init; }
    public long Integer => long.Parse(Text.AsSpan(1));

    public override string ToString() => Text;

    /// <summary>The value behind a key of a map, or of an array of keys and values.</summary>
    public Reply? Field(string name)
    {
        for (int i = 0; i + 1 < Items.Count; i += 2)
            if (Items[i].Text == name) return Items[i + 1];
        return null;
    }

    /// <summary>Reads one reply from the front; null when it is not complete. Bytes are taken as Latin-1.</summary>
    public static Reply? TryParse(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0) return null;
        char type = (char)bytes[0];
        string line = Encoding.Latin1.GetString(bytes[1..end]);
        int at = end + 2;
        switch (type)
        {
            case '$' or '=' when line != "-1":
                int size = int.Parse(line);
                if (bytes.Length < at + size + 2) return null;
                Assert(bytes.Slice(at + size, 2).SequenceEqual("\r\n"u8), "a bulk string ends with a line end");
                length = at + size + 2;
                return new Reply(type, Encoding.Latin1.GetString(bytes.Slice(at, size)), []);
            case '*' or '%' or '~' or '>' or '|' when line != "-1":
                int count = int.Parse(line) * (type is '%' or '|' ? 2 : 1);
                var items = new List<Reply>();
                for (int i = 0; i < count; i++)
                {
                    if (TryParse(bytes[at..], out int one) is not { } item) return null;
                    items.Add(item);
                    at += one;
                }
                length = at;
                return new Reply(type, Shape(type, items), items);
            default:
                Assert("+-:_,#($*".Contains(type), $"a reply cannot begin with '{type}'");
                length = at;
                return new Reply(type, Scalar(type, line), []) { IsNull = type is '_' or '$' or '*' };
        }
    }

    private static string Scalar(char type, string line) => type switch
    {
        '+' => line,
        '_' or '$' or '*' => "(nil)",
        _ => type + line,
    };

    private static string Shape(char type, List<Reply> items)
    {
        if (type is '%' or '|')
            return (type == '|' ? "|" : "") + "{" + string.Join(", ", items.Chunk(2).Select(p => $"{p[0]}: {p[1]}")) + "}";
        return (type == '*' ? "" : type.ToString()) + "[" + string.Join(", ", items) + "]";
    }

    private static void Assert(bool condition, string what)
    {
        if (!condition) throw new InvalidDataException(what);
    }
}
