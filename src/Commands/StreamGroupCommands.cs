using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Consumer groups: XGROUP, XACK, XPENDING.</summary>
public static class StreamGroupCommands
{
    /// <summary>Pending entries that are removed within one turn, and between two looks at the clock.</summary>
    private const int PendingPerTurn = 2000, PendingPerStep = 64;

    private const KeyAccess Inserts = KeyAccess.ReadWrite | KeyAccess.Insert;
    private const KeyAccess Deletes = KeyAccess.ReadWrite | KeyAccess.Delete;
    private const KeyAccess Updates = KeyAccess.ReadWrite | KeyAccess.Update;
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];
    private static readonly LongReadStep ListHandler = ListStep;
    private static readonly LongReadHeader HeaderHandler = WriteHeader;

    public static readonly CommandSpec[] Table =
    [
        new("XGROUP", -2, None, AclCategory.None, "A container for consumer groups commands."),
        new("XGROUP|CREATE", -5, Write | DenyOom, AclCategory.Stream, Keys.At(2, Inserts), Create,
            "Creates a consumer group."),
        new("XGROUP|CREATECONSUMER", 5, Write | DenyOom, AclCategory.Stream, Keys.At(2, Inserts), CreateConsumer,
            "Creates a consumer in a consumer group."),
        new("XGROUP|DELCONSUMER", 5, Write | MayBeLong, AclCategory.Stream, Keys.At(2, Deletes), DeleteConsumer,
            "Deletes a consumer from a consumer group.") { AsCoordinator = DeleteConsumerLong },
        new("XGROUP|DESTROY", 4, Write | Tells, AclCategory.Stream, Keys.At(2, Deletes), Destroy,
            "Destroys a consumer group."),
        new("XGROUP|HELP", 2, Loading | Stale, AclCategory.Stream, Help,
            "Returns helpful text about the different subcommands."),
        new("XGROUP|SETID", -5, Write, AclCategory.Stream, Keys.At(2, Updates), SetId,
            "Sets the last-delivered ID of a consumer group."),
        new("XACK", -4, Write | Fast, AclCategory.Stream, Keys.First(Updates), Acknowledge,
            "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream."),
        new("XPENDING", -3, ReadOnly | ReadsLong, AclCategory.Stream, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Pending,
            "Returns the information and entries from a stream consumer group's pending entries list.") { Tips = Nondeterministic },
    ];

    // ---- XGROUP ----

    /// <summary>The options of CREATE and SETID.</summary>
    private struct Options
    {
        internal bool MakesStream;
        internal long EntriesRead;
    }

    private static bool TryReadOptions(Arguments args, bool creates, ref ReplyWriter reply, out Options options)
    {
        options = new Options { EntriesRead = StreamGroup.Unknown };
        for (int i = 5; i < args.Count; i++)
        {
            if (creates && Ascii.EqualsIgnoreCase(args[i], "MKSTREAM"u8))
            {
                options.MakesStream = true;
            }
            else if (i + 1 < args.Count && Ascii.EqualsIgnoreCase(args[i], "ENTRIESREAD"u8))
            {
                if (!StreamValue.TryReadLong(args[++i], ref reply, out options.EntriesRead)) return false;
                if (options.EntriesRead >= StreamGroup.Unknown) continue;
                reply.Error(Errors.EntriesReadNegative);
                return false;
            }
            else
            {
                reply.SubcommandSyntax("xgroup"u8, args[1]);
                return false;
            }
        }
        return true;
    }

    /// <summary>Opens the stream of a subcommand, which must be there. False, with the error written, where it is not.</summary>
    private static bool TryOpen(ShardScope shard, Arguments args, ref ReplyWriter reply, out Edit edit)
    {
        if (!TypedValue.TryEdit(shard, args.Key(2), ValueType.Stream, ref reply, out edit)) return false;
        if (edit.Exists) return true;
        edit.Abandon();
        reply.Error(Errors.GroupNeedsKey);
        return false;
    }

    /// <summary>As above, together with its group.</summary>
    private static bool TryOpenGroup(ShardScope shard, Arguments args, ref ReplyWriter reply, out Edit edit, out StreamGroup group)
    {
        group = default;
        if (!TryOpen(shard, args, ref reply, out edit)) return false;
        group = new StreamView(shard.View(edit.Entry)).FindGroup(args[3]);
        if (group.Exists) return true;
        edit.Abandon();
        reply.Error(Errors.NoGroupOfKey, args[3], args[2]);
        return false;
    }

    private static StreamEditor EditorOf(ShardScope shard, ValueSlot slot) => new(slot, shard.Settings.StreamLimits);

    private static void Create(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadOptions(args, creates: true, ref reply, out Options options)) return;
        if (!TypedValue.TryEdit(shard, args.Key(2), ValueType.Stream, ref reply, out Edit edit)) return;
        bool wasThere = edit.Exists;
        if (!wasThere && !options.MakesStream)
        {
            edit.Abandon();
            reply.Error(Errors.GroupNeedsKey);
            return;
        }
        const int ArgumentsMax = 8;
        if (args.Count > ArgumentsMax)
        {
            edit.Abandon();
            reply.SubcommandSyntax("xgroup"u8, args[1]);
            return;
        }
        StreamEditor stream = EditorOf(shard, edit.Slot);
        StreamId id = stream.View.LastId;
        if (!StreamIds.IsSign(args[4], '$') && !StreamIds.TryRead(args[4], ref reply, out id))
        {
            edit.Abandon();
            return;
        }
        if (stream.View.FindGroup(args[3]).Exists)
        {
            edit.Abandon();
            reply.Error(Errors.BusyGroup);
            return;
        }
        if (!stream.Create() || !stream.AddGroup(args[3], id, options.EntriesRead).Exists)
        {
            if (!wasThere && edit.Exists) edit.Delete();
            edit.Abandon();
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        reply.Ok();
        if (wasThere) edit.CommitBeside(EventClass.Stream, "xgroup-create"u8);
        else edit.Commit(EventClass.Stream, "xgroup-create"u8);
    }

    private static void SetId(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadOptions(args, creates: false, ref reply, out Options options)) return;
        if (!TryOpenGroup(shard, args, ref reply, out Edit edit, out StreamGroup group)) return;
        StreamId id = new StreamView(edit.Slot.View).LastId;
        bool isRead = false;
        if (args.Count is not (5 or 7)) reply.SubcommandSyntax("xgroup"u8, args[1]);
        else isRead = StreamIds.IsSign(args[4], '$') || StreamIds.TryReadOrEnd(args[4], ref reply, out id);
        if (!isRead)
        {
            edit.Abandon();
            return;
        }
        StreamEditor.SetRead(group, id, options.EntriesRead);
        reply.Ok();
        edit.CommitBeside(EventClass.Stream, "xgroup-setid"u8);
    }

    private static void Destroy(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryOpen(shard, args, ref reply, out Edit edit)) return;
        bool isDone = EditorOf(shard, edit.Slot).RemoveGroup(args[3]);
        reply.Integer(isDone ? 1 : 0);
        if (!isDone)
        {
            edit.Abandon();
            return;
        }
        edit.CommitBeside(EventClass.Stream, "xgroup-destroy"u8);
        // Who reads as part of it learns that it is gone.
        edit.WakeWaiting();
    }

    private static void CreateConsumer(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryOpenGroup(shard, args, ref reply, out Edit edit, out StreamGroup group)) return;
        if (group.FindConsumer(args[4]).Exists)
        {
            reply.Integer(0);
            edit.Abandon();
            return;
        }
        if (!EditorOf(shard, edit.Slot).AddConsumer(group, args[4], shard.NowMs, -1).Exists)
        {
            reply.Error(Outcome.OutOfMemory);
            edit.Abandon();
            return;
        }
        reply.Integer(1);
        edit.CommitBeside(EventClass.Stream, "xgroup-createconsumer"u8, Effect.State);
    }

    private static void DeleteConsumer(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryOpenGroup(shard, args, ref reply, out Edit edit, out StreamGroup group)) return;
        StreamConsumer consumer = group.FindConsumer(args[4]);
        if (!consumer.Exists)
        {
            reply.Integer(0);
            edit.Abandon();
            return;
        }
        long pending = consumer.PendingCount;
        if (pending > PendingPerTurn)
        {
            edit.Abandon();
            shard.LeaveToCoordinator();
            return;
        }
        _ = EditorOf(shard, edit.Slot).RemoveConsumer(group, consumer, int.MaxValue);
        reply.Integer(pending);
        edit.CommitBeside(EventClass.Stream, "xgroup-delconsumer"u8);
    }

    /// <summary>A consumer that is being deleted: plain data, the state of a hop.</summary>
    private struct DeletePart
    {
        internal long Pending;
        internal bool IsBegun;
    }

    private static async Co<Nothing> DeleteConsumerLong(Coordinator tx)
    {
        int shard = tx.ShardOf(2);
        await tx.InSlices(shard, DeleteSlice);
        if (!tx.PassError(shard)) tx.Answer(tx.StateOf<DeletePart>(shard).Pending);
        return default;
    }

    private static void DeleteSlice(ShardScope shard, ref HopFrame hop)
    {
        ref DeletePart part = ref hop.State<DeletePart>();
        ReplyWriter reply = hop.Writer();
        if (!TryOpenGroup(shard, hop.Args, ref reply, out Edit edit, out StreamGroup group))
        {
            reply.Flush();
            return;
        }
        StreamConsumer consumer = group.FindConsumer(hop.Args[4]);
        if (!consumer.Exists)
        {
            edit.Abandon();
            return;
        }
        if (!part.IsBegun) (part.IsBegun, part.Pending) = (true, consumer.PendingCount);
        StreamEditor stream = EditorOf(shard, edit.Slot);
        var slice = new WorkSlice(shard);
        do hop.GoesOn = !stream.RemoveConsumer(group, consumer, PendingPerStep);
        while (hop.GoesOn && slice.MayGoOn(shard));
        if (hop.GoesOn) edit.Pause();
        else edit.CommitBeside(EventClass.Stream, "xgroup-delconsumer"u8);
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "XGROUP"u8, """
            CREATE <key> <groupname> <id|$> [option]
                Create a new consumer group. Options are:
                * MKSTREAM
                  Create the empty stream if it does not exist.
                * ENTRIESREAD entries_read
                  Set the group's entries_read counter (internal use).
            CREATECONSUMER <key> <groupname> <consumer>
                Create a new consumer in the specified group.
            DELCONSUMER <key> <groupname> <consumer>
                Remove the specified consumer.
            DESTROY <key> <groupname>
                Remove the specified group.
            SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]
                Set the current group ID and entries_read counter.
            """u8);

    // ---- XACK ----

    private static void Acknowledge(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamValue.TryFind(shard, args.Key(1), ref reply, out StreamView view)) return;
        if (!view.FindGroup(args[2]).Exists)
        {
            reply.Integer(0);
            return;
        }
        for (int i = 3; i < args.Count; i++)
            if (!StreamIds.TryRead(args[i], ref reply, out _)) return;
        var edit = new Edit(shard, args.Key(1));
        StreamEditor stream = EditorOf(shard, edit.Slot);
        StreamGroup group = stream.View.FindGroup(args[2]);
        long acknowledged = 0;
        for (int i = 3; i < args.Count; i++)
        {
            _ = StreamIds.TryParse(args[i], 0, out StreamId id);
            PendingEntry entry = group.FindPending(id);
            if (!entry.Exists) continue;
            stream.RemovePending(group, entry);
            acknowledged++;
        }
        reply.Integer(acknowledged);
        if (acknowledged == 0) edit.Abandon();
        else edit.CommitBeside(EventClass.None, "xack"u8, Effect.Command, acknowledged);
    }

    // ---- XPENDING ----

    /// <summary>What XPENDING asks for beside a summary.</summary>
    private struct Wanted
    {
        internal StreamId From, To;
        internal long IdleMs, Count;

        /// <summary>Where the consumer stands; 0 for all.</summary>
        internal int ConsumerAt;
    }

    private static bool TryRead(Arguments args, ref ReplyWriter reply, out Wanted wanted)
    {
        wanted = default;
        if (args.Count != 3 && args.Count is < 6 or > 9)
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        if (args.Count == 3) return true;
        int first = 3;
        if (Ascii.EqualsIgnoreCase(args[3], "IDLE"u8))
        {
            if (!StreamValue.TryReadLong(args[4], ref reply, out wanted.IdleMs)) return false;
            if (args.Count < 8)
            {
                reply.Error(Errors.Syntax);
                return false;
            }
            first += 2;
        }
        if (first + 3 < args.Count) wanted.ConsumerAt = first + 3;
        return StreamValue.TryReadLong(args[first + 2], ref reply, out wanted.Count)
            && StreamIds.TryReadStart(args[first], ref reply, out wanted.From)
            && StreamIds.TryReadEnd(args[first + 1], ref reply, out wanted.To);
    }

    private static void Pending(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryRead(args, ref reply, out Wanted wanted)) return;
        if (!StreamValue.TryFind(shard, args.Key(1), ref reply, out StreamView stream)) return;
        StreamGroup group = stream.FindGroup(args[2]);
        if (!group.Exists)
        {
            reply.Error(Errors.NoKeyOrGroup, args[1], args[2]);
            return;
        }
        if (args.Count == 3)
        {
            Summarize(group, ref reply);
            return;
        }
        bool mayRest = shard.MaySuspend && wanted.Count > PendingPerTurn;
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        var state = default(LongReadState);
        if (List(shard, args, group, wanted, mayRest ? PendingPerTurn : int.MaxValue, ref state, ref reply))
        {
            reply.Restore(before);
            shard.ReadLong(args, 0, ListHandler, HeaderHandler);
            return;
        }
        reply.ResolveArray(header, state.Written);
    }

    private static void Summarize(scoped StreamGroup group, ref ReplyWriter reply)
    {
        reply.Array(4);
        reply.Integer(group.PendingCount);
        if (group.PendingCount == 0)
        {
            reply.Null();
            reply.Null();
            reply.NullArray();
            return;
        }
        _ = group.Pending(default).Next(out PendingEntry first);
        StreamIds.Write(first.Id, ref reply);
        StreamIds.Write(group.LastPending().Id, ref reply);
        ReplyStream.DeferredHeader header = reply.Defer();
        long written = 0;
        for (long i = 0; i < group.ConsumerCount; i++)
        {
            StreamConsumer consumer = group.ConsumerAt(i);
            if (consumer.PendingCount == 0) continue;
            written++;
            reply.Array(2);
            reply.Bulk(consumer.Name);
            reply.Bulk(consumer.PendingCount);
        }
        reply.ResolveArray(header, written);
    }

    /// <summary>
    /// Writes what is pending, behind what the state says was looked at; at most so much is looked at. True when there is more.
    /// </summary>
    private static bool List(
        ShardScope shard, Arguments args, scoped StreamGroup group, Wanted wanted, int looks, ref LongReadState state, ref ReplyWriter reply)
    {
        scoped PendingWalk walk;
        if (wanted.ConsumerAt == 0) walk = group.Pending(wanted.From);
        else if (group.FindConsumer(args[wanted.ConsumerAt]) is { Exists: true } consumer) walk = consumer.Pending(wanted.From);
        else return false;
        while (state.Written < wanted.Count && walk.Next(out PendingEntry entry) && entry.Id <= wanted.To)
        {
            if (looks-- == 0) return true;
            state.Mark = new UInt128(entry.Id.Ms, entry.Id.Sequence);
            long idleMs = shard.NowMs - entry.DeliveredMs;
            if (wanted.IdleMs != 0 && idleMs < wanted.IdleMs) continue;
            state.Written++;
            reply.Array(4);
            StreamIds.Write(entry.Id, ref reply);
            reply.Bulk(entry.Consumer.Name);
            reply.Integer(Math.Max(0, idleMs));
            reply.Integer(entry.Deliveries);
        }
        return false;
    }

    private static void ListStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        _ = TryRead(args, ref reply, out Wanted wanted);
        // There is more, so this is not the last id of all.
        if (state.Position != 0) _ = new StreamId((ulong)(state.Mark >> 64), (ulong)state.Mark).TryNext(out wanted.From);
        StreamGroup group = new StreamView(shard.View(shard.Peek(args.Key(1)))).FindGroup(args[2]);
        state.Position = List(shard, args, group, wanted, PendingPerStep, ref state, ref reply) ? 1UL : 0;
    }

    private static void WriteHeader(in LongReadState state, ref ReplyWriter reply) => reply.Array(state.Written);
}
