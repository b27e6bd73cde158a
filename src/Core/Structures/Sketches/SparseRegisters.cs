namespace Anax.Core.Structures;

/// <summary>
/// The registers of a HyperLogLog as a list of runs (<see cref="SparseRun"/>), in the order of registers. Which runs stand for
/// given registers depends on the order of changes, and is the same as in Valkey.
/// </summary>
public static class SparseRegisters
{
    /// <summary>By so many bytes a change may lengthen the list: one run of zeros becomes three runs.</summary>
    public const int GrowthMax = 3;

    /// <summary>Many zeros, one register, many zeros.</summary>
    private const int SplitBytesMax = 5;

    /// <summary>Runs from the changed one's predecessor on, among which equal neighbours are joined.</summary>
    private const int JoinedRunsMax = 5;

    /// <summary>Writes a run of zeros; returns its bytes.</summary>
    internal static int WriteZeros(Span<byte> target, int length)
    {
        if (length <= SparseRun.ZerosShortMax)
        {
            target[0] = (byte)(length - 1);
            return 1;
        }
        target[0] = (byte)(SparseRun.LongZeros | length - 1 >> 8);
        target[1] = (byte)(length - 1);
        return 2;
    }

    // ---- reading all runs; false when they do not stand for exactly all registers ----

    internal static bool TryCount(ReadOnlySpan<byte> runs, ref RegisterHistogram histogram)
    {
        int first = 0;
        for (int offset = 0; offset < runs.Length;)
        {
            SparseRun run = SparseRun.At(runs, offset);
            if (first + run.Length > HyperLogLog.Registers) return false;
            histogram.Add(run.Value, run.Length);
            first += run.Length;
            offset += run.Bytes;
        }
        return first == HyperLogLog.Registers;
    }

    internal static bool TryMerge(ReadOnlySpan<byte> runs, Span<byte> registers)
    {
        int first = 0;
        for (int offset = 0; offset < runs.Length;)
        {
            SparseRun run = SparseRun.At(runs, offset);
            if (first + run.Length > HyperLogLog.Registers) return false;
            if (run.Value != 0)
                foreach (ref byte register in registers.Slice(first, run.Length)) register = Math.Max(register, (byte)run.Value);
            first += run.Length;
            offset += run.Bytes;
        }
        return first == HyperLogLog.Registers;
    }

    /// <summary>Sets what is not zero, in dense registers that are.</summary>
    internal static bool TryCopy(ReadOnlySpan<byte> runs, Span<byte> dense)
    {
        int first = 0;
        for (int offset = 0; offset < runs.Length;)
        {
            SparseRun run = SparseRun.At(runs, offset);
            if (first + run.Length > HyperLogLog.Registers) return false;
            for (int i = 0; i < run.Length && run.Value != 0; i++) DenseRegisters.Set(dense, first + i, run.Value);
            first += run.Length;
            offset += run.Bytes;
        }
        return first == HyperLogLog.Registers;
    }

    // ---- one register ----

    /// <summary>One register of a sparse value; false when there is no run for it.</summary>
    internal static bool TryGet(ReadOnlySpan<byte> value, int index, out int register)
    {
        register = 0;
        var place = default(SparsePlace);
        if (!TryFind(value, index, ref place, out int offset, out _, out _)) return false;
        register = SparseRun.At(value, offset).Value;
        return true;
    }

    /// <summary>
    /// Raises a register of a sparse value that lies in the first bytes of a buffer, with room for
    /// <see cref="GrowthMax"/> more. The length may grow, shrink or stay.
    /// </summary>
    /// <remarks>
    /// The length does not grow beyond lengthMax. The place is the default, to begin at the beginning; or as it was left, when
    /// registers are raised in ascending order and nothing else changes them.
    /// </remarks>
    public static SparseChange TryRaise(Span<byte> buffer, ref int length, int index, int register, long lengthMax,
        ref SparsePlace place)
    {
        if (register > SparseRun.ValueMax) return SparseChange.NeedsDense;
        if (!TryFind(buffer[..length], index, ref place, out int offset, out int first, out int before)) return SparseChange.Corrupt;
        SparseRun run = SparseRun.At(buffer[..length], offset);
        if (run.Value >= register) return SparseChange.None;
        if (run.Length == 1 && run.Bytes == 1)
        {
            buffer[offset] = SparseRun.Encode(register, 1);
        }
        else
        {
            Span<byte> split = stackalloc byte[SplitBytesMax];
            split = split[..Split(run, index - first, register, split)];
            int growth = split.Length - run.Bytes;
            if (growth > 0 && length + growth > lengthMax) return SparseChange.NeedsDense;
            buffer[(offset + run.Bytes)..length].CopyTo(buffer[(offset + split.Length)..]);
            split.CopyTo(buffer[offset..]);
            length += growth;
        }
        Join(buffer, ref length, before);
        HyperLogLog.MarkStale(buffer);
        return SparseChange.Raised;
    }

    /// <summary>
    /// The run of a register, from a place on: its offset, its first register, and the offset of the run before it, or its own
    /// where it is the first. The place is moved to two runs before it.
    /// </summary>
    private static bool TryFind(ReadOnlySpan<byte> value, int index, ref SparsePlace place, out int offset, out int first, out int before)
    {
        if (place.Offset == 0) place = new SparsePlace { Offset = HyperLogLog.HeaderBytes };
        offset = before = place.Offset;
        first = place.First;
        int firstBefore = first;
        int beforeThat = before, firstBeforeThat = first;
        bool isFound = false;
        while (offset < value.Length)
        {
            int length = SparseRun.Measure(value, offset, out int bytes);
            if (offset + bytes > value.Length) break;
            isFound = index < first + length;
            if (isFound) break;
            (beforeThat, firstBeforeThat) = (before, firstBefore);
            (before, firstBefore) = (offset, first);
            offset += bytes;
            first += length;
        }
        place = new SparsePlace { Offset = beforeThat, First = firstBeforeThat };
        return isFound;
    }

    /// <summary>The runs for a run in which one register is raised; returns their bytes.</summary>
    private static int Split(SparseRun run, int at, int register, Span<byte> target)
    {
        int bytes = 0;
        if (at != 0) bytes += WriteRest(run.Value, at, target);
        target[bytes++] = SparseRun.Encode(register, 1);
        int behind = run.Length - at - 1;
        if (behind != 0) bytes += WriteRest(run.Value, behind, target[bytes..]);
        return bytes;
    }

    private static int WriteRest(int value, int length, Span<byte> target)
    {
        if (value == 0) return WriteZeros(target, length);
        target[0] = SparseRun.Encode(value, length);
        return 1;
    }

    /// <summary>Makes one run of neighbours of the same value, where it can hold both.</summary>
    private static void Join(Span<byte> buffer, ref int length, int offset)
    {
        for (int runs = 0; runs < JoinedRunsMax && offset < length; runs++)
        {
            SparseRun run = SparseRun.At(buffer[..length], offset);
            int next = offset + run.Bytes;
            if (run.Value != 0 && next < length)
            {
                SparseRun other = SparseRun.At(buffer[..length], next);
                if (other.Value == run.Value && other.Length + run.Length <= SparseRun.ValueLengthMax)
                {
                    buffer[next] = SparseRun.Encode(run.Value, run.Length + other.Length);
                    buffer[next..length].CopyTo(buffer[offset..]);
                    length--;
                    continue;
                }
            }
            offset = next;
        }
    }
}
