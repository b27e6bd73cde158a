using Anax.Core.Rdb;
using Anax.Core.Structures;
using Anax.Tests.Fuzz;
using Xunit;

namespace Anax.Tests.Unit.Core.Rdb;

/// <summary>Values as all kinds of servers write them, whole and damaged.</summary>
public sealed class RdbLoaderTests
{
    private const int Valkey = RdbVersion.Written, Redis = 12;

    private static readonly string LongText = new('x', 300);

    private static string Load(RdbBytes bytes, int version = Valkey) => Load(bytes.ToArray(), version, LoadedValue.Limits);

    private static string Load(byte[] bytes, int version, RdbLimits limits)
    {
        using var value = new LoadedValue();
        var outcome = value.Load(bytes, version, limits);
        return outcome == RdbLoad.Done ? value.Describe() : $"{outcome}";
    }

    // ---- payloads of Valkey 9.1.2, taken from a running one ----

    [Theory]
    [InlineData("00036261725000299480F170349AE3", "String packed 1: bar")]
    [InlineData("00C13930500052BE23B60DAE6F4D", "String packed 1: :12345")]
    [InlineData("00C17FFF5000D84A4BB9CAD2E374", "String packed 1: :-129")]
    [InlineData("000A3430303030303030303050009B4ED776131451C1", "String packed 1: :4000000000")]
    [InlineData("00033030375000BD722BEAD23BDD2D", "String packed 1: 007")]
    [InlineData("120102222200000005008161020101F2701101048568656C6C6F06F4000EFAD5FEFFFFFF09FF500078DD78C30D841905",
        "List packed 5: a, 1, 70000, hello, -5000000000")]
    [InlineData("0B0E0200000003000000010002002C0150002A3A7B1FE5C74E5E", "Set Integers 3: 1 until 0, 2 until 0, 300 until 0")]
    [InlineData("0B200800000003000000000EFAD5FEFFFFFF01000000000000007011010000000000500020F7F18A039B7683",
        "Set Integers 3: -5000000000 until 0, 1 until 0, 70000 until 0")]
    [InlineData("140F0F00000003008161020501816302FF5000F6DAB81BC4EFB1F2", "Set Packed 3: 5 until 0, a until 0, c until 0")]
    [InlineData("1012120000000400816602817602816E020501FF50004BBA5A0EC9E69436", "Hash packed 2: f = v until 0, n = 5 until 0")]
    [InlineData("160201660176E0694CA62C1E000001670177FFFFFFFFFFFFFFFF50002A1EB3C0E4C97C36",
        "Hash large 2: f = v until 33177117420000, g = w until 0")]
    [InlineData("111D1D0000000600816302842D696E660581610283312E35048162020201FF5000D8F6208B26110B7D",
        "SortedSet packed 3: c at -Infinity, a at 1.5, b at 2")]
    public void PayloadsOfValkeyAreReadAndWritten(string hex, string expected)
    {
        var payload = Convert.FromHexString(hex);
        Assert.Equal(payload, RdbBytes.Payload(payload[..^DumpFooter.Bytes]));
        using var value = new LoadedValue();
        Assert.Equal(RdbLoad.Done, value.Load(payload[..^DumpFooter.Bytes], Valkey, LoadedValue.Limits));
        Assert.Equal(expected, value.Describe());
        // The order of what a table holds is each server's own.
        if (!expected.Contains("large", StringComparison.Ordinal)) Assert.Equal(payload, RdbBytes.Payload(value.Save()));
    }

    [Theory]
    [InlineData("00C30A405002616261E0420101616250005BB7969F2F8CC3B1", "String packed 1: $80")]
    [InlineData("0201C3094041016D6DE03400016D6D5000720DA9C11A3DB5B9", "Set Table 1: $65 until 0")]
    [InlineData("04010166C3094041017676E034000176765000F25B77C3A9D4A8B1", "Hash large 1: f = $65 until 0")]
    [InlineData("050201620000000000000040C3094041016D6DE03400016D6D000000000000F83F5000D3A419AD56E4EF35", "SortedSet large 2: $65 at 1.5, b at 2")]
    public void SoAreCompressedOnes(string hex, string expected)
    {
        var payload = Convert.FromHexString(hex);
        using var value = new LoadedValue();
        Assert.Equal(RdbLoad.Done, value.Load(payload[..^DumpFooter.Bytes], Valkey, LoadedValue.Limits));
        var text = value.Describe().Replace(string.Concat(Enumerable.Repeat("ab", 40)), "$80", StringComparison.Ordinal);
        foreach (var letter in "mv") text = text.Replace(new string(letter, 65), "$65", StringComparison.Ordinal);
        Assert.Equal(expected, text);
        Assert.Equal(payload, RdbBytes.Payload(value.Save()));
    }

    [Fact]
    public void ListsOfSeveralNodes()
    {
        const string Hex = "1203020C0C00000002008161020101FF0213130000000200F2701101048568656C6C6F06FF"
            + "0211110000000100F4000EFAD5FEFFFFFF09FF500094C99BE830794AFB";
        var payload = Convert.FromHexString(Hex);
        using var value = new LoadedValue();
        Assert.Equal(RdbLoad.Done, value.Load(payload[..^DumpFooter.Bytes], Valkey, LoadedValue.Limits with { Lists = new ListLimit(2) }));
        Assert.Equal("List large 5: a, 1, 70000, hello, -5000000000", value.Describe());
        Assert.Equal(payload, RdbBytes.Payload(value.Save()));
    }

    // ---- what older servers wrote ----

    [Fact]
    public void OldForms()
    {
        Assert.Equal("List packed 2: a, 5", Load(new RdbBytes(1).Length(2).Text("a").Raw(0xC0, 5), 1));
        Assert.Equal("Set Packed 2: 5 until 0, a until 0", Load(new RdbBytes(2).Length(2).Raw(0xC0, 5).Text("a"), 1));
        Assert.Equal("SortedSet packed 4: d at -Infinity, a at 1.5, b at 17, c at Infinity", Load(
            new RdbBytes(3).Length(4).Text("a").Text("1.5").Text("b").Text("17").Text("c").Raw(254).Text("d").Raw(255), 5));
        Assert.Equal("Damaged", Load(new RdbBytes(3).Length(1).Text("a").Raw(253), 5));
        Assert.Equal("Hash packed 2: a = 1, b = 2".Replace(",", " until 0,", StringComparison.Ordinal) + " until 0",
            Load(new RdbBytes(4).Length(2).Text("a").Raw(0xC0, 1).Text("b").Raw(0xC1, 2, 0), 3));
        Assert.Equal("SortedSet packed 2: a at -1, b at 0.25", Load(new RdbBytes(5).Length(2).Text("b").Double(0.25).Text("a").Double(-1), 8));
    }

    [Fact]
    public void Zipmaps()
    {
        Assert.Equal("Hash packed 2: foo = bar until 0, hello = world until 0",
            Load(new RdbBytes(9).Text("\u0002\u0003foo\u0003\0bar\u0005hello\u0005\0world\u00FF"), 2));
        Assert.Equal($"Hash large 2: a = {LongText} until 0, {LongText} = 7 until 0",
            Load(new RdbBytes(9).Text(RdbBytes.Zipmap(3, "a", LongText, LongText, "7")), 2));
        Assert.Equal("Damaged", Load(new RdbBytes(9).Text(RdbBytes.Zipmap(0, "a", "b", "a", "c")), 2));
        Assert.Equal("Damaged", Load(new RdbBytes(9).Text(RdbBytes.Zipmap(0)), 2));
        Assert.Equal("Damaged", Load(new RdbBytes(9).Text(RdbBytes.Zipmap(0, "a", "b", "c")), 2));
        // A length in five bytes where one would do.
        Assert.Equal("Damaged", Load(new RdbBytes(9).Text("\u0001\u00FE\u0001\0\0\0a\u0001\0b\u00FF"), 2));
    }

    [Fact]
    public void Ziplists()
    {
        object[] numbers = [0, 12, 13, -1, -128, 127, 128, -32768, 32767, 8388607, -8388608, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];
        Assert.Equal($"List packed 15: {string.Join(", ", numbers)}", Load(new RdbBytes(10).Text(RdbBytes.Ziplist(numbers)), 6));
        // The example of the format's description: 2 and 5.
        Assert.Equal("List packed 2: 2, 5", Load(new RdbBytes(10).Raw(15).Raw(Convert.FromHexString("0F0000000C000000020000F302F6FF")), 6));
        var texts = new object[] { "a", LongText, "", new string('y', 17_000), "007", "5" };
        Assert.Equal($"List large 6: {string.Join(", ", texts)}", Load(new RdbBytes(10).Text(RdbBytes.Ziplist(texts)), 6));
        Assert.Equal("Hash packed 2: a = 1 until 0, 2 = b until 0", Load(new RdbBytes(13).Text(RdbBytes.Ziplist("a", 1, 2, "b")), 6));
        Assert.Equal("SortedSet packed 3: c at -Infinity, a at 1, b at 2.5", Load(new RdbBytes(12).Text(RdbBytes.Ziplist("c", "-inf", "a", 1, "b", "2.5")), 6));
        Assert.Equal("List large 3: a, b, 3", Load(
            new RdbBytes(14).Length(3).Text(RdbBytes.Ziplist("a")).Text(RdbBytes.Ziplist()).Text(RdbBytes.Ziplist("b", 3)), 7));
        Assert.Equal("List packed 1: a", Load(new RdbBytes(14).Length(2).Text(RdbBytes.Ziplist()).Text(RdbBytes.Ziplist("a")), 7));
        foreach (byte type in new byte[] { 12, 13 })
        {
            Assert.Equal("Damaged", Load(new RdbBytes(type).Text(RdbBytes.Ziplist("a", 1, "a", 2)), 6));
            Assert.Equal("Damaged", Load(new RdbBytes(type).Text(RdbBytes.Ziplist("a", 1, "b")), 6));
            Assert.Equal("Damaged", Load(new RdbBytes(type).Text(RdbBytes.Ziplist()), 6));
        }
    }

    [Theory]
    [InlineData("0F0000000C000000020000F302F6FF", true)]
    [InlineData("100000000C000000020000F302F6FF", false)]    // bytes
    [InlineData("0F0000000A000000020000F302F6FF", false)]    // where the last one is
    [InlineData("0F0000000C000000030000F302F6FF", false)]    // how many there are
    [InlineData("0F0000000C000000FFFF00F302F6FF", true)]     // too many to be told
    [InlineData("0F0000000C000000020000F303F6FF", false)]    // the length of the one before
    [InlineData("0F0000000C000000020001F302F6FF", false)]
    [InlineData("0F0000000C000000020000F302C1FF", false)]    // a kind that there is not
    [InlineData("0F0000000C000000020000F3024BFF", false)]    // a length that is cut off
    [InlineData("0F0000000C000000020000F3028BFF", false)]
    [InlineData("0F0000000C000000020000F302C0FF", false)]    // a number that is cut off
    [InlineData("0F0000000C000000020000F302F6FE", false)]    // the mark at the end
    [InlineData("0B0000000A0000000000FF", false)]            // nothing in it
    public void DamagedZiplistsAreFound(string hex, bool isWhole) =>
        Assert.Equal(isWhole ? "List packed 2: 2, 5" : "Damaged", Load(new RdbBytes(10).Text(Convert.FromHexString(hex)), 6));

    // ---- listpacks and integers ----

    [Theory]
    [InlineData("0C0C00000002008161020101FF", "Damaged")]                       // longer than it says
    [InlineData("0C00000002008161020101FF", "List packed 2: a, 1")]
    [InlineData("0C000000FFFF8161020101FF", "List packed 2: a, 1")]
    [InlineData("0C00000003008161020101FF", "Damaged")]                         // how many there are
    [InlineData("0C00000002008161030101FF", "Damaged")]                         // the length behind an element
    [InlineData("0C00000002008F61020101FF", "Damaged")]                         // a string that goes beyond the end
    [InlineData("0C0000000200F561020101FF", "Damaged")]                         // a kind that there is not
    [InlineData("0C000000020081610201010F", "Damaged")]                         // the mark at the end
    [InlineData("0D000000020081620282310203FF", "Damaged")]
    [InlineData("0C0000000200816102813102FF", "Damaged")]
    [InlineData("0D0000000200816102813102FF", "List packed 2: a, 1")]           // a number that is written as a string
    [InlineData("0E0000000200816102C00103FF", "Damaged")]
    [InlineData("0D0000000200816102C00102FF", "List packed 2: a, 1")]           // one that is longer than it need be
    [InlineData("07000000000000", "Damaged")]
    [InlineData("070000000000FF", "Damaged")]                                   // nothing in it
    public void DamagedListpacksAreFound(string hex, string expected) =>
        Assert.Equal(expected, Load(new RdbBytes(18).Length(1).Length(2).Text(Convert.FromHexString(hex))));

    [Fact]
    public void WhatASpellingHidesIsFoundToBeTheSame()
    {
        // "1" as a string and 1 as a number are one member, whatever a listpack makes of them.
        byte[] twice = [0x0C, 0, 0, 0, 2, 0, 0x81, (byte)'1', 2, 1, 1, 0xFF];
        Assert.Equal("Damaged", Load(new RdbBytes(20).Text(twice)));
        Assert.Equal("List packed 2: 1, 1", Load(new RdbBytes(18).Length(1).Length(2).Text(twice)));
        Assert.Equal("Hash packed 1: 1 = 1 until 0", Load(new RdbBytes(16).Text(twice)));
    }

    [Theory]
    [InlineData(2, new long[] { 1, 2, 300 }, "Set Integers 3: 1 until 0, 2 until 0, 300 until 0")]
    [InlineData(8, new long[] { 1, 2 }, "Set Integers 2: 1 until 0, 2 until 0")]
    [InlineData(2, new long[] { 2, 1 }, "Damaged")]
    [InlineData(2, new long[] { 2, 2 }, "Damaged")]
    [InlineData(2, new long[] { }, "Damaged")]
    public void Integers(int width, long[] numbers, string expected) =>
        Assert.Equal(expected, Load(new RdbBytes(11).Text(RdbBytes.Integers(width, numbers))));

    [Fact]
    public void DamagedIntegersAreFound()
    {
        string[] damaged =
        [
            "", "02000000", "03000000010000000100", "020000000200000001", "0200000002000000010003", "02000000FFFFFF7F0100", "0200000002000000",
        ];
        foreach (var hex in damaged)
            Assert.Equal("Damaged", Load(new RdbBytes(11).Text(Convert.FromHexString(hex))));
        var many = Enumerable.Range(0, 600).Select(i => (long)i).ToArray();
        Assert.StartsWith("Set Table 600", Load(new RdbBytes(11).Text(RdbBytes.Integers(2, many))), StringComparison.Ordinal);
        many[599] = 3;
        Assert.Equal("Damaged", Load(new RdbBytes(11).Text(RdbBytes.Integers(2, many))));
    }

    // ---- Redis 7.4 and later ----

    [Fact]
    public void FieldsThatExpireAsRedisHasThem()
    {
        const string Expected = "Hash large 2: a = 1 until 5000000000, b = 2 until 0";
        var early = new RdbBytes(22).Length(2).Raw(0x81, 0, 0, 0, 1, 0x2A, 5, 0xF2, 0).Text("a").Text("1").Length(0).Text("b").Text("2");
        Assert.Equal(Expected, Load(early, Redis));
        Assert.Equal(Expected, Load(new RdbBytes(23).Text(RdbBytes.Listpack("a", "1", 5_000_000_000, "b", 2, 0)), Redis));
        Assert.Equal(Expected, Load(new RdbBytes(24).Long(4_999_999_990).Length(2).Length(11).Text("a").Text("1").Length(0).Text("b").Text("2"), Redis));
        Assert.Equal(Expected, Load(new RdbBytes(25).Long(4_999_999_990).Text(RdbBytes.Listpack("a", "1", 5_000_000_000, "b", 2, 0)), Redis));
        // Times beyond what Redis knows, and missing ones.
        Assert.Equal("Damaged", Load(new RdbBytes(24).Long(1L << 49).Length(1).Length(1).Text("a").Text("1"), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(24).Long(-1).Length(1).Length(1).Text("a").Text("1"), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(24).Long(1L << 48).Length(1).Length(2).Text("a").Text("1"), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(25).Long(1).Text(RdbBytes.Listpack("a", "1")), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(25).Long(1).Text(RdbBytes.Listpack("a", "1", "soon")), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(25).Long(1).Text(RdbBytes.Listpack("a", "1", -3)), Redis));
        Assert.Equal("Damaged", Load(new RdbBytes(25).Long(1).Text(RdbBytes.Listpack("a", "1", 9, "a", 1, 0)), Redis));
    }

    [Fact]
    public void TheVersionSaysWhatANumberMeans()
    {
        byte[] ofValkey = new RdbBytes(22).Length(1).Text("a").Text("1").Long(-1).ToArray();
        byte[] ofRedis = new RdbBytes(22).Length(1).Length(0).Text("a").Text("1").ToArray();
        Assert.Equal("Hash large 1: a = 1 until 0", Load(ofValkey, Valkey, LoadedValue.Limits));
        Assert.Equal("Damaged", Load(ofRedis, Valkey, LoadedValue.Limits));
        Assert.Equal("Damaged", Load(ofValkey, Redis, LoadedValue.Limits));
        Assert.Equal("Hash packed 1: a = 1 until 0", Load(ofRedis, Redis, LoadedValue.Limits));
        for (int type = 23; type < 256; type++)
            if (type is not ((int)RdbType.SetExpiring or (int)RdbType.SortedSetExpiring))
                Assert.Equal("Damaged", Load(new RdbBytes((byte)type).Length(1).Text("a").Text("1").Long(-1)));
    }

    // ---- anything else ----

    [Fact]
    public void EverySampleIsReadAndNoPartOfOneIs()
    {
        using var value = new LoadedValue();
        for (var seed = 0; seed < 2000; seed++)
        {
            var (bytes, version) = RdbSamples.Any(new Random(seed));
            Assert.True(value.Load(bytes, version, LoadedValue.Limits) == RdbLoad.Done, $"sample {seed}: {Convert.ToHexString(bytes)}");
            value.Delete();
            Assert.NotEqual(RdbLoad.Done, value.Load([.. bytes, 0], version, LoadedValue.Limits));
            // Long ones are cut at some places only.
            for (var cut = 0; cut < bytes.Length; cut += 1 + bytes.Length / 50)
                Assert.Equal(RdbLoad.Damaged, value.Load(bytes[..cut], version, LoadedValue.Limits));
            Assert.Equal(value.EmptyBytes, value.UsedBytes);
        }
    }

    [Fact]
    public void NothingIsTakenForWhatIsOnlyClaimed()
    {
        // Four billion elements, a string of a terabyte, one that is said to become a gigabyte.
        foreach (byte type in new byte[] { 1, 2, 3, 4, 5, 14, 15, 18, 19, 21, 22, 160 })
        {
            Assert.Equal("Damaged", Load(new RdbBytes(type).Raw(0x80, 0xFF, 0xFF, 0xFF, 0xFF).Text("a").Text("b")));
            Assert.Equal("Damaged", Load(new RdbBytes(type).Raw(0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF).Text("a").Text("b")));
            Assert.Equal("Damaged", Load(new RdbBytes(type).Length(0)));
        }
        Assert.Equal("Damaged", Load(new RdbBytes(0).Raw(0x81, 0, 0, 1, 0, 0, 0, 0, 0).Raw(1, 2, 3)));
        Assert.Equal("Damaged", Load(new RdbBytes(0).Raw(0xC3, 3, 0x80, 0x40, 0, 0, 0, 0xFF, 0xFF, 0xFF)));
        Assert.Equal("Damaged", Load(new RdbBytes(0).Raw(0xC3, 0, 0)));
        Assert.Equal("Damaged", Load(new RdbBytes(0).Raw(0xC4, 1)));
        Assert.Equal("Damaged", Load(new RdbBytes(0).Raw(0x82, 1)));
        foreach (byte type in new byte[] { 6, 7, 8, 15, 19, 21 }) Assert.Equal("Damaged", Load(new RdbBytes(type).Text("a")));
    }

    [Fact]
    public void MembersAreThereOnce()
    {
        Assert.Equal("Damaged", Load(new RdbBytes(2).Length(2).Text("a").Text("a")));
        Assert.Equal("Damaged", Load(new RdbBytes(4).Length(2).Text("a").Text("1").Text("a").Text("2")));
        Assert.Equal("Damaged", Load(new RdbBytes(5).Length(2).Text("a").Double(1).Text("a").Double(2)));
        Assert.Equal("Damaged", Load(new RdbBytes(5).Length(1).Text("a").Double(double.NaN)));
        Assert.Equal("Damaged", Load(new RdbBytes(17).Text(RdbBytes.Listpack("a", "nan"))));
        Assert.Equal("Damaged", Load(new RdbBytes(17).Text(RdbBytes.Listpack("a", "much"))));
        Assert.Equal("Damaged", Load(new RdbBytes(22).Length(2).Text("a").Text("1").Long(5).Text("a").Text("1").Long(-1)));
        Assert.Equal("Damaged", Load(new RdbBytes(22).Length(1).Text("a").Text("1").Long(-2)));
    }

    [Fact]
    public void WhatWasPackedStaysSoUpToTheNumberOfElements()
    {
        var few = new RdbLimits(new PackedLimits(2, 4), new SetLimits(2, 2, 4), new PackedLimits(2, 4), ListLimit.Default);
        Assert.StartsWith("Hash packed", Load(new RdbBytes(16).Text(RdbBytes.Listpack("a", LongText)).ToArray(), Valkey, few), StringComparison.Ordinal);
        Assert.StartsWith("Hash large", Load(new RdbBytes(4).Length(1).Text("a").Text(LongText).ToArray(), Valkey, few), StringComparison.Ordinal);
        byte[] three = new RdbBytes(16).Text(RdbBytes.Listpack("a", 1, "b", 2, "c", 3)).ToArray();
        Assert.StartsWith("Hash large 3", Load(three, Valkey, few), StringComparison.Ordinal);
        Assert.StartsWith("Set Packed", Load(new RdbBytes(20).Text(RdbBytes.Listpack(1, 2)).ToArray(), Valkey, few), StringComparison.Ordinal);
        Assert.StartsWith("Set Table", Load(new RdbBytes(20).Text(RdbBytes.Listpack(1, 2, 3)).ToArray(), Valkey, few), StringComparison.Ordinal);
        Assert.StartsWith("SortedSet packed", Load(new RdbBytes(17).Text(RdbBytes.Listpack(LongText, 1)).ToArray(), Valkey, few), StringComparison.Ordinal);
    }

    [Fact]
    public void RefusedMemoryLeavesNothingBehind()
    {
        var fields = new RdbBytes(4).Length(100_000);
        for (var i = 0; i < 100_000; i++) fields.Text($"field {i}").Text(LongText);
        using var value = new LoadedValue(4 << 20);
        Assert.Equal(RdbLoad.Refused, value.Load(fields.ToArray(), Valkey, LoadedValue.Limits));
        Assert.False(value.Exists);
        Assert.Equal(value.EmptyBytes, value.UsedBytes);
    }
}
