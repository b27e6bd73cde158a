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

// Each shard combines its own sources, the coordinator what the shards give it, the target's shard stores that:
//
//     shard 0   a, c ──► a∘c ──┐
//     shard 1   b    ──► b   ──┼──► a∘c∘b ──► target         all under the locks of all keys, in slices
//     shard 2   target         ┘
//
// Order does not matter to AND, OR and XOR, and a shorter source counts as if it had zeros behind it. A shard with one source
// gives it as it lies there, by reference where it is a block.

/// <summary>BITOP: as long as its values, hence a coordinator that works in slices, wherever its keys lie.</summary>
public static class BitOpCommand
{
    /// <summary>Bytes that one slice reads and writes.</summary>
    private const int SliceBytes = 1 << 20;

    /// <summary>But of each value at least so many.</summary>
    private const int ChunkBytesMin = 4096;

    private const int FirstSource = 3;

    public static readonly CommandSpec[] Table =
    [
        new("BITOP", -4, Write | DenyOom, AclCategory.Bitmap,
            [
                new(KeyAccess.Overwrite | KeyAccess.Update, KeySearch.Range) { BeginIndex = 2 },
                new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Range) { BeginIndex = FirstSource, LastKey = -1 },
            ], BitOp, "Performs bitwise operations on multiple strings, and stores the result."),
    ];

    /// <summary>One shard's sources, combined up to a place; or the result on its way to the target.</summary>
    private struct Part
    {
        /// <summary>Null before the first slice, and where all sources are empty.</summary>
        internal NativeBlock Bits;
        internal int Length;
        internal int Done;
        internal int Sources;
        internal BitOperation Operation;
        internal Outcome Outcome;
        internal bool HasBegun;

        internal readonly bool IsReady => HasBegun && Done == Length;
    }

    private static async Co<Nothing> BitOp(Coordinator tx)
    {
        if (!TryRead(tx, out BitOperation operation)) return default;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<Part>(shard).Operation = operation;
        await tx.HopKeys(CombineSlice);
        while (!AllReady(tx))
        {
            await tx.Yield();
            await tx.HopKeys(CombineSlice);
        }
        Outcome outcome = BeginJoin(tx, operation, out Part joined);
        if (outcome == Outcome.Ok)
        {
            while (!JoinSlice(tx, ref joined)) await tx.Yield();
            int target = tx.ShardOf(2);
            ReleaseParts(tx);
            tx.StateOf<Part>(target) = joined;
            await tx.Hop(target, Store, releases: true);
            outcome = tx.StateOf<Part>(target).Outcome;
        }
        else
        {
            ReleaseParts(tx);
        }
        if (outcome == Outcome.Ok) tx.Answer(joined.Length);
        else tx.Fail(outcome);
        return default;
    }

    private static bool TryRead(Coordinator tx, out BitOperation operation)
    {
        ReadOnlySpan<byte> name = tx.Args[1];
        operation = default;
        if (Ascii.EqualsIgnoreCase(name, "AND"u8)) operation = BitOperation.And;
        else if (Ascii.EqualsIgnoreCase(name, "OR"u8)) operation = BitOperation.Or;
        else if (Ascii.EqualsIgnoreCase(name, "XOR"u8)) operation = BitOperation.Xor;
        else if (Ascii.EqualsIgnoreCase(name, "NOT"u8)) operation = BitOperation.Not;
        else
        {
            tx.Fail(Errors.Syntax);
            return false;
        }
        if (operation != BitOperation.Not || tx.Args.Count == FirstSource + 1) return true;
        tx.Fail(Errors.BitOpNotOfMany);
        return false;
    }

    // ---- a shard's own sources ----

    private static void CombineSlice(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        if (part.IsReady) return;
        if (!part.HasBegun) Begin(shard, ref hop, ref part);
        if (part.IsReady) return;
        int count = ChunkOf(part.Length - part.Done, part.Sources);
        Span<byte> target = part.Bits.Bytes.Slice(part.Done, count);
        bool isFirst = true;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (int i = FirstSource; i < hop.Args.Count; i++)
        {
            if (!hop.Owns(i)) continue;
            Entry entry = shard.Peek(hop.Args.Key(i));
            ReadOnlySpan<byte> source = entry.Exists ? Slice(StringValue.Text(entry, scratch), part.Done, count) : default;
            Take(part.Operation, target, source, ref isFirst);
        }
        part.Done += count;
    }

    /// <summary>Looks the sources up. One alone is taken as it is, for several there must be room.</summary>
    private static void Begin(ShardScope shard, ref HopFrame hop, ref Part part)
    {
        part.HasBegun = true;
        int only = 0;
        for (int i = FirstSource; i < hop.Args.Count; i++)
        {
            if (!hop.Owns(i)) continue;
            part.Sources++;
            only = i;
            Entry entry = shard.Find(hop.Args.Key(i));
            if (!entry.Exists) continue;
            if (entry.Type != ValueType.String)
            {
                part.Outcome = Outcome.WrongType;
                part.Length = 0;
                return;
            }
            part.Length = Math.Max(part.Length, entry.ValueLength);
        }
        if (part.Length == 0) return;
        Entry source = shard.Peek(hop.Args.Key(only));
        if (part.Sources == 1 && source.Encoding == ValueEncoding.Block)
        {
            part.Bits = source.Block;
            part.Bits.AddReference();
            part.Done = part.Length;
            return;
        }
        part.Bits = NativeBlock.Allocate(part.Length);
        if (!part.Bits.IsNull) return;
        part.Outcome = Outcome.OutOfMemory;
        part.Length = 0;
    }

    private static bool AllReady(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Part part = ref tx.StateOf<Part>(shard);
            if (part.HasBegun && !part.IsReady) return false;
        }
        return true;
    }

    // ---- what the shards have made of theirs ----

    private static Outcome BeginJoin(Coordinator tx, BitOperation operation, out Part joined)
    {
        joined = new Part { Operation = operation };
        Outcome outcome = Outcome.Ok;
        int only = 0;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Part part = ref tx.StateOf<Part>(shard);
            if (part.Outcome != Outcome.Ok && outcome != Outcome.WrongType) outcome = part.Outcome;
            if (part.Sources == 0) continue;
            joined.Sources++;
            joined.Length = Math.Max(joined.Length, part.Length);
            only = shard;
        }
        if (outcome != Outcome.Ok || joined.Length == 0) return outcome;
        if (joined.Sources == 1 && operation != BitOperation.Not)
        {
            joined.Bits = tx.StateOf<Part>(only).Bits;
            joined.Bits.AddReference();
            joined.Done = joined.Length;
            return Outcome.Ok;
        }
        joined.Bits = NativeBlock.Allocate(joined.Length);
        return joined.Bits.IsNull ? Outcome.OutOfMemory : Outcome.Ok;
    }

    /// <summary>True when all is joined.</summary>
    private static bool JoinSlice(Coordinator tx, ref Part joined)
    {
        if (joined.Done == joined.Length) return true;
        int count = ChunkOf(joined.Length - joined.Done, joined.Sources);
        Span<byte> target = joined.Bits.Bytes.Slice(joined.Done, count);
        bool isFirst = true;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Part part = ref tx.StateOf<Part>(shard);
            if (part.Sources == 0) continue;
            ReadOnlySpan<byte> source = part.Bits.IsNull ? default : Slice(part.Bits.Bytes[..part.Length], joined.Done, count);
            Take(joined.Operation, target, source, ref isFirst);
        }
        if (joined.Operation == BitOperation.Not) BitLogic.Invert(target);
        joined.Done += count;
        return joined.Done == joined.Length;
    }

    private static void ReleaseParts(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Part part = ref tx.StateOf<Part>(shard);
            if (!part.Bits.IsNull) part.Bits.Release();
            part = default;
        }
    }

    private static void Store(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        Key key = hop.Args.Key(2);
        if (part.Length == 0)
        {
            _ = shard.Delete(key);
            return;
        }
        Edit edit = new Edit(shard, key);
        if (part.Length < ReplyWriter.ByReferenceMin)
        {
            part.Outcome = edit.SetString(part.Bits.Bytes[..part.Length], 0);
        }
        else
        {
            part.Bits.AddReference();
            part.Outcome = edit.SetBlock(part.Bits, part.Length, 0);
            if (part.Outcome != Outcome.Ok) part.Bits.Release();
        }
        part.Bits.Release();
        if (part.Outcome == Outcome.Ok) edit.Commit(EventClass.String, "set"u8, Effect.State);
        else edit.Abandon();
    }

    // ---- slices ----

    private static int ChunkOf(int left, int sources) => Math.Min(left, Math.Max(ChunkBytesMin, SliceBytes / (sources + 1)));

    /// <summary>What there is of a value at a place: less than asked for, or nothing, at its end.</summary>
    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> value, int from, int count) =>
        from >= value.Length ? default : value.Slice(from, Math.Min(count, value.Length - from));

    private static void Take(BitOperation operation, Span<byte> target, ReadOnlySpan<byte> source, ref bool isFirst)
    {
        if (isFirst)
        {
            source.CopyTo(target);
            target[source.Length..].Clear();
        }
        else
        {
            BitLogic.Combine(operation, target, source);
        }
        isFirst = false;
    }
}
