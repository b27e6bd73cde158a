using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>How popped members stand in a reply.</summary>
internal enum PopShape : byte
{
    /// <summary>Members and scores, one after the other.</summary>
    Flat,

    /// <summary>A pair for each member.</summary>
    Pairs,

    /// <summary>The key, then as <see cref="Flat"/>.</summary>
    KeyAndFlat,

    /// <summary>The key, and an array of pairs.</summary>
    KeyAndPairs,
}

/// <summary>Takes the first or the last members of a sorted set, perhaps in slices. Plain data, the state of a hop.</summary>
internal struct SortedSetPop
{
    /// <summary>What is to be popped yet; 0 at the end.</summary>
    internal long Left;

    /// <summary>The argument of the key.</summary>
    internal int Key;
    internal bool IsMax;
    internal PopShape Shape;
    internal bool IsBegun, HasWrongType;

    /// <summary>The time of many members has come, so a call that was to end at once is better left to the coordinator.</summary>
    internal bool IsHeldUp;

    /// <summary>The key has nothing, or something else: nothing was written.</summary>
    internal bool IsEmpty;

    /// <summary>Pops for as long as a slice lasts, or all that is left; the first call writes what stands before the members.</summary>
    internal void Run(ShardScope shard, Arguments args, bool isAtOnce, Effect effect, ref ReplyWriter reply, bool mayLeave = false)
    {
        if (!IsBegun && !mayLeave && !TryClear(shard, args, isAtOnce)) return;
        Edit edit = new Edit(shard, args.Key(Key));
        if (!IsBegun && !TryBegin(shard, ref edit, args, mayLeave, ref reply))
        {
            edit.Abandon();
            return;
        }
        SortedSetEditor set = SortedSetValue.Editor(shard, edit.Slot);
        WorkSlice slice = isAtOnce || Left <= SortedSetValue.MembersPerStep ? WorkSlice.Endless : new WorkSlice(shard);
        do Step(SortedSetValue.ViewOf(shard, edit.Entry), set, ref reply);
        while (Left > 0 && slice.MayGoOn(shard));
        if (Left > 0) edit.Pause();
        else SortedSetValue.CommitRemoval(ref edit, IsMax ? "zpopmax"u8 : "zpopmin"u8, effect);
    }

    /// <summary>Removes members whose time has come: what is popped is counted before. False where that takes another slice.</summary>
    private readonly bool TryClear(ShardScope shard, Arguments args, bool isAtOnce)
    {
        if (shard.RemoveDue(args.Key(Key))) return true;
        WorkSlice slice = isAtOnce ? WorkSlice.Endless : new WorkSlice(shard);
        while (slice.MayGoOn(shard))
            if (shard.RemoveDue(args.Key(Key))) return true;
        return false;
    }

    private bool TryBegin(ShardScope shard, scoped ref Edit edit, Arguments args, bool mayLeave, ref ReplyWriter reply)
    {
        IsBegun = true;
        HasWrongType = edit.Exists && edit.Type != Core.Structures.ValueType.SortedSet;
        IsEmpty = HasWrongType || !edit.Exists;
        if (IsEmpty) Left = 0;
        if (Left == 0) return false;
        SortedSetView view = SortedSetValue.ViewOf(shard, edit.Entry);
        IsHeldUp = mayLeave && view.HasDue;
        if (IsHeldUp) return false;
        Left = Math.Min(Left, view.Count);
        WriteHead(args, ref reply);
        return true;
    }

    private readonly void WriteHead(Arguments args, ref ReplyWriter reply)
    {
        switch (Shape)
        {
            case PopShape.Flat:
                reply.Array(2 * Left);
                break;
            case PopShape.Pairs:
                reply.Array(Left);
                break;
            case PopShape.KeyAndFlat:
                reply.Array(2 * Left + 1);
                reply.Bulk(args[Key]);
                break;
            default:
                reply.Array(2);
                reply.Bulk(args[Key]);
                reply.Array(Left);
                break;
        }
    }

    private void Step(SortedSetView view, scoped SortedSetEditor set, ref ReplyWriter reply)
    {
        long members = view.Count, count = Math.Min(Left, SortedSetValue.MembersPerStep);
        var writer = new PopWriter { Reply = reply, InPairs = Shape is PopShape.Pairs or PopShape.KeyAndPairs };
        view.Walk(IsMax ? members - 1 : 0, count, IsMax, ref writer);
        reply = writer.Reply;
        var range = IsMax ? new RankRange(members - count, members) : new RankRange(0, count);
        Left -= set.RemoveRange(range, int.MaxValue);
        if (Left == 0) set.View.PrefetchEnd(IsMax);
    }

    private ref struct PopWriter : IMemberReader
    {
        internal ReplyWriter Reply;
        internal bool InPairs;

        public bool Visit(scoped PackedItem member, double score)
        {
            if (InPairs) Reply.Array(2);
            Reply.Bulk(member);
            Reply.Double(score);
            return true;
        }
    }
}
