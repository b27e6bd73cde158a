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

/// <summary>Streams of one key: adding, reading and removing entries.</summary>
public static class StreamCommands
{
    /// <summary>Nodes that a trim takes away within one turn, and between two looks at the clock.</summary>
    private const int NodesPerTurn = 1000, NodesPerStep = 64;

    /// <summary>Ids that are deleted within one turn, and between two looks at the clock.</summary>
    private const int IdsPerTurn = 1000, IdsPerStep = 32;

    private static readonly KeySpec[] Read = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);
    private static readonly KeySpec[] Updated = Keys.First(KeyAccess.ReadWrite | KeyAccess.Update);
    private static readonly KeySpec[] Cut = Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete);
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    private static readonly KeySpec[] Added =
    [
        new(KeyAccess.ReadWrite | KeyAccess.Update, KeySearch.Range) { Notes = "UPDATE instead of INSERT because of the optional trimming feature" },
    ];

    private static readonly LongReadStep ForwardsHandler = StepForwards, BackwardsHandler = StepBackwards;
    private static readonly LongReadHeader HeaderHandler = WriteHeader;

    public static readonly CommandSpec[] Table =
    [
        //   name       arity  flags                          categories          keys     handler
        new("XADD",      -5, Write | DenyOom | Fast | Tells | IsSeldomLong, AclCategory.Stream, Added, Add,
            "Appends a new message to a stream. Creates the key if it doesn't exist.") { AsCoordinator = AddLong, Tips = Nondeterministic },
        new("XLEN",       2, ReadOnly | Fast, AclCategory.Stream, Keys.First(KeyAccess.ReadOnly), Length,
            "Returns the number of messages in a stream."),
        new("XRANGE",    -4, ReadOnly | ReadsLong, AclCategory.Stream, Read, Range,
            "Returns the messages from a stream within a range of IDs."),
        new("XREVRANGE", -4, ReadOnly | ReadsLong, AclCategory.Stream, Read, ReverseRange,
            "Returns the messages from a stream within a range of IDs in reverse order."),
        new("XDEL",      -3, Write | Fast | IsSeldomLong, AclCategory.Stream, Cut, Delete,
            "Returns the number of messages after removing them from a stream.") { AsCoordinator = DeleteLong },
        new("XTRIM",     -4, Write | MayBeLong, AclCategory.Stream, Cut, TrimHere,
            "Deletes messages from the beginning of a stream.") { AsCoordinator = TrimLong, Tips = Nondeterministic },
        new("XSETID",    -3, Write | DenyOom | Fast, AclCategory.Stream, Updated, SetId,
            "An internal command for replicating stream values."),
    ];

    // ---- add ----

    /// <summary>An entry that is added and has others trimmed: plain data, the state of a hop.</summary>
    private struct AddPart
    {
        internal long Trimmed;
        internal bool IsAdded;
    }

    private static void Add(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadAdd(shard, args, ref reply, out StreamTrimOptions options)) return;
        var part = default(AddPart);
        if (shard.MayLeave && IsLong(shard, args, in options)) shard.LeaveToCoordinator();
        else _ = AddSome(shard, args, in options, WorkSlice.Endless, ref part, ref reply);
    }

    private static Co<Nothing> AddLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), AddSlice);

    private static void AddSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        if (TryReadAdd(shard, hop.Args, ref reply, out StreamTrimOptions options))
            hop.GoesOn = AddSome(shard, hop.Args, in options, new WorkSlice(shard), ref hop.State<AddPart>(), ref reply);
        reply.Flush();
    }

    private static bool TryReadAdd(ShardScope shard, Arguments args, ref ReplyWriter reply, out StreamTrimOptions options)
    {
        if (!StreamTrimOptions.TryRead(args, adds: true, shard.Settings.StreamLimits, ref reply, out options)) return false;
        int count = args.Count - options.IdAt - 1;
        if (count < 2 || count % 2 == 1) reply.WrongArity("xadd"u8);
        else if (options is { HasId: true, IsOpen: false, Id.IsZero: true }) reply.Error(Errors.StreamIdZero);
        else return true;
        return false;
    }

    /// <summary>Adds the entry at first, and then trims as long as the slice lasts; true when there is more to do.</summary>
    private static bool AddSome(
        ShardScope shard, Arguments args, in StreamTrimOptions options, WorkSlice slice, ref AddPart part, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Stream, ref reply, out Edit edit)) return false;
        if (!edit.Exists && options.OnlyThere)
        {
            edit.Abandon();
            reply.Null();
            return false;
        }
        bool wasThere = edit.Exists;
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        if (!part.IsAdded)
        {
            ErrorReply error = TryAppend(stream, args.From(options.IdAt + 1), in options, shard.NowMs, out StreamId id);
            if (!error.IsEmpty)
            {
                if (!wasThere && edit.Exists) edit.Delete();
                edit.Abandon();
                reply.Error(error);
                return false;
            }
            part.IsAdded = true;
            StreamIds.Write(id, ref reply);
        }
        bool isTrimmed = options.Trim.Kind == StreamTrimKind.None;
        while (!isTrimmed && !TrimStep(stream, options.Trim, ref part.Trimmed))
        {
            if (slice.MayGoOn(shard)) continue;
            edit.Pause();
            return true;
        }
        // What the clock and the nodes' sizes decide is not to be decided again.
        Effect effect = options.HasId && !options.Trim.IsApproximate ? Effect.Command : Effect.State;
        edit.Commit(EventClass.Stream, "xadd"u8, effect);
        if (part.Trimmed != 0) edit.Also(EventClass.Stream, "xtrim"u8, effect);
        return false;
    }

    private static ErrorReply TryAppend(
        scoped StreamEditor stream, scoped Arguments pairs, scoped in StreamTrimOptions options, long nowMs, out StreamId id)
    {
        StreamId last = stream.View.LastId;
        id = default;
        if (last == StreamId.Max) return Errors.StreamIdsExhausted;
        if (!TryChoose(last, in options, nowMs, out id)) return Errors.StreamIdTooSmall;
        long bytes = 0;
        for (int i = 0; i < pairs.Count; i++) bytes += pairs[i].Length;
        if (bytes > StreamLimits.EntryBytesMax) return Errors.StreamEntryTooLarge;
        return stream.Create() && stream.Append(id, pairs) ? default : Errors.OutOfMemory;
    }

    /// <summary>The id of the next entry: false when the one that was asked for is not behind the last one.</summary>
    private static bool TryChoose(StreamId last, in StreamTrimOptions options, long nowMs, out StreamId id)
    {
        id = options.Id;
        if (!options.HasId)
        {
            id = new StreamId((ulong)nowMs, 0);
            return id.Ms > last.Ms || last.TryNext(out id);
        }
        if (options.IsOpen && id.Ms == last.Ms)
        {
            if (last.Sequence == ulong.MaxValue) return false;
            id = new StreamId(last.Ms, last.Sequence + 1);
        }
        return id > last;
    }

    private static void Length(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (StreamValue.TryFind(shard, args.Key(1), ref reply, out StreamView stream)) reply.Integer(stream.Count);
    }

    // ---- ranges ----

    /// <summary>What XRANGE and XREVRANGE ask for.</summary>
    private struct Wanted
    {
        internal StreamId From, To;
        internal long Count;
    }

    private static void Range(ShardScope shard, Arguments args, ref ReplyWriter reply) => Range(shard, args, backwards: false, ref reply);

    private static void ReverseRange(ShardScope shard, Arguments args, ref ReplyWriter reply) => Range(shard, args, backwards: true, ref reply);

    private static bool TryRead(Arguments args, bool backwards, ref ReplyWriter reply, out Wanted wanted)
    {
        wanted = new Wanted { Count = long.MaxValue };
        if (!StreamIds.TryReadStart(args[backwards ? 3 : 2], ref reply, out wanted.From)) return false;
        if (!StreamIds.TryReadEnd(args[backwards ? 2 : 3], ref reply, out wanted.To)) return false;
        for (int i = 4; i < args.Count; i += 2)
        {
            if (!Ascii.EqualsIgnoreCase(args[i], "COUNT"u8) || i + 1 == args.Count)
            {
                reply.Error(Errors.Syntax);
                return false;
            }
            if (!StreamValue.TryReadLong(args[i + 1], ref reply, out wanted.Count)) return false;
            // As in Valkey: without COUNT there is no limit, with a negative one there is nothing.
            if (wanted.Count < 0) wanted.Count = 0;
        }
        return true;
    }

    private static void Range(ShardScope shard, Arguments args, bool backwards, ref ReplyWriter reply)
    {
        if (!TryRead(args, backwards, ref reply, out Wanted wanted)) return;
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists)
        {
            reply.Array(0);
            return;
        }
        if (entry.Type != ValueType.Stream)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        if (wanted.Count == 0)
        {
            reply.NullArray();
            return;
        }
        bool mayRest = shard.MaySuspend && wanted.Count > StreamValue.EntriesPerTurn;
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        StreamWalk walk = new StreamView(shard.View(entry)).Walk(wanted.From, wanted.To, backwards);
        long written = 0;
        for (; written < wanted.Count && walk.Next(out StreamEntry each); written++)
        {
            if (mayRest && written == StreamValue.EntriesPerTurn)
            {
                reply.Restore(before);
                shard.ReadLong(args, 0, backwards ? BackwardsHandler : ForwardsHandler, HeaderHandler);
                return;
            }
            StreamValue.Write(each, ref reply);
        }
        reply.ResolveArray(header, written);
    }

    private static void StepForwards(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply) =>
        Step(shard, args, backwards: false, ref state, ref reply);

    private static void StepBackwards(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply) =>
        Step(shard, args, backwards: true, ref state, ref reply);

    private static void Step(ShardScope shard, Arguments args, bool backwards, ref LongReadState state, ref ReplyWriter reply)
    {
        _ = TryRead(args, backwards, ref reply, out Wanted wanted);
        var mark = new StreamId((ulong)(state.Mark >> 64), (ulong)state.Mark);
        // Behind what was written last: there is more, or it would not have come to this step.
        if (state.Position != 0) _ = backwards ? mark.TryPrevious(out wanted.To) : mark.TryNext(out wanted.From);
        StreamWalk walk = new StreamView(shard.View(shard.Peek(args.Key(1)))).Walk(wanted.From, wanted.To, backwards);
        state.Position = 0;
        for (int i = 0; i < StreamValue.EntriesPerStep; i++)
        {
            if (state.Written == wanted.Count || !walk.Next(out StreamEntry entry)) return;
            state.Written++;
            state.Mark = new UInt128(entry.Id.Ms, entry.Id.Sequence);
            StreamValue.Write(entry, ref reply);
        }
        state.Position = 1;
        if (backwards ? state.Mark == UInt128.Zero : state.Mark == UInt128.MaxValue) state.Position = 0;
    }

    private static void WriteHeader(in LongReadState state, ref ReplyWriter reply) => reply.Array(state.Written);

    // ---- delete and trim ----

    /// <summary>A deletion of entries under way: plain data, the state of a hop.</summary>
    private struct DeletePart
    {
        /// <summary>How many ids were looked at, and how many of them handled.</summary>
        internal int Checked, Handled;
        internal long Deleted;
    }

    private static void Delete(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var part = default(DeletePart);
        if (args.Count > IdsPerTurn && shard.MayLeave) shard.LeaveToCoordinator();
        else _ = DeleteSome(shard, args, WorkSlice.Endless, ref part, ref reply);
    }

    private static Co<Nothing> DeleteLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), DeleteSlice);

    private static void DeleteSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.GoesOn = DeleteSome(shard, hop.Args, new WorkSlice(shard), ref hop.State<DeletePart>(), ref reply);
        reply.Flush();
    }

    /// <summary>Looks at all ids, then deletes their entries, as long as the slice lasts; true when there is more to do.</summary>
    private static bool DeleteSome(ShardScope shard, Arguments args, WorkSlice slice, ref DeletePart part, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Stream, ref reply, out Edit edit)) return false;
        Arguments ids = args.From(2);
        bool isRight = edit.Exists;
        if (!isRight) reply.Integer(0);
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        while (isRight && part.Handled < ids.Count)
        {
            if (part.Checked < ids.Count) isRight = AreIds(ids, ref part.Checked, ref reply);
            else DeleteStep(stream, ids, ref part);
            if (!isRight || part.Handled == ids.Count || slice.MayGoOn(shard)) continue;
            edit.Pause();
            return true;
        }
        if (isRight) reply.Integer(part.Deleted);
        if (part.Deleted == 0) edit.Abandon();
        else edit.Commit(EventClass.Stream, "xdel"u8, Effect.Command, part.Deleted);
        return false;
    }

    private static bool AreIds(Arguments ids, ref int next, ref ReplyWriter reply)
    {
        for (int end = Math.Min(ids.Count, next + IdsPerStep); next < end; next++)
            if (!StreamIds.TryRead(ids[next], ref reply, out _)) return false;
        return true;
    }

    private static void DeleteStep(scoped StreamEditor stream, Arguments ids, ref DeletePart part)
    {
        for (int end = Math.Min(ids.Count, part.Handled + IdsPerStep); part.Handled < end; part.Handled++)
        {
            _ = StreamIds.TryParse(ids[part.Handled], 0, out StreamId id);
            if (stream.Delete(id)) part.Deleted++;
        }
    }

    private static void TrimHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamTrimOptions.TryRead(args, adds: false, shard.Settings.StreamLimits, ref reply, out StreamTrimOptions options)) return;
        long trimmed = 0;
        if (IsLong(shard, args, in options)) shard.LeaveToCoordinator();
        else _ = TrimSome(shard, args, in options, WorkSlice.Endless, ref trimmed, ref reply);
    }

    /// <summary>Might it take many nodes away?</summary>
    private static bool IsLong(ShardScope shard, Arguments args, in StreamTrimOptions options)
    {
        StreamTrim trim = options.Trim;
        if (trim.Kind == StreamTrimKind.None || trim.Limit != 0 && trim.Limit <= NodesPerTurn) return false;
        Entry entry = shard.Peek(args.Key(1));
        if (!entry.Exists || entry.Type != ValueType.Stream) return false;
        var stream = new StreamView(shard.View(entry));
        if (stream.NodeCount <= NodesPerTurn) return false;
        return trim.Kind == StreamTrimKind.ByCount
            ? stream.Count - trim.CountMax > NodesPerTurn
            : stream.NodeCount - stream.NodesFrom(trim.MinId) > NodesPerTurn;
    }

    private static Co<Nothing> TrimLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), TrimSlice);

    private static void TrimSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        if (StreamTrimOptions.TryRead(hop.Args, adds: false, shard.Settings.StreamLimits, ref reply, out StreamTrimOptions options))
            hop.GoesOn = TrimSome(shard, hop.Args, in options, new WorkSlice(shard), ref hop.State<long>(), ref reply);
        reply.Flush();
    }

    /// <summary>Trims as long as the slice lasts; true when there is more to do.</summary>
    private static bool TrimSome(
        ShardScope shard, Arguments args, in StreamTrimOptions options, WorkSlice slice, ref long trimmed, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Stream, ref reply, out Edit edit)) return false;
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        while (edit.Exists && !TrimStep(stream, options.Trim, ref trimmed))
        {
            if (slice.MayGoOn(shard)) continue;
            edit.Pause();
            return true;
        }
        reply.Integer(trimmed);
        if (trimmed == 0) edit.Abandon();
        else edit.Commit(EventClass.Stream, "xtrim"u8, options.Trim.IsApproximate ? Effect.State : Effect.Command, trimmed);
        return false;
    }

    /// <summary>Takes the entries of some nodes away, and counts them; true when no more will go.</summary>
    private static bool TrimStep(scoped StreamEditor stream, StreamTrim trim, ref long trimmed)
    {
        if (trim.Limit != 0)
        {
            trim.Limit -= trimmed;
            // A limit that is used up is none of 0, which stands for no limit.
            if (trim.Limit == 0) return true;
        }
        trimmed += stream.Trim(in trim, NodesPerStep, out bool isDone);
        return isDone;
    }

    // ---- XSETID ----

    private static void SetId(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadSetId(args, ref reply, out StreamId id, out long added, out StreamId deleted)) return;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Stream, ref reply, out Edit edit)) return;
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        StreamView view = stream.View;
        ErrorReply error = default;
        if (!edit.Exists) error = Errors.NoSuchKey;
        else if (id < view.MaxDeletedId) error = Errors.SetIdBeforeDeleted;
        else if (view.Count != 0 && id < view.LastEntryId) error = Errors.SetIdBeforeLast;
        else if (view.Count != 0 && added != -1 && view.Count > added) error = Errors.EntriesAddedTooSmall;
        if (!error.IsEmpty)
        {
            edit.Abandon();
            reply.Error(error);
            return;
        }
        stream.SetLastId(id);
        if (added != -1) stream.SetEntriesAdded(added);
        if (!deleted.IsZero) stream.SetMaxDeletedId(deleted);
        reply.Ok();
        edit.CommitBeside(EventClass.Stream, "xsetid"u8);
    }

    private static bool TryReadSetId(Arguments args, ref ReplyWriter reply, out StreamId id, out long added, out StreamId deleted)
    {
        added = -1;
        deleted = default;
        if (!StreamIds.TryRead(args[2], ref reply, out id)) return false;
        for (int i = 3; i < args.Count; i += 2)
        {
            bool hasMore = i + 1 < args.Count;
            if (hasMore && Ascii.EqualsIgnoreCase(args[i], "ENTRIESADDED"u8))
            {
                if (!StreamValue.TryReadLong(args[i + 1], ref reply, out added)) return false;
                if (added >= 0) continue;
                reply.Error(Errors.EntriesAddedNegative);
                return false;
            }
            if (hasMore && Ascii.EqualsIgnoreCase(args[i], "MAXDELETEDID"u8))
            {
                if (!StreamIds.TryRead(args[i + 1], ref reply, out deleted)) return false;
                if (id >= deleted) continue;
                reply.Error(Errors.SetIdBeforeGivenDeleted);
                return false;
            }
            reply.Error(Errors.Syntax);
            return false;
        }
        return true;
    }
}
