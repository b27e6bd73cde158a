using System.Text;
using Anax.LoadGen.Replies;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Replies;

/// <summary>Replies are cut the same way wherever the reads happen to split them.</summary>
public sealed class ReplyReaderTests
{
    [Theory]
    [InlineData("+OK\r\n", "Simple")]
    [InlineData("+OK\r\n+OK\r\n+PONG\r\n", "Simple,Simple,Simple")]
    [InlineData("+OKAY\r\n", "Simple")]
    [InlineData(":12\r\n:-1\r\n", "Simple,Simple")]
    [InlineData("$-1\r\n$0\r\n\r\n$5\r\nab\r\nc\r\n", "Null,Value,Value")]
    [InlineData("-ERR it's wrong\r\n+OK\r\n", "Error(ERR it's wrong),Simple")]
    [InlineData("*0\r\n*-1\r\n*2\r\n$1\r\na\r\n$-1\r\n", "Value,Null,Value")]
    [InlineData("*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n-ERR inside\r\n+OK\r\n", "Value,Simple")]
    [InlineData("_\r\n#t\r\n,1.5\r\n(123\r\n", "Null,Simple,Simple,Simple")]
    [InlineData("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n~1\r\n:1\r\n", "Value,Value")]
    [InlineData("=7\r\ntxt:abc\r\n!5\r\nERR x\r\n", "Value,Error(an error in a bulk string)")]
    [InlineData(">2\r\n+message\r\n$1\r\nx\r\n+OK\r\n", "Push,Simple")]
    [InlineData("|1\r\n+ttl\r\n:5\r\n$1\r\nx\r\n", "Value")]
    [InlineData("*2\r\n|1\r\n+ttl\r\n:5\r\n$1\r\nx\r\n:1\r\n+OK\r\n", "Value,Simple")]
    [InlineData("?\r\n", "Broken(?)")]
    [InlineData("$x\r\n", "Broken($x)")]
    [InlineData("\r\n", "Broken()")]
    [InlineData("$-2\r\n", "Broken($-2)")]
    public void RespIsCutWhereverItIsSplit(string text, string expected) =>
        IsCut(() => new RespReplyReader(), text, expected);

    [Theory]
    [InlineData("STORED\r\nEND\r\n", "Simple,Null")]
    [InlineData("VALUE k 0 5\r\nEND\r\n\r\nEND\r\nSTORED\r\n", "Value,Simple")]
    [InlineData("VALUE k 0 0\r\n\r\nEND\r\nEND\r\n", "Value,Null")]
    [InlineData("VALUE k 0 1 77\r\na\r\nVALUE l 0 1\r\nb\r\nEND\r\n", "Value")]
    [InlineData("ERROR\r\nSERVER_ERROR out of memory\r\nCLIENT_ERROR bad\r\n", "Error(ERROR),Error(SERVER_ERROR out of memory),Error(CLIENT_ERROR bad)")]
    [InlineData("VERSION 1.6\r\nNOT_FOUND\r\n", "Simple,Simple")]
    [InlineData("VALUE k 0 x\r\n", "Broken(VALUE k 0 x)")]
    [InlineData("-ERR\r\n", "Broken(-ERR)")]
    public void MemcachedsTextIsCutWhereverItIsSplit(string text, string expected) =>
        IsCut(() => new MemcacheReplyReader(), text, expected);

    [Fact]
    public void ValuesAreHandedOutWholeWhereverTheyAreSplit()
    {
        const string Text = "$3\r\nabc\r\n$0\r\n\r\n*1\r\n$2\r\nno\r\n$5\r\n\r\n$1\r\r\n$-1\r\n";
        byte[] bytes = Encoding.Latin1.GetBytes(Text);
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second++)
            {
                RespReplyReader reader = new() { HandsOutValues = true };
                List<string> values = [];
                StringBuilder value = new();
                foreach (byte[] piece in (byte[][])[bytes[..first], bytes[first..second], bytes[second..]])
                {
                    for (int at = 0; ;)
                    {
                        ReplyKind kind = reader.Next(piece, ref at);
                        if (kind == ReplyKind.Incomplete) break;
                        if (kind == ReplyKind.Piece)
                        {
                            value.Append(Encoding.Latin1.GetString(piece[reader.Piece]));
                            Assert.Contains(reader.ValueLength, (int[])[3, 5]);
                            continue;
                        }

                        values.Add($"{kind}:{value}");
                        value.Clear();
                    }
                }

                Assert.Equal(["Value:abc", "Value:", "Value:", "Value:\r\n$1\r", "Null:"], values);
            }
        }
    }

    [Fact]
    public void LongLinesAreCutShortAndReadToTheEnd()
    {
        string line = $"-ERR {new string('x', 5000)}\r\n+OK\r\n";
        foreach (int pieceBytes in (int[])[1, 7, 100, 10_000])
        {
            List<string> kinds = Kinds(new RespReplyReader(), Chunks(line, pieceBytes));
            Assert.Equal(2, kinds.Count);
            Assert.StartsWith("Error(ERR xxx", kinds[0], StringComparison.Ordinal);
            Assert.InRange(kinds[0].Length, 500, 530);
            Assert.Equal("Simple", kinds[1]);
        }
    }

    [Fact]
    public void AnyNestingInAnyPiecesIsOneReply()
    {
        Gen<string> reply = Gen.Int[0, 3].SelectMany(Nested);
        Gen.Select(reply.Array[1, 10], Gen.Int[1, 30]).Sample((replies, pieceBytes) =>
            Kinds(new RespReplyReader(), Chunks(string.Concat(replies), pieceBytes)).Count == replies.Length);
    }

    private static Gen<string> Nested(int depth)
    {
        string[] leaves = ["+OK\r\n", ":1\r\n", "$-1\r\n", "$3\r\na\r\n\r\n", "_\r\n", "#f\r\n", "$0\r\n\r\n"];
        Gen<string> leaf = Gen.Int[0, leaves.Length - 1].Select(i => leaves[i]);
        if (depth == 0) return leaf;
        Gen<string[]> elements = Nested(depth - 1).Array[0, 4];
        return Gen.OneOf(
            leaf,
            elements.Select(all => $"*{all.Length}\r\n{string.Concat(all)}"),
            elements.Select(all => $"%{all.Length}\r\n{string.Concat(all)}{string.Concat(all)}"),
            elements.Select(all => $"|{all.Length}\r\n{string.Concat(all)}{string.Concat(all)}+OK\r\n"));
    }

    private static void IsCut(Func<ReplyReader> make, string text, string expected)
    {
        for (int cut = 0; cut <= text.Length; cut++)
            Assert.Equal(expected, string.Join(',', Kinds(make(), [text[..cut], text[cut..]])));
        Assert.Equal(expected, string.Join(',', Kinds(make(), Chunks(text, 1))));
    }

    private static List<string> Kinds(ReplyReader reader, IEnumerable<string> pieces)
    {
        List<string> kinds = [];
        foreach (string piece in pieces)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(piece);
            for (int at = 0; ;)
            {
                ReplyKind kind = reader.Next(bytes, ref at);
                if (kind == ReplyKind.Incomplete)
                {
                    Assert.Equal(bytes.Length, at);
                    break;
                }

                bool hasText = kind is ReplyKind.Error or ReplyKind.Broken;
                kinds.Add(hasText ? $"{kind}({Encoding.Latin1.GetString(reader.Text)})" : $"{kind}");
            }
        }

        return kinds;
    }

    private static IEnumerable<string> Chunks(string text, int bytes) => text.Chunk(bytes).Select(chunk => new string(chunk));
}
