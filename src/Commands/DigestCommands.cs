using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Digests of strings, and deleting a key by its value or its value's digest, as Redis 8.4 has it: DIGEST, DELEX.</summary>
public static class DigestCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("DIGEST",  2, ReadOnly, AclCategory.String, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Digest,
            "Returns the XXH3 hash of a string value."),
        new("DELEX",  -2, Write,    AclCategory.String, Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete), DelEx,
            "Deletes a key, if its value or its digest compares as asked."),
    ];

    private static void Digest(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists)
        {
            reply.Null();
            return;
        }
        if (entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        Span<byte> digest = stackalloc byte[StringDigest.Chars];
        StringDigest.Write(in entry, digest);
        reply.Bulk(digest);
    }

    private static void DelEx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        bool isConditional = args.Count != 2;
        if (isConditional && args.Count != 4)
        {
            reply.WrongArity("delex"u8);
            return;
        }
        Entry entry = shard.Peek(args.Key(1));
        if (!entry.Exists) reply.Integer(0);
        else if (!isConditional || MayDelete(in entry, args[2], args[3], ref reply))
            reply.Integer(shard.Delete(args.Key(1)) ? 1 : 0);
    }

    /// <summary>Does the value compare as asked? That it does not, or that the question is wrong, is answered.</summary>
    private static bool MayDelete(in Entry entry, ReadOnlySpan<byte> condition, ReadOnlySpan<byte> operand, ref ReplyWriter reply)
    {
        if (entry.Type != ValueType.String)
        {
            reply.Error(Errors.ConditionNeedsString);
            return false;
        }
        bool isDigest = Ascii.EqualsIgnoreCase(condition, "IFDEQ"u8) || Ascii.EqualsIgnoreCase(condition, "IFDNE"u8);
        bool mustDiffer = Ascii.EqualsIgnoreCase(condition, "IFNE"u8) || Ascii.EqualsIgnoreCase(condition, "IFDNE"u8);
        if (!isDigest && !mustDiffer && !Ascii.EqualsIgnoreCase(condition, "IFEQ"u8))
        {
            reply.Error(Errors.InvalidDeleteCondition);
            return false;
        }
        if (isDigest && operand.Length != StringDigest.Chars)
        {
            reply.Error(Errors.DigestLength);
            return false;
        }
        bool isEqual = isDigest ? StringDigest.Matches(in entry, operand) : StringValue.Equals(in entry, operand);
        bool mayDelete = isEqual != mustDiffer;
        if (!mayDelete) reply.Integer(0);
        return mayDelete;
    }
}
