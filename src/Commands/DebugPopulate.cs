using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>DEBUG POPULATE: many small keys, made on the shards themselves.</summary>
internal static class DebugPopulate
{
    private const int NameMax = 127;

    private struct PopulatePart
    {
        internal long Next;
        internal long Count;
        internal long ValueBytes;
        internal Outcome Outcome;
    }

    internal static async Co<Nothing> Populate(Coordinator tx)
    {
        if (!TryRead(tx, out PopulatePart part)) return default;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<PopulatePart>(shard) = part;
        await tx.HopAll(PopulateSlice);
        while (!AllDone(tx, out part.Outcome) && part.Outcome == Outcome.Ok && !tx.Session.Gone)
        {
            await tx.Yield();
            await tx.HopAll(PopulateSlice);
        }
        if (part.Outcome == Outcome.Ok) tx.AnswerOk();
        else tx.Fail(part.Outcome);
        return default;
    }

    private static bool TryRead(Coordinator tx, out PopulatePart part)
    {
        part = default;
        return TryRead(tx, 2, ref part.Count) && (tx.Args.Count < 5 || TryRead(tx, 4, ref part.ValueBytes));
    }

    private static bool TryRead(Coordinator tx, int argument, ref long number)
    {
        if (!Numbers.TryParseLong(tx.Args[argument], out number)) tx.Fail(Errors.NotInteger);
        else if (number < 0 || (argument == 4 && number > NativeBlock.CapacityMax)) tx.Fail(Errors.OutOfRangePositive);
        else return true;
        return false;
    }

    private static bool AllDone(Coordinator tx, out Outcome outcome)
    {
        bool done = true;
        outcome = Outcome.Ok;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            PopulatePart part = tx.StateOf<PopulatePart>(shard);
            done &= part.Next >= part.Count;
            if (part.Outcome != Outcome.Ok) outcome = part.Outcome;
        }
        return done;
    }

    private static void PopulateSlice(ShardScope shard, ref HopFrame hop)
    {
        ref PopulatePart part = ref hop.State<PopulatePart>();
        NativeBlock value = NativeBlock.Allocate((int)part.ValueBytes);
        part.Outcome = value.IsNull ? Outcome.OutOfMemory : Outcome.Ok;
        if (value.IsNull) return;
        value.Bytes.Clear();
        ReadOnlySpan<byte> prefix = hop.Args.Count > 3 ? ClientText.Printed(hop.Args[3]) : "key"u8;
        var slice = new WorkSlice(shard);
        while (part.Next < part.Count && part.Outcome == Outcome.Ok && slice.MayGoOn(shard))
        {
            part.Outcome = PopulateOne(shard, prefix, part.Next, value.Bytes[..(int)part.ValueBytes]);
            part.Next++;
        }
        value.Release();
    }

    private static Outcome PopulateOne(ShardScope shard, ReadOnlySpan<byte> prefix, long number, Span<byte> value)
    {
        const int TextMax = 32;
        Span<byte> name = stackalloc byte[NameMax];
        int length = Math.Min(prefix.Length, NameMax - TextMax);
        prefix[..length].CopyTo(name);
        name[length++] = (byte)':';
        length += Numbers.FormatLong(number, name[length..]);
        name = name[..length];
        var key = new Key(name, shard.Settings.HashKey.Hash(name));
        if (!shard.Owns(key) || shard.Peek(key).Exists) return Outcome.Ok;
        var text = new TextLine(stackalloc byte[TextMax]);
        text.Add("value:"u8, number);
        if (!value.IsEmpty) text.Written[..Math.Min(text.Written.Length, value.Length)].CopyTo(value);
        var edit = new Edit(shard, key);
        if (edit.SetString(value.IsEmpty ? text.Written : value, 0) is var outcome and not Outcome.Ok)
        {
            edit.Abandon();
            return outcome;
        }
        edit.Commit(EventClass.New, "new"u8, Effect.State);
        return Outcome.Ok;
    }
}
