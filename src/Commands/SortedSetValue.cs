using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What the commands of sorted sets have in common: finding one, closing its edits, writing members with scores.</summary>
internal static class SortedSetValue
{
    /// <summary>Members that a command reads, or writes, within a turn; more of them go in slices.</summary>
    internal const long AtOnceMax = 1000;

    /// <summary>Members between two looks at the clock.</summary>
    internal const int MembersPerStep = 100;

    /// <summary>Looks a key up to read it; missing, it is an empty set. False where it holds something else, which is answered.</summary>
    internal static bool TryRead(ShardScope shard, Key key, scoped ref ReplyWriter reply, out SortedSetView set)
    {
        if (TryFind(shard, key, out set, out _)) return true;
        reply.Error(Errors.WrongType);
        return false;
    }

    /// <summary>As <see cref="TryRead"/>, but answers nothing.</summary>
    internal static bool TryFind(ShardScope shard, Key key, out SortedSetView set, out bool exists)
    {
        Entry entry = shard.Find(key);
        exists = entry.Exists;
        set = ViewOf(shard, in entry);
        return !exists || entry.Type == ValueType.SortedSet;
    }

    /// <summary>A sorted set whose type is known, without a trace in the statistics.</summary>
    internal static SortedSetView ViewOf(ShardScope shard, Key key) => new(shard.View(shard.Peek(key)), shard.NowMs);

    internal static SortedSetView ViewOf(ShardScope shard, scoped in Entry entry) => new(shard.View(entry), shard.NowMs);

    internal static SortedSetEditor Editor(ShardScope shard, ValueSlot slot) => new(slot, shard.Settings.SortedSetLimits, shard.NowMs);

    /// <summary>Closes an edit that has removed members; an empty set goes.</summary>
    internal static void CommitRemoval(scoped ref Edit edit, ReadOnlySpan<byte> name, Effect effect)
    {
        bool isEmpty = new SortedSetView(edit.Slot.View, 0).Count == 0;
        if (isEmpty) edit.Delete();
        edit.Commit(EventClass.SortedSet, name, effect);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
    }

    /// <summary>Tells that members were overwritten whose time had come, which is when they expire.</summary>
    internal static void NoteOverwritten(ShardScope shard, in Edit edit, long expired)
    {
        if (expired == 0) return;
        shard.Counters.ExpiredMembers += expired;
        edit.Also(EventClass.SortedSet, "zexpired"u8, Effect.State);
    }

    /// <summary>The head of an array of members, with their scores or without: those stand in pairs where the protocol has them.</summary>
    internal static void WriteHead(ref ReplyWriter reply, long count, bool withScores) =>
        reply.Array(withScores && reply.Version == RespVersion.Resp2 ? 2 * count : count);
}

/// <summary>Writes members, with their scores if so asked. Mutable: counts them.</summary>
internal ref struct ScoredWriter(ReplyWriter reply, bool withScores) : IMemberReader
{
    private readonly bool _withScores = withScores;
    private readonly bool _inPairs = withScores && reply.Version == RespVersion.Resp3;
    internal ReplyWriter Reply = reply;
    internal long Written;

    public bool Visit(scoped PackedItem member, double score)
    {
        Written++;
        if (_inPairs) Reply.Array(2);
        Reply.Bulk(member);
        if (_withScores) Reply.Double(score);
        return true;
    }
}
