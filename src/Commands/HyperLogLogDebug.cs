using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>PFDEBUG, which shows and changes how a HyperLogLog is kept, and PFSELFTEST.</summary>
public static class HyperLogLogDebug
{
    /// <summary>"Z:16384 " for a run of two bytes, "v:32,4 " for one.</summary>
    private const int TextBytesPerByte = 8;

    public static readonly CommandSpec[] Table =
    [
        new("PFDEBUG",    3, Write | DenyOom | Admin, AclCategory.HyperLogLog, Keys.At(2, KeyAccess.ReadWrite | KeyAccess.Access), Debug,
            "Internal commands for debugging HyperLogLog values."),
        new("PFSELFTEST", 1, Admin, AclCategory.HyperLogLog, Keys.None, HyperLogLogSelfTest.Run,
            "An internal command for testing HyperLogLog values."),
    ];

    private static async Co<Nothing> Debug(Coordinator tx)
    {
        if (Ascii.EqualsIgnoreCase(tx.Args[1], "SIMD"u8))
        {
            await SetVectors(tx);
            return default;
        }
        int shard = tx.ShardOf(2);
        await tx.Hop(shard, DebugKey, releases: true);
        switch ((Outcome)tx.ValueOf(shard))
        {
            case Outcome.Ok: tx.AnswerPart(shard); break;
            case Outcome.NoSuchKey: tx.Fail(Errors.NoKeyToDebug); break;
            case Outcome.NotDone: tx.Fail(Errors.NotSparse); break;
            case Outcome.NotFound: FailUnknown(tx); break;
            case var outcome: tx.Fail(outcome); break;
        }
        return default;
    }

    private static void FailUnknown(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(Errors.UnknownPfDebug, tx.Args[1]);
        tx.Close(ref reply);
    }

    private static async Co<Nothing> SetVectors(Coordinator tx)
    {
        bool on = Ascii.EqualsIgnoreCase(tx.Args[2], "ON"u8);
        if (!on && !Ascii.EqualsIgnoreCase(tx.Args[2], "OFF"u8))
        {
            tx.Fail(Errors.OnOrOff);
            return default;
        }
        await tx.HopAll(on ? UseVectors : UseNoVectors);
        AnswerVectors(tx);
        return default;
    }

    private static void AnswerVectors(Coordinator tx)
    {
        bool isUsed = tx.Loop.MergesVectors && HyperLogLog.CanMergeVectors;
        ReplyWriter reply = tx.Writer();
        reply.Simple(isUsed ? "enabled"u8 : "disabled"u8);
        tx.Close(ref reply);
    }

    private static void UseVectors(ShardScope shard, ref HopFrame hop) => shard.Loop.MergesVectors = true;

    private static void UseNoVectors(ShardScope shard, ref HopFrame hop) => shard.Loop.MergesVectors = false;

    /// <summary>Leaves an Outcome: NotDone where the value is not sparse, NotFound where there is no such subcommand.</summary>
    private static void DebugKey(ShardScope shard, ref HopFrame hop)
    {
        ReadOnlySpan<byte> what = hop.Args[1];
        Entry entry = shard.Peek(hop.Args.Key(2));
        Outcome outcome = entry.Exists ? HyperLogLogEdit.Check(entry) : Outcome.NoSuchKey;
        if (outcome == Outcome.Ok)
        {
            ReplyWriter reply = hop.Writer();
            if (Ascii.EqualsIgnoreCase(what, "GETREG"u8)) outcome = WriteRegisters(shard, ref hop, ref reply);
            else if (Ascii.EqualsIgnoreCase(what, "DECODE"u8)) outcome = Decode(entry, ref reply);
            else if (Ascii.EqualsIgnoreCase(what, "TODENSE"u8)) outcome = MakeDense(shard, ref hop, ref reply);
            else if (Ascii.EqualsIgnoreCase(what, "ENCODING"u8)) reply.Simple(HyperLogLog.IsDense(entry.Bytes) ? "dense"u8 : "sparse"u8);
            else outcome = Outcome.NotFound;
            reply.Flush();
        }
        hop.Value = (long)outcome;
    }

    private static Outcome WriteRegisters(ShardScope shard, ref HopFrame hop, ref ReplyWriter reply)
    {
        Outcome outcome = TryMakeDense(shard, ref hop, out _);
        if (outcome != Outcome.Ok) return outcome;
        Entry entry = shard.Peek(hop.Args.Key(2));
        reply.Array(HyperLogLog.Registers);
        for (int i = 0; i < HyperLogLog.Registers; i++)
        {
            _ = HyperLogLog.TryGet(entry.Bytes, i, out int register);
            reply.Integer(register);
        }
        return Outcome.Ok;
    }

    private static Outcome MakeDense(ShardScope shard, ref HopFrame hop, ref ReplyWriter reply)
    {
        Outcome outcome = TryMakeDense(shard, ref hop, out bool wasSparse);
        if (outcome == Outcome.Ok) reply.Integer(wasSparse ? 1 : 0);
        return outcome;
    }

    /// <summary>A change that is no event: the value says the same as before.</summary>
    private static Outcome TryMakeDense(ShardScope shard, ref HopFrame hop, out bool wasSparse)
    {
        var sketch = new HyperLogLogEdit(shard, hop.Args.Key(2));
        wasSparse = !HyperLogLog.IsDense(sketch.Value);
        Outcome outcome = wasSparse ? sketch.MakeDense() : Outcome.Ok;
        if (wasSparse && outcome == Outcome.Ok) return sketch.Commit(EventClass.None, "pfdebug"u8, Effect.State);
        sketch.Abandon();
        return outcome;
    }

    /// <summary>The runs of a sparse value: z and Z for zeros in one and two bytes, v for a value.</summary>
    private static Outcome Decode(Entry entry, ref ReplyWriter reply)
    {
        if (HyperLogLog.IsDense(entry.Bytes)) return Outcome.NotDone;
        ReadOnlySpan<byte> runs = entry.Bytes[HyperLogLog.HeaderBytes..];
        long room = (long)runs.Length * TextBytesPerByte;
        NativeBlock block = room <= NativeBlock.CapacityMax ? NativeBlock.Allocate((int)room) : default;
        if (block.IsNull) return Outcome.OutOfMemory;
        var text = new TextLine(block.Bytes);
        for (int offset = 0; offset < runs.Length;)
        {
            SparseRun run = SparseRun.At(runs, offset);
            ReadOnlySpan<byte> gap = offset == 0 ? default : " "u8;
            text.Add(gap);
            if (run.Value == 0)
            {
                text.Add(run.Bytes == 1 ? "z:"u8 : "Z:"u8, run.Length);
            }
            else
            {
                text.Add("v:"u8, run.Value);
                text.Add(","u8, run.Length);
            }
            offset += run.Bytes;
        }
        reply.Bulk(text.Written);
        block.Release();
        return Outcome.Ok;
    }
}
