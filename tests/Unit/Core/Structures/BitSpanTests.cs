using System.Numerics;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Rows of bits against lists of bools, and fields of them against numbers of any size.</summary>
public class BitSpanTests
{
    /// <summary>Some of them full of one value: what scans skip.</summary>
    private static readonly Gen<byte[]> Rows = Gen.OneOf(
        Gen.Byte.Array[0, 300],
        Gen.Select(Gen.Bool.Select(b => b ? (byte)0 : (byte)255), Gen.Int[0, 300], Gen.Int[0, 300], Gen.Byte, (fill, length, at, odd) =>
        {
            byte[] row = new byte[length];
            Array.Fill(row, fill);
            if (at < length) row[at] = odd;
            return row;
        }));

    private static List<bool> Naive(byte[] row)
    {
        var bits = new List<bool>();
        foreach (byte value in row)
            for (int i = 7; i >= 0; i--) bits.Add((value >> i & 1) != 0);
        return bits;
    }

    [Fact]
    public void CountsAndFindsAsAListOfBoolsDoes() => Gen.Select(Rows, Gen.Int[0, 2399], Gen.Int[0, 2399], Gen.Bool).Sample((row, a, b, value) =>
    {
        List<bool> bits = Naive(row);
        Assert.Equal(bits.Count(bit => bit), BitSpan.Count(row));
        if (row.Length == 0) return;
        int first = Math.Min(a, b) % bits.Count, last = Math.Max(first, Math.Max(a, b) % bits.Count);
        List<bool> part = bits.GetRange(first, last - first + 1);
        Assert.Equal(part.Count(bit => bit), BitSpan.Count(row, first, last));
        int found = part.IndexOf(value);
        Assert.Equal(found < 0 ? -1 : first + found, BitSpan.Find(row, value, first, last));
    });

    [Fact]
    public void SetsOneBitAndNoOther() => Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[0, 319], Gen.Bool).Sample((row, at, value) =>
    {
        at %= row.Length * 8;
        List<bool> bits = Naive(row);
        Assert.Equal(bits[at], BitSpan.Get(row, at));
        bits[at] = value;
        BitSpan.Set(row, at, value);
        Assert.Equal(bits, Naive(row));
        Assert.False(BitSpan.Get(row, row.Length * 8L + at));
    });

    [Fact]
    public void FieldsAreReadAndWrittenWhereTheyLie() =>
        Gen.Select(Gen.Byte.Array[9, 40], Gen.Int[0, 300], Gen.Int[1, 64], Gen.ULong).Sample((row, offset, count, value) =>
        {
            List<bool> bits = Naive(row);
            ulong expected = 0;
            for (int i = offset; i < offset + count; i++) expected = expected << 1 | (i < bits.Count && bits[i] ? 1UL : 0);
            Assert.Equal(expected, BitSpan.ReadField(row, offset, count));
            offset %= row.Length * 8 - count + 1;
            for (int i = 0; i < count; i++) bits[offset + i] = (value >> (count - 1 - i) & 1) != 0;
            BitSpan.WriteField(row, offset, count, value);
            Assert.Equal(bits, Naive(row));
        });

    [Fact]
    public void OperationsTakeZerosBehindTheShorter() =>
        Gen.Select(Rows, Rows, Gen.Int[0, 2].Select(i => (BitOperation)i)).Sample((target, source, operation) =>
        {
            byte[] expected = [.. target.Select((value, i) => Naive(operation, value, i < source.Length ? source[i] : (byte)0))];
            BitLogic.Combine(operation, target, source);
            Assert.Equal(expected, target);
            expected = [.. expected.Select(value => (byte)~value)];
            BitLogic.Invert(target);
            Assert.Equal(expected, target);
        });

    private static byte Naive(BitOperation operation, byte left, byte right) => operation switch
    {
        BitOperation.And => (byte)(left & right),
        BitOperation.Or => (byte)(left | right),
        _ => (byte)(left ^ right),
    };

    [Fact]
    public void OverflowIsThatOfExactNumbers() =>
        Gen.Select(Gen.Bool, Gen.Int[1, 64], Numbers, Numbers, Gen.Int[0, 2].Select(i => (BitFieldOverflow)i))
            .Sample((isSigned, bits, value, increment, overflow) =>
            {
                if (!isSigned) bits = Math.Min(bits, 63);
                var type = new BitFieldType(isSigned, bits);
                byte[] row = new byte[16];
                type.Write(row, 3, value);
                long held = type.Read(row, 3);
                Assert.Equal(Wrap(value, isSigned, bits), held);
                Check((BigInteger)held + increment, type.TryAdd(held, increment, overflow, out long sum), sum, isSigned, bits, overflow);
                BigInteger given = isSigned ? value : (ulong)value;
                // Valkey's distance to the greatest number wraps.
                if (isSigned && bits < 64 && overflow == BitFieldOverflow.Saturate && (BigInteger.One << (bits - 1)) - 1 - given > long.MaxValue)
                    given = long.MaxValue;
                Check(given, type.TryFit(value, overflow, out long fitted), fitted, isSigned, bits, overflow);
            });

    /// <summary>Small ones, and ones at the bounds of every width.</summary>
    private static readonly Gen<long> Numbers = Gen.OneOf(Gen.Long, Gen.Long[-10, 10],
        Gen.Select(Gen.Int[0, 63], Gen.Long[-2, 2], Gen.Bool, (bits, near, below) => unchecked((below ? -(1L << bits) : 1L << bits) + near)));

    private static void Check(BigInteger exact, bool isGiven, long result, bool isSigned, int bits, BitFieldOverflow overflow)
    {
        BigInteger least = isSigned ? -(BigInteger.One << (bits - 1)) : 0;
        BigInteger greatest = (BigInteger.One << (isSigned ? bits - 1 : bits)) - 1;
        bool fits = exact >= least && exact <= greatest;
        Assert.Equal(fits || overflow != BitFieldOverflow.Fail, isGiven);
        if (!isGiven) return;
        BigInteger expected = fits ? exact
            : overflow == BitFieldOverflow.Wrap ? Wrap(exact, isSigned, bits)
            : exact < least ? least : greatest;
        Assert.Equal(expected, (BigInteger)result);
    }

    private static BigInteger Wrap(BigInteger value, bool isSigned, int bits)
    {
        BigInteger modulus = BigInteger.One << bits;
        BigInteger low = (value % modulus + modulus) % modulus;
        return isSigned && low >= modulus / 2 ? low - modulus : low;
    }
}
