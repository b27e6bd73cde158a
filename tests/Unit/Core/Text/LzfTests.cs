using System.Text;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

/// <summary>What is compressed becomes the same again, is what LibLZF makes of it, and damage is found.</summary>
public sealed class LzfTests
{
    /// <summary>Bytes in which there is something to find: runs, patterns, and what is by chance.</summary>
    private static readonly Gen<byte[]> Inputs = Gen.Select(Gen.Int[0, 3], Gen.Byte, Gen.Int[1, 700], Gen.Byte[0, 20].Array[1, 40]).Array[1, 12].Select(
        parts => parts.SelectMany(part => part.Item1 switch
        {
            0 => [.. Enumerable.Repeat(part.Item2, part.Item3)],
            1 => [.. Enumerable.Repeat(part.Item4, 1 + part.Item3 / 30).SelectMany(b => b)],
            _ => part.Item4,
        }).ToArray());

    [Fact]
    public void WhatIsCompressedBecomesTheSameAgain() => Inputs.Sample(
        input =>
        {
            using var packer = new LzfPacker();
            for (var times = 0; times < 2; times++)
            {
                // The second time the table is full of what the first one left.
                var packed = packer.Pack(input, 2 * input.Length + 10).ToArray();
                var output = new byte[input.Length];
                Assert.True(Lzf.TryDecompress(packed, output));
                Assert.Equal(input, output);
                Assert.True(Lzf.MayBecome(packed.Length, (ulong)input.Length));
                CheckInPieces(packed, input);
            }
        }, iter: 300);

    private static void CheckInPieces(byte[] packed, byte[] input)
    {
        var output = new byte[input.Length];
        int at = 0, written = 0, steps = 0;
        for (; at < packed.Length; steps++) Assert.True(Lzf.TryDecompress(packed, output, ref at, ref written, 50));
        Assert.Equal(input.Length, written);
        Assert.Equal(input, output);
        Assert.True(steps >= input.Length / (50 + Lzf.MatchMax));
    }

    [Theory]
    [InlineData("abababababababababababababababababababababababababababababababababababababababab", "02616261E04201016162")]
    [InlineData("mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm", "016D6DE03400016D6D")]
    public void TheBytesAreThoseOfLibLzf(string text, string packed)
    {
        using var packer = new LzfPacker();
        Assert.Equal(packed, Convert.ToHexString(packer.Pack(Encoding.ASCII.GetBytes(text), text.Length - 4)));
    }

    [Fact]
    public void WhatDoesNotFitIsNotCompressed()
    {
        using var packer = new LzfPacker();
        var random = new Random(1);
        var bytes = new byte[2000];
        random.NextBytes(bytes);
        Assert.True(packer.Pack(bytes, bytes.Length - 4).IsEmpty);
        Assert.True(packer.Pack(new byte[1000], 10).IsEmpty);
        Assert.False(packer.Pack(new byte[1000], 30).IsEmpty);
    }

    [Fact]
    public void ALongUseOfTheTableChangesNothing()
    {
        using var packer = new LzfPacker();
        var input = new byte[LzfPacker.SourceMax];
        new Random(2).NextBytes(input.AsSpan(0, 3000));
        for (var at = 3000; at < input.Length; at += 3000) input.AsSpan(at - 3000, Math.Min(3000, input.Length - at)).CopyTo(input.AsSpan(at));
        var first = packer.Pack(input, input.Length).ToArray();
        Assert.NotEmpty(first);
        // Places are about to be counted anew.
        packer.Origin = uint.MaxValue - 5 * LzfPacker.SourceMax / 2;
        for (var i = 0; i < 5; i++) Assert.Equal(first, packer.Pack(input, input.Length).ToArray());
        Assert.InRange(packer.Origin, 1u, 5u * LzfPacker.SourceMax);
    }

    [Theory]
    [InlineData("", 1)]                 // nothing
    [InlineData("0261", 3)]             // a run that ends early
    [InlineData("0061", 2)]             // too few bytes
    [InlineData("026162630063", 3)]     // too many
    [InlineData("2000", 3)]             // a match before the begin
    [InlineData("006120", 4)]           // a match without its distance
    [InlineData("0061E0", 4)]           // one without its length
    [InlineData("0061E0FF00", 20)]      // one that goes beyond the end
    public void DamageIsFound(string packed, int length) =>
        Assert.False(Lzf.TryDecompress(Convert.FromHexString(packed), new byte[length]));

    [Fact]
    public void ClaimsAreBounded()
    {
        Assert.False(Lzf.MayBecome(0, 0));
        Assert.False(Lzf.MayBecome(1, 0));
        Assert.True(Lzf.MayBecome(3, 264));
        Assert.False(Lzf.MayBecome(3, 265));
        Assert.False(Lzf.MayBecome(1_000, ulong.MaxValue));
    }
}
