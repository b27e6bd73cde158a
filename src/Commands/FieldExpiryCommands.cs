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
        if (entry.Exists && entry.Type == ValueType.Set) MemberExpiry<SetMembers>.ExpireFrom(shard, args, First, atMs, default, ref reply);
        else MemberExpiry<HashFields>.ExpireFrom(shard, args, First, atMs, default, ref reply);
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
            ? MemberExpiry<HashFields>.TimeOf(shard, in entry, args[2], MsPerSecond, shard.NowMs)
            : MemberExpiry<SetMembers>.TimeOf(shard, in entry, args[2], MsPerSecond, shard.NowMs);
        reply.Integer(left == MemberExpiry<SetMembers>.NoMember ? NoMember : left);
    }
}
