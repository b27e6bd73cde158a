using System.Text;
using Anax.Core.Structures;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

public sealed class PackedTests
{
    private static readonly int[] LongSizes = [16_370, 16_376, 16_377, 16_378, 16_379, 16_380, 70_000, 2_097_140, 2_097_150];

    private static readonly Gen<byte[]> Text = Gen.OneOf(
        Gen.Byte.Array[0, 80],
        Gen.Long.Select(n => Encoding.Latin1.GetBytes(Invariant(n))),
        Gen.Int[-5000, 5000].Select(n => Encoding.Latin1.GetBytes(Invariant(n))),
        Gen.Int[4000, 4200].Select(n => new byte[n]),
        Gen.Int[0, LongSizes.Length - 1].Select(i => new byte[LongSizes[i]]));

    /// <summary>The bytes that Redis's listpack has for these elements.</summary>
    [Theory]
    [InlineData("0", "00 01")]
    [InlineData("127", "7F 01")]
    [InlineData("128", "C0 80 02")]
    [InlineData("-1", "DF FF 02")]
    [InlineData("-4096", "D0 00 02")]
    [InlineData("4095", "CF FF 02")]
    [InlineData("4096", "F1 00 10 03")]
    [InlineData("-32769", "F2 FF 7F FF 04")]
    [InlineData("8388608", "F3 00 00 80 00 05")]
    [InlineData("2147483648", "F4 00 00 00 80 00 00 00 00 09")]
    [InlineData("", "80 01")]
    [InlineData("ab", "82 61 62 03")]
    [InlineData("007", "83 30 30 37 04")]
    public void ElementsLieAsInAListpack(string text, string expected)
    {
        Span<byte> target = stackalloc byte[32];
        var length = Packed.Write(target, Encoding.Latin1.GetBytes(text));
        Assert.Equal(expected, Convert.ToHexString(target[..length]).Chunk(2).Select(c => new string(c)).Aggregate((a, b) => a + " " + b));
        Assert.Equal(length, Packed.SizeOf(Encoding.Latin1.GetBytes(text)));
    }

    [Fact]
    public void SequencesReadAsTheyWereWritten() => Text.Array[0, 40].Sample(
        texts =>
        {
            var sequence = Pack(texts);
            Assert.True(Packed.IsValid(sequence, out var count));
            Assert.Equal(texts.Length, count);
            Assert.Equal(texts.Length, Packed.Count(sequence));
            Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
            var at = 0;
            foreach (var text in texts)
            {
                var item = Packed.Read(sequence, at, out var next);
                Assert.Equal(text, item.Text(scratch).ToArray());
                Assert.True(item.Is(text));
                Assert.Equal(text.Length, item.TextLength);
                Assert.Equal(Numbers.TryParseLong(text, out var number), item.TryGetInteger(out var read));
                Assert.Equal(number, read);
                Assert.Equal(next - at, Packed.SizeOf(item));
                Assert.Equal(next, Packed.Next(sequence, at));
                Assert.Equal(at, Packed.Previous(sequence, next));
                Assert.Equal(Array.FindIndex(texts, t => t.AsSpan().SequenceEqual(text)), IndexOf(sequence, text, 1));
                at = next;
            }
            Assert.Equal(sequence.Length, at);
        }, iter: 500);

    [Fact]
    public void FindLooksAtEverySoManiethElement() => Gen.Select(Gen.Int[0, 5].Array[0, 30], Gen.Int[0, 5], Gen.Int[1, 3]).Sample(
        (numbers, wanted, stride) =>
        {
            var sequence = Pack([.. numbers.Select(n => Encoding.Latin1.GetBytes(Invariant(n)))]);
            var expected = -1;
            for (var i = 0; i < numbers.Length && expected < 0; i += stride)
                if (numbers[i] == wanted) expected = i;
            Assert.Equal(expected, IndexOf(sequence, Encoding.Latin1.GetBytes(Invariant(wanted)), stride));
        });

    /// <summary>What is valid can be read to its end; nothing throws, whatever the bytes are.</summary>
    [Fact]
    public void DamagedSequencesAreRefused() => Gen.Select(Gen.Byte.Array[0, 12].Array[1, 12], Gen.Int[0, 200], Gen.Byte, Gen.Int[0, 3]).Sample(
        (texts, place, value, cut) =>
        {
            var sequence = Pack(texts);
            if (sequence.Length != 0) sequence[place % sequence.Length] = value;
            var damaged = sequence.AsSpan(0, Math.Max(0, sequence.Length - cut));
            if (!Packed.IsValid(damaged, out var count)) return;
            var at = 0;
            for (var i = 0; i < count; i++) Packed.Read(damaged, at, out at);
            Assert.Equal(damaged.Length, at);
            for (; at != 0; count--) at = Packed.Previous(damaged, at);
            Assert.Equal(0, count);
        }, iter: 20_000);

    private static byte[] Pack(byte[][] texts)
    {
        var sequence = new byte[texts.Sum(t => Packed.SizeOf(t))];
        var at = 0;
        foreach (var text in texts) at += Packed.Write(sequence.AsSpan(at), text);
        Assert.Equal(sequence.Length, at);
        return sequence;
    }

    private static int IndexOf(byte[] sequence, byte[] text, int stride)
    {
        var position = Packed.Find(sequence, 0, text, stride);
        return position < 0 ? -1 : Packed.Count(sequence) - Packed.Count(sequence, position);
    }

    private static string Invariant(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
