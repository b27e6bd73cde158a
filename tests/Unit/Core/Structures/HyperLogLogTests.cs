using System.Buffers.Binary;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Sketches against arrays of registers, their two encodings against each other, estimates against the truth.</summary>
public class HyperLogLogTests
{
    private const int Room = HyperLogLog.HeaderBytes + 2 * HyperLogLog.Registers + SparseRegisters.GrowthMax;

    /// <summary>A sparse sketch and what its registers must be.</summary>
    private sealed class Model
    {
        public byte[] Buffer { get; } = new byte[Room];
        public byte[] Registers { get; } = new byte[HyperLogLog.Registers];
        public int Length = HyperLogLog.EmptyBytes;

        public Model() => HyperLogLog.WriteEmpty(Buffer);

        public ReadOnlySpan<byte> Value => Buffer.AsSpan(0, Length);

        public SparseChange Raise(int index, int register, ref SparsePlace place)
        {
            bool isHigher = register > Registers[index];
            if (isHigher) Registers[index] = (byte)register;
            SparseChange change = SparseRegisters.TryRaise(Buffer, ref Length, index, register, Room, ref place);
            Assert.Equal(isHigher ? SparseChange.Raised : SparseChange.None, change);
            return change;
        }

        public void Check()
        {
            byte[] merged = new byte[HyperLogLog.Registers], dense = new byte[HyperLogLog.DenseBytes];
            Assert.True(HyperLogLog.HasForm(Value));
            Assert.True(HyperLogLog.TryMerge(Value, merged, vectorized: true));
            Assert.Equal(Registers, merged);
            Assert.True(HyperLogLog.TryMakeDense(Value, dense));
            Assert.True(HyperLogLog.HasForm(dense) && HyperLogLog.IsDense(dense) && !HyperLogLog.IsDense(Value));
            foreach (bool vectorized in (bool[])[false, true])
            {
                Array.Clear(merged);
                Assert.True(HyperLogLog.TryMerge(dense, merged, vectorized));
                Assert.Equal(Registers, merged);
            }
            Assert.True(HyperLogLog.TryEstimate(Value, out long sparse));
            Assert.True(HyperLogLog.TryEstimate(dense, out long other));
            Assert.Equal((sparse, sparse), (other, HyperLogLog.Estimate(Registers)));
            byte[] packed = new byte[HyperLogLog.DenseBytes];
            dense.AsSpan(0, HyperLogLog.HeaderBytes).CopyTo(packed);
            HyperLogLog.WriteDense(packed, Registers);
            Assert.Equal(dense, packed);
        }
    }

    /// <summary>Registers near each other, so that runs are split and joined in all ways.</summary>
    private static readonly Gen<(int Index, int Register)[]> Raises = Gen.OneOf(
        Gen.Select(Gen.Int[0, HyperLogLog.Registers - 1], Gen.Int[1, SparseRun.ValueMax]).Array[0, 300],
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 3]).Array[0, 300],
        Gen.Select(Gen.Int[HyperLogLog.Registers - 80, HyperLogLog.Registers - 1], Gen.Int[1, 3]).Array[0, 300]);

    [Fact]
    public void SparseAndDenseHoldTheSameRegisters() => Raises.Sample(raises =>
    {
        var model = new Model();
        foreach ((int index, int register) in raises)
        {
            var place = default(SparsePlace);
            model.Raise(index, register, ref place);
            Assert.True(HyperLogLog.TryGet(model.Value, index, out int kept));
            Assert.Equal(model.Registers[index], kept);
        }
        model.Check();
    }, iter: 300);

    [Fact]
    public void APlaceGivesTheSameRunsAsTheBeginning() => Gen.Select(Raises, Raises).Sample((before, raises) =>
    {
        Model left = new(), right = new();
        foreach ((int index, int register) in before)
        {
            SparsePlace first = default, second = default;
            left.Raise(index, register, ref first);
            right.Raise(index, register, ref second);
        }
        var kept = default(SparsePlace);
        foreach ((int index, int register) in raises.GroupBy(r => r.Index).Select(g => g.First()).OrderBy(r => r.Index))
        {
            var place = default(SparsePlace);
            left.Raise(index, register, ref place);
            right.Raise(index, register, ref kept);
        }
        Assert.Equal(left.Value.ToArray(), right.Value.ToArray());
    }, iter: 300);

    [Fact]
    public void DenseRegistersAreApart() => Gen.Select(Gen.Int[0, HyperLogLog.Registers - 1], Gen.Int[0, 63]).Array[1, 400].Sample(sets =>
    {
        byte[] dense = new byte[HyperLogLog.DenseBytes], registers = new byte[HyperLogLog.Registers];
        foreach ((int index, int register) in sets)
        {
            HyperLogLog.SetDense(dense, index, register);
            registers[index] = (byte)register;
        }
        for (int i = 0; i < registers.Length; i++)
        {
            Assert.True(HyperLogLog.TryGet(dense, i, out int register));
            Assert.Equal(registers[i], register);
        }
    }, iter: 30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EstimatesAreWithinSixStandardErrors(int seed)
    {
        var random = new Random(seed);
        byte[] dense = new byte[HyperLogLog.DenseBytes], element = new byte[8];
        HyperLogLog.TryMakeDense(new Model().Value, dense);
        long salt = random.NextInt64();
        for (int added = 1, checkpoint = 1; added <= 1_000_000; added++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(element, added ^ salt);
            (int index, int register) = HyperLogLog.Place(element);
            Assert.InRange(register, 1, HyperLogLog.ValueMax);
            HyperLogLog.RaiseDense(dense, index, register);
            if (added != checkpoint) continue;
            checkpoint *= 10;
            Assert.True(HyperLogLog.TryEstimate(dense, out long estimate));
            Assert.InRange(estimate, Math.Floor(added * (1 - 6 * 1.04 / 128)), Math.Ceiling(added * (1 + 6 * 1.04 / 128)));
        }
    }

    [Fact]
    public void WhatNeedsMoreRoomStaysAsItIs()
    {
        var model = new Model();
        byte[] before = model.Value.ToArray();
        SparsePlace place = default;
        Assert.Equal(SparseChange.NeedsDense, SparseRegisters.TryRaise(model.Buffer, ref model.Length, 5, 33, Room, ref place));
        place = default;
        Assert.Equal(SparseChange.NeedsDense, SparseRegisters.TryRaise(model.Buffer, ref model.Length, 5, 3, model.Length + 1, ref place));
        Assert.Equal(before, model.Value.ToArray());
        place = default;
        Assert.Equal(SparseChange.Raised, SparseRegisters.TryRaise(model.Buffer, ref model.Length, 5, 3, model.Length + 2, ref place));
    }

    [Fact]
    public void WhatIsNoSketchIsFound()
    {
        var model = new Model();
        byte[] value = model.Value.ToArray();
        Assert.False(HyperLogLog.HasForm(value.AsSpan(0, 15)));
        Assert.False(HyperLogLog.HasForm([.. value[..4], 2, .. value[5..]]));
        Assert.False(HyperLogLog.HasForm([.. value[..4], 0, .. value[5..]]));
        Assert.False(HyperLogLog.HasForm([.. "HYLK"u8, .. value[4..]]));
        byte[] registers = new byte[HyperLogLog.Registers], dense = new byte[HyperLogLog.DenseBytes];
        foreach (byte[] runs in (byte[][])[[], [0x7F], [0x7F, 0xFE], [0x7F, 0xFF, 0x00], [0x80, 0x7F, 0xFF]])
        {
            byte[] corrupt = [.. value[..HyperLogLog.HeaderBytes], .. runs];
            Assert.False(HyperLogLog.TryMerge(corrupt, registers, vectorized: true));
            Assert.False(HyperLogLog.TryMakeDense(corrupt, dense));
            Assert.False(HyperLogLog.TryEstimate(corrupt, out _));
        }
    }

    [Fact]
    public void RandomBytesNeverBreakOut() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, HyperLogLog.Registers - 1], Gen.Int[1, 51]).Sample((runs, index, register) =>
        {
            var model = new Model();
            byte[] value = [.. model.Buffer[..HyperLogLog.HeaderBytes], .. runs, 0, 0, 0];
            int length = value.Length - SparseRegisters.GrowthMax;
            var place = default(SparsePlace);
            _ = SparseRegisters.TryRaise(value, ref length, index, register, long.MaxValue, ref place);
            Assert.InRange(length, HyperLogLog.HeaderBytes, value.Length);
            Span<byte> merged = new byte[HyperLogLog.Registers];
            bool isWhole = HyperLogLog.TryMerge(value.AsSpan(0, length), merged, vectorized: true);
            Assert.Equal(isWhole, HyperLogLog.TryEstimate(value.AsSpan(0, length), out _));
        });
}
