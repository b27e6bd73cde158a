using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

// The table of the textbook, (n + 1) x (m + 1) numbers, row by row: cell (i, j) is the length of the longest common
// subsequence of the first i bytes of one text and the first j of the other. Then a walk from the last cell to the
// edge, along the larger neighbour, meets the matches from the back:
//
//            ""  b  c  d          1. a coordinator takes copies of (or references to) both values: one hop
//        ""   0  0  0  0          2. Fill: cells in slices, the loop goes on in between
//        a    0  0  0  0          3. Step: the walk in slices; ranges are gathered as they are met,
//        b    0  1  1  1             bytes go into a block from the back
//        d    0  1  1  2          4. the reply, the texts are released

/// <summary>LCS: quadratic in time and memory, hence a coordinator that works in slices, wherever its keys lie.</summary>
public static class LcsCommand
{
    /// <summary>About a third of a millisecond.</summary>
    private const long CellsPerSlice = 200_000;

    public static readonly CommandSpec[] Table =
    [
        new("LCS", -3, ReadOnly, AclCategory.String,
            [new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Range) { LastKey = 1 }], Lcs,
            "Finds the longest common substring."),
    ];

    /// <summary>
    /// The two values, as a shard or the coordinator holds them: blocks with a reference each, null when empty.
    /// </summary>
    private struct Texts
    {
        internal NativeBlock First;
        internal NativeBlock Second;
        internal int FirstLength;
        internal int SecondLength;

        internal readonly ReadOnlySpan<byte> A => First.IsNull ? default : First.Bytes[..FirstLength];
        internal readonly ReadOnlySpan<byte> B => Second.IsNull ? default : Second.Bytes[..SecondLength];

        internal readonly void Release()
        {
            if (!First.IsNull) First.Release();
            if (!Second.IsNull) Second.Release();
        }
    }

    private struct Options
    {
        internal bool Length;
        internal bool Ranges;
        internal bool MatchLengths;
        internal long LengthMin;
    }

    /// <summary>Where the walk back through the table stands, and the range of equal bytes that it is in.</summary>
    private struct Walk
    {
        internal int I;
        internal int J;

        /// <summary>Matches that are still to be met.</summary>
        internal int Left;
        internal bool InRange;
        internal int FirstStart;
        internal int FirstEnd;
        internal int SecondStart;
        internal int SecondEnd;
        internal int Ranges;
    }

    private static async Co<Nothing> Lcs(Coordinator tx)
    {
        await tx.HopKeys(TakeTexts);
        Outcome outcome = Gather(tx, out Texts texts);
        NativeBlock table = default;
        if (outcome != Outcome.Ok) tx.Fail(outcome == Outcome.WrongType ? Errors.LcsNotStrings : Errors.LcsNoMemory);
        else if (TryParse(tx, out Options options) && TryMakeTable(tx, in texts, out table))
        {
            for (long cell = 0; !Fill(table, in texts, ref cell);) await tx.Yield();
            await Answer(tx, table, texts, options);
        }
        if (!table.IsNull) table.Release();
        texts.Release();
        return default;
    }

    // ---- the values ----

    private static void TakeTexts(ShardScope shard, ref HopFrame hop)
    {
        ref Texts texts = ref hop.State<Texts>();
        Arguments args = hop.Args;
        Outcome first = hop.Owns(1) ? Take(shard, args.Key(1), out texts.First, out texts.FirstLength) : Outcome.Ok;
        Outcome second = hop.Owns(2) ? Take(shard, args.Key(2), out texts.Second, out texts.SecondLength) : Outcome.Ok;
        hop.Value = (long)(first == Outcome.Ok ? second : first);
    }

    private static Outcome Take(ShardScope shard, Key key, out NativeBlock block, out int length)
    {
        block = default;
        length = 0;
        Entry entry = shard.Find(key);
        if (!entry.Exists) return Outcome.Ok;
        if (entry.Type != ValueType.String) return Outcome.WrongType;
        if (entry.Encoding == ValueEncoding.Block)
        {
            block = entry.Block;
            block.AddReference();
        }
        else
        {
            Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
            ReadOnlySpan<byte> text = StringValue.Text(entry, scratch);
            block = NativeBlock.Allocate(text.Length);
            if (block.IsNull) return Outcome.OutOfMemory;
            text.CopyTo(block.Bytes);
        }
        length = entry.ValueLength;
        return Outcome.Ok;
    }

    /// <summary>What the shards took becomes the coordinator's; WrongType outweighs a lack of memory.</summary>
    private static Outcome Gather(Coordinator tx, out Texts texts)
    {
        texts = default;
        Outcome outcome = Outcome.Ok;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Texts part = ref tx.StateOf<Texts>(shard);
            if (!part.First.IsNull) (texts.First, texts.FirstLength) = (part.First, part.FirstLength);
            if (!part.Second.IsNull) (texts.Second, texts.SecondLength) = (part.Second, part.SecondLength);
            var one = (Outcome)tx.ValueOf(shard);
            if (one != Outcome.Ok && outcome != Outcome.WrongType) outcome = one;
        }
        return outcome;
    }

    // ---- the arguments ----

    private static bool TryParse(Coordinator tx, out Options options)
    {
        options = default;
        Arguments args = tx.Args;
        for (int i = 3; i < args.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(args[i], "IDX"u8)) options.Ranges = true;
            else if (Ascii.EqualsIgnoreCase(args[i], "LEN"u8)) options.Length = true;
            else if (Ascii.EqualsIgnoreCase(args[i], "WITHMATCHLEN"u8)) options.MatchLengths = true;
            else if (Ascii.EqualsIgnoreCase(args[i], "MINMATCHLEN"u8) && i + 1 < args.Count)
            {
                if (!Numbers.TryParseLong(args[++i], out options.LengthMin)) return Refuse(tx, Errors.NotInteger);
            }
            else return Refuse(tx, Errors.Syntax);
        }
        return !(options.Length && options.Ranges) || Refuse(tx, Errors.LcsLenAndIdx);
    }

    private static bool Refuse(Coordinator tx, ErrorReply error)
    {
        tx.Fail(error);
        return false;
    }

    private static bool TryMakeTable(Coordinator tx, in Texts texts, out NativeBlock table)
    {
        table = default;
        long bytes = (texts.FirstLength + 1L) * (texts.SecondLength + 1L) * sizeof(int);
        if (bytes > tx.Loop.Settings.BulkLengthMax) return Refuse(tx, Errors.LcsOverLimit);
        if (bytes <= NativeBlock.CapacityMax) table = NativeBlock.Allocate((int)bytes);
        return !table.IsNull || Refuse(tx, Errors.LcsNoMemory);
    }

    // ---- the table ----

    /// <summary>One slice of cells; true when the table is full.</summary>
    private static bool Fill(NativeBlock table, in Texts texts, ref long cell)
    {
        Span<int> cells = NativeCast.Cells<int>(table.Bytes);
        ReadOnlySpan<byte> a = texts.A, b = texts.B;
        int width = b.Length + 1;
        long all = (a.Length + 1L) * width, stop = Math.Min(all, cell + CellsPerSlice);
        while (cell < stop)
        {
            int i = (int)(cell / width), j = (int)(cell % width);
            int count = (int)Math.Min(width - j, stop - cell);
            if (i == 0) cells.Slice(j, count).Clear();
            else FillRow(cells.Slice((i - 1) * width, width), cells.Slice(i * width, width), a[i - 1], b, j, count);
            cell += count;
        }
        return cell == all;
    }

    private static void FillRow(ReadOnlySpan<int> above, Span<int> row, byte a, ReadOnlySpan<byte> b,
        int first, int count)
    {
        int j = first, left = first == 0 ? 0 : row[first - 1];
        if (j == 0) row[j++] = 0;
        for (; j < first + count; j++)
        {
            left = b[j - 1] == a ? above[j - 1] + 1 : Math.Max(above[j], left);
            row[j] = left;
        }
    }

    // ---- the reply ----

    private static async Co<Nothing> Answer(Coordinator tx, NativeBlock table, Texts texts, Options options)
    {
        int length = LengthOf(table, in texts);
        if (options.Length)
        {
            WriteLength(tx, length);
            return default;
        }
        NativeBlock common = options.Ranges ? default : NativeBlock.Allocate(length);
        if (!options.Ranges && common.IsNull)
        {
            tx.Fail(Errors.LcsNoMemory);
            return default;
        }
        var walk = new Walk { I = texts.FirstLength, J = texts.SecondLength, Left = length };
        while (!Step(tx, table, in texts, in options, common, ref walk)) await tx.Yield();
        if (options.Ranges) WriteRanges(tx, walk.Ranges, length);
        else WriteCommon(tx, common, length);
        return default;
    }

    private static int LengthOf(NativeBlock table, in Texts texts)
    {
        int width = texts.SecondLength + 1;
        return NativeCast.Cells<int>(table.Bytes)[texts.FirstLength * width + texts.SecondLength];
    }

    private static void WriteLength(Coordinator tx, int length)
    {
        ReplyWriter reply = tx.Writer();
        reply.Integer(length);
        tx.Close(ref reply);
    }

    private static void WriteCommon(Coordinator tx, NativeBlock common, int length)
    {
        ReplyWriter reply = tx.Writer();
        reply.BulkBlock(common, 0, length);
        tx.Close(ref reply);
        common.Release();
    }

    private static void WriteRanges(Coordinator tx, int count, int length)
    {
        ReplyWriter reply = tx.Writer();
        reply.Map(2);
        reply.Bulk("matches"u8);
        reply.Array(count);
        reply.Raw(ref tx.PartOf(tx.Loop.Index));
        reply.Bulk("len"u8);
        reply.Integer(length);
        tx.Close(ref reply);
    }

    /// <summary>One slice of the walk; true when it has come to the table's edge.</summary>
    private static bool Step(Coordinator tx, NativeBlock table, in Texts texts, in Options options,
        NativeBlock common, ref Walk walk)
    {
        ReadOnlySpan<int> cells = NativeCast.Cells<int>(table.Bytes);
        ReadOnlySpan<byte> a = texts.A, b = texts.B;
        int width = b.Length + 1;
        Span<byte> target = common.IsNull ? default : common.Bytes;
        ReplyWriter ranges = tx.PartWriter(tx.Loop.Index);
        for (long steps = 0; steps < CellsPerSlice && walk.I > 0 && walk.J > 0; steps++)
        {
            bool rangeEnds;
            if (a[walk.I - 1] == b[walk.J - 1])
            {
                if (!target.IsEmpty) target[walk.Left - 1] = a[walk.I - 1];
                rangeEnds = !Extend(ref walk);
                walk.Left--;
                walk.I--;
                walk.J--;
            }
            else
            {
                if (cells[(walk.I - 1) * width + walk.J] > cells[walk.I * width + walk.J - 1]) walk.I--;
                else walk.J--;
                rangeEnds = walk.InRange;
            }
            if (!rangeEnds) continue;
            if (options.Ranges) WriteRange(ref ranges, in options, ref walk);
            walk.InRange = false;
        }
        ranges.Flush();
        return walk.I == 0 || walk.J == 0;
    }

    /// <summary>Takes the match before (I, J) into the range; false when the range cannot grow further.</summary>
    private static bool Extend(ref Walk walk)
    {
        bool adjoins = walk.FirstStart == walk.I && walk.SecondStart == walk.J;
        if (walk.InRange && !adjoins) return false;
        if (!walk.InRange) (walk.FirstEnd, walk.SecondEnd, walk.InRange) = (walk.I - 1, walk.J - 1, true);
        (walk.FirstStart, walk.SecondStart) = (walk.I - 1, walk.J - 1);
        return walk.FirstStart != 0 && walk.SecondStart != 0;
    }

    private static void WriteRange(ref ReplyWriter reply, in Options options, ref Walk walk)
    {
        int length = walk.FirstEnd - walk.FirstStart + 1;
        if (length < options.LengthMin) return;
        reply.Array(options.MatchLengths ? 3 : 2);
        reply.Array(2);
        reply.Integer(walk.FirstStart);
        reply.Integer(walk.FirstEnd);
        reply.Array(2);
        reply.Integer(walk.SecondStart);
        reply.Integer(walk.SecondEnd);
        if (options.MatchLengths) reply.Integer(length);
        walk.Ranges++;
    }
}
