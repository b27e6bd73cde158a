using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Strings of one key: GET, SET and their kin.</summary>
public static class StringCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;
    private const KeyAccess Overwrites = KeyAccess.Overwrite | KeyAccess.Update;
    private const KeyAccess Exchanges = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update;

    public static readonly CommandSpec[] Table =
    [
        //   name      arity  flags                   categories          keys                    handler
        new("GET",         2, ReadOnly | Fast,        AclCategory.String, Keys.First(Reads),      Get,
            "Returns the string value of a key."),
        new("SET",        -3, Write | DenyOom | Brief, AclCategory.String,
            [new(Exchanges | KeyAccess.VariableFlags, KeySearch.Range)
                { Notes = "RW and ACCESS due to the optional `GET` argument" }], Set,
            "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.")
            { Refine = AccessOfSet },
        new("SETNX",       3, Write | DenyOom | Fast, AclCategory.String,
            Keys.First(KeyAccess.Overwrite | KeyAccess.Insert), SetNx,
            "Sets the string value of a key only when the key doesn't exist."),
        new("SETEX",       4, Write | DenyOom | Brief, AclCategory.String, Keys.First(Overwrites), SetEx,
            "Sets the string value and expiration time of a key. Creates the key if it doesn't exist."),
        new("PSETEX",      4, Write | DenyOom | Brief, AclCategory.String, Keys.First(Overwrites), PSetEx,
            "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist."),
        new("GETSET",      3, Write | DenyOom | Fast, AclCategory.String, Keys.First(Exchanges),  GetSet,
            "Returns the previous string value of a key after setting it to a new value."),
        new("GETEX",      -2, Write | Fast,           AclCategory.String,
            [new(Exchanges, KeySearch.Range) { Notes = "RW and UPDATE because it changes the TTL" }], GetEx,
            "Returns the string value of a key after setting its expiration time."),
        new("GETDEL",      2, Write | Fast,           AclCategory.String,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete), GetDel,
            "Returns the string value of a key after deleting the key."),
        new("DELIFEQ",     3, Write | Fast,           AclCategory.String,
            Keys.First(KeyAccess.Remove | KeyAccess.Delete), DelIfEq,
            "Delete key if value matches string."),
        new("APPEND",      3, Write | DenyOom | Fast, AclCategory.String,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert), Append,
            "Appends a string to the value of a key. Creates the key if it doesn't exist."),
        new("PREPEND",     3, Write | DenyOom,        AclCategory.String,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert), Prepend,
            "Puts a string in front of the value of a key. Creates the key if it doesn't exist."),
        new("STRLEN",      2, ReadOnly | Fast,        AclCategory.String, Keys.First(KeyAccess.ReadOnly), StrLen,
            "Returns the length of a string value."),
        new("GETRANGE",    4, ReadOnly,               AclCategory.String, Keys.First(Reads),      GetRange,
            "Returns a substring of the string stored at a key."),
        new("SUBSTR",      4, ReadOnly,               AclCategory.String, Keys.First(Reads),      GetRange,
            "Returns a substring from a string value."),
        new("SETRANGE",    4, Write | DenyOom | Brief, AclCategory.String,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), SetRange,
            "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist."),
    ];

    private static void Get(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists) reply.Null();
        else if (entry.Type != ValueType.String) reply.Error(Errors.WrongType);
        else StringValue.Reply(in entry, ref reply);
    }

    private static void Set(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count > 3)
        {
            SetWithOptions(shard, args, ref reply);
            return;
        }
        var edit = new Edit(shard, args.Key(1));
        Outcome outcome = StringValue.Store(ref edit, args, 2, 0);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        edit.Commit(EventClass.String, "set"u8);
        reply.Ok();
    }

    private static void SetWithOptions(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const SetFlags Allowed = SetFlags.Conditions | SetFlags.Get | SetFlags.KeepTtl | SetFlags.Expiry | SetFlags.Stick;
        if (!SetOptions.TryParse(args, 3, Allowed, out SetOptions options))
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (!options.TryExpiry(shard.NowMs, "set"u8, ref reply, out long expireAtMs)) return;
        ReplyStream.Mark before = default;
        if (options.Has(SetFlags.Get))
        {
            // The old value is the reply, whether it is replaced or not.
            before = reply.Save();
            if (!ReplyOldValue(shard, args.Key(1), ref reply)) return;
        }
        Outcome outcome = StoreIf(shard, args, 2, in options, expireAtMs);
        if (options.Has(SetFlags.Get) && outcome is not (Outcome.Ok or Outcome.NotDone)) reply.Restore(before);
        else if (options.Has(SetFlags.Get)) return;
        if (outcome == Outcome.Ok) reply.Ok();
        else if (outcome == Outcome.NotDone) reply.Null();
        else reply.Error(outcome);
    }

    private static void SetNx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var options = new SetOptions { Flags = SetFlags.IfAbsent };
        Outcome outcome = StoreIf(shard, args, 2, in options, 0);
        if (outcome is Outcome.Ok or Outcome.NotDone) reply.Integer(outcome == Outcome.Ok ? 1 : 0);
        else reply.Error(outcome);
    }

    private static void SetEx(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetForTime(shard, args, SetFlags.Ex, "setex"u8, ref reply);

    private static void PSetEx(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetForTime(shard, args, SetFlags.Px, "psetex"u8, ref reply);

    private static void SetForTime(ShardScope shard, Arguments args, SetFlags unit,
        ReadOnlySpan<byte> command, ref ReplyWriter reply)
    {
        var options = new SetOptions { Flags = unit, Time = args[2] };
        if (!options.TryExpiry(shard.NowMs, command, ref reply, out long expireAtMs)) return;
        var edit = new Edit(shard, args.Key(1));
        Outcome outcome = StoreAndClose(ref edit, args, 3, expireAtMs, isNew: true);
        if (outcome == Outcome.Ok) reply.Ok();
        else reply.Error(outcome);
    }

    /// <summary>Sets the value if the conditions allow it: Ok, NotDone, or an error. WrongType is IFEQ's.</summary>
    private static Outcome StoreIf(ShardScope shard, Arguments args, int value, in SetOptions options,
        long expireAtMs)
    {
        var edit = new Edit(shard, args.Key(1));
        Outcome allowed = Allows(in edit, in options);
        if (allowed != Outcome.Ok)
        {
            edit.Abandon();
            return allowed;
        }
        if (expireAtMs != 0 && expireAtMs <= shard.NowMs)
        {
            // What would be expired at once is not stored, and takes what was there with it.
            if (edit.Exists) ExpireNow(shard, ref edit);
            else edit.Abandon();
            return Outcome.Ok;
        }
        bool isNew = expireAtMs != 0;
        if (!isNew && options.Has(SetFlags.KeepTtl)) expireAtMs = edit.ExpireAtMs;
        if (options.Has(SetFlags.Stick)) edit.StickAs(true);
        return StoreAndClose(ref edit, args, value, expireAtMs, isNew);
    }

    private static Outcome Allows(in Edit edit, in SetOptions options)
    {
        if (options.Has(SetFlags.Comparisons)) return Compares(in edit, in options);
        bool refused = options.Has(SetFlags.IfAbsent) && edit.Exists || options.Has(SetFlags.IfPresent) && !edit.Exists;
        return refused ? Outcome.NotDone : Outcome.Ok;
    }

    /// <summary>Does the value that is there compare as asked? What is not there is no value's equal.</summary>
    private static Outcome Compares(in Edit edit, in SetOptions options)
    {
        bool mustDiffer = options.Has(SetFlags.IfNotEqual | SetFlags.IfNotDigest);
        if (!edit.Exists) return mustDiffer ? Outcome.Ok : Outcome.NotDone;
        if (edit.Type != ValueType.String) return Outcome.WrongType;
        bool isDigest = options.Has(SetFlags.IfDigest | SetFlags.IfNotDigest);
        if (isDigest && options.Comparison.Length != StringDigest.Chars) return Outcome.DigestLength;
        bool isEqual = isDigest ? StringDigest.Matches(edit.Entry, options.Comparison) : StringValue.Equals(edit.Entry, options.Comparison);
        return isEqual != mustDiffer ? Outcome.Ok : Outcome.NotDone;
    }

    /// <summary>Stores, closes the edit and announces; a new expiry is an event of its own.</summary>
    internal static Outcome StoreAndClose(ref Edit edit, Arguments args, int value, long expireAtMs,
        bool isNew)
    {
        Outcome outcome = StringValue.Store(ref edit, args, value, expireAtMs);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            return outcome;
        }
        edit.Commit(EventClass.String, "set"u8, Effect.State);
        if (isNew) edit.Also(EventClass.Generic, "expire"u8, Effect.Expiry);
        return Outcome.Ok;
    }

    private static void ExpireNow(ShardScope shard, ref Edit edit)
    {
        edit.Delete();
        shard.Counters.Expired++;
        edit.Commit(EventClass.Expired, "expired"u8, Effect.Deleted);
    }

    /// <summary>
    /// Answers with what the key holds, null for nothing; false when that is no string, which is the answer then.
    /// </summary>
    private static bool ReplyOldValue(ShardScope shard, Key key, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(key);
        if (!entry.Exists)
        {
            reply.Null();
            return true;
        }
        if (entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return false;
        }
        StringValue.Reply(in entry, ref reply);
        return true;
    }

    private static void GetSet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        ReplyStream.Mark before = reply.Save();
        if (!ReplyOldValue(shard, args.Key(1), ref reply)) return;
        var edit = new Edit(shard, args.Key(1));
        Outcome outcome = StoreAndClose(ref edit, args, 2, 0, isNew: false);
        if (outcome == Outcome.Ok) return;
        reply.Restore(before);
        reply.Error(outcome);
    }

    private static void GetEx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SetOptions.TryParse(args, 2, SetFlags.Expiry | SetFlags.Persist, out SetOptions options))
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (!options.TryExpiry(shard.NowMs, "getex"u8, ref reply, out long expireAtMs)) return;
        ReplyStream.Mark before = reply.Save();
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
        StringValue.Reply(in entry, ref reply);
        if (expireAtMs == 0 && !(options.Has(SetFlags.Persist) && entry.ExpireAtMs != 0)) return;
        var edit = new Edit(shard, args.Key(1));
        if (expireAtMs != 0 && !options.Has(SetFlags.Relative) && expireAtMs <= shard.NowMs)
        {
            ExpireNow(shard, ref edit);
            return;
        }
        Outcome outcome = edit.SetExpiry(expireAtMs);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Restore(before);
            reply.Error(outcome);
            return;
        }
        edit.Commit(EventClass.Generic, expireAtMs != 0 ? "expire"u8 : "persist"u8, Effect.Expiry);
    }

    private static void GetDel(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!ReplyOldValue(shard, args.Key(1), ref reply)) return;
        shard.Delete(args.Key(1));
    }

    private static void DelIfEq(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Peek(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String) reply.Error(Errors.WrongType);
        else if (!entry.Exists || !StringValue.Equals(in entry, args[2])) reply.Integer(0);
        else reply.Integer(shard.Delete(args.Key(1)) ? 1 : 0);
    }

    private static void Append(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Extend(shard, args, inFront: false, "append"u8, ref reply);

    private static void Prepend(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Extend(shard, args, inFront: true, "prepend"u8, ref reply);

    private static void Extend(ShardScope shard, Arguments args, bool inFront, ReadOnlySpan<byte> name, ref ReplyWriter reply)
    {
        var edit = new Edit(shard, args.Key(1));
        Outcome outcome = Extend(shard, ref edit, args, inFront, out long length);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        edit.Commit(EventClass.String, name);
        reply.Integer(length);
    }

    private static Outcome Extend(ShardScope shard, ref Edit edit, Arguments args, bool inFront, out long length)
    {
        ReadOnlySpan<byte> added = args[2];
        length = added.Length;
        if (!edit.Exists) return StringValue.Store(ref edit, args, 2, 0);
        if (edit.Type != ValueType.String) return Outcome.WrongType;
        int before = edit.Entry.ValueLength;
        length = (long)before + added.Length;
        if (!StringValue.LengthAllowed(shard, length)) return Outcome.StringTooLong;
        Outcome outcome = edit.Resize((int)length, out Span<byte> bytes);
        if (outcome != Outcome.Ok) return outcome;
        if (inFront) bytes[..before].CopyTo(bytes[added.Length..]);
        added.CopyTo(inFront ? bytes : bytes[before..]);
        return Outcome.Ok;
    }

    private static void StrLen(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists) reply.Integer(0);
        else if (entry.Type != ValueType.String) reply.Error(Errors.WrongType);
        else reply.Integer(entry.ValueLength);
    }

    private static void GetRange(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[2], out long start) || !Numbers.TryParseLong(args[3], out long end))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        long length = entry.Exists ? entry.ValueLength : 0;
        bool reversed = start < 0 && end < 0 && start > end;
        if (start < 0) start = Math.Max(0, length + start);
        if (end < 0) end = Math.Max(0, length + end);
        end = Math.Min(end, length - 1);
        if (reversed || start > end)
        {
            reply.Bulk(""u8);
            return;
        }
        int count = (int)(end - start + 1);
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        if (entry.Encoding == ValueEncoding.Block) reply.BulkBlock(entry.Block, (int)start, count);
        else reply.Bulk(StringValue.Text(entry, scratch).Slice((int)start, count));
    }

    private static void SetRange(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[2], out long offset))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (offset < 0)
        {
            reply.Error(Errors.OffsetOutOfRange);
            return;
        }
        var edit = new Edit(shard, args.Key(1));
        Outcome outcome = WriteAt(shard, ref edit, offset, args[3], out long length);
        if (outcome == Outcome.Ok) edit.Commit(EventClass.String, "setrange"u8);
        else edit.Abandon();
        if (outcome is Outcome.Ok or Outcome.NotDone) reply.Integer(length);
        else reply.Error(outcome);
    }

    /// <summary>Writes bytes into the value, lengthening it with zeros; NotDone when there is nothing to write.</summary>
    private static Outcome WriteAt(ShardScope shard, ref Edit edit, long offset, ReadOnlySpan<byte> value,
        out long length)
    {
        length = 0;
        bool existed = edit.Exists;
        if (existed)
        {
            if (edit.Type != ValueType.String) return Outcome.WrongType;
            length = edit.Entry.ValueLength;
        }
        if (value.IsEmpty) return Outcome.NotDone;
        long end = unchecked(offset + value.Length);
        if (!StringValue.LengthAllowed(shard, end)) return Outcome.StringTooLong;
        length = Math.Max(length, end);
        if (!existed)
        {
            Outcome created = edit.SetString(default, 0);
            if (created != Outcome.Ok) return created;
        }
        Outcome outcome = edit.Resize((int)length, out Span<byte> bytes);
        if (outcome == Outcome.Ok) value.CopyTo(bytes[(int)offset..]);
        else if (!existed) edit.Delete();
        return outcome;
    }

    /// <summary>SET reads what was there only with GET.</summary>
    private static KeyAccess AccessOfSet(Arguments args)
    {
        for (int i = 3; i < args.Count; i++)
            if (Ascii.EqualsIgnoreCase(args[i], "GET"u8)) return Exchanges;
        return Overwrites;
    }
}
