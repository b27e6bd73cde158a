using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Pending entries taken over from other consumers: XCLAIM, XAUTOCLAIM.</summary>
public static class StreamClaimCommands
{
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        new("XCLAIM", -6, Write | Fast, AclCategory.Stream, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), Claim,
            "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered to a consumer group member.")
            { Tips = Nondeterministic },
        new("XAUTOCLAIM", -6, Write | Fast, AclCategory.Stream, Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete), AutoClaim,
            "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to a consumer group member.")
            { Tips = Nondeterministic },
    ];

    /// <summary>How what is claimed is to be.</summary>
    private struct Options
    {
        internal long IdleMs;

        /// <summary>XCLAIM: the place behind the last id.</summary>
        internal int IdsEnd;
        internal long DeliveredMs, Deliveries;
        internal StreamId LastId;
        internal bool Forces;
        internal bool OnlyIds;

        /// <summary>XAUTOCLAIM: from where on, and how many.</summary>
        internal StreamId From;
        internal long Count;
    }

    /// <summary>A stream that is open, with a group, a consumer, and what has come of it.</summary>
    private ref struct Claiming
    {
        internal Edit Edit;
        internal StreamGroup Group;
        internal StreamConsumer Consumer;
        internal long Changes;
        internal bool IsCreated;
        internal bool IsRefused;

        /// <summary>Opens all; false when memory is refused, which is answered.</summary>
        internal bool TryOpen(ShardScope shard, Arguments args, ref ReplyWriter reply)
        {
            Edit = new Edit(shard, args.Key(1));
            Group = new StreamView(shard.View(Edit.Entry)).FindGroup(args[2]);
            Consumer = Group.FindConsumer(args[3]);
            if (Consumer.Exists)
            {
                StreamEditor.SetSeen(Consumer, shard.NowMs);
                return true;
            }
            IsCreated = new StreamEditor(Edit.Slot, shard.Settings.StreamLimits).AddConsumer(Group, args[3], shard.NowMs, -1).Exists;
            if (IsCreated)
            {
                Consumer = Group.FindConsumer(args[3]);
                Edit.AlsoBeside(EventClass.Stream, "xgroup-createconsumer"u8, Effect.State);
                return true;
            }
            Edit.Abandon();
            reply.Error(Outcome.OutOfMemory);
            return false;
        }

        internal void Close(ReadOnlySpan<byte> name)
        {
            if (Changes == 0 && !IsCreated) Edit.Abandon();
            else Edit.CommitBeside(EventClass.None, name, Effect.State, Changes + (IsCreated ? 1 : 0));
        }
    }

    // ---- XCLAIM ----

    private static void Claim(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamValue.TryFind(shard, args.Key(1), ref reply, out StreamView view)) return;
        if (!view.FindGroup(args[2]).Exists)
        {
            reply.Error(Errors.NoKeyOrGroup, args[1], args[2]);
            return;
        }
        if (!TryRead(args, shard.NowMs, ref reply, out Options options)) return;
        var claiming = default(Claiming);
        if (!claiming.TryOpen(shard, args, ref reply)) return;
        StreamEditor stream = new(claiming.Edit.Slot, shard.Settings.StreamLimits);
        if (options.LastId > claiming.Group.LastId)
        {
            StreamEditor.SetRead(claiming.Group, options.LastId, claiming.Group.EntriesRead);
            claiming.Changes++;
        }
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        long written = 0;
        for (int i = 5; i < options.IdsEnd && !claiming.IsRefused; i++)
        {
            _ = StreamIds.TryParse(args[i], 0, out StreamId id);
            if (TryClaim(shard, stream, ref claiming, in options, id, ref reply)) written++;
        }
        if (claiming.IsRefused && written == 0)
        {
            reply.Restore(before);
            reply.Error(Outcome.OutOfMemory);
        }
        else reply.ResolveArray(header, written);
        claiming.Close("xclaim"u8);
    }

    private static bool TryRead(Arguments args, long nowMs, ref ReplyWriter reply, out Options options)
    {
        options = new Options { Deliveries = -1, DeliveredMs = -1, IdsEnd = 5 };
        if (!Numbers.TryParseLong(args[4], out options.IdleMs))
        {
            reply.Error(Errors.ClaimIdleTime);
            return false;
        }
        options.IdleMs = Math.Max(0, options.IdleMs);
        while (options.IdsEnd < args.Count && StreamIds.TryParse(args[options.IdsEnd], 0, out _)) options.IdsEnd++;
        for (int i = options.IdsEnd; i < args.Count; i++)
        {
            ReadOnlySpan<byte> option = args[i];
            bool hasMore = i + 1 < args.Count;
            ErrorReply error = default;
            if (Ascii.EqualsIgnoreCase(option, "FORCE"u8)) options.Forces = true;
            else if (Ascii.EqualsIgnoreCase(option, "JUSTID"u8)) options.OnlyIds = true;
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "IDLE"u8))
            {
                if (!Numbers.TryParseLong(args[++i], out options.DeliveredMs)) error = Errors.ClaimIdle;
                else options.DeliveredMs = unchecked(nowMs - options.DeliveredMs);
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "TIME"u8))
            {
                if (!Numbers.TryParseLong(args[++i], out options.DeliveredMs)) error = Errors.ClaimTime;
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "RETRYCOUNT"u8))
            {
                if (!Numbers.TryParseLong(args[++i], out options.Deliveries)) error = Errors.ClaimRetryCount;
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "LASTID"u8))
            {
                if (!StreamIds.TryRead(args[++i], ref reply, out options.LastId)) return false;
            }
            else
            {
                reply.Error(Errors.ClaimOption, option);
                return false;
            }
            if (error.IsEmpty) continue;
            reply.Error(error);
            return false;
        }
        // Clients reckon with clocks of their own: what cannot be is taken for now.
        if (options.DeliveredMs < 0 || options.DeliveredMs > nowMs) options.DeliveredMs = nowMs;
        return true;
    }

    /// <summary>Claims one entry and writes it; false when it is not to be had.</summary>
    private static bool TryClaim(
        ShardScope shard, scoped StreamEditor stream, ref Claiming claiming, in Options options, StreamId id, ref ReplyWriter reply)
    {
        PendingEntry pending = claiming.Group.FindPending(id);
        if (!stream.View.Contains(id))
        {
            if (!pending.Exists) return false;
            stream.RemovePending(claiming.Group, pending);
            claiming.Changes++;
            return false;
        }
        if (pending.Exists ? options.IdleMs != 0 && shard.NowMs - pending.DeliveredMs < options.IdleMs : !options.Forces) return false;
        // What is pending because it was forced has been delivered once, whoever gets it.
        long deliveries = pending.Exists ? pending.Deliveries : 1;
        if (options.Deliveries >= 0) deliveries = options.Deliveries;
        else if (!options.OnlyIds) deliveries++;
        if (!stream.SetPending(claiming.Group, claiming.Consumer, id, options.DeliveredMs, deliveries))
        {
            claiming.IsRefused = true;
            return false;
        }
        WriteClaimed(stream.View, id, options.OnlyIds, ref reply);
        StreamEditor.SetActive(claiming.Consumer, shard.NowMs);
        claiming.Changes++;
        return true;
    }

    private static void WriteClaimed(scoped StreamView stream, StreamId id, bool onlyId, ref ReplyWriter reply)
    {
        if (onlyId) StreamIds.Write(id, ref reply);
        else _ = StreamValue.TryWrite(stream, id, ref reply);
    }

    // ---- XAUTOCLAIM ----

    private static void AutoClaim(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (!TryReadIdle(args, ref reply, out Options options)) return;
        if (entry.Exists && entry.Type != Core.Structures.ValueType.Stream)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        if (!new StreamView(shard.View(entry)).FindGroup(args[2]).Exists)
        {
            reply.Error(Errors.NoKeyOrGroup, args[1], args[2]);
            return;
        }
        var claiming = default(Claiming);
        if (!claiming.TryOpen(shard, args, ref reply)) return;
        var gone = default(NativeRows<StreamId>);
        ReplyStream.Mark before = reply.Save();
        StreamId next = FindNext(shard, in claiming, in options);
        reply.Array(3);
        StreamIds.Write(next, ref reply);
        ReplyStream.DeferredHeader header = reply.Defer();
        long written = Take(shard, ref claiming, in options, ref gone, ref reply);
        if (written < 0)
        {
            reply.Restore(before);
            reply.Error(Outcome.OutOfMemory);
        }
        else
        {
            reply.ResolveArray(header, written);
            reply.Array(gone.Count);
            foreach (StreamId id in gone.Rows) StreamIds.Write(id, ref reply);
        }
        gone.Release();
        claiming.Close("xautoclaim"u8);
    }

    private static bool TryReadIdle(Arguments args, ref ReplyWriter reply, out Options options)
    {
        // As Valkey reckons it: ten attempts for each, and an id of 16 bytes.
        const long CountMax = long.MaxValue / 16;
        options = new Options { Count = 100 };
        if (!Numbers.TryParseLong(args[4], out options.IdleMs))
        {
            reply.Error(Errors.AutoClaimIdleTime);
            return false;
        }
        options.IdleMs = Math.Max(0, options.IdleMs);
        if (!StreamIds.TryReadStart(args[5], ref reply, out options.From)) return false;
        for (int i = 6; i < args.Count; i++)
        {
            if (i + 1 < args.Count && Ascii.EqualsIgnoreCase(args[i], "COUNT"u8))
            {
                if (Numbers.TryParseLong(args[++i], out options.Count) && options.Count is >= 1 and <= CountMax) continue;
                reply.Error(Errors.AutoClaimCount);
                return false;
            }
            if (Ascii.EqualsIgnoreCase(args[i], "JUSTID"u8))
            {
                options.OnlyIds = true;
                continue;
            }
            reply.Error(Errors.Syntax);
            return false;
        }
        return true;
    }

    private const int AttemptsPerEntry = 10;

    /// <summary>
    /// From where the next call goes on: what is behind all that this one looks at, which the reply says first; zero at the end.
    /// </summary>
    private static StreamId FindNext(ShardScope shard, in Claiming claiming, in Options options)
    {
        long count = options.Count, attempts = count * AttemptsPerEntry;
        var stream = new StreamView(shard.View(claiming.Edit.Entry));
        PendingWalk walk = claiming.Group.Pending(options.From);
        while (walk.Next(out PendingEntry pending))
        {
            if (count == 0 || attempts-- == 0) return pending.Id;
            bool isSkipped = options.IdleMs != 0 && shard.NowMs - pending.DeliveredMs < options.IdleMs && stream.Contains(pending.Id);
            if (!isSkipped) count--;
        }
        return default;
    }

    /// <summary>Claims what is idle for long enough, and forgets what is gone; -1 when memory was refused before anything was claimed.</summary>
    private static long Take(
        ShardScope shard, ref Claiming claiming, in Options options, ref NativeRows<StreamId> gone, ref ReplyWriter reply)
    {
        StreamEditor stream = new(claiming.Edit.Slot, shard.Settings.StreamLimits);
        long count = options.Count, attempts = count * AttemptsPerEntry, written = 0;
        PendingWalk walk = claiming.Group.Pending(options.From);
        while (attempts-- > 0 && count > 0 && walk.Next(out PendingEntry pending))
        {
            StreamId id = pending.Id;
            if (!stream.View.Contains(id))
            {
                if (!gone.TryAdd(id)) return written == 0 ? -1 : written;
                stream.RemovePending(claiming.Group, pending);
                claiming.Changes++;
                count--;
                if (!id.TryNext(out StreamId behind)) break;
                walk = claiming.Group.Pending(behind);
                continue;
            }
            if (options.IdleMs != 0 && shard.NowMs - pending.DeliveredMs < options.IdleMs) continue;
            if (!stream.Assign(claiming.Group, pending, claiming.Consumer)) return written == 0 ? -1 : written;
            StreamEditor.SetDelivery(pending, shard.NowMs, pending.Deliveries + (options.OnlyIds ? 0 : 1));
            StreamEditor.SetActive(claiming.Consumer, shard.NowMs);
            WriteClaimed(stream.View, id, options.OnlyIds, ref reply);
            written++;
            count--;
            claiming.Changes++;
        }
        return written;
    }
}
