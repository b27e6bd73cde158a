using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Members of values of one type, which may expire: fields of hashes, members of sets and of sorted sets.</summary>
internal interface IExpiringMembers
{
    static abstract ValueType Type { get; }
    static abstract EventClass Class { get; }

    /// <summary>The word before their number.</summary>
    static abstract ReadOnlySpan<byte> Word { get; }

    /// <summary>The error of a number that is not theirs.</summary>
    static abstract ErrorReply Mismatch { get; }

    static abstract ReadOnlySpan<byte> ExpireEvent { get; }
    static abstract ReadOnlySpan<byte> ExpiredEvent { get; }
    static abstract ReadOnlySpan<byte> PersistEvent { get; }

    /// <summary>When a member expires, in milliseconds; 0 when it never does, -1 when it is not there.</summary>
    static abstract long ExpiryOf(ValueView value, ReadOnlySpan<byte> member, long nowMs);

    /// <summary>Sets, or with 0 removes, the expiry of one that is there. False when memory is refused.</summary>
    static abstract bool SetExpiry(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member, long expireAtMs);

    /// <summary>Takes away one that is there.</summary>
    static abstract void Remove(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member);

    /// <summary>Are there none left?</summary>
    static abstract bool IsEmpty(ValueView value);
}

/// <summary>How long members of a value live: what HEXPIRE, HTTL, HPERSIST and their kin do, whatever the members are.</summary>
internal static class MemberExpiry<TMembers> where TMembers : struct, IExpiringMembers
{
    internal const long MsPerSecond = 1000;

    /// <summary>What clients read: there is no such member, its time was set, it is gone because that time has come.</summary>
    internal const int NoMember = -2, Done = 1, Gone = 2;

    private const int NoExpiry = -1, Refused = 0;

    // ---- set ----

    /// <summary>Key, time, conditions, and the members behind their word and number.</summary>
    internal static void Expire(
        ShardScope shard, Arguments args, long unitMs, long originMs, ReadOnlySpan<byte> command, ref ReplyWriter reply)
    {
        const int FirstOption = 3;
        int word = HashValue.FindWord(args, FirstOption, TMembers.Word);
        if (word < 0)
        {
            reply.Error(TMembers.Mismatch);
            return;
        }
        if (!ExpireConditions.TryRead(args.Range(FirstOption, word - FirstOption), ref reply, out ExpireConditions conditions)) return;
        if (!HashValue.TryReadCount(args, word + 1, 1, TMembers.Mismatch, ref reply)) return;
        if (HashValue.TryReadExpiry(args[2], unitMs, originMs, command, ref reply, out long atMs))
            ExpireFrom(shard, args, word + 2, atMs, conditions, ref reply);
    }

    /// <summary>Sets the expiry of the members from an index on, and answers for each what became of it.</summary>
    internal static void ExpireFrom(ShardScope shard, Arguments args, int first, long atMs, ExpireConditions conditions, ref ReplyWriter reply)
    {
        if (!TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        ReplyStream.Mark before = reply.Save();
        reply.Array(args.Count - first);
        long updated = 0, expired = 0;
        bool isRefused = false;
        for (int i = first; i < args.Count && !isRefused; i++)
        {
            int result = Expire(shard, edit.Slot, args[i], atMs, conditions, out isRefused);
            if (result == Done) updated++;
            if (result == Gone) expired++;
            reply.Integer(result);
        }
        shard.Counters.ExpiredMembers += expired;
        if (updated + expired == 0) edit.Abandon();
        else Commit(ref edit, expired != 0 ? TMembers.ExpiredEvent : TMembers.ExpireEvent, updated + expired);
        if (!isRefused) return;
        reply.Restore(before);
        reply.Error(Outcome.OutOfMemory);
    }

    private static int Expire(
        ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member, long atMs, ExpireConditions conditions, out bool isRefused)
    {
        isRefused = false;
        long current = ExpiryOf(slot, member, shard.NowMs);
        if (current < 0) return NoMember;
        if (!conditions.Allow(current, atMs)) return Refused;
        if (atMs <= shard.NowMs)
        {
            TMembers.Remove(shard, slot, member);
            return Gone;
        }
        isRefused = !TMembers.SetExpiry(shard, slot, member, atMs);
        return isRefused ? Refused : Done;
    }

    /// <summary>A value may lose its last member before the key goes.</summary>
    private static long ExpiryOf(ValueSlot slot, ReadOnlySpan<byte> member, long nowMs) =>
        !slot.Exists || TMembers.IsEmpty(slot.View) ? -1 : TMembers.ExpiryOf(slot.View, member, nowMs);

    internal static void Persist(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int First = 4;
        if (!HashValue.TryReadMembers(args, First - 2, TMembers.Word, TMembers.Mismatch, ref reply)) return;
        if (!TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        reply.Array(args.Count - First);
        long changes = 0;
        for (int i = First; i < args.Count; i++)
        {
            long current = ExpiryOf(edit.Slot, args[i], shard.NowMs);
            // What gets shorter is never refused.
            bool isDone = current > 0 && TMembers.SetExpiry(shard, edit.Slot, args[i], 0);
            if (isDone) changes++;
            reply.Integer(isDone ? Done : current < 0 ? NoMember : NoExpiry);
        }
        if (changes == 0) edit.Abandon();
        else edit.Commit(TMembers.Class, TMembers.PersistEvent, Effect.Command, changes);
    }

    // ---- get ----

    /// <summary>Times from an origin to the members' expiry.</summary>
    internal static void WriteExpiries(ShardScope shard, Arguments args, long unitMs, long originMs, ref ReplyWriter reply)
    {
        const int First = 4;
        if (!HashValue.TryReadMembers(args, First - 2, TMembers.Word, Errors.Syntax, ref reply)) return;
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != TMembers.Type)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        reply.Array(args.Count - First);
        for (int i = First; i < args.Count; i++) reply.Integer(TimeOf(shard, in entry, args[i], unitMs, originMs));
    }

    /// <summary>Time from an origin to a member's expiry, rounded.</summary>
    internal static long TimeOf(ShardScope shard, scoped in Entry entry, ReadOnlySpan<byte> member, long unitMs, long originMs)
    {
        long expireAtMs = entry.Exists ? TMembers.ExpiryOf(shard.View(entry), member, shard.NowMs) : -1;
        if (expireAtMs < 0) return NoMember;
        return expireAtMs == 0 ? NoExpiry : (Math.Max(0, expireAtMs - originMs) + unitMs / 2) / unitMs;
    }

    // ---- what they share ----

    private static bool TryEdit(ShardScope shard, Key key, scoped ref ReplyWriter reply, out Edit edit)
    {
        edit = new Edit(shard, key);
        if (!edit.Exists || edit.Type == TMembers.Type) return true;
        edit.Abandon();
        reply.Error(Errors.WrongType);
        return false;
    }

    /// <summary>Closes an edit by which a value may have lost its last member: then the key goes, too.</summary>
    private static void Commit(scoped ref Edit edit, ReadOnlySpan<byte> name, long changes)
    {
        bool isEmpty = TMembers.IsEmpty(edit.Slot.View);
        if (isEmpty) edit.Delete();
        edit.Commit(TMembers.Class, name, Effect.State, changes);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
    }
}
