using System.Text;
using Anax.Tests.Unit.Harness;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class BitmapCommandsTests
{
    [Fact]
    public void BitsAreSetReadAndAnnouncedWhenTheyChange()
    {
        using var server = new TestServer();
        Assert.Equal(":0", server.Run("SETBIT", "k", "7", "1"));
        Assert.Equal("\u0001", server.Run("GET", "k"));
        Assert.Equal(":1", server.Run("SETBIT", "k", "7", "1"));
        Assert.Equal(":1", server.Run("SETBIT", "k", "7", "0"));
        Assert.Equal(":0", server.Run("SETBIT", "k", "17", "0"));
        Assert.Equal("\0\0\0", server.Run("GET", "k"));
        Assert.Equal(":0", server.Run("SETBIT", "new", "0", "0"));
        Assert.Equal(["setbit k", "setbit k", "setbit k", "setbit new"], server.Events);
        Assert.Equal(":0", server.Run("GETBIT", "k", "1000"));
        Assert.Equal(":0", server.Run("GETBIT", "none", "0"));
    }

    [Fact]
    public void ANumberHasTheBitsOfItsText()
    {
        using var server = new TestServer();
        server.Run("SET", "n", "1");
        Assert.Equal(":1", server.Run("GETBIT", "n", "7"));
        Assert.Equal(":3", server.Run("BITCOUNT", "n"));
        Assert.Equal(":2", server.Run("BITPOS", "n", "1"));
        Assert.Equal(":0", server.Run("SETBIT", "n", "6", "1"));
        Assert.Equal("3", server.Run("GET", "n"));
        Assert.Equal(":4", server.Run("INCR", "n"));
        server.Run("SET", "n", "-12");
        Assert.Equal("[:45]", server.Run("BITFIELD", "n", "GET", "u8", "0"));
    }

    [Fact]
    public void ExpiryStays()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "abc", "EX", "1000");
        server.Run("SETBIT", "k", "100", "1");
        server.Run("BITFIELD", "k", "SET", "u8", "#40", "1");
        Assert.Equal(":1000", server.Run("TTL", "k"));
        Assert.Equal(":41", server.Run("STRLEN", "k"));
    }

    [Fact]
    public void CountsAndPlacesAreThoseOfAListOfBits()
    {
        using var server = new TestServer();
        Gen<long> places = Gen.OneOf(Gen.Long[-90, 90], Gen.Long[-700, 700], Gen.Bool.Select(b => b ? long.MinValue : long.MaxValue));
        Gen<byte> full = Gen.Bool.Select(b => b ? (byte)0 : (byte)255);
        Gen<byte[]> rows = Gen.OneOf(Gen.Byte.Array[0, 12], Gen.Byte.Array[60, 80], full.Array[0, 70]);
        Gen.Select(rows, places, places, Gen.Int[0, 3], Gen.Bool)
            .Sample((row, start, end, form, value) =>
            {
                server.Run("SET", "k", Encoding.Latin1.GetString(row));
                List<bool> bits = [.. row.SelectMany(b => Enumerable.Range(0, 8).Select(i => (b >> (7 - i) & 1) != 0))];
                bool inBits = form == 3;
                string[] part = [.. new[] { $"{start}", $"{end}", inBits ? "BIT" : "byte" }[..form]];
                long length = inBits ? bits.Count : row.Length;
                long first = form < 1 ? 0 : start < 0 ? Math.Max(0, length + start) : start;
                long last = Math.Min(length - 1, form < 2 ? length - 1 : end < 0 ? Math.Max(0, length + end) : end);
                if (!inBits) (first, last) = (first > last ? 1 : first * 8, first > last ? 0 : last * 8 + 7);
                List<bool> inside = first <= last && last < bits.Count ? bits.GetRange((int)first, (int)(last - first + 1)) : [];
                bool isReversed = form >= 2 && start < 0 && end < 0 && start > end;
                Assert.Equal($":{(isReversed ? 0 : inside.Count(b => b))}", server.Run(["BITCOUNT", "k", .. part]));
                long found = inside.IndexOf(value);
                long expected = found >= 0 ? first + found : !value && form < 2 && inside.Count != 0 ? last + 1 : -1;
                Assert.Equal($":{expected}", server.Run(["BITPOS", "k", value ? "1" : "0", .. part]));
            }, iter: 1000, threads: 1);
    }

    [Fact]
    public void FieldsWrapSaturateAndFail()
    {
        using var server = new TestServer();
        Assert.Equal("[:0, :0, :1]", server.Run("BITFIELD", "k", "SET", "u8", "0", "255", "GET", "u8", "100", "INCRBY", "u8", "#5", "1"));
        Assert.Equal("[:9]", server.Run("BITFIELD", "k", "INCRBY", "u8", "0", "10"));
        Assert.Equal("[:255]", server.Run("BITFIELD", "k", "OVERFLOW", "sat", "INCRBY", "u8", "0", "1000"));
        Assert.Equal("[(nil), :255]", server.Run("BITFIELD", "k", "OVERFLOW", "FAIL", "INCRBY", "u8", "0", "1", "GET", "u8", "0"));
        Assert.Equal("[:-1, :-9223372036854775808]", server.Run("BITFIELD", "s", "OVERFLOW", "SAT", "INCRBY", "i64", "0", "-1",
            "INCRBY", "i64", "0", "-9223372036854775808"));
        Assert.Equal("[]", server.Run("BITFIELD", "none"));
        Assert.Equal("[:0]", server.Run("BITFIELD_RO", "none", "GET", "i64", "#3"));
        server.Events.Clear();
        Assert.Equal("[(nil)]", server.Run("BITFIELD", "zeros", "OVERFLOW", "FAIL", "SET", "u2", "6", "4"));
        Assert.Equal(":1", server.Run("STRLEN", "zeros"));
        Assert.Equal("[:15, :0, :15, :255]", server.Run("BITFIELD", "k", "SET", "u4", "#0", "-16", "GET", "u4", "#0",
            "OVERFLOW", "SAT", "SET", "u8", "0", "-1", "GET", "u8", "0"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void BitOpIsThatOfListsOfBytes(int shards)
    {
        using var server = new TestServer(shards);
        Gen<byte[]> rows = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 3], Gen.Byte.Array[16_380, 16_400], Gen.Byte.Array[40_000, 60_000]);
        Gen.Select(rows.Array[1, 5], Gen.Int[0, 3], Gen.Bool).Sample((sources, operation, ontoItself) =>
        {
            string name = operation switch { 0 => "AND", 1 => "or", 2 => "XOR", _ => "NOT" };
            if (operation == 3) sources = sources[..1];
            string[] keys = [.. sources.Select((_, i) => $"s{i}")];
            for (int i = 0; i < keys.Length; i++) server.Run("SET", keys[i], Encoding.Latin1.GetString(sources[i]));
            int length = sources.Max(s => s.Length);
            byte[] expected = new byte[length];
            for (int i = 0; i < length; i++)
            {
                IEnumerable<int> bytes = sources.Select(s => i < s.Length ? s[i] : 0);
                expected[i] = (byte)(operation == 3 ? ~bytes.First() : bytes.Aggregate((a, b) => operation == 0 ? a & b : operation == 1 ? a | b : a ^ b));
            }
            string target = ontoItself ? keys[^1] : "target";
            Assert.Equal($":{length}", server.Run(["BITOP", name, target, .. keys]));
            Assert.Equal(length == 0 ? "(nil)" : Encoding.Latin1.GetString(expected), server.Run("GET", target));
            if (!ontoItself) Assert.Equal(Encoding.Latin1.GetString(sources[0]), server.Run("GET", keys[0]));
        }, iter: 120, threads: 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void BitOpReplacesAndDeletesItsTarget(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("SET", "t", "x", "EX", "1000");
        server.Run("SET", "a", "5");
        server.Events.Clear();
        Assert.Equal(":1", server.Run("BITOP", "AND", "t", "a"));
        Assert.Equal(":-1", server.Run("TTL", "t"));
        Assert.Equal(":0", server.Run("BITOP", "OR", "t", "none", "nothing"));
        Assert.Equal(":0", server.Run("EXISTS", "t"));
        Assert.Equal(":0", server.Run("BITOP", "OR", "t", "none"));
        Assert.Equal(["set t", "del t"], server.Events);
    }

    [Fact]
    public void ALongBitOpGivesTheLoopBackBetweenItsSlices()
    {
        using var server = new TestServer(2, "--maxmemory", "0");
        foreach (string key in (string[])["a", "b", "c", "d"]) server.Run("SETBIT", key, $"{(64 << 20) - 1}", "1");
        TestClient other = server.Connect(1);
        server.Client.Send("BITOP", "XOR", "t", "a", "b", "c");
        int answered = 0;
        for (; server.Client.Next() is null; answered++) Assert.Equal("PONG", other.Run("PING"));
        Assert.True(answered > 8, $"{answered} commands of another client were answered meanwhile");
        Assert.Equal(":1", server.Run("BITCOUNT", "t"));
    }

    [Theory]
    [InlineData("-ERR bit offset is not an integer or out of range", "SETBIT", "k", "-1", "1")]
    [InlineData("-ERR bit offset is not an integer or out of range", "SETBIT", "k", "4294967296", "1")]
    [InlineData("-ERR bit offset is not an integer or out of range", "GETBIT", "k", "#1")]
    [InlineData("-ERR bit is not an integer or out of range", "SETBIT", "k", "1", "2")]
    [InlineData("-ERR bit is not an integer or out of range", "SETBIT", "k", "1", "x")]
    [InlineData("-ERR value is not an integer or out of range", "BITCOUNT", "k", "a")]
    [InlineData("-ERR value is not an integer or out of range", "BITCOUNT", "k", "0", "a")]
    [InlineData("-ERR syntax error", "BITCOUNT", "k", "0", "a", "foo")]
    [InlineData("-ERR syntax error", "BITCOUNT", "k", "0", "1", "BIT", "BIT")]
    [InlineData("-ERR The bit argument must be 1 or 0.", "BITPOS", "k", "2")]
    [InlineData("-ERR value is not an integer or out of range", "BITPOS", "k", "x")]
    [InlineData("-ERR syntax error", "BITPOS", "k", "1", "0", "1", "bits")]
    [InlineData("-ERR syntax error", "BITOP", "NAND", "t", "k")]
    [InlineData("-ERR BITOP NOT must be called with a single source key.", "BITOP", "NOT", "t", "k", "k")]
    [InlineData("-ERR syntax error", "BITFIELD", "k", "GET", "u8")]
    [InlineData("-ERR syntax error", "BITFIELD", "k", "SET", "u8", "0")]
    [InlineData("-ERR Invalid OVERFLOW type specified", "BITFIELD", "k", "OVERFLOW", "x", "GET", "u8", "0")]
    [InlineData("-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.", "BITFIELD", "k", "GET", "u64", "0")]
    [InlineData("-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.", "BITFIELD", "k", "GET", "i0", "0")]
    [InlineData("-ERR bit offset is not an integer or out of range", "BITFIELD", "k", "GET", "u8", "-1")]
    [InlineData("-ERR bit offset is not an integer or out of range", "BITFIELD", "k", "GET", "u8", "#4294967296")]
    [InlineData("-ERR value is not an integer or out of range", "BITFIELD", "k", "SET", "u8", "0", "x")]
    [InlineData("-ERR BITFIELD_RO only supports the GET subcommand", "BITFIELD_RO", "k", "SET", "u8", "0", "1")]
    public void BadArgumentsChangeNothing(string error, params string[] command)
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            Assert.Equal(error, server.Run(command));
            Assert.Empty(server.Events);
        }
    }
}
