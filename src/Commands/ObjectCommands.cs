using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>OBJECT: how a value is kept and when it was last used.</summary>
public static class ObjectCommands
{
    private static readonly KeySpec[] Asked = Keys.At(2, KeyAccess.ReadOnly);
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        new("OBJECT", -2, CommandFlags.None, AclCategory.None, "A container for object introspection commands."),
        new("OBJECT|ENCODING", 3, ReadOnly, AclCategory.Keyspace, Asked, EncodingOf,
            "Returns the internal encoding of an object.") { Tips = Nondeterministic },
        new("OBJECT|FREQ",     3, ReadOnly, AclCategory.Keyspace, Asked, Frequency,
            "Returns the logarithmic access frequency counter of an object.") { Tips = Nondeterministic },
        new("OBJECT|HELP",     2, Loading | Stale, AclCategory.Keyspace, Help,
            "Returns helpful text about the different subcommands."),
        new("OBJECT|IDLETIME", 3, ReadOnly, AclCategory.Keyspace, Asked, IdleTime,
            "Returns the time since the last access to an object.") { Tips = Nondeterministic },
        new("OBJECT|REFCOUNT", 3, ReadOnly, AclCategory.Keyspace, Asked, References,
            "Returns the reference count of a value of a key.") { Tips = Nondeterministic },
    ];

    /// <summary>The name under which clients know the encoding.</summary>
    internal static ReadOnlySpan<byte> EncodingName(scoped in Entry entry, scoped ValueView view) => entry.Type switch
    {
        ValueType.Hash => entry.HasRoot ? "hashtable"u8 : "listpack"u8,
        ValueType.Set => SetEncodingName(new SetView(view, 0).Encoding),
        ValueType.SortedSet => entry.HasRoot ? "skiplist"u8 : "listpack"u8,
        ValueType.Stream => "stream"u8,
        _ => StringEncodingName(in entry),
    };

    /// <summary>
    /// A string counts as embedded by the same rule as in Valkey: header, key,
    /// expiry and value together fit two cache lines there.
    /// </summary>
    private static ReadOnlySpan<byte> StringEncodingName(scoped in Entry entry)
    {
        if (entry.Type == Core.Structures.ValueType.List) return entry.HasRoot ? "quicklist"u8 : "listpack"u8;
        const int EmbeddedBytesMax = 128, HeaderBytes = 8, ExpiryBytes = 8, ValueHeaderBytes = 4;
        if (entry.TryGetInteger(out _)) return "int"u8;
        if (entry.Encoding is ValueEncoding.Raw or ValueEncoding.Block) return "raw"u8;
        int key = entry.Key.Length + entry.Key.Length switch { < 32 => 3, < 256 => 5, < 65536 => 7, _ => 11 };
        int bytes = HeaderBytes + key + (entry.ExpireAtMs != 0 ? ExpiryBytes : 0) + ValueHeaderBytes + entry.ValueLength;
        return bytes <= EmbeddedBytesMax ? "embstr"u8 : "raw"u8;
    }

    private static ReadOnlySpan<byte> SetEncodingName(SetEncoding encoding) => encoding switch
    {
        SetEncoding.Integers => "intset"u8,
        SetEncoding.Packed => "listpack"u8,
        SetEncoding.Table => "hashtable"u8,
    };

    /// <summary>Looks the key up, or answers that it is not there.</summary>
    private static bool TryLook(ShardScope shard, Arguments args, ref ReplyWriter reply, out Entry entry)
    {
        entry = shard.Inspect(args.Key(2));
        if (!entry.Exists) reply.Null();
        return entry.Exists;
    }

    private static void EncodingOf(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryLook(shard, args, ref reply, out Entry entry)) reply.Bulk(EncodingName(entry, shard.View(entry)));
    }

    private static void References(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryLook(shard, args, ref reply, out _)) reply.Integer(1);
    }

    private static void IdleTime(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryLook(shard, args, ref reply, out Entry entry))
            reply.Integer(shard.TableIn(shard.Database)!.Entries.IdleSeconds(entry, shard.NowMs));
    }

    private static void Frequency(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryLook(shard, args, ref reply, out _)) reply.Error(Errors.FrequencyNotTracked);
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "OBJECT"u8, """
            ENCODING <key>
                Return the kind of internal representation used in order to store the value
                associated with a <key>.
            FREQ <key>
                Return the access frequency index of the <key>. The returned integer is
                proportional to the logarithm of the recent access frequency of the key.
            IDLETIME <key>
                Return the idle time of the <key>, that is the approximated number of
                seconds elapsed since the last access to the key.
            REFCOUNT <key>
                Return the number of references of the value associated with the specified
                <key>.
            """u8);
}
