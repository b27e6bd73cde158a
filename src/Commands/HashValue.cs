using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>How commands on hashes open, store and answer: what all of them share.</summary>
internal static class HashValue
{
    /// <summary>Looks a hash up to read it; one that is not there is empty. False, with the error written, when it is none.</summary>
    internal static bool TryFind(ShardScope shard, Key key, scoped ref ReplyWriter reply, out HashView hash)
    {
        bool isRight = TypedValue.TryFind(shard, key, ValueType.Hash, ref reply, out ValueView value);
        hash = new HashView(value);
        return isRight;
    }

    internal static void Reply(scoped FieldValue value, ref ReplyWriter reply)
    {
        if (!value.Block.IsNull) reply.BulkBlock(value.Block, 0, value.Item.Bytes.Length);
        else reply.Bulk(value.Item);
    }

    /// <summary>Answers with a field's value, null where there is none.</summary>
    internal static void ReplyField(scoped HashView hash, ReadOnlySpan<byte> field, long nowMs, ref ReplyWriter reply)
    {
        if (hash.TryGet(field, nowMs, out FieldValue value)) Reply(value, ref reply);
        else reply.Null();
    }

    /// <summary>Sets a field to an argument; a large one that has a block of its own shares it.</summary>
    internal static bool TrySet(ref HashEditor hash, Arguments args, int field, long expireAtMs, out FieldState before)
    {
        NativeBlock block = default;
        bool hasBlock = args[field + 1].Length >= ReplyWriter.ByReferenceMin && args.TryTakeBlock(field + 1, out block);
        bool isSet = hash.Set(args[field], args[field + 1], expireAtMs, block, out before);
        if (hasBlock) block.Release();
        return isSet;
    }

    /// <summary>
    /// Lets the hash have a table at once, when one of the arguments is too long to be packed, or there are too many: as Valkey
    /// decides it, before the first field is set.
    /// </summary>
    internal static void Prepare(ref HashEditor hash, Arguments pairs, PackedLimits limits)
    {
        bool isLarge = pairs.Count / 2 > limits.EntriesMax;
        for (int i = 0; i < pairs.Count && !isLarge; i++) isLarge = pairs[i].Length > limits.BytesMax;
        if (isLarge) hash.PreferTable();
    }

    /// <summary>Tells that fields were overwritten whose time had come, which is when they expire.</summary>
    internal static void NoteOverwritten(ShardScope shard, in Edit edit, long expired)
    {
        if (expired == 0) return;
        shard.Counters.ExpiredMembers += expired;
        edit.Also(EventClass.Hash, "hexpired"u8, Effect.State);
    }

    /// <summary>
    /// Closes an edit by which a hash may have lost its last field: then the key goes, too.
    /// </summary>
    internal static void CommitRemoval(ref Edit edit, ReadOnlySpan<byte> name, Effect effect, long changes)
    {
        bool isEmpty = new HashView(edit.Slot.View).Count == 0;
        if (isEmpty) edit.Delete();
        edit.Commit(EventClass.Hash, name, effect, changes);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
    }

    /// <summary>
    /// Reads "FIELDS count field …" from an index on: the word, then a count that is right. Otherwise answers with the error.
    /// </summary>
    internal static bool TryReadFields(Arguments args, int at, ErrorReply mismatch, ref ReplyWriter reply) =>
        TryReadMembers(args, at, "FIELDS"u8, mismatch, ref reply);

    /// <summary>As above, behind a given word.</summary>
    internal static bool TryReadMembers(Arguments args, int at, ReadOnlySpan<byte> word, ErrorReply mismatch, ref ReplyWriter reply)
    {
        if (Ascii.EqualsIgnoreCase(args[at], word)) return TryReadCount(args, at + 1, 1, mismatch, ref reply);
        reply.Error(Errors.Syntax);
        return false;
    }

    /// <summary>Reads the count at an index, which tells how many groups of arguments stand behind it.</summary>
    internal static bool TryReadCount(Arguments args, int at, int groupSize, ErrorReply mismatch, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[at], out long count))
        {
            reply.Error(Errors.NotInteger);
            return false;
        }
        int groups = (args.Count - at - 1) / groupSize;
        if (count > 0 && count == groups && groups * groupSize == args.Count - at - 1) return true;
        reply.Error(mismatch);
        return false;
    }

    /// <summary>The index of a word that has something behind it, from an index on; -1 where it is missing.</summary>
    internal static int FindWord(Arguments args, int first, ReadOnlySpan<byte> word)
    {
        for (int i = first; i < args.Count - 1; i++)
            if (Ascii.EqualsIgnoreCase(args[i], word)) return i;
        return -1;
    }

    /// <summary>
    /// An expiry as Unix milliseconds, by its text and what its unit and origin are. Otherwise answers with the error.
    /// </summary>
    internal static bool TryReadExpiry(
        ReadOnlySpan<byte> text, long unitMs, long originMs, ReadOnlySpan<byte> command, ref ReplyWriter reply, out long atMs)
    {
        atMs = 0;
        if (!Numbers.TryParseLong(text, out long time))
        {
            reply.Error(Errors.NotInteger);
            return false;
        }
        if (time < 0 || time > long.MaxValue / unitMs || time * unitMs > long.MaxValue - originMs)
        {
            reply.Error(Errors.InvalidExpireTime, command);
            return false;
        }
        atMs = time * unitMs + originMs;
        return true;
    }
}
