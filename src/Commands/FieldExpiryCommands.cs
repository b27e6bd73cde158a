using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>How long fields of hashes and members of sets live, as Dragonfly has it: FIELDEXPIRE, FIELDTTL.</summary>
public static class FieldExpiryCommands
{
    private const long MsPerSecond = 1000;

    public static readonly CommandSpec[] Table =
    [
        new("FIELDEXPIRE", -4, Write | Fast,   AclCategory.Hash | AclCategory.Set, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update),
            FieldExpire, "Sets the time to live of fields of a hash or members of a set in seconds."),
        new("FIELDTTL",    3, ReadOnly | Fast, AclCategory.Keyspace,               Keys.First(KeyAccess.ReadOnly | KeyAccess.Access),
            FieldTtl, "Returns the remaining time to live of a field of a hash or a member of a set in seconds."),
    ];

    private static void FieldExpire(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int First = 3;
        if (!HashValue.TryReadExpiry(args[2], MsPerSecond, shard.NowMs, "fieldexpire"u8, ref reply, out long atMs)) return;
        Entry entry = shard.Peek(args.Key(1));
        if (entry.Exists && entry.Type == ValueType.Set) ExpireMembers(shard, args, First, atMs, ref reply);
        else HashExpiryCommands.SetExpiry(shard, args, First, atMs, default, ref reply);
    }

    private static void ExpireMembers(ShardScope shard, Arguments args, int first, long atMs, ref ReplyWriter reply)
    {
        Edit edit = new Edit(shard, args.Key(1));
        ReplyStream.Mark before = reply.Save();
        reply.Array(args.Count - first);
        SetEditor set = SetCommands.Editor(shard, edit.Slot);
        long updated = 0, expired = 0;
        bool isRefused = false;
        for (int i = first; i < args.Count && !isRefused; i++)
        {
            int result = ExpireMember(set, args[i], atMs, shard.NowMs, out isRefused);
            if (result == HashExpiryCommands.Done && !isRefused) updated++;
            if (result == HashExpiryCommands.Gone && !isRefused) expired++;
            reply.Integer(result);
        }
        shard.Counters.ExpiredMembers += expired;
        if (updated + expired == 0) edit.Abandon();
        else SetCommands.CommitRemoval(ref edit, set.Count == 0, expired != 0 ? "sexpired"u8 : "sexpire"u8, Effect.State);
        if (!isRefused) return;
        reply.Restore(before);
        reply.Error(Outcome.OutOfMemory);
    }

    private static int ExpireMember(SetEditor set, ReadOnlySpan<byte> member, long atMs, long nowMs, out bool isRefused)
    {
        isRefused = false;
        if (set.Count == 0 || !set.View.Contains(member)) return HashExpiryCommands.NoField;
        bool isGone = atMs <= nowMs;
        SetChange change = isGone ? set.Remove(member) : set.AddExpiring(member, atMs, keepExpiry: false);
        isRefused = change == SetChange.Refused;
        return isGone ? HashExpiryCommands.Gone : HashExpiryCommands.Done;
    }

    private static void FieldTtl(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int NoKey = -2, NoMember = -3;
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists)
        {
            reply.Integer(NoKey);
            return;
        }
        if (entry.Type is not (ValueType.Hash or ValueType.Set))
        {
            reply.Error(Errors.WrongType);
            return;
        }
        long left = entry.Type == ValueType.Hash
            ? HashExpiryCommands.ExpiryOf(new HashView(shard.View(entry)), args[2], MsPerSecond, shard.NowMs, shard.NowMs)
            : TimeOf(new SetView(shard.View(entry), shard.NowMs), args[2], shard.NowMs);
        reply.Integer(left == HashExpiryCommands.NoField ? NoMember : left);
    }

    private static long TimeOf(SetView set, ReadOnlySpan<byte> member, long nowMs)
    {
        long expireAtMs = set.ExpiryOf(member);
        return expireAtMs < 0 ? HashExpiryCommands.NoField : HashExpiryCommands.Rounded(expireAtMs, MsPerSecond, nowMs);
    }
}
