using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Streams of one key: adding, reading and removing entries.</summary>
public static class StreamCommands
{
    /// <summary>Nodes that a trim takes away within one turn, and between two looks at the clock.</summary>
    private const int NodesPerTurn = 1000, NodesPerStep = 64;

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
        new("XADD",      -5, Write | DenyOom | Fast | Tells, AclCategory.Stream, Added, Add,
            "Appends a new message to a stream. Creates the key if it doesn't exist.") { Tips = Nondeterministic },
        new("XLEN",       2, ReadOnly | Fast, AclCategory.Stream, Keys.First(KeyAccess.ReadOnly), Length,
            "Returns the number of messages in a stream."),
        new("XRANGE",    -4, ReadOnly | ReadsLong, AclCategory.Stream, Read, Range,
            "Returns the messages from a stream within a range of IDs."),
        new("XREVRANGE", -4, ReadOnly | ReadsLong, AclCategory.Stream, Read, ReverseRange,
            "Returns the messages from a stream within a range of IDs in reverse order."),
        new("XDEL",      -3, Write | Fast, AclCategory.Stream, Cut, Delete,
            "Returns the number of messages after removing them from a stream."),
        new("XTRIM",     -4, Write | MayBeLong, AclCategory.Stream, Cut, TrimHere,
            "Deletes messages from the beginning of a stream.") { AsCoordinator = TrimLong, Tips = Nondeterministic },
        new("XSETID",    -3, Write | DenyOom | Fast, AclCategory.Stream, Updated, SetId,
            "An internal command for replicating stream values."),
    ];

    // ---- add ----

    private static void Add(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamTrimOptions.TryRead(args, adds: true, shard.Settings.StreamLimits, ref reply, out StreamTrimOptions options)) return;
        int first = options.IdAt + 1, count = args.Count - first;
        if (count < 2 || count % 2 == 1)
        {
            reply.WrongArity("xadd"u8);
            return;
        }
        if (options is { HasId: true, IsOpen: false, Id.IsZero: true })
        {
            reply.Error(Errors.StreamIdZero);
            return;
        }
        if (!StreamValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        if (!edit.Exists && options.OnlyThere)
        {
            edit.Abandon();
            reply.Null();
            return;
        }
        bool wasThere = edit.Exists;
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        Arguments pairs = args.From(first);
        ErrorReply error = TryAppend(stream, pairs, in options, shard.NowMs, out StreamId id);
        if (!error.IsEmpty)
        {
            if (!wasThere && edit.Exists) edit.Delete();
            edit.Abandon();
            reply.Error(error);
            return;
        }
        StreamIds.Write(id, ref reply);
        long trimmed = options.Trim.Kind == StreamTrimKind.None ? 0 : stream.Trim(in options.Trim, int.MaxValue, out _);
        // What the clock and the nodes' sizes decide is not to be decided again.
        Effect effect = options.HasId && !options.Trim.IsApproximate ? Effect.Command : Effect.State;
        edit.Commit(EventClass.Stream, "xadd"u8, effect);
        if (trimmed != 0) edit.Also(EventClass.Stream, "xtrim"u8, effect);
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
        if (entry.Type != Core.Structures.ValueType.Stream)
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

    private static void Delete(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        if (!edit.Exists || !AreIds(args.From(2), ref reply))
        {
            if (!edit.Exists) reply.Integer(0);
            edit.Abandon();
            return;
        }
        var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
        long deleted = 0;
        for (int i = 2; i < args.Count; i++)
        {
            _ = StreamIds.TryParse(args[i], 0, out StreamId id);
            if (stream.Delete(id)) deleted++;
        }
        reply.Integer(deleted);
        if (deleted == 0) edit.Abandon();
        else edit.Commit(EventClass.Stream, "xdel"u8, Effect.Command, deleted);
    }

    private static bool AreIds(Arguments ids, ref ReplyWriter reply)
    {
        for (int i = 0; i < ids.Count; i++)
            if (!StreamIds.TryRead(ids[i], ref reply, out _)) return false;
        return true;
    }

    private static void TrimHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!StreamTrimOptions.TryRead(args, adds: false, shard.Settings.StreamLimits, ref reply, out StreamTrimOptions options)) return;
        Entry entry = shard.Peek(args.Key(1));
        if (entry.Exists && entry.Type == Core.Structures.ValueType.Stream && new StreamView(shard.View(entry)).NodeCount > NodesPerTurn
            && IsLong(new StreamView(shard.View(entry)), in options.Trim))
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (!StreamValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        long trimmed = edit.Exists ? new StreamEditor(edit.Slot, shard.Settings.StreamLimits).Trim(in options.Trim, int.MaxValue, out _) : 0;
        reply.Integer(trimmed);
        Close(ref edit, in options, trimmed);
    }

    /// <summary>Might it take many nodes away?</summary>
    private static bool IsLong(StreamView stream, in StreamTrim trim)
    {
        if (trim.Limit != 0 && trim.Limit <= NodesPerTurn) return false;
        return trim.Kind == StreamTrimKind.ByCount
            ? stream.Count - trim.CountMax > NodesPerTurn
            : stream.NodeCount - stream.NodesFrom(trim.MinId) > NodesPerTurn;
    }

    private static void Close(ref Edit edit, in StreamTrimOptions options, long trimmed)
    {
        if (trimmed == 0) edit.Abandon();
        else edit.Commit(EventClass.Stream, "xtrim"u8, options.Trim.IsApproximate ? Effect.State : Effect.Command, trimmed);
    }

    /// <summary>A trim under way: plain data, the state of a hop.</summary>
    private struct TrimPart
    {
        internal long Trimmed;
        internal bool IsDone;
    }

    private static async Co<Nothing> TrimLong(Coordinator tx)
    {
        int shard = tx.ShardOf(1);
        await tx.Hop(shard, TrimSlice);
        while (!tx.StateOf<TrimPart>(shard).IsDone)
        {
            await tx.Yield();
            await tx.Hop(shard, TrimSlice);
        }
        if (!tx.PassError(shard)) tx.Answer(tx.StateOf<TrimPart>(shard).Trimmed);
        return default;
    }

    private static void TrimSlice(ShardScope shard, ref HopFrame hop)
    {
        ref TrimPart part = ref hop.State<TrimPart>();
        part.IsDone = true;
        ReplyWriter reply = hop.Writer();
        bool isRead = StreamTrimOptions.TryRead(hop.Args, adds: false, shard.Settings.StreamLimits, ref reply, out StreamTrimOptions options);
        if (!isRead || !StreamValue.TryEdit(shard, hop.Args.Key(1), ref reply, out Edit edit))
        {
            reply.Flush();
            return;
        }
        if (edit.Exists)
        {
            var stream = new StreamEditor(edit.Slot, shard.Settings.StreamLimits);
            var slice = new WorkSlice(shard);
            do
            {
                StreamTrim trim = options.Trim;
                if (trim.Limit != 0) trim.Limit -= part.Trimmed;
                // A limit that is used up is none of 0, which stands for no limit.
                part.IsDone = options.Trim.Limit != 0 && trim.Limit == 0;
                if (!part.IsDone) part.Trimmed += stream.Trim(in trim, NodesPerStep, out part.IsDone);
            }
            while (!part.IsDone && slice.MayGoOn(shard));
        }
        if (part.IsDone) Close(ref edit, in options, part.Trimmed);
        else edit.Pause();
    }

    // ---- XSETID ----

    private static void SetId(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadSetId(args, ref reply, out StreamId id, out long added, out StreamId deleted)) return;
        if (!StreamValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
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
