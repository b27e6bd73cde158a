using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Strings that are whole numbers: INCR and its kin.</summary>
public static class CounterCommands
{
    private const KeyAccess Counts = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update;

    public static readonly CommandSpec[] Table =
    [
        //   name        arity  flags                   categories          keys                handler
        new("INCR",          2, Write | DenyOom | Fast, AclCategory.String, Keys.First(Counts), Incr,
            "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist."),
        new("DECR",          2, Write | DenyOom | Fast, AclCategory.String, Keys.First(Counts), Decr,
            "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist."),
        new("INCRBY",        3, Write | DenyOom | Fast, AclCategory.String, Keys.First(Counts), IncrBy,
            "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist."),
        new("DECRBY",        3, Write | DenyOom | Fast, AclCategory.String, Keys.First(Counts), DecrBy,
            "Decrements the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist."),
    ];

    private static void Incr(ShardScope shard, Arguments args, ref ReplyWriter reply) => Count(shard,
        args.Key(1), 1, ref reply);

    private static void Decr(ShardScope shard, Arguments args, ref ReplyWriter reply) => Count(shard,
        args.Key(1), -1, ref reply);

    private static void IncrBy(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (Numbers.TryParseLong(args[2], out long step)) Count(shard, args.Key(1), step, ref reply);
        else reply.Error(Errors.NotInteger);
    }

    private static void DecrBy(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[2], out long step)) reply.Error(Errors.NotInteger);
        else if (step == long.MinValue) reply.Error(Errors.DecrementOverflow);
        else Count(shard, args.Key(1), -step, ref reply);
    }

    private static void Count(ShardScope shard, Key key, long step, ref ReplyWriter reply)
    {
        var edit = new Edit(shard, key);
        Outcome outcome = Add(ref edit, step, out long sum);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        edit.Commit(EventClass.String, "incrby"u8);
        reply.Integer(sum);
    }

    private static Outcome Add(ref Edit edit, long step, out long sum)
    {
        sum = 0;
        if (edit.Exists)
        {
            if (edit.Type != ValueType.String) return Outcome.WrongType;
            if (!StringValue.TryReadLong(edit.Entry, out sum)) return Outcome.NotInteger;
        }
        long before = sum;
        sum = unchecked(before + step);
        // Both summands have one sign and the sum has the other.
        if (((before ^ sum) & (step ^ sum)) < 0) return Outcome.Overflow;
        return edit.SetInteger(sum, edit.ExpireAtMs);
    }
}
