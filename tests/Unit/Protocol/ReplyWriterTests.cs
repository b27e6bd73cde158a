using System.Text;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Protocol;
using Anax.Tests.Unit.Core.Buffers;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Protocol;

public class ReplyWriterTests
{
    [Fact]
    public void WritesWhatIsTheSameInBothVersions()
    {
        Same("+OK\r\n", (ref ReplyWriter r) => r.Ok());
        Same("+PONG\r\n", (ref ReplyWriter r) => r.Simple("PONG"u8));
        Same(":0\r\n", (ref ReplyWriter r) => r.Integer(0));
        Same(":-9223372036854775808\r\n", (ref ReplyWriter r) => r.Integer(long.MinValue));
        Same("$0\r\n\r\n", (ref ReplyWriter r) => r.Bulk(""u8));
        Same("$3\r\na\r\n\r\n", (ref ReplyWriter r) => r.Bulk("a\r\n"u8));
        Same("$3\r\n-17\r\n", (ref ReplyWriter r) => r.Bulk(-17));
        Same("*2\r\n:1\r\n*0\r\n", (ref ReplyWriter r) =>
        {
            r.Array(2);
            r.Integer(1);
            r.Array(0);
        });
        Same("+raw\r\n", (ref ReplyWriter r) => r.Raw("+raw\r\n"u8));
    }

    [Fact]
    public void LowersTypesForResp2()
    {
        Both("$-1\r\n", "_\r\n", (ref ReplyWriter r) => r.Null());
        Both("*-1\r\n", "_\r\n", (ref ReplyWriter r) => r.NullArray());
        Both(":1\r\n", "#t\r\n", (ref ReplyWriter r) => r.Boolean(true));
        Both(":0\r\n", "#f\r\n", (ref ReplyWriter r) => r.Boolean(false));
        Both("*6\r\n", "%3\r\n", (ref ReplyWriter r) => r.Map(3));
        Both("*3\r\n", "~3\r\n", (ref ReplyWriter r) => r.Set(3));
        Both("*3\r\n", ">3\r\n", (ref ReplyWriter r) => r.Push(3));
        Both("", "|1\r\n", (ref ReplyWriter r) =>
            Assert.Equal(r.Version == RespVersion.Resp3, r.Attribute(1)));
        Both("$6\r\n123456\r\n", "(123456\r\n", (ref ReplyWriter r) => r.BigNumber("123456"u8));
        Both("$4\r\ntext\r\n", "=8\r\ntxt:text\r\n", (ref ReplyWriter r) => r.Verbatim("txt"u8, "text"u8));
        Both("$4\r\n10.6\r\n", ",10.6\r\n", (ref ReplyWriter r) => r.DoubleText("10.6"u8));
    }

    [Theory]
    [InlineData(3.1, "3.1")]
    [InlineData(3, "3")]
    [InlineData(-0.0, "-0")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    [InlineData(1e100, "1e+100")]
    [InlineData(-1.7976931348623157e308, "-1.7976931348623157e+308")]
    [InlineData(5e-324, "5e-324")]
    public void WritesDoubles(double value, string text) =>
        Both($"${text.Length}\r\n{text}\r\n", $",{text}\r\n", (ref ReplyWriter r) => r.Double(value));

    [Fact]
    public void ResolvesDeferredHeadersByVersion()
    {
        Both("*1\r\n*4\r\n*2\r\n$1\r\nx\r\n", "*1\r\n%2\r\n~2\r\n$1\r\nx\r\n", (ref ReplyWriter r) =>
        {
            var outer = r.Defer();
            var map = r.Defer();
            var set = r.Defer();
            r.Bulk("x"u8);
            r.ResolveSet(set, 2);
            r.ResolveMap(map, 2);
            r.ResolveArray(outer, 1);
        });
    }

    [Fact]
    public void LongBulksGoOverManyChunks() =>
        Gen.Select(Gen.Int[0, 40_000], Gen.Int[0, 20_000]).Sample(
            (before, length) =>
            {
                var (a, b) = (new string('a', before), new string('b', length));
                var (first, second) = (Encoding.ASCII.GetBytes(a), Encoding.ASCII.GetBytes(b));
                var expected = $"${before}\r\n{a}\r\n${length}\r\n{b}\r\n:1\r\n";
                Assert.Equal(expected, Replies.Of(RespVersion.Resp3, (ref ReplyWriter r) =>
                {
                    r.Bulk(first);
                    r.Bulk(second);
                    r.Integer(1);
                }));
            },
            iter: 200);

    [Theory]
    [InlineData(0, false)]
    [InlineData(ReplyWriter.ByReferenceMin - 1, false)]
    [InlineData(ReplyWriter.ByReferenceMin, true)]
    [InlineData(1_000_000, true)]
    public void LongBlocksAreSentByReference(int length, bool byReference)
    {
        var block = NativeBlock.Allocate(length + 10);
        block.Bytes.Fill((byte)'x');
        using var pool = new ChunkPool();
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, pool, RespVersion.Resp2);
        reply.Ok();
        reply.BulkBlock(block, 5, length);
        reply.Ok();
        reply.Flush();
        Assert.Equal(byReference, block.IsShared);
        var bytes = new byte[stream.Length];
        stream.CopyTo(bytes);
        var expected = $"+OK\r\n${length}\r\n{new string('x', length)}\r\n+OK\r\n";
        Assert.Equal(expected, Encoding.ASCII.GetString(bytes));
        stream.Free(pool);
        Assert.False(block.IsShared);
        block.Release();
    }

    [Fact]
    public void RestoreTakesBackRepliesAndErrors()
    {
        Same("+OK\r\n:1\r\n", (ref ReplyWriter r) =>
        {
            r.Ok();
            var mark = r.Save();
            r.Array(2);
            r.Error(Errors.WrongType);
            r.Bulk(new byte[50_000]);
            r.Restore(mark);
            Assert.False(r.HasError);
            r.Integer(1);
        });
    }

    // --- Errors -------------------------------------------------------------------------------------------

    [Fact]
    public void CountsErrorsByTheirFirstWord()
    {
        Same("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", (ref ReplyWriter r) =>
        {
            Assert.False(r.HasError);
            r.Error(Outcome.WrongType);
            Assert.True(r.HasError);
            Assert.Equal("WRONGTYPE"u8, r.ErrorCode);
            r.Reset();
            Assert.False(r.HasError);
        });
        Same("-MYCODE it  failed\r\n", (ref ReplyWriter r) =>
        {
            r.ErrorText("MYCODE"u8, "it\r\nfailed"u8);
            Assert.Equal("MYCODE"u8, r.ErrorCode);
        });
    }

    [Fact]
    public void FillsTheHolesOfTemplates()
    {
        Same("-ERR wrong number of arguments for 'get' command\r\n", (ref ReplyWriter r) =>
            r.WrongArity("get"u8));
        Same("-ERR unknown type name 'a  b'\r\n", (ref ReplyWriter r) =>
            r.Error(Errors.UnknownTypeName, "a\r\nb"u8));
        Same("-ERR value is out of range, value must between -5 and 7\r\n", (ref ReplyWriter r) =>
            r.Error(Errors.OutOfRangeBetween, -5, 7));
        Same("-ERR DB number should be between 0 and 15\r\n", (ref ReplyWriter r) =>
            r.Error(Errors.FilterDbRange, 15));
        Same("-ERR CONFIG SET failed (possibly related to argument 'x') - no\r\n", (ref ReplyWriter r) =>
        {
            r.Error(Errors.ConfigSetFailedBecause, "x"u8, "no"u8);
            Assert.Equal("ERR"u8, r.ErrorCode);
        });
    }

    [Theory]
    [InlineData("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n")]
    [InlineData("foo|a|b c|", "-ERR unknown command 'foo', with args beginning with: 'a' 'b c' '' \r\n")]
    [InlineData("f\r\no|a\nb", "-ERR unknown command 'f  o', with args beginning with: 'a b' \r\n")]
    [InlineData("f\0o|a\0b", "-ERR unknown command 'f', with args beginning with: 'a' \r\n")]
    public void NamesTheUnknownCommand(string arguments, string reply) =>
        AssertUnknown(arguments.Split('|'), reply);

    [Fact]
    public void CutsTheUnknownCommand()
    {
        var x = new string('x', 200);
        AssertUnknown([x], $"-ERR unknown command '{x[..128]}', with args beginning with: \r\n");
        AssertUnknown(
            ["c", x, "y"], $"-ERR unknown command 'c', with args beginning with: '{x[..128]}' \r\n");
        // The quotes and the blank count too: 103 of 128 are used up, so 25 are left.
        AssertUnknown(
            ["c", x[..100], x, "y"],
            $"-ERR unknown command 'c', with args beginning with: '{x[..100]}' '{x[..25]}' \r\n");
    }

    [Fact]
    public void NamesTheUnknownSubcommand()
    {
        Same("-ERR unknown subcommand 'foo'. Try CONFIG HELP.\r\n", (ref ReplyWriter r) =>
            r.UnknownSubcommand("config"u8, "foo"u8));
        Same("-ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.\r\n",
            (ref ReplyWriter r) => r.SubcommandSyntax("SlowLog"u8, "get"u8));
    }

    private static void AssertUnknown(string[] arguments, string reply)
    {
        using var input = new NativeBytes(string.Concat(arguments));
        using var list = new ArgumentList();
        var at = 0;
        foreach (var argument in arguments)
        {
            list.Add(ArgumentSlice.From(input.Span.Slice(at, argument.Length)));
            at += argument.Length;
        }
        Same(reply, (ref ReplyWriter r) => r.UnknownCommand(list.Arguments(0, list.Count)));
    }

    private static void Same(string reply, Replies.Writing write) => Both(reply, reply, write);

    private static void Both(string resp2, string resp3, Replies.Writing write)
    {
        Assert.Equal(resp2, Replies.Of(RespVersion.Resp2, write));
        Assert.Equal(resp3, Replies.Of(RespVersion.Resp3, write));
    }
}
