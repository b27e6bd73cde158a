using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Workload;

/// <summary>A value that follows from its key is recognised in whatever pieces it comes, and each wrong byte is found.</summary>
public sealed class ValueCheckTests
{
    private static readonly BenchOptions Options = new() { Verify = true, ValueBytesMin = 1, ValueBytesMax = 700 };

    [Fact]
    public void ARightValueIsRightInAllPieces()
    {
        ValueSource source = new(Options);
        ValueCheck check = source.MakeCheck();
        for (ulong key = 0; key < 300; key++)
        {
            byte[] value = Make(source, key);
            Assert.InRange(value.Length, 1, 700);
            int cut = (int)(key * 7 % (ulong)value.Length);
            Assert.True(check.Begin(key, value.Length));
            Assert.Equal(-1, check.FindWrong(value.AsSpan(0, cut)));
            Assert.Equal(-1, check.FindWrong(value.AsSpan(cut)));
        }
    }

    [Fact]
    public void EveryWrongByteIsFoundWhereItIs()
    {
        ValueSource source = new(Options);
        ValueCheck check = source.MakeCheck();
        byte[] value = Make(source, 12345);
        for (int wrong = 0; wrong < value.Length; wrong++)
        {
            value[wrong] ^= 1;
            check.Begin(12345, value.Length);
            int found = -1;
            for (int at = 0; at < value.Length; at += 13)
            {
                int piece = check.FindWrong(value.AsSpan(at, Math.Min(13, value.Length - at)));
                if (found < 0) found = piece;
            }

            Assert.Equal(wrong, found);
            value[wrong] ^= 1;
        }
    }

    [Fact]
    public void LengthsFollowFromKeysAndAreEven()
    {
        ValueSource source = new(Options with { ValueBytesMin = 10, ValueBytesMax = 19 });
        int[] counts = new int[10];
        for (ulong key = 0; key < 10_000; key++) counts[source.LengthOf(key) - 10]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        Assert.False(source.MakeCheck().Begin(3, source.LengthOf(3) + 1));
    }

    [Fact]
    public void AnotherKeyOrSeedIsAnotherValue()
    {
        BenchOptions options = Options with { ValueBytesMin = 32, ValueBytesMax = 32 };
        byte[] value = Make(new ValueSource(options), 1);
        Assert.NotEqual(value, Make(new ValueSource(options), 2));
        Assert.NotEqual(value, Make(new ValueSource(options with { Seed = 43 }), 1));
        Assert.Equal(value, Make(new ValueSource(options), 1));
    }

    private static byte[] Make(ValueSource source, ulong key)
    {
        FastRandom random = new(99);
        byte[] value = new byte[source.NextLength(key, ref random)];
        source.Fill(key, value, ref random);
        return value;
    }
}
