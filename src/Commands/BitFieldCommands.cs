using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>
/// Numbers of any width in strings: BITFIELD and BITFIELD_RO. The arguments are read twice: all of them to find errors, the
/// length that is needed, and whether anything is written; then each operation before it is done.
/// </summary>
public static class BitFieldCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;
    private const KeyAccess Writes = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update;

    public static readonly CommandSpec[] Table =
    [
        new("BITFIELD",    -2, Write | DenyOom, AclCategory.Bitmap,
            [new(Writes | KeyAccess.VariableFlags, KeySearch.Range) { Notes = "This command allows both access and modification of the key" }],
            BitField, "Performs arbitrary bitfield integer operations on strings.")
            { Refine = AccessOf },
        new("BITFIELD_RO", -2, ReadOnly | Fast, AclCategory.Bitmap, Keys.First(Reads), BitFieldReadOnly,
            "Performs arbitrary read-only bitfield integer operations on strings."),
    ];

    private enum Kind : byte { Get, Set, IncrBy }

    private struct Operation
    {
        internal Kind Kind;
        internal BitFieldOverflow Overflow;
        internal BitFieldType Type;
        internal long Offset;

        /// <summary>What is set or added.</summary>
        internal long Value;
    }

    /// <summary>What the first reading found.</summary>
    private struct Plan
    {
        internal int Operations;
        internal bool Writes;

        /// <summary>The last bit that is written.</summary>
        internal long LastBit;
    }

    /// <summary>Reads operations, with the OVERFLOW words before them, in order.</summary>
    private ref struct Reader(Arguments args, long lengthMax)
    {
        private readonly Arguments _args = args;
        private readonly long _lengthMax = lengthMax;
        private int _next = 2;
        private BitFieldOverflow _overflow;

        /// <summary>Why there is no next operation; empty at the end of the arguments.</summary>
        internal ErrorReply Error;

        internal bool TryNext(out Operation operation)
        {
            operation = default;
            while (_next < _args.Count)
            {
                int behind = _args.Count - _next - 1;
                ReadOnlySpan<byte> word = _args[_next];
                if (behind >= 1 && Ascii.EqualsIgnoreCase(word, "OVERFLOW"u8))
                {
                    if (!TryReadOverflow(_args[_next + 1])) return Fail(Errors.BitFieldOverflow);
                    _next += 2;
                    continue;
                }
                if (behind >= 2 && Ascii.EqualsIgnoreCase(word, "GET"u8)) operation.Kind = Kind.Get;
                else if (behind >= 3 && Ascii.EqualsIgnoreCase(word, "SET"u8)) operation.Kind = Kind.Set;
                else if (behind >= 3 && Ascii.EqualsIgnoreCase(word, "INCRBY"u8)) operation.Kind = Kind.IncrBy;
                else return Fail(Errors.Syntax);
                return TryReadOperation(ref operation);
            }
            return false;
        }

        private bool TryReadOperation(ref Operation operation)
        {
            operation.Overflow = _overflow;
            if (!TryReadType(_args[_next + 1], out operation.Type)) return Fail(Errors.BitFieldType);
            if (!TryReadOffset(_args[_next + 2], operation.Type.Bits, out operation.Offset)) return Fail(Errors.BitOffset);
            _next += 3;
            if (operation.Kind == Kind.Get) return true;
            return Numbers.TryParseLong(_args[_next++], out operation.Value) || Fail(Errors.NotInteger);
        }

        private bool TryReadOverflow(ReadOnlySpan<byte> word)
        {
            if (Ascii.EqualsIgnoreCase(word, "WRAP"u8)) _overflow = BitFieldOverflow.Wrap;
            else if (Ascii.EqualsIgnoreCase(word, "SAT"u8)) _overflow = BitFieldOverflow.Saturate;
            else if (Ascii.EqualsIgnoreCase(word, "FAIL"u8)) _overflow = BitFieldOverflow.Fail;
            else return false;
            return true;
        }

        /// <summary>i1 to i64, or u1 to u63: replies have no room for more.</summary>
        private static bool TryReadType(ReadOnlySpan<byte> text, out BitFieldType type)
        {
            type = default;
            bool isSigned = text.StartsWith("i"u8);
            if (!isSigned && !text.StartsWith("u"u8)) return false;
            int bitsMax = isSigned ? BitSpan.FieldBitsMax : BitSpan.FieldBitsMax - 1;
            if (!Numbers.TryParseLong(text[1..], out long bits) || bits < 1 || bits > bitsMax) return false;
            type = new BitFieldType(isSigned, (int)bits);
            return true;
        }

        /// <summary>A number of bits, or #n for the n-th field of its size.</summary>
        private readonly bool TryReadOffset(ReadOnlySpan<byte> text, int bits, out long offset)
        {
            if (text.IsEmpty || text[0] != (byte)'#') return BitmapCommands.TryReadOffset(text, _lengthMax, out offset);
            if (!Numbers.TryParseLong(text[1..], out offset)) return false;
            offset = unchecked(offset * bits);
            return offset >= 0 && offset >> 3 < _lengthMax;
        }

        private bool Fail(ErrorReply error)
        {
            Error = error;
            return false;
        }
    }

    private static void BitField(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryPlan(shard, args, ref reply, out Plan plan)) return;
        if (plan.Writes) Change(shard, args, in plan, ref reply);
        else Read(shard, args, in plan, ref reply);
    }

    private static void BitFieldReadOnly(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryPlan(shard, args, ref reply, out Plan plan)) return;
        if (plan.Writes) reply.Error(Errors.BitFieldReadOnly);
        else Read(shard, args, in plan, ref reply);
    }

    /// <summary>False when the arguments are wrong, which is answered.</summary>
    private static bool TryPlan(ShardScope shard, Arguments args, ref ReplyWriter reply, out Plan plan)
    {
        plan = default;
        var reader = new Reader(args, shard.Settings.BulkLengthMax);
        while (reader.TryNext(out Operation operation))
        {
            plan.Operations++;
            if (operation.Kind == Kind.Get) continue;
            plan.Writes = true;
            plan.LastBit = Math.Max(plan.LastBit, operation.Offset + operation.Type.Bits - 1);
        }
        if (reader.Error.IsEmpty) return true;
        reply.Error(reader.Error);
        return false;
    }

    private static void Read(ShardScope shard, Arguments args, in Plan plan, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        ReadOnlySpan<byte> bytes = entry.Exists ? StringValue.Text(entry, scratch) : default;
        reply.Array(plan.Operations);
        var reader = new Reader(args, shard.Settings.BulkLengthMax);
        while (reader.TryNext(out Operation operation)) reply.Integer(operation.Type.Read(bytes, operation.Offset));
    }

    private static void Change(ShardScope shard, Arguments args, in Plan plan, ref ReplyWriter reply)
    {
        Edit edit = new Edit(shard, args.Key(1));
        bool existed = edit.Exists;
        Outcome outcome = BitmapCommands.TryReach(ref edit, plan.LastBit, out Span<byte> bytes, out bool isLonger);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        bool isChanged = false;
        reply.Array(plan.Operations);
        var reader = new Reader(args, shard.Settings.BulkLengthMax);
        while (reader.TryNext(out Operation operation))
        {
            long before = operation.Type.Read(bytes, operation.Offset);
            if (operation.Kind == Kind.Get)
            {
                reply.Integer(before);
                continue;
            }
            if (!TryCompute(in operation, before, out long after))
            {
                reply.Null();
                continue;
            }
            operation.Type.Write(bytes, operation.Offset, after);
            isChanged |= isLonger || before != after;
            reply.Integer(operation.Kind == Kind.Set ? before : after);
        }
        if (isChanged) edit.Commit(EventClass.String, "setbit"u8);
        // Zeros alone are no event, as in Valkey; but who repeats changes must have them.
        else if (isLonger || !existed) edit.Commit(EventClass.None, "setbit"u8);
        else edit.Abandon();
    }

    private static bool TryCompute(in Operation operation, long before, out long after) => operation.Kind == Kind.Set
        ? operation.Type.TryFit(operation.Value, operation.Overflow, out after)
        : operation.Type.TryAdd(before, operation.Value, operation.Overflow, out after);

    /// <summary>BITFIELD reads when all it does is GET; what is no operation might be anything.</summary>
    private static KeyAccess AccessOf(Arguments args)
    {
        for (int i = 2; i < args.Count;)
        {
            int behind = args.Count - i - 1;
            if (behind >= 2 && Ascii.EqualsIgnoreCase(args[i], "GET"u8)) i += 3;
            else if (behind >= 1 && Ascii.EqualsIgnoreCase(args[i], "OVERFLOW"u8)) i += 2;
            else return Writes;
        }
        return Reads;
    }
}
