using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>COMMAND INFO's view of a row: what clients route, check and display by.</summary>
internal static class CommandInfo
{
    private static readonly (CommandFlags Flag, byte[] Name)[] FlagNames =
    [
        (CommandFlags.Write, "write"u8.ToArray()), (CommandFlags.ReadOnly, "readonly"u8.ToArray()),
        (CommandFlags.DenyOom, "denyoom"u8.ToArray()), (CommandFlags.Admin, "admin"u8.ToArray()),
        (CommandFlags.PubSub, "pubsub"u8.ToArray()), (CommandFlags.NoScript, "noscript"u8.ToArray()),
        (CommandFlags.Blocking, "blocking"u8.ToArray()), (CommandFlags.Loading, "loading"u8.ToArray()),
        (CommandFlags.Stale, "stale"u8.ToArray()), (CommandFlags.SkipMonitor, "skip_monitor"u8.ToArray()),
        (CommandFlags.SkipCommandLog, "skip_commandlog"u8.ToArray()), (CommandFlags.Asking, "asking"u8.ToArray()),
        (CommandFlags.Fast, "fast"u8.ToArray()), (CommandFlags.NoAuth, "no_auth"u8.ToArray()),
        (CommandFlags.NoMandatoryKeys, "no_mandatory_keys"u8.ToArray()),
        (CommandFlags.NoAsyncLoading, "no_async_loading"u8.ToArray()), (CommandFlags.NoMulti, "no_multi"u8.ToArray()),
        (CommandFlags.MovableKeys, "movablekeys"u8.ToArray()), (CommandFlags.AllowBusy, "allow_busy"u8.ToArray()),
    ];

    private static readonly (KeyAccess Flag, byte[] Name)[] AccessNames =
    [
        (KeyAccess.ReadOnly, "RO"u8.ToArray()), (KeyAccess.ReadWrite, "RW"u8.ToArray()),
        (KeyAccess.Overwrite, "OW"u8.ToArray()), (KeyAccess.Remove, "RM"u8.ToArray()),
        (KeyAccess.Access, "access"u8.ToArray()), (KeyAccess.Update, "update"u8.ToArray()),
        (KeyAccess.Insert, "insert"u8.ToArray()), (KeyAccess.Delete, "delete"u8.ToArray()),
        (KeyAccess.NotKey, "not_key"u8.ToArray()), (KeyAccess.Incomplete, "incomplete"u8.ToArray()),
        (KeyAccess.VariableFlags, "variable_flags"u8.ToArray()),
    ];

    private static readonly (AclCategory Category, byte[] Name)[] CategoryNames =
    [
        (AclCategory.Keyspace, "@keyspace"u8.ToArray()), (AclCategory.Read, "@read"u8.ToArray()),
        (AclCategory.Write, "@write"u8.ToArray()), (AclCategory.Set, "@set"u8.ToArray()),
        (AclCategory.SortedSet, "@sortedset"u8.ToArray()), (AclCategory.List, "@list"u8.ToArray()),
        (AclCategory.Hash, "@hash"u8.ToArray()), (AclCategory.String, "@string"u8.ToArray()),
        (AclCategory.Bitmap, "@bitmap"u8.ToArray()), (AclCategory.HyperLogLog, "@hyperloglog"u8.ToArray()),
        (AclCategory.Geo, "@geo"u8.ToArray()), (AclCategory.Stream, "@stream"u8.ToArray()),
        (AclCategory.PubSub, "@pubsub"u8.ToArray()), (AclCategory.Admin, "@admin"u8.ToArray()),
        (AclCategory.Fast, "@fast"u8.ToArray()), (AclCategory.Slow, "@slow"u8.ToArray()),
        (AclCategory.Blocking, "@blocking"u8.ToArray()), (AclCategory.Dangerous, "@dangerous"u8.ToArray()),
        (AclCategory.Connection, "@connection"u8.ToArray()), (AclCategory.Transaction, "@transaction"u8.ToArray()),
        (AclCategory.Scripting, "@scripting"u8.ToArray()),
    ];

    internal static void Write(CommandSpec spec, ref ReplyWriter reply)
    {
        LegacyKeys keys = LegacyKeys.Of(spec);
        reply.Array(10);
        reply.Bulk(spec.FullNameLower);
        reply.Integer(spec.Arity);
        WriteFlags(keys.Movable ? spec.Flags | CommandFlags.MovableKeys : spec.Flags, ref reply);
        reply.Integer(keys.First);
        reply.Integer(keys.Last);
        reply.Integer(keys.Step);
        WriteCategories(spec.Acl, ref reply);
        reply.Set(spec.Tips.Length);
        foreach (string tip in spec.Tips) WriteText(tip, ref reply);
        reply.Set(spec.Keys.Length);
        foreach (KeySpec key in spec.Keys) WriteKeySpec(key, ref reply);
        reply.Array(spec.Subcommands.Length);
        foreach (CommandSpec subcommand in spec.Subcommands) Write(subcommand, ref reply);
    }

    /// <summary>The set of an access' names.</summary>
    internal static void WriteAccess(KeyAccess access, ref ReplyWriter reply)
    {
        reply.Set(int.PopCount((int)access));
        foreach ((KeyAccess flag, byte[] name) in AccessNames)
            if ((access & flag) != 0) reply.Simple(name);
    }

    /// <summary>The category of a name without the at sign, in any case; None when there is none.</summary>
    internal static AclCategory CategoryOf(ReadOnlySpan<byte> name)
    {
        foreach ((AclCategory category, byte[] known) in CategoryNames)
            if (Ascii.EqualsIgnoreCase(name, known.AsSpan(1))) return category;
        return AclCategory.None;
    }

    internal static void WriteText(string text, ref ReplyWriter reply)
    {
        const int TextMax = 512;
        Span<byte> bytes = stackalloc byte[TextMax];
        reply.Bulk(bytes[..System.Text.Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private static void WriteFlags(CommandFlags flags, ref ReplyWriter reply)
    {
        int count = 0;
        foreach ((CommandFlags flag, _) in FlagNames)
            if ((flags & flag) != 0) count++;
        reply.Set(count);
        foreach ((CommandFlags flag, byte[] name) in FlagNames)
            if ((flags & flag) != 0) reply.Simple(name);
    }

    private static void WriteCategories(AclCategory categories, ref ReplyWriter reply)
    {
        reply.Set(int.PopCount((int)categories));
        foreach ((AclCategory category, byte[] name) in CategoryNames)
            if ((categories & category) != 0) reply.Simple(name);
    }

    private static void WriteKeySpec(KeySpec key, ref ReplyWriter reply)
    {
        reply.Map(key.Notes is null ? 3 : 4);
        if (key.Notes is { } notes)
        {
            reply.Bulk("notes"u8);
            WriteText(notes, ref reply);
        }
        reply.Bulk("flags"u8);
        WriteAccess(key.Access, ref reply);
        reply.Bulk("begin_search"u8);
        WriteBegin(key, ref reply);
        reply.Bulk("find_keys"u8);
        WriteFind(key, ref reply);
    }

    private static void WriteBegin(KeySpec key, ref ReplyWriter reply)
    {
        if (key.BeginKeyword is { } keyword)
        {
            WriteSearch("keyword"u8, 2, ref reply);
            reply.Bulk("keyword"u8);
            WriteText(keyword, ref reply);
            WriteNumber("startfrom"u8, key.BeginIndex, ref reply);
            return;
        }
        if (key.BeginIndex == 0)
        {
            WriteSearch("unknown"u8, 0, ref reply);
            return;
        }
        WriteSearch("index"u8, 1, ref reply);
        WriteNumber("index"u8, key.BeginIndex, ref reply);
    }

    private static void WriteFind(KeySpec key, ref ReplyWriter reply)
    {
        switch (key.Find)
        {
            case KeySearch.Range:
                WriteSearch("range"u8, 3, ref reply);
                WriteNumber("lastkey"u8, key.LastKey, ref reply);
                WriteNumber("keystep"u8, key.Step, ref reply);
                WriteNumber("limit"u8, key.Limit, ref reply);
                break;
            case KeySearch.KeyCount:
                WriteSearch("keynum"u8, 3, ref reply);
                WriteNumber("keynumidx"u8, key.CountIndex, ref reply);
                WriteNumber("firstkey"u8, key.FirstKey, ref reply);
                WriteNumber("keystep"u8, key.Step, ref reply);
                break;
            default:
                WriteSearch("unknown"u8, 0, ref reply);
                break;
        }
    }

    private static void WriteSearch(ReadOnlySpan<byte> type, int pairs, ref ReplyWriter reply)
    {
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk(type);
        reply.Bulk("spec"u8);
        reply.Map(pairs);
    }

    private static void WriteNumber(ReadOnlySpan<byte> name, long number, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        reply.Integer(number);
    }
}

/// <summary>Key specifications as the three numbers of old (first, last, step), and whether those tell it all.</summary>
internal readonly record struct LegacyKeys(int First, int Last, int Step, bool Movable)
{
    internal static LegacyKeys Of(CommandSpec spec)
    {
        KeySpec[] keys = spec.Keys;
        if (keys.Length == 0) return default;
        if (keys.Length == 1 && IsPlainRange(keys[0]))
            return new LegacyKeys(keys[0].BeginIndex, LastOf(keys[0]), keys[0].Step, IsIncomplete(keys[0]));
        int first = 0, last = 0;
        bool movable = false;
        foreach (KeySpec key in keys)
        {
            // Ranges that follow one another make one; whatever else there is can only be found by its specification.
            if (!IsPlainRange(key) || key.Step != 1 || last != 0 && last != key.BeginIndex - 1)
            {
                movable = true;
                continue;
            }
            movable |= IsIncomplete(key);
            first = first == 0 ? key.BeginIndex : Math.Min(first, key.BeginIndex);
            last = (int)Math.Max((uint)last, (uint)LastOf(key));
        }
        return first == 0 ? new LegacyKeys(0, 0, 0, true) : new LegacyKeys(first, last, 1, movable);
    }

    private static int LastOf(KeySpec key) => key.LastKey >= 0 ? key.BeginIndex + key.LastKey : key.LastKey;

    private static bool IsPlainRange(KeySpec key) =>
        key.Find == KeySearch.Range && key.BeginKeyword is null && key.BeginIndex != 0;

    private static bool IsIncomplete(KeySpec key) => (key.Access & KeyAccess.Incomplete) != 0;
}
