using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Rdb;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

// A payload is verified, then read into a draft, then the key takes the draft. What is small does so at once; what is large,
// or turns out to be long, goes to the coordinator: it sums the payload up in slices where the client is, and reads it in slices
// where the key is, under the key's lock.

/// <summary>RESTORE: a key from what DUMP made of a value, here or elsewhere.</summary>
public static class RestoreCommand
{
    private const int Payload = 3;

    /// <summary>Bytes of a payload that are read in the batch, and that a slice sums up.</summary>
    private const int AtOnceBytesMax = 64 * 1024, BytesPerSlice = 512 * 1024;

    public static readonly CommandSpec[] Table =
    [
        new("RESTORE", -4, Write | DenyOom | MayBeLong, AclCategory.Keyspace | AclCategory.Dangerous,
            Keys.First(KeyAccess.Overwrite | KeyAccess.Update), RestoreHere, "Creates a key from the serialized representation of a value.")
            { AsCoordinator = RestoreLong },
    ];

    private struct Options
    {
        internal long Ttl;

        /// <summary>-1 where nothing is said.</summary>
        internal int IdleSeconds;
        internal bool Replaces, IsAbsolute;
    }

    /// <summary>A value that is being read: the state of a hop. What the loader has to remember is larger than that.</summary>
    private struct Reading
    {
        internal ulong Draft;
        internal NativeBlock State;
        internal Options Options;
    }

    // ---- arguments ----

    private static bool TryReadOptions(Arguments args, ref ReplyWriter reply, out Options options)
    {
        options = new Options { IdleSeconds = -1 };
        bool hasFrequency = false;
        for (int i = 4; i < args.Count; i++)
        {
            bool hasMore = i + 1 < args.Count;
            if (Ascii.EqualsIgnoreCase(args[i], "REPLACE"u8)) options.Replaces = true;
            else if (Ascii.EqualsIgnoreCase(args[i], "ABSTTL"u8)) options.IsAbsolute = true;
            else if (hasMore && !hasFrequency && Ascii.EqualsIgnoreCase(args[i], "IDLETIME"u8))
            {
                if (!TryReadBetween(args[++i], long.MaxValue, Errors.InvalidIdleTime, ref reply, out long seconds)) return false;
                options.IdleSeconds = (int)Math.Min(seconds, int.MaxValue);
            }
            else if (hasMore && options.IdleSeconds < 0 && Ascii.EqualsIgnoreCase(args[i], "FREQ"u8))
            {
                // Frequencies are not kept.
                if (!TryReadBetween(args[++i], byte.MaxValue, Errors.InvalidFrequency, ref reply, out _)) return false;
                hasFrequency = true;
            }
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        return true;
    }

    private static bool TryReadTtl(Arguments args, ref ReplyWriter reply, ref Options options) =>
        TryReadBetween(args[2], long.MaxValue, Errors.InvalidTtl, ref reply, out options.Ttl);

    private static bool TryReadBetween(ReadOnlySpan<byte> text, long max, ErrorReply error, ref ReplyWriter reply, out long number)
    {
        if (!Numbers.TryParseLong(text, out number)) reply.Error(Errors.NotInteger);
        else if (number < 0 || number > max) reply.Error(error);
        else return true;
        return false;
    }

    // ---- at once ----

    private static void RestoreHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadOptions(args, ref reply, out Options options)) return;
        if (!options.Replaces && shard.Peek(args.Key(1)).Exists)
        {
            reply.Error(Errors.BusyKey);
            return;
        }
        if (!TryReadTtl(args, ref reply, ref options)) return;
        ReadOnlySpan<byte> payload = args[Payload];
        if (!DumpFooter.TryReadVersion(payload, shard.Settings.RdbVersionsRelaxed, out int version))
        {
            reply.Error(Errors.DumpPayload);
            return;
        }
        if (payload.Length > AtOnceBytesMax)
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (!DumpFooter.Matches(payload, Crc64.Compute(DumpFooter.CheckedPart(payload))))
        {
            reply.Error(Errors.DumpPayload);
            return;
        }
        ulong draft = 0;
        var state = new RdbLoadState();
        RdbLoad outcome = Load(shard, payload, version, ref draft, ref state);
        state.Release();
        if (outcome == RdbLoad.Done) Store(shard, args, options, ref draft, ref reply);
        else
        {
            Drop(shard, draft);
            // From its begin: what takes longer than a slice is seldom.
            if (outcome == RdbLoad.GoesOn) shard.LeaveToCoordinator();
            else Fail(outcome, ref reply);
        }
    }

    private static void Fail(RdbLoad outcome, ref ReplyWriter reply)
    {
        if (outcome == RdbLoad.Refused) reply.Error(Outcome.OutOfMemory);
        else reply.Error(Errors.BadDataFormat);
    }

    /// <summary>As much as one slice bears.</summary>
    private static RdbLoad Load(ShardScope shard, ReadOnlySpan<byte> payload, int version, ref ulong number, ref RdbLoadState state)
    {
        Draft draft = shard.Draft(ref number);
        var loader = new RdbLoader(payload[..^DumpFooter.Bytes], version, ref state, draft.Slot, shard.Settings.RdbLimits);
        var slice = new WorkSlice(shard);
        RdbLoad outcome;
        do outcome = loader.Step();
        while (outcome == RdbLoad.GoesOn && slice.MayGoOn(shard));
        return outcome == RdbLoad.GoesOn && !shard.AllowsMemory ? RdbLoad.Refused : outcome;
    }

    private static void Drop(ShardScope shard, ulong number)
    {
        if (number != 0) shard.Draft(ref number).Delete();
    }

    /// <summary>The key takes the draft, which is gone then.</summary>
    private static void Store(ShardScope shard, Arguments args, Options options, ref ulong number, ref ReplyWriter reply)
    {
        scoped Edit edit = new Edit(shard, args.Key(1));
        scoped Draft draft = shard.Draft(ref number);
        long expireAtMs = options.Ttl == 0 || options.IsAbsolute ? options.Ttl : unchecked(shard.NowMs + options.Ttl);
        if (expireAtMs != 0 && expireAtMs <= shard.NowMs)
        {
            draft.Delete();
            StoreNothing(ref edit);
            reply.Ok();
            return;
        }
        // Before the key takes it: so a refusal leaves the key as it was.
        if (!draft.Slot.SetExpiry(expireAtMs) || edit.SetDraft(ref draft) != Outcome.Ok)
        {
            draft.Delete();
            edit.Abandon();
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        if (options.IdleSeconds > 0) edit.SetIdleSeconds(options.IdleSeconds);
        edit.NoteNew();
        edit.Commit(EventClass.Generic, "restore"u8, Effect.State);
        reply.Ok();
    }

    /// <summary>The value's time has come: what it would replace goes all the same.</summary>
    private static void StoreNothing(ref Edit edit)
    {
        if (edit.Exists)
        {
            edit.Delete();
            edit.Commit(EventClass.Generic, "del"u8, Effect.Deleted);
        }
        else edit.Abandon();
    }

    // ---- in slices ----

    private static async Co<Nothing> RestoreLong(Coordinator tx)
    {
        if (!TryBegin(tx, out Options options)) return default;
        int there = tx.ShardOf(1);
        if (!options.Replaces)
        {
            await tx.Hop(there, LookPart);
            if (tx.ValueOf(there) != 0)
            {
                tx.Fail(Outcome.BusyKey);
                return default;
            }
        }
        if (!TryRead(tx, ref options, out bool isRead)) return default;
        ulong checksum = 0;
        for (int at = 0; isRead && at < tx.Args[Payload].Length; at += BytesPerSlice)
        {
            checksum = SumUp(tx, at, checksum);
            await tx.Yield();
        }
        if (!isRead || !DumpFooter.Matches(tx.Args[Payload], checksum))
        {
            tx.Fail(Errors.DumpPayload);
            return default;
        }
        await Read(tx, there, options);
        return default;
    }

    private static bool TryBegin(Coordinator tx, out Options options)
    {
        ReplyWriter reply = tx.Writer();
        bool isRight = TryReadOptions(tx.Args, ref reply, out options);
        tx.Close(ref reply);
        return isRight;
    }

    /// <summary>False with the error written; else whether the payload is of a version that is read.</summary>
    private static bool TryRead(Coordinator tx, ref Options options, out bool isRead)
    {
        ReplyWriter reply = tx.Writer();
        bool isRight = TryReadTtl(tx.Args, ref reply, ref options);
        tx.Close(ref reply);
        isRead = DumpFooter.TryReadVersion(tx.Args[Payload], tx.Loop.Settings.RdbVersionsRelaxed, out _);
        return isRight;
    }

    private static ulong SumUp(Coordinator tx, int at, ulong checksum)
    {
        ReadOnlySpan<byte> rest = DumpFooter.CheckedPart(tx.Args[Payload]);
        rest = rest[Math.Min(at, rest.Length)..];
        return Crc64.Continue(checksum, rest[..Math.Min(BytesPerSlice, rest.Length)]);
    }

    private static async Co<Nothing> Read(Coordinator tx, int there, Options options)
    {
        if (!TryMakeState(out NativeBlock state))
        {
            tx.Fail(Outcome.OutOfMemory);
            return default;
        }
        tx.StateOf<Reading>(there) = new Reading { State = state, Options = options };
        await tx.InSlices(there, LoadPart);
        state.Release();
        if (!tx.PassError(there)) tx.AnswerPart(there);
        return default;
    }

    private static bool TryMakeState(out NativeBlock state)
    {
        state = NativeBlock.Allocate(NativeCast.SizeOf<RdbLoadState>());
        if (!state.IsNull) state.Bytes.Clear();
        return !state.IsNull;
    }

    // ---- on the key's shard ----

    private static void LookPart(ShardScope shard, ref HopFrame hop) => hop.Value = shard.Peek(hop.Args.Key(1)).Exists ? 1 : 0;

    private static void LoadPart(ShardScope shard, ref HopFrame hop)
    {
        ref Reading reading = ref hop.State<Reading>();
        ref RdbLoadState state = ref NativeCast.Cells<RdbLoadState>(reading.State.Bytes)[0];
        _ = DumpFooter.TryReadVersion(hop.Args[Payload], isRelaxed: true, out int version);
        RdbLoad outcome = Load(shard, hop.Args[Payload], version, ref reading.Draft, ref state);
        hop.GoesOn = outcome == RdbLoad.GoesOn;
        if (hop.GoesOn) return;
        state.Release();
        ReplyWriter reply = hop.Writer();
        if (outcome == RdbLoad.Done) Store(shard, hop.Args, reading.Options, ref reading.Draft, ref reply);
        else
        {
            Drop(shard, reading.Draft);
            Fail(outcome, ref reply);
        }
        reply.Flush();
    }
}
