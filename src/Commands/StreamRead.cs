using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// What XREAD or XREADGROUP asks for: its arguments, and how they are answered from streams of one shard. Plain data.
/// </summary>
internal struct StreamRead
{
    private const long NsPerMs = 1_000_000;

    /// <summary>Longer times, 36 years, are as good as for ever.</summary>
    private const long NsMax = 1L << 60;

    /// <summary>A stream with more nodes to be read, without a limit on entries, goes in slices.</summary>
    private const int NodesAtOnce = 16;

    /// <summary>Where the first stream stands; the ids stand behind the last one.</summary>
    internal int StreamsAt;
    internal int Streams;

    /// <summary>Where the group stands, with the consumer behind it; 0 for none.</summary>
    internal int GroupAt;
    internal bool HasNoAck;

    /// <summary>BLOCK was said, and for how many nanoseconds, 0 for ever.</summary>
    internal bool Waits;
    internal long WaitNs;

    /// <summary>Entries of each stream, at most.</summary>
    internal long CountMax;

    internal readonly bool IsOfGroup => GroupAt != 0;

    // ---- arguments ----

    /// <summary>Reads all but the ids, which depend on what there is. False, with the error written, where something is wrong.</summary>
    internal static bool TryRead(Arguments args, bool ofGroup, long nowMs, ref ReplyWriter reply, out StreamRead read)
    {
        read = new StreamRead { CountMax = long.MaxValue };
        for (int i = 1; i < args.Count && read.StreamsAt == 0; i++)
        {
            ReadOnlySpan<byte> option = args[i];
            int more = args.Count - i - 1;
            if (more != 0 && Ascii.EqualsIgnoreCase(option, "BLOCK"u8))
            {
                if (!read.TryReadTime(args[++i], nowMs, ref reply)) return false;
            }
            else if (more != 0 && Ascii.EqualsIgnoreCase(option, "COUNT"u8))
            {
                if (!StreamValue.TryReadLong(args[++i], ref reply, out read.CountMax)) return false;
                if (read.CountMax <= 0) read.CountMax = long.MaxValue;
            }
            else if (more != 0 && Ascii.EqualsIgnoreCase(option, "STREAMS"u8))
            {
                (read.StreamsAt, read.Streams) = (i + 1, more / 2);
                if (more % 2 == 0) continue;
                reply.Error(Errors.StreamsUnbalanced, ofGroup ? "xreadgroup"u8 : "xread"u8, ofGroup ? ">"u8 : "$"u8);
                return false;
            }
            else
            {
                ErrorReply error = read.ReadOfGroup(option, more, ofGroup, ref i);
                if (error.IsEmpty) continue;
                reply.Error(error);
                return false;
            }
        }
        if (read.StreamsAt == 0) reply.Error(Errors.Syntax);
        else if (ofGroup && !read.IsOfGroup) reply.Error(Errors.ReadWithoutGroup);
        else return true;
        return false;
    }

    private ErrorReply ReadOfGroup(scoped ReadOnlySpan<byte> option, int more, bool ofGroup, scoped ref int i)
    {
        if (more >= 2 && Ascii.EqualsIgnoreCase(option, "GROUP"u8))
        {
            if (!ofGroup) return Errors.ReadWithGroup;
            GroupAt = i + 1;
            i += 2;
            return default;
        }
        if (!Ascii.EqualsIgnoreCase(option, "NOACK"u8)) return Errors.Syntax;
        HasNoAck = true;
        return ofGroup ? default : Errors.ReadWithNoAck;
    }

    private bool TryReadTime(ReadOnlySpan<byte> text, long nowMs, ref ReplyWriter reply)
    {
        Waits = true;
        if (!Numbers.TryParseLong(text, out long ms)) reply.Error(Errors.TimeoutNotInteger);
        else if (ms < 0) reply.Error(Errors.TimeoutNegative);
        else if (ms > long.MaxValue - nowMs) reply.Error(Errors.TimeoutOutOfRange);
        else
        {
            WaitNs = ms >= NsMax / NsPerMs ? NsMax : ms * NsPerMs;
            return true;
        }
        return false;
    }

    /// <summary>Where the first stream of a call stands, for its row; 0 where the arguments give none.</summary>
    internal static int FindStreams(Arguments args)
    {
        for (int i = 1; i < args.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(args[i], "BLOCK"u8) || Ascii.EqualsIgnoreCase(args[i], "COUNT"u8)) i++;
            else if (Ascii.EqualsIgnoreCase(args[i], "GROUP"u8)) i += 2;
            else if (Ascii.EqualsIgnoreCase(args[i], "STREAMS"u8)) return i + 1 < args.Count && (args.Count - i) % 2 == 1 ? i + 1 : 0;
            else if (!Ascii.EqualsIgnoreCase(args[i], "NOACK"u8)) return 0;
        }
        return 0;
    }

    /// <summary>Says a call that it would wait?</summary>
    internal static bool SaysBlock(Arguments args)
    {
        for (int i = 1; i < args.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(args[i], "BLOCK"u8)) return true;
            if (Ascii.EqualsIgnoreCase(args[i], "STREAMS"u8)) return false;
            if (Ascii.EqualsIgnoreCase(args[i], "COUNT"u8)) i++;
            else if (Ascii.EqualsIgnoreCase(args[i], "GROUP"u8)) i += 2;
        }
        return false;
    }

    /// <summary>Does one of the ids stand for the last one that a stream has now?</summary>
    internal readonly bool AsksForLast(Arguments args)
    {
        for (int i = 0; i < Streams; i++)
            if (StreamIds.IsSign(args[StreamsAt + Streams + i], '$')) return true;
        return false;
    }

    // ---- ids ----

    /// <summary>
    /// Looks at a stream and at what is asked of it. False, with the error written, where that cannot be. Ids for "the last one now"
    /// are those that were kept, if there are any.
    /// </summary>
    internal readonly bool TryCheck(ShardScope shard, Arguments args, int stream, scoped Span<StreamId> kept, bool keeps, ref ReplyWriter reply)
    {
        if (!StreamValue.TryFind(shard, args.Key(StreamsAt + stream), ref reply, out StreamView view)) return false;
        if (IsOfGroup && !view.FindGroup(args[GroupAt]).Exists)
        {
            reply.Error(Errors.NoGroupToRead, args[StreamsAt + stream], args[GroupAt]);
            return false;
        }
        ReadOnlySpan<byte> text = args[StreamsAt + Streams + stream];
        if (StreamIds.IsSign(text, '$'))
        {
            if (keeps && !kept.IsEmpty) kept[stream] = view.LastId;
            if (!IsOfGroup) return true;
            reply.Error(Errors.GroupReadsLast);
            return false;
        }
        if (StreamIds.IsSign(text, '+'))
        {
            if (!IsOfGroup) return true;
            reply.Error(Errors.GroupReadsLastEntry);
            return false;
        }
        if (StreamIds.IsSign(text, '>'))
        {
            if (IsOfGroup) return true;
            reply.Error(Errors.NewWithoutGroup);
            return false;
        }
        return StreamIds.TryRead(text, ref reply, out _);
    }

    /// <summary>The id behind which a stream is to be read, which was checked; the last of all: what is new for the group.</summary>
    internal readonly StreamId IdOf(Arguments args, int stream, StreamView view, scoped Span<StreamId> kept)
    {
        ReadOnlySpan<byte> text = args[StreamsAt + Streams + stream];
        if (StreamIds.IsSign(text, '$')) return kept.IsEmpty ? view.LastId : kept[stream];
        if (StreamIds.IsSign(text, '>')) return StreamId.Max;
        if (StreamIds.IsSign(text, '+'))
        {
            if (view.Count == 0) return default;
            _ = view.LastId.TryPrevious(out StreamId before);
            return before;
        }
        _ = StreamIds.TryParse(text, 0, out StreamId id);
        return id;
    }

    /// <summary>Is there so much to be read of a stream that it does not go in one turn?</summary>
    internal readonly bool IsLong(ShardScope shard, Arguments args, int stream, scoped Span<StreamId> kept)
    {
        if (CountMax <= StreamValue.EntriesPerTurn) return false;
        StreamView view = StreamReader.ViewOf(shard, args.Key(StreamsAt + stream));
        if (view.NodeCount <= NodesAtOnce) return false;
        StreamId after = IdOf(args, stream, view, kept);
        if (IsOfGroup)
        {
            StreamGroup group = view.FindGroup(args[GroupAt]);
            if (after != StreamId.Max) return group.FindConsumer(args[GroupAt + 1]) is { Exists: true, PendingCount: > StreamValue.EntriesPerTurn };
            after = group.LastId;
        }
        return view.NodesFrom(after) > NodesAtOnce;
    }

    // ---- at once ----

    /// <summary>What came of an attempt to answer from one shard.</summary>
    internal enum Attempt : byte
    {
        /// <summary>There is nothing new; nothing was written.</summary>
        Nothing,

        /// <summary>The reply, or an error, was written.</summary>
        Answered,

        /// <summary>There is much: it is to be read in slices. Nothing was done.</summary>
        Long,
    }

    /// <summary>Answers from streams that all lie on this shard. With kept ids, those of this moment may be kept for later attempts.</summary>
    internal readonly Attempt TryAnswer(ShardScope shard, Arguments args, scoped Span<StreamId> kept, bool keeps, ref ReplyWriter reply)
    {
        for (int i = 0; i < Streams; i++)
            if (!TryCheck(shard, args, i, kept, keeps, ref reply)) return Attempt.Answered;
        for (int i = 0; i < Streams; i++)
            if (IsLong(shard, args, i, kept)) return Attempt.Long;
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        long served = 0, written = 0;
        bool isRefused = false;
        for (int i = 0; i < Streams && !isRefused; i++)
        {
            var reader = new StreamReader(shard, args, in this, i);
            if (reader.TryBegin(kept))
            {
                served++;
                WriteHead(args, i, ref reply);
                ReplyStream.DeferredHeader entries = reply.Defer();
                _ = reader.Go(int.MaxValue, ref reply);
                reply.ResolveArray(entries, reader.Written);
                reader.End();
            }
            isRefused = reader.IsRefused;
            written += reader.Written;
        }
        bool isNothing = isRefused && written == 0;
        if (served == 0 || isNothing)
        {
            reply.Restore(before);
            if (!isNothing) return Attempt.Nothing;
            reply.Error(Outcome.OutOfMemory);
            return Attempt.Answered;
        }
        if (reply.Version == RespVersion.Resp2) reply.ResolveArray(header, served);
        else reply.ResolveMap(header, served);
        return Attempt.Answered;
    }

    /// <summary>What stands before a stream's entries: its name, and in the older protocol the pair of both.</summary>
    internal readonly void WriteHead(Arguments args, int stream, ref ReplyWriter reply)
    {
        if (reply.Version == RespVersion.Resp2) reply.Array(2);
        reply.Bulk(args[StreamsAt + stream]);
    }
}
