using Anax.LoadGen.Workload;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Workload;

/// <summary>The generator behind keys and values: known numbers, even bytes, no two values alike.</summary>
public sealed class FastRandomTests
{
    [Fact]
    public void TheSequenceIsXoshiros()
    {
        // State 1, 2, 3, 4 gives these by the authors' own code; SplitMix64 of 0 begins with this.
        ulong state = 0;
        Assert.Equal(0xE220_A839_7B1D_CDAFUL, FastRandom.Split(ref state));
        FastRandom random = new(0);
        FastRandom again = new(0);
        ulong a = 0xE220_A839_7B1D_CDAF, b = 0x6E78_9E6A_A1B9_65F4;
        Assert.Equal(System.Numerics.BitOperations.RotateLeft(b * 5, 7) * 9, random.Next());
        Assert.Equal(random.Next(), Skip(ref again, 1));
        Assert.NotEqual(a, b);
    }

    [Fact]
    public void BytesAreEven()
    {
        byte[] bytes = new byte[1 << 20];
        new FastRandom(7).Fill(bytes, isAscii: false);
        int[] counts = new int[256];
        foreach (byte value in bytes) counts[value]++;
        // 4096 each, five standard deviations are 320.
        Assert.All(counts, count => Assert.InRange(count, 3776, 4416));
    }

    [Fact]
    public void AsciiIsPrintable()
    {
        byte[] bytes = new byte[100_003];
        new FastRandom(7).Fill(bytes, isAscii: true);
        Assert.All(bytes, value => Assert.InRange(value, (byte)'0', (byte)'o'));
        Assert.Equal(64, bytes.Distinct().Count());
    }

    [Fact]
    public void LengthsThatDoNotDivideByEightAreFilledToTheEnd()
    {
        for (int length = 0; length < 40; length++)
        {
            FastRandom random = new(9);
            byte[] bytes = new byte[length + 1];
            random.Fill(bytes.AsSpan(0, length), isAscii: true);
            Assert.DoesNotContain((byte)0, bytes[..length]);
            Assert.Equal(0, bytes[length]);
            // The generator has moved on: the next value is another one.
            byte[] next = new byte[length];
            random.Fill(next, isAscii: true);
            if (length > 3) Assert.NotEqual(bytes[..length], next);
        }
    }

    private static ulong Skip(ref FastRandom random, int count)
    {
        for (int i = 0; i < count; i++) random.Next();
        return random.Next();
    }
}
