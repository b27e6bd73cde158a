using System.Text;
using Anax.Core.Text;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

public class HashTests
{
    // SipHash-1-3 of the bytes 0, 1, 2 … n - 1 under the key 00 01 … 0f, from the reference implementation.
    private static readonly ulong[] ReferenceHashes =
    [
        0xABAC0158050FC4DC, 0xC9F49BF37D57CA93, 0x82CB9B024DC7D44D, 0x8BF80AB8E7DDF7FB,
        0xCF75576088D38328, 0xDEF9D52F49533B67, 0xC50D2B50C59F22A7, 0xD3927D989BB11140,
        0x369095118D299A8E, 0x25A48EB36C063DE4, 0x79DE85EE92FF097F, 0x70C118C1F94DC352,
        0x78A384B157B4D9A2, 0x306F760C1229FFA7, 0x605AA111C0F95D34, 0xD320D86D2A519956,
        0xCC4FDD1A7D908B66,
    ];

    [Fact]
    public void SipHashIsTheReferences()
    {
        var key = new HashKey(0x0706050403020100, 0x0F0E0D0C0B0A0908);
        var bytes = Enumerable.Range(0, ReferenceHashes.Length).Select(i => (byte)i).ToArray();
        for (var length = 0; length < ReferenceHashes.Length; length++)
            Assert.Equal(ReferenceHashes[length], key.Hash(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void AnotherKeyGivesOtherHashes()
    {
        var bytes = "key"u8;
        Assert.NotEqual(new HashKey(1, 2).Hash(bytes), new HashKey(2, 1).Hash(bytes));
    }

    [Fact]
    public void Crc64IsJones() => Assert.Equal(0xE9C6D914C4B8D9CA, Crc64.Compute("123456789"u8));

    [Fact]
    public void AChecksumGoesOnWhereItStopped()
    {
        var bytes = new byte[100];
        new Random(1).NextBytes(bytes);
        ulong oneByOne = 0;
        foreach (var value in bytes) oneByOne = Crc64.Continue(oneByOne, [value]);
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(oneByOne, Crc64.Continue(Crc64.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    }

    [Fact]
    public void Crc16IsXmodem() => Assert.Equal(0x31C3, Crc16.Compute("123456789"u8));

    [Theory]
    [InlineData("foo", 12182)]
    [InlineData("{foo}bar", 12182)]
    [InlineData("x{foo}{bar}", 12182)]
    [InlineData("", 0)]
    public void KeysHaveTheSlotsOfTheirTags(string key, int slot) =>
        Assert.Equal(slot, Crc16.HashSlotOf(Encoding.ASCII.GetBytes(key)));

    [Theory]
    [InlineData("foo{}{bar}", "foo{}{bar}")]
    [InlineData("foo{{bar}}zap", "{bar")]
    [InlineData("foo{bar}{zap}", "bar")]
    [InlineData("foo{bar", "foo{bar")]
    [InlineData("foo}bar", "foo}bar")]
    public void TagsAreTheFirstThatIsNotEmpty(string key, string tag) =>
        Assert.Equal(tag, Encoding.ASCII.GetString(Crc16.HashTag(Encoding.ASCII.GetBytes(key))));
}
