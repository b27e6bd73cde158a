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

/// <summary>Single bits of strings: SETBIT, GETBIT, and their counts and places.</summary>
public static class BitmapCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;

    /// <summary>Bits that are counted or looked at within one turn, and between two looks at the clock.</summary>
    private const long BitsPerTurn = 8 << 20, BitsPerStep = 8 * 32 * 1024;

    private static readonly LongReadStep CountHandler = CountStep, FindHandler = FindStep;
    private static readonly LongReadHeader HeaderHandler = WriteNumber;

    public static readonly CommandSpec[] Table =
    [
        new("SETBIT",    4, Write | DenyOom, AclCategory.Bitmap, Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), SetBit,
            "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist."),
        new("GETBIT",    3, ReadOnly | Fast, AclCategory.Bitmap, Keys.First(Reads), GetBit,
            "Returns a bit value by offset."),
        new("BITCOUNT", -2, ReadOnly | ReadsLong, AclCategory.Bitmap, Keys.First(Reads), BitCount,
            "Counts the number of set bits (population counting) in a string."),
        new("BITPOS",   -3, ReadOnly | ReadsLong, AclCategory.Bitmap, Keys.First(Reads), BitPos,
            "Finds the first set (1) or clear (0) bit in a string."),
    ];

    /// <summary>The part of a value that a command is about, as its arguments give it: in bytes or bits, negative from the end.</summary>
    private struct Part
    {
        internal long Start;
        internal long End;
        internal bool HasEnd;
        internal bool IsInBits;

        /// <summary>The first and the last bit of it in a value of so many bytes; false when there are none.</summary>
        internal readonly bool TryResolve(long lengthBytes, out long first, out long last)
        {
            const int ByteBits = 8;
            long length = IsInBits ? lengthBytes * ByteBits : lengthBytes;
            first = Start < 0 ? Math.Max(0, length + Start) : Start;
            last = HasEnd ? End : length - 1;
            if (last < 0) last = HasEnd ? Math.Max(0, length + last) : last;
            last = Math.Min(last, length - 1);
            if (first > last) return false;
            if (IsInBits) return true;
            first *= ByteBits;
            last = last * ByteBits + ByteBits - 1;
            return true;
        }
    }

    private static void SetBit(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadOffset(args[2], shard.Settings.BulkLengthMax, out long at))
        {
            reply.Error(Errors.BitOffset);
            return;
        }
        if (!Numbers.TryParseLong(args[3], out long value) || value is not (0 or 1))
        {
            reply.Error(Errors.BitValue);
            return;
        }
        Edit edit = new Edit(shard, args.Key(1));
        if (Holds(in edit, at, value != 0))
        {
            edit.Abandon();
            reply.Integer(value);
            return;
        }
        Outcome outcome = TryReach(ref edit, at, out Span<byte> bytes, out bool isLonger);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        bool before = BitSpan.Get(bytes, at);
        BitSpan.Set(bytes, at, value != 0);
        if (isLonger || before != (value != 0)) edit.Commit(EventClass.String, "setbit"u8);
        else edit.Abandon();
        reply.Integer(before ? 1 : 0);
    }

    /// <summary>The bit is there and has this value: nothing needs to be written.</summary>
    private static bool Holds(in Edit edit, long at, bool value)
    {
        if (!edit.Exists || edit.Type != ValueType.String || edit.Entry.Encoding == ValueEncoding.Integer) return false;
        ReadOnlySpan<byte> bytes = edit.Entry.Bytes;
        return at / 8 < bytes.Length && BitSpan.Get(bytes, at) == value;
    }

    /// <summary>
    /// Makes a string as long as it must be for a bit, and opens it for changes in place. A key that did not exist is there
    /// afterwards.
    /// </summary>
    internal static Outcome TryReach(ref Edit edit, long lastBit, out Span<byte> bytes, out bool isLonger)
    {
        bytes = default;
        bool existed = edit.Exists;
        isLonger = false;
        if (existed && edit.Type != ValueType.String) return Outcome.WrongType;
        long length = lastBit / 8 + 1;
        if (length > NativeBlock.CapacityMax) return Outcome.StringTooLong;
        int before = existed ? edit.Entry.ValueLength : 0;
        isLonger = !existed || before < length;
        if (!existed && edit.SetString(default, 0) is var created and not Outcome.Ok) return created;
        Outcome outcome = edit.Resize((int)Math.Max(length, before), out bytes);
        if (outcome != Outcome.Ok && !existed) edit.Delete();
        return outcome;
    }

    private static void GetBit(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadOffset(args[2], shard.Settings.BulkLengthMax, out long at))
        {
            reply.Error(Errors.BitOffset);
            return;
        }
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists) reply.Integer(0);
        else if (entry.Type != ValueType.String) reply.Error(Errors.WrongType);
        else reply.Integer(BitSpan.Get(StringValue.Text(entry, scratch), at) ? 1 : 0);
    }

    private static void BitCount(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadPart(args, 2, ref reply, out Part part)) return;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        bool isReversed = part.HasEnd && part.Start < 0 && part.End < 0 && part.Start > part.End;
        if (!entry.Exists || isReversed || !part.TryResolve(entry.ValueLength, out long first, out long last)) reply.Integer(0);
        else if (last - first > BitsPerTurn && shard.MaySuspend) shard.ReadLong(args, 0, CountHandler, HeaderHandler);
        else reply.Integer(BitSpan.Count(StringValue.Text(entry, scratch), first, last));
    }

    private static void BitPos(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[2], out long value))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (value is not (0 or 1))
        {
            reply.Error(Errors.BitArgument);
            return;
        }
        if (!TryReadPart(args, 3, ref reply, out Part part)) return;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String) reply.Error(Errors.WrongType);
        else if (!entry.Exists) reply.Integer(value == 1 ? -1 : 0);
        else if (entry.ValueLength > BitsPerTurn / 8 && shard.MaySuspend) shard.ReadLong(args, 0, FindHandler, HeaderHandler);
        else reply.Integer(Find(StringValue.Text(entry, scratch), value != 0, in part));
    }

    // ---- beyond a turn: what is read is a block, and what is written a number ----

    private static void WriteNumber(in LongReadState state, ref ReplyWriter reply) => reply.Integer(state.Written);

    private static void CountStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        if (!TryStep(shard, args, 2, ref state, ref reply, out ReadOnlySpan<byte> bytes, out long first, out long end, out long last, out _)) return;
        state.Written += BitSpan.Count(bytes, first, Math.Min(end, last));
        if (end >= last) state.Position = 0;
    }

    private static void FindStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        _ = Numbers.TryParseLong(args[2], out long value);
        state.Written = -1;
        if (!TryStep(shard, args, 3, ref state, ref reply, out ReadOnlySpan<byte> bytes, out long first, out long end, out long last, out bool hasEnd))
            return;
        state.Written = BitSpan.Find(bytes, value != 0, first, Math.Min(end, last));
        if (state.Written < 0 && end < last) return;
        if (state.Written < 0 && value == 0 && !hasEnd) state.Written = last + 1;
        state.Position = 0;
    }

    /// <summary>The bits of the next step, from first to end or last, whichever comes first; false when there are none at all.</summary>
    private static bool TryStep(ShardScope shard, Arguments args, int from, ref LongReadState state, ref ReplyWriter reply,
        out ReadOnlySpan<byte> bytes, out long first, out long end, out long last, out bool hasEnd)
    {
        _ = TryReadPart(args, from, ref reply, out Part part);
        bytes = shard.Peek(args.Key(1)).Bytes;
        hasEnd = part.HasEnd;
        end = 0;
        bool isThere = part.TryResolve(bytes.Length, out first, out last);
        if (!isThere) return false;
        first += (long)state.Position;
        state.Position += BitsPerStep;
        end = first + BitsPerStep - 1;
        return true;
    }

    /// <summary>Behind a value there are zeros, for who does not say where to end.</summary>
    private static long Find(ReadOnlySpan<byte> bytes, bool value, in Part part)
    {
        if (!part.TryResolve(bytes.Length, out long first, out long last)) return -1;
        long found = BitSpan.Find(bytes, value, first, last);
        return found < 0 && !value && !part.HasEnd ? last + 1 : found;
    }

    /// <summary>The place of a bit in a string that may have so many bytes.</summary>
    internal static bool TryReadOffset(ReadOnlySpan<byte> text, long lengthMax, out long at) =>
        Numbers.TryParseLong(text, out at) && at >= 0 && at >> 3 < lengthMax;

    /// <summary>[start [end [BIT | BYTE]]], from an argument on; false when that is wrong, which is answered.</summary>
    private static bool TryReadPart(Arguments args, int from, ref ReplyWriter reply, out Part part)
    {
        part = default;
        int count = args.Count - from;
        if (count == 0) return true;
        if (count > 3) reply.Error(Errors.Syntax);
        else if (!Numbers.TryParseLong(args[from], out part.Start)) reply.Error(Errors.NotInteger);
        else if (count == 3 && !TryReadUnit(args[from + 2], out part.IsInBits)) reply.Error(Errors.Syntax);
        else if (count > 1 && !Numbers.TryParseLong(args[from + 1], out part.End)) reply.Error(Errors.NotInteger);
        else
        {
            part.HasEnd = count > 1;
            return true;
        }
        return false;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> text, out bool isInBits)
    {
        isInBits = Ascii.EqualsIgnoreCase(text, "BIT"u8);
        return isInBits || Ascii.EqualsIgnoreCase(text, "BYTE"u8);
    }
}
