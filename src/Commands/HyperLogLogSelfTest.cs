using System.Buffers.Binary;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// PFSELFTEST: registers keep what they are given, and estimates of ten to ten million elements are near enough and the same
/// in both encodings. It touches no key, and works in slices between which its loop goes on.
/// </summary>
internal static class HyperLogLogSelfTest
{
    private const int Cycles = 1000, ElementsMax = 10_000_000;

    /// <summary>Elements of one slice; the first are the slowest, while the second sketch is sparse.</summary>
    private const int ElementsPerSlice = 2000;

    /// <summary>Standard error of an estimate from so many registers, 1.04 / √16384, and how many of them are too many.</summary>
    private const double StandardError = 1.04 / 128;
    private const int ErrorsMax = 6;

    // The block's parts: a dense value; one that begins sparse, with room; registers of one byte each.
    private const int SecondAt = HyperLogLog.DenseBytes, BytesAt = SecondAt + SecondRoom, BlockBytes = BytesAt + HyperLogLog.Registers;
    private const int SecondRoom = HyperLogLog.HeaderBytes + 2 * HyperLogLog.Registers + SparseRegisters.GrowthMax;

    private enum Verdict : byte { GoesOn, Passed, WrongRegister, NotSparse, Disagree, TooFarOff }

    /// <summary>How far it has come; and where it has failed, the numbers for the error.</summary>
    private struct Progress
    {
        internal ulong Seed;
        internal int Cycle;
        internal int Added;
        internal int Checkpoint;
        internal int SecondLength;
        internal long SparseBytesMax;
        internal long Where;
        internal long Expected;
        internal long Found;
        internal Verdict Verdict;
    }

    internal static async Co<Nothing> Run(Coordinator tx)
    {
        NativeBlock block = NativeBlock.Allocate(BlockBytes);
        if (block.IsNull)
        {
            tx.Fail(Outcome.OutOfMemory);
            return default;
        }
        var progress = new Progress
        {
            Checkpoint = 1,
            SparseBytesMax = tx.Loop.Settings.HyperLogLogSparseBytesMax,
            SecondLength = HyperLogLog.EmptyBytes,
        };
        Prepare(block.Bytes);
        while (Slice(tx, block, ref progress) == Verdict.GoesOn && !tx.Session.Gone) await tx.Yield();
        block.Release();
        Answer(tx, in progress);
        return default;
    }

    private static void Prepare(Span<byte> block)
    {
        Span<byte> empty = stackalloc byte[HyperLogLog.EmptyBytes];
        HyperLogLog.WriteEmpty(empty);
        _ = HyperLogLog.TryMakeDense(empty, block);
        empty.CopyTo(block[SecondAt..]);
    }

    private static void Answer(Coordinator tx, in Progress progress)
    {
        ReplyWriter reply = tx.Writer();
        switch (progress.Verdict)
        {
            case Verdict.WrongRegister:
                reply.Error(Errors.SelfTestRegister, progress.Where, progress.Expected);
                break;
            case Verdict.NotSparse: reply.Error(Errors.SelfTestNotSparse); break;
            case Verdict.Disagree: reply.Error(Errors.SelfTestDisagrees); break;
            case Verdict.TooFarOff: reply.Error(Errors.SelfTestError, progress.Expected, progress.Found); break;
            default: reply.Ok(); break;
        }
        tx.Close(ref reply);
    }

    private static Verdict Slice(Coordinator tx, NativeBlock block, ref Progress progress)
    {
        if (progress.Cycle < Cycles) TestRegisters(tx, block.Bytes, ref progress);
        else TestEstimates(block.Bytes, ref progress);
        return progress.Verdict;
    }

    /// <summary>All registers get random values, and have them afterwards.</summary>
    private static void TestRegisters(Coordinator tx, Span<byte> block, ref Progress progress)
    {
        const int RegisterMax = 63;
        Span<byte> dense = block[..HyperLogLog.DenseBytes], bytes = block[BytesAt..BlockBytes];
        foreach (ref byte register in bytes) register = (byte)(tx.NextRandom() & RegisterMax);
        for (int i = 0; i < bytes.Length; i++) HyperLogLog.SetDense(dense, i, bytes[i]);
        for (int i = 0; i < bytes.Length; i++)
        {
            _ = HyperLogLog.TryGet(dense, i, out int register);
            if (register == bytes[i]) continue;
            (progress.Where, progress.Expected) = (i, bytes[i]);
            progress.Verdict = Verdict.WrongRegister;
            return;
        }
        if (++progress.Cycle < Cycles) return;
        Prepare(block);
        progress.Seed = tx.NextRandom();
    }

    /// <summary>Different elements are added to both; at each power of ten the estimates are compared.</summary>
    private static void TestEstimates(Span<byte> block, ref Progress progress)
    {
        Span<byte> dense = block[..HyperLogLog.DenseBytes], second = block[SecondAt..BytesAt];
        Span<byte> element = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < ElementsPerSlice && progress.Added < ElementsMax; i++)
        {
            progress.Added++;
            BinaryPrimitives.WriteUInt64LittleEndian(element, (ulong)progress.Added ^ progress.Seed);
            (int index, int register) = HyperLogLog.Place(element);
            _ = HyperLogLog.RaiseDense(dense, index, register);
            RaiseSecond(second, index, register, ref progress);
            if (progress.Added != progress.Checkpoint) continue;
            Compare(dense, second[..progress.SecondLength], ref progress);
            if (progress.Verdict != Verdict.GoesOn) return;
            progress.Checkpoint *= 10;
        }
        if (progress.Added == ElementsMax) progress.Verdict = Verdict.Passed;
    }

    private static void RaiseSecond(Span<byte> second, int index, int register, ref Progress progress)
    {
        if (!HyperLogLog.IsDense(second))
        {
            var place = default(SparsePlace);
            SparseChange change = SparseRegisters.TryRaise(second, ref progress.SecondLength, index, register, progress.SparseBytesMax, ref place);
            if (change != SparseChange.NeedsDense) return;
            Span<byte> dense = stackalloc byte[HyperLogLog.DenseBytes];
            _ = HyperLogLog.TryMakeDense(second[..progress.SecondLength], dense);
            dense.CopyTo(second);
            progress.SecondLength = HyperLogLog.DenseBytes;
        }
        _ = HyperLogLog.RaiseDense(second, index, register);
    }

    private static void Compare(ReadOnlySpan<byte> dense, ReadOnlySpan<byte> second, ref Progress progress)
    {
        _ = HyperLogLog.TryEstimate(dense, out long estimate);
        bool isReadable = HyperLogLog.TryEstimate(second, out long other);
        long errorMax = progress.Added == 10 ? 1 : (long)Math.Ceiling(StandardError * ErrorsMax * progress.Added);
        if (progress.Added < progress.SparseBytesMax / 2 && HyperLogLog.IsDense(second)) progress.Verdict = Verdict.NotSparse;
        else if (!isReadable || estimate != other) progress.Verdict = Verdict.Disagree;
        else if (Math.Abs(progress.Added - estimate) > errorMax)
        {
            (progress.Expected, progress.Found) = (progress.Added, Math.Abs(progress.Added - estimate));
            progress.Verdict = Verdict.TooFarOff;
        }
    }
}
