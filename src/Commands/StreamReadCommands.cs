using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

// How streams are read:
//
//     all on one shard      at once, by one callback: the shard handler, or for who may wait the attempt of the waiting itself
//     on several, or long   under the locks of all: check each, then read each in slices; then perhaps wait
//     woken                 again as above: what is on one shard is answered by it, the others lock their keys first

/// <summary>Streams read from an id on, perhaps as a consumer of a group: XREAD, XREADGROUP.</summary>
public static class StreamReadCommands
{
    private static readonly KeySpec[] Read =
    [
        new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Range)
            { BeginKeyword = "STREAMS", LastKey = -1, Limit = 2, BeginFinder = StreamRead.FindStreams },
    ];

    private static readonly KeySpec[] ReadOfGroup = [Read[0] with { BeginIndex = 4, AreChanged = true }];

    public static readonly CommandSpec[] Table =
    [
        new("XREAD", -4, ReadOnly | Blocking | MovableKeys | OwnLocks | MayBeLong, AclCategory.Stream, Read, ReadHere,
            "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.")
            { AsCoordinator = ReadAcross, MayWait = StreamRead.SaysBlock },
        new("XREADGROUP", -7, Write | Blocking | MovableKeys | OwnLocks | MayBeLong, AclCategory.Stream, ReadOfGroup, ReadOfGroupHere,
            "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.")
            { AsCoordinator = ReadOfGroupAcross, MayWait = StreamRead.SaysBlock, HearsLoss = true },
    ];

    // ---- on one shard ----

    private static void ReadHere(ShardScope shard, Arguments args, ref ReplyWriter reply) => AnswerHere(shard, args, ofGroup: false, ref reply);

    private static void ReadOfGroupHere(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        AnswerHere(shard, args, ofGroup: true, ref reply);

    private static void AnswerHere(ShardScope shard, Arguments args, bool ofGroup, ref ReplyWriter reply)
    {
        if (!StreamRead.TryRead(args, ofGroup, shard.NowMs, ref reply, out StreamRead read)) return;
        StreamRead.Attempt attempt = read.TryAnswer(shard, args, default, keeps: false, ref reply);
        if (attempt == StreamRead.Attempt.Long) shard.LeaveToCoordinator();
        else if (attempt == StreamRead.Attempt.Nothing) reply.NullArray();
    }

    // ---- across shards, in slices, waiting ----

    /// <summary>What a hop knows beside its arguments, and leaves: plain data.</summary>
    private struct Part
    {
        /// <summary>The ids that "the last one now" stood for when the command began; null where no argument says so.</summary>
        internal NativeBlock Kept;

        /// <summary>Of the stream that is being read, and of its slices.</summary>
        internal StreamId After;
        internal int Stream;
        internal bool IsOfGroup;
        internal bool IsTried;
        internal bool IsHistory;
        internal Progress Progress;

        internal readonly Span<StreamId> KeptIds => Kept.IsNull ? default : NativeCast.Cells<StreamId>(Kept.Bytes);
    }

    /// <summary>How far the reading of one stream is.</summary>
    private enum Progress : byte
    {
        NotBegun,
        UnderWay,
        Done,

        /// <summary>The stream has nothing to be read.</summary>
        Nothing,

        /// <summary>Memory was refused before anything was read.</summary>
        Refused,
    }

    private static Co<Nothing> ReadAcross(Coordinator tx) => Run(tx, ofGroup: false);

    private static Co<Nothing> ReadOfGroupAcross(Coordinator tx) => Run(tx, ofGroup: true);

    private static async Co<Nothing> Run(Coordinator tx, bool ofGroup)
    {
        if (!TryRead(tx, ofGroup, out StreamRead read)) return default;
        NativeBlock kept = default;
        if (read.AsksForLast(tx.Args))
        {
            kept = NativeBlock.Allocate(read.Streams * NativeCast.SizeOf<StreamId>());
            if (kept.IsNull)
            {
                tx.Fail(Outcome.OutOfMemory);
                return default;
            }
        }
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<Part>(shard) = new Part { Kept = kept, IsOfGroup = ofGroup };
        if (read.Waits && tx.MayBlock) await ReadOrWait(tx, read);
        else
        {
            await tx.LockKeys();
            if (!await TryReadAll(tx, read)) AnswerNothing(tx);
            tx.ReleaseLocks();
        }
        if (!kept.IsNull) kept.Release();
        return default;
    }

    private static bool TryRead(Coordinator tx, bool ofGroup, out StreamRead read)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = StreamRead.TryRead(tx.Args, ofGroup, tx.NowMs, ref reply, out read);
        tx.Close(ref reply);
        return ok;
    }

    private static async Co<Nothing> ReadOrWait(Coordinator tx, StreamRead read)
    {
        if (!IsOnOneShard(tx, read))
        {
            await tx.LockKeys();
            if (await TryReadAll(tx, read))
            {
                tx.ReleaseLocks();
                return default;
            }
        }
        WaitEnd end = await tx.WaitForKeys(Serve, read.WaitNs);
        while (end == WaitEnd.Claimed)
        {
            bool stands = tx.Stands;
            await tx.LockKeys();
            if (await TryReadAll(tx, read))
            {
                await tx.LeaveLines();
                return default;
            }
            // Somebody was faster.
            end = stands ? await tx.WaitAgain() : await tx.WaitForKeys(Serve, read.WaitNs);
        }
        if (end == WaitEnd.Unblocked) tx.Fail(Errors.Unblocked);
        else if (end != WaitEnd.Served) AnswerNothing(tx);
        else if (!tx.PassError(tx.ShardOf(tx.WokenArgument))) tx.AnswerPart(tx.ShardOf(tx.WokenArgument));
        return default;
    }

    private static bool IsOnOneShard(Coordinator tx, StreamRead read)
    {
        for (int i = 1; i < read.Streams; i++)
            if (tx.ShardOf(read.StreamsAt + i) != tx.ShardOf(read.StreamsAt)) return false;
        return true;
    }

    private static void AnswerNothing(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.NullArray();
        tx.Close(ref reply);
    }

    /// <summary>Somebody's stream has changed, or it is the first attempt of a command whose streams all lie here.</summary>
    private static void Serve(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        ReplyWriter reply = hop.Writer();
        _ = StreamRead.TryRead(hop.Args, part.IsOfGroup, shard.NowMs, ref reply, out StreamRead read);
        if (hop.IsLook)
        {
            hop.Value = (long)Look(shard, ref hop, in read, ref part);
            return;
        }
        bool isHere = true;
        for (int i = 0; i < read.Streams && isHere; i++) isHere = hop.Owns(read.StreamsAt + i);
        if (hop.IsFirstTry && part.IsTried) return;
        bool keeps = !part.IsTried;
        part.IsTried = true;
        WaitResult look = hop.IsFirstTry ? WaitResult.Claimed : Look(shard, ref hop, in read, ref part);
        if (!isHere || look != WaitResult.Claimed)
        {
            hop.Value = (long)look;
            return;
        }
        StreamRead.Attempt attempt = read.TryAnswer(shard, hop.Args, part.KeptIds, keeps, ref reply);
        reply.Flush();
        hop.Value = (long)(attempt switch
        {
            StreamRead.Attempt.Answered => WaitResult.Served,
            StreamRead.Attempt.Long => WaitResult.Claimed,
            _ => WaitResult.NotForThis,
        });
    }

    /// <summary>Is there something new in the stream? What is gone, or is none any more, concerns only those who read for a group.</summary>
    private static WaitResult Look(ShardScope shard, ref HopFrame hop, in StreamRead read, ref Part part)
    {
        Key key = hop.Args.Key(hop.Argument);
        StreamView view = StreamReader.ViewOf(shard, key);
        bool isNew;
        if (read.IsOfGroup)
        {
            StreamGroup group = view.FindGroup(hop.Args[read.GroupAt]);
            isNew = !group.Exists || view.Count != 0 && view.LastEntryId > group.LastId;
        }
        else if (!shard.Peek(key).Exists) return WaitResult.Empty;
        else isNew = view.Count != 0 && view.LastEntryId > read.IdOf(hop.Args, hop.Argument - read.StreamsAt, view, part.KeptIds);
        return isNew ? WaitResult.Claimed : WaitResult.NotForThis;
    }

    // ---- under the locks of all ----

    /// <summary>Answers, if there is anything to be read, or wrong.</summary>
    private static async Co<bool> TryReadAll(Coordinator tx, StreamRead read)
    {
        await tx.HopKeys(CheckOwn);
        int wrong = FirstWrong(tx, read);
        if (wrong >= 0)
        {
            _ = tx.PassError(tx.ShardOf(read.StreamsAt + wrong));
            return true;
        }
        long served = 0;
        bool isRefused = false;
        for (int i = 0; i < read.Streams && !isRefused; i++)
        {
            int shard = tx.ShardOf(read.StreamsAt + i);
            Begin(tx, shard, i);
            await tx.Hop(shard, ReadSlice);
            while (ProgressOf(tx, shard) == Progress.UnderWay)
            {
                await tx.Yield();
                await tx.Hop(shard, ReadSlice);
            }
            isRefused = ProgressOf(tx, shard) == Progress.Refused;
            if (ProgressOf(tx, shard) != Progress.Done) continue;
            served++;
            Join(tx, in read, i, shard);
        }
        if (isRefused && served == 0) tx.Fail(Outcome.OutOfMemory);
        else if (served != 0) Answer(tx, served);
        return served != 0 || isRefused;
    }

    /// <summary>Each shard checks its own streams in order, up to the first one that is wrong, which it leaves with the error.</summary>
    private static void CheckOwn(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        ReplyWriter reply = hop.Writer();
        _ = StreamRead.TryRead(hop.Args, part.IsOfGroup, shard.NowMs, ref reply, out StreamRead read);
        bool keeps = !part.IsTried;
        part.IsTried = true;
        hop.Value = -1;
        for (int i = 0; i < read.Streams && hop.Value < 0; i++)
            if (hop.Owns(read.StreamsAt + i) && !read.TryCheck(shard, hop.Args, i, part.KeptIds, keeps, ref reply)) hop.Value = i;
        reply.Flush();
    }

    private static int FirstWrong(Coordinator tx, in StreamRead read)
    {
        for (int i = 0; i < read.Streams; i++)
            if (tx.ValueOf(tx.ShardOf(read.StreamsAt + i)) == i) return i;
        return -1;
    }

    private static void Begin(Coordinator tx, int shard, int stream)
    {
        ref Part part = ref tx.StateOf<Part>(shard);
        (part.Stream, part.Progress) = (stream, Progress.NotBegun);
    }

    private static Progress ProgressOf(Coordinator tx, int shard) => tx.StateOf<Part>(shard).Progress;

    private static void ReadSlice(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        ReplyWriter reply = hop.Writer();
        _ = StreamRead.TryRead(hop.Args, part.IsOfGroup, shard.NowMs, ref reply, out StreamRead read);
        var reader = new StreamReader(shard, hop.Args, in read, part.Stream);
        if (part.Progress == Progress.NotBegun)
        {
            hop.Value = 0;
            if (!reader.TryBegin(part.KeptIds))
            {
                part.Progress = reader.IsRefused ? Progress.Refused : Progress.Nothing;
                return;
            }
        }
        else reader.Resume(part.After, part.IsHistory);
        reader.Written = hop.Value;
        var slice = new WorkSlice(shard);
        bool isMore;
        do isMore = reader.Go(StreamValue.EntriesPerStep, ref reply);
        while (isMore && slice.MayGoOn(shard));
        reply.Flush();
        (part.After, part.IsHistory, hop.Value) = (reader.After, reader.IsHistory, reader.Written);
        part.Progress = isMore ? Progress.UnderWay : reader.IsRefused && reader.Written == 0 ? Progress.Refused : Progress.Done;
        // Those of its slices are told together.
        if (isMore) reader.Pause();
        else reader.End();
    }

    /// <summary>The entries of a stream go behind those of the streams before it.</summary>
    private static void Join(Coordinator tx, in StreamRead read, int stream, int shard)
    {
        ReplyWriter writer = tx.JoinWriter();
        read.WriteHead(tx.Args, stream, ref writer);
        writer.Array(tx.ValueOf(shard));
        writer.Raw(ref tx.PartOf(shard));
        writer.Flush();
    }

    private static void Answer(Coordinator tx, long served)
    {
        ReplyWriter reply = tx.Writer();
        if (tx.Resp == RespVersion.Resp2) reply.Array(served);
        else reply.Map(served);
        reply.Raw(ref tx.Joined);
        tx.Close(ref reply);
    }
}
