using System.Diagnostics;
using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;
using Anax.Tests.Unit.Core.Buffers;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Protocol;

public class RequestParserTests
{
    private const string CRLF = "\r\n";

    [Fact]
    public void ReadsACommand() =>
        AssertCommands(
            "*3\r\n$3\r\nSET\r\n$9\r\nkey:12345\r\n$5\r\nvalue\r\n", ["SET", "key:12345", "value"]);

    [Fact]
    public void ReadsAPipeline()
    {
        var sets = Enumerable.Range(0, 100).Select(i => Requests.Encode("SET", $"key:{i}", new string('v', i)));
        var text = string.Concat(sets);
        using var requests = new Requests().Feed(text);
        Assert.Equal(100, requests.Commands.Count);
        Assert.Equal(["SET", "key:99", new string('v', 99)], requests.Commands[99]);
    }

    [Theory]
    [InlineData("*1\r\n$0\r\n\r\n", "")]
    [InlineData("*1\r\n$2\r\n\r\n\r\n", "\r\n")]
    [InlineData("*1\r\n$4\r\n\0\xff\n*\r\n", "\0\xff\n*")]
    public void ReadsAnyBytes(string input, string argument) => AssertCommands(input, [argument]);

    [Fact]
    public void ReadsArgumentsOfEveryLength()
    {
        for (var length = 0; length < 1100; length++)
        {
            var argument = new string('x', length);
            AssertCommands(Requests.Encode("GET", argument), ["GET", argument]);
        }
        foreach (var length in new[] { 9999, 10000, 65535, 65536, 65537, 99999, 100000, 1000000 })
            AssertCommands(Requests.Encode("GET", new string('x', length)), ["GET", new string('x', length)]);
    }

    [Theory]
    [InlineData("*0\r\n*1\r\n$4\r\nPING\r\n")]
    [InlineData("*-1\r\n*-5\r\n*1\r\n$4\r\nPING\r\n")]
    [InlineData("\r\n\n   \r\nPING\r\n")]
    [InlineData("*0\r\n\r\nPING\n")]
    public void SkipsWhatIsEmpty(string input) => AssertCommands(input, ["PING"]);

    [Fact]
    public void IsTheSameSplitAtEveryByte()
    {
        var input =
            Requests.Encode("SET", "key", new string('v', 120)) + "PING\r\n" + "*0\r\n" +
            Requests.Encode("GET", "") + "SET a \"b c\\x41\"\r\n" +
            Requests.Encode(["MSET", .. Enumerable.Range(0, 30).Select(i => "k" + i)]) + "\r\n" +
            "*11\r\n" + string.Concat(Enumerable.Repeat("$1\r\nx\r\n", 11)) + "$1\r\n\n";
        using var whole = new Requests().Feed(input);
        Assert.Equal(7, whole.Commands.Count);
        for (var cut = 0; cut <= input.Length; cut++)
        {
            using var pieces = new Requests().Feed(input[..cut]).Feed(input[cut..]);
            AssertSame(whole, pieces, $"cut at {cut}");
        }
        using var bytes = new Requests();
        foreach (var value in input) bytes.Feed([(byte)value]);
        AssertSame(whole, bytes, "byte by byte");
        Assert.Equal(0, bytes.HeldBytes);
    }

    [Fact]
    public void LargeArgumentsAreTheSameSplitNearEveryByteAndReceivedInPlace()
    {
        var large = new string('a', 70_000) + new string('b', 70_000);
        var input =
            Requests.Encode("MSET", "k1", large, "k2", large[1..], "k3", "v3") + Requests.Encode("PING");
        using var whole = new Requests().Feed(input);
        Assert.Equal(2, whole.Commands.Count);
        foreach (var place in new[] { 0, 30, 70_000, 140_010, 140_030, 200_000, 280_040, input.Length - 40 })
        {
            for (var cut = place; cut < Math.Min(place + 40, input.Length); cut++)
            {
                foreach (var inPlace in new[] { false, true })
                {
                    using var pieces = new Requests { ReceivesInPlace = inPlace };
                    pieces.Feed(input[..cut]).Feed(input[cut..]);
                    AssertSame(whole, pieces, $"cut at {cut}, in place {inPlace}");
                }
            }
        }
    }

    [Fact]
    public void RandomPiecesOfRandomCommandsMakeTheSameCommands()
    {
        var argument = Gen.OneOf(
            Gen.String[Gen.Char['\0', '\xff'], 0, 20], Gen.String[Gen.Char['a', 'c'], 0, 300],
            Gen.Int[60_000, 90_000].Select(n => new string('z', n)));
        var large = Gen.Const(new[] { "big", new string('q', 65_536) });
        var commands = Gen.Frequency((20, argument.Array[1, 8]), (1, large)).List[1, 12];
        var sizes = Gen.Int[1, 4].SelectMany(n => Gen.Int[1, (int)Math.Pow(30, n)].Array[20]);
        Gen.Select(commands, sizes, Gen.Bool).Sample(
            (list, pieces, inPlace) =>
            {
                var input = string.Concat(list.Select(command => Requests.Encode(command)));
                using var requests = new Requests { ReceivesInPlace = inPlace };
                for (int at = 0, i = 0; at < input.Length; i++)
                {
                    var size = Math.Min(pieces[i % pieces.Length], input.Length - at);
                    requests.Feed(input.Substring(at, size));
                    at += size;
                }
                Assert.Null(requests.Error);
                Assert.Equal(list.Count, requests.Commands.Count);
                for (var i = 0; i < list.Count; i++) Assert.Equal(list[i], requests.Commands[i]);
                Assert.Equal(0, requests.HeldBytes);
            },
            iter: 60);
    }

    // --- Malformed requests: the texts are Valkey 9.1's ---------------------------------------------------

    [Theory]
    [InlineData("*a\r\n", "invalid multibulk length")]
    [InlineData("*\r\n", "invalid multibulk length")]
    [InlineData("*03\r\n", "invalid multibulk length")]
    [InlineData("*+3\r\n", "invalid multibulk length")]
    [InlineData("* 3\r\n", "invalid multibulk length")]
    [InlineData("*2147483648\r\n", "invalid multibulk length")]
    [InlineData("*20000000000000000000000\r\n", "invalid multibulk length")]
    [InlineData("*3\rx", "invalid CRLF in request")]
    [InlineData("*1\r\nfoo\r\n", "expected '$', got 'f'")]
    [InlineData("*1\r\n\r\n", "expected '$', got ' '")]
    [InlineData("*1\r\n:1\rx", "expected '$', got ':'")]
    [InlineData("*1\r\n$\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$-1\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$03\r\nabc\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$blabla\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$536870913\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$9223372036854775808\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$3\rx", "invalid CRLF in request")]
    [InlineData("*1\r\n$3\r\nabcde", "invalid CRLF in request")]
    [InlineData("*1\r\n$3\r\nabc\rx", "invalid CRLF in request")]
    [InlineData("*2\r\n$1\r\na\r\n+1\r\n", "expected '$', got '+'")]
    [InlineData("SET a \"b\r\n", "unbalanced quotes in request")]
    [InlineData("SET a 'b\r\n", "unbalanced quotes in request")]
    [InlineData("\"\r\n", "unbalanced quotes in request")]
    public void RefusesWhatIsMalformed(string input, string error)
    {
        var expected = $"-ERR Protocol error: {error}\r\n";
        using var whole = new Requests().Feed(input);
        Assert.Equal(expected, whole.Error);
        using var bytes = new Requests();
        foreach (var value in input) bytes.Feed([(byte)value]);
        Assert.Equal(expected, bytes.Error);
        Assert.Empty(bytes.Commands);
    }

    [Theory]
    [InlineData("", "too big inline request")]
    [InlineData("\0", "too big inline request")]
    [InlineData("*", "too big mbulk count string")]
    [InlineData("*1\r\n$", "too big bulk count string")]
    public void RefusesLinesWithoutEnd(string start, string error)
    {
        var lineStart = start.LastIndexOf('\n') + 1;
        var atLimit = start + new string('1', ProtocolLimits.LineBytes - (start.Length - lineStart));
        using var requests = new Requests().Feed(atLimit);
        Assert.Null(requests.Error);
        requests.Feed("1");
        Assert.Equal($"-ERR Protocol error: {error}\r\n", requests.Error);
    }

    [Fact]
    public void AZeroByteHidesTheLineEndOfAnInlineCommand()
    {
        using var requests = new Requests().Feed("PI\0NG\r\nPING\r\n");
        Assert.Empty(requests.Commands);
        Assert.Null(requests.Error);
    }

    [Fact]
    public void WhatCameBeforeTheErrorIsStillRun()
    {
        using var requests = new Requests().Feed(Requests.Encode("PING") + "*1\r\n!\r\n");
        Assert.Equal(["PING"], Assert.Single(requests.Commands));
        Assert.Equal("-ERR Protocol error: expected '$', got '!'\r\n", requests.Error);
    }

    [Fact]
    public void WhoIsNotAuthenticatedMaySayLittle()
    {
        using var atLimit = new Requests();
        atLimit.Parser.IsAuthenticated = false;
        atLimit.Feed(Requests.Encode([.. Enumerable.Repeat("x", 10)]));
        atLimit.Feed(Requests.Encode("AUTH", new string('p', 16384)));
        Assert.Equal(2, atLimit.Commands.Count);
        atLimit.Feed("*11\r\n");
        Assert.Equal("-ERR Protocol error: unauthenticated multibulk length\r\n", atLimit.Error);

        using var longBulk = new Requests();
        longBulk.Parser.IsAuthenticated = false;
        longBulk.Feed("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
        Assert.Equal("-ERR Protocol error: unauthenticated bulk length\r\n", longBulk.Error);
    }

    [Fact]
    public void TheBulkLimitIsAnOption()
    {
        using var requests = new Requests();
        requests.Parser.BulkBytesMax = 100;
        requests.Feed(Requests.Encode("ECHO", new string('x', 100)));
        Assert.Single(requests.Commands);
        requests.Feed("*2\r\n$4\r\nECHO\r\n$101\r\n");
        Assert.Equal("-ERR Protocol error: invalid bulk length\r\n", requests.Error);
    }

    [Fact]
    public void TheCountOfArgumentsIsAnOption()
    {
        using var requests = new Requests();
        requests.Parser.ArgumentsMax = 10;
        requests.Feed(Requests.Encode([.. Enumerable.Repeat("x", 10)]));
        Assert.Single(requests.Commands);
        requests.Feed("*11\r\n");
        Assert.Equal("-ERR Protocol error: invalid multibulk length\r\n", requests.Error);
    }

    // --- Inline commands ----------------------------------------------------------------------------------

    [Theory]
    [InlineData("PING", "PING")]
    [InlineData("  SET\ta \v b  ", "SET|a|b")]
    [InlineData("SET a\vb", "SET|a\vb")]
    [InlineData("\"\"", "")]
    [InlineData("SET '' \"\"", "SET||")]
    [InlineData("SET \"a b\" 'c d'", "SET|a b|c d")]
    [InlineData("\"\\n\\r\\t\\b\\a\\\\\\\"\\q\" ", "\n\r\t\b\a\\\"q")]
    [InlineData("\"\\x00\\xfF\\x4\" ", "\0\xffx4")]
    [InlineData("'\\n\\'' ", "\\n'")]
    [InlineData("foo\"bar baz\"'q'x", "foobar bazqx")]
    [InlineData("\"foo\"bar", "foobar")]
    // An escape that reaches the line's end is none, and the quote behind the backslash closes.
    [InlineData("'foo\\'", "foo\\")]
    [InlineData("\"foo\\\"", "foo\\")]
    public void SplitsInlineCommands(string line, string arguments)
    {
        AssertCommands(line + "\r\n", arguments.Split('|'));
        AssertCommands(line + "\n", arguments.Split('|'));
    }

    // --- Size ---------------------------------------------------------------------------------------------

    [Fact]
    public void AMillionArgumentsByteByByteAreLinear()
    {
        const int Count = 1_000_000;
        using var parser = new RequestParser();
        using var list = new ArgumentList();
        var text = new StringBuilder().Append('*').Append(Count).Append(CRLF);
        for (var i = 0; i < Count; i++) text.Append("$1\r\n").Append((char)('a' + (i % 26))).Append(CRLF);
        using var input = new NativeBytes(text.ToString());
        var watch = Stopwatch.StartNew();
        var status = ParseStatus.Incomplete;
        for (var length = 0; length <= input.Span.Length; length++)
        {
            status = parser.Next(input.Span[..length], list, out var consumed);
            Assert.Equal(length == input.Span.Length ? length : 0, consumed);
        }
        Assert.Equal(ParseStatus.Complete, status);
        Assert.Equal(Count, list.Count);
        Assert.Equal((byte)('a' + ((Count - 1) % 26)), list[Count - 1].Span[0]);
        // Seven million calls; a parser that started over each time would need days.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }

    [Fact]
    public void ALargeArgumentBecomesABlockWithoutACopy()
    {
        using var parser = new RequestParser();
        using var list = new ArgumentList();
        const int Length = 200_000;
        using (var head = new NativeBytes($"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n${Length}\r\nab"))
        {
            Assert.Equal(ParseStatus.Direct, parser.Next(head.Span, list, out var consumed));
            Assert.Equal(head.Span.Length, consumed);
        }
        Assert.Equal(Length - 2, parser.DirectTarget.Length);
        Assert.True(parser.HeldBytes >= Length);
        parser.DirectTarget.Fill((byte)'z');
        parser.DirectReceived(parser.DirectTarget.Length);
        using var tail = new NativeBytes("\r\n");
        Assert.Equal(ParseStatus.Complete, parser.Next(tail.Span, list, out _));

        var arguments = list.Arguments(0, 3);
        Assert.Equal("key"u8, arguments[1]);
        Assert.False(arguments.TryTakeBlock(1, out _));
        Assert.True(arguments.TryTakeBlock(2, out var block));
        Assert.True(block.IsShared);
        list.Clear();
        Assert.False(block.IsShared);
        Assert.Equal(Length, block.Capacity);
        Assert.Equal("abzz"u8, block.Bytes[..4]);
        block.Release();
        Assert.Equal(0, parser.HeldBytes);
    }

    [Fact]
    public void AClosedConnectionLeavesNothing()
    {
        using var requests = new Requests().Feed("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$200000\r\nab");
        Assert.True(requests.Parser.IsInCommand);
        requests.Parser.Reset();
        Assert.Equal(0, requests.Parser.HeldBytes);
        Assert.False(requests.Parser.IsInCommand);
    }

    private static void AssertCommands(string input, params string[][] commands)
    {
        using var requests = new Requests().Feed(input);
        Assert.Null(requests.Error);
        Assert.Equal(0, requests.Buffered);
        Assert.Equal(commands, requests.Commands);
    }

    private static void AssertSame(Requests expected, Requests actual, string where)
    {
        Assert.True(expected.Error == actual.Error, $"{where}: {actual.Error}");
        Assert.True(expected.Buffered == actual.Buffered, $"{where}: {actual.Buffered} bytes wait");
        var count = actual.Commands.Count;
        Assert.True(expected.Commands.Count == count, $"{where}: {count} commands");
        for (var i = 0; i < count; i++)
        {
            var same = expected.Commands[i].AsSpan().SequenceEqual(actual.Commands[i]);
            Assert.True(same, $"{where}: command {i} differs");
        }
    }
}
