using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>DEBUG's words about keys and tables: OBJECT, SDSLEN, HTSTATS, and what the sweep does.</summary>
internal static class DebugKeys
{
    private const int TextMax = 512;

    /// <summary>What a slot takes of its bucket, which is a cache line of twelve.</summary>
    private const int SlotBytes = 5;

    internal static async Co<Nothing> Object(Coordinator tx)
    {
        int shard = tx.Locate(2);
        await tx.Hop(shard, DescribeObject);
        Answer(tx, shard);
        return default;
    }

    internal static async Co<Nothing> StringLength(Coordinator tx)
    {
        int shard = tx.Locate(2);
        await tx.Hop(shard, DescribeString);
        Answer(tx, shard);
        return default;
    }

    private static void Answer(Coordinator tx, int shard)
    {
        if (tx.ValueOf(shard) == 0) tx.Fail(Errors.NoSuchKey);
        else tx.AnswerPart(shard);
    }

    private static void DescribeObject(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Peek(hop.Args.Key(2));
        if (!entry.Exists) return;
        hop.Value = 1;
        bool isFast = hop.Args.Count == 4 && Ascii.EqualsIgnoreCase(hop.Args[3], "FAST"u8);
        int idle = shard.TableIn(shard.Database)!.Entries.IdleSeconds(entry, shard.NowMs);
        var text = new TextLine(stackalloc byte[TextMax]);
        // Records move, so what identifies the value is its key's hash and not an address.
        text.Add("Value at:0x"u8);
        text.AddHex(hop.Args.Key(2).Hash);
        text.Add(" refcount:1 encoding:"u8);
        text.Add(ObjectCommands.EncodingName(entry));
        if (!isFast) text.Add(" serializedlength:"u8, SerializedLength(shard, entry));
        const int ClockMask = (1 << 24) - 1;
        text.Add(" lru:"u8, (shard.NowMs / 1000 - idle) & ClockMask);
        text.Add(" lru_seconds_idle:"u8, idle);
        ReplyWriter reply = hop.Writer();
        reply.Simple(text.Written);
        reply.Flush();
    }

    /// <summary>Bytes of the value in a snapshot file, uncompressed; of a large one what it takes in memory stands for that.</summary>
    private static long SerializedLength(ShardScope shard, in Entry entry)
    {
        if (entry.HasRoot) return shard.TableIn(shard.Database)!.Entries.MemoryUsage(entry, 1);
        if (entry.TryGetInteger(out long number))
        {
            if (number == (sbyte)number) return 2;
            if (number == (short)number) return 3;
            if (number == (int)number) return 5;
        }
        int length = entry.ValueLength;
        return length + (length < 64 ? 1 : length < 16384 ? 2 : 5);
    }

    private static void DescribeString(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Peek(hop.Args.Key(2));
        if (!entry.Exists) return;
        hop.Value = 1;
        ReplyWriter reply = hop.Writer();
        if (entry.Type != ValueType.String || entry.Encoding == ValueEncoding.Integer)
        {
            reply.Error(Errors.DebugNotSds);
        }
        else
        {
            bool isBlock = entry.Encoding == ValueEncoding.Block;
            long block = isBlock ? entry.Block.FootprintBytes : 0;
            var text = new TextLine(stackalloc byte[TextMax]);
            text.Add("key_sds_len:"u8, entry.Key.Length);
            text.Add(" key_sds_avail:0 obj_alloc:"u8, shard.TableIn(shard.Database)!.Entries.MemoryUsage(entry, 1) - block);
            text.Add(" val_sds_len:"u8, entry.ValueLength);
            text.Add(" val_sds_avail:"u8, isBlock ? entry.Block.Capacity - entry.ValueLength : 0);
            text.Add(" val_alloc:"u8, block);
            reply.Simple(text.Written);
        }
        reply.Flush();
    }

    // --- HTSTATS -----------------------------------------------------------------------------------------

    private struct TablePart
    {
        internal long Keys;
        internal long Expiring;
        internal long IndexBytes;
        internal int Database;
    }

    internal static async Co<Nothing> TableFigures(Coordinator tx)
    {
        if (!Numbers.TryParseLong(tx.Args[2], out long database))
        {
            tx.Fail(Errors.NotInteger);
            return default;
        }
        if (database < 0 || database >= tx.Loop.Settings.Databases)
        {
            tx.Fail(Errors.DebugOutOfRangeDb);
            return default;
        }
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<TablePart>(shard).Database = (int)database;
        await tx.HopAll(MeasureTable);
        WriteFigures(tx);
        return default;
    }

    private static void MeasureTable(ShardScope shard, ref HopFrame hop)
    {
        ref TablePart part = ref hop.State<TablePart>();
        part.Keys = shard.CountKeys(part.Database);
        part.Expiring = shard.CountExpiring(part.Database);
        part.IndexBytes = shard.TableIn(part.Database)?.Entries.UsedBytes ?? 0;
    }

    private static void WriteFigures(Coordinator tx)
    {
        var sum = default(TablePart);
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            TablePart part = tx.StateOf<TablePart>(shard);
            sum.Keys += part.Keys;
            sum.Expiring += part.Expiring;
            sum.IndexBytes += part.IndexBytes;
        }
        var text = new TextLine(stackalloc byte[TextMax]);
        text.Add("[Dictionary HT]\n"u8);
        if (sum.IndexBytes != 0)
        {
            text.Add("Hash table 0 stats (main hash table):\n table size: "u8, sum.IndexBytes / SlotBytes);
            text.Add("\n number of entries: "u8, sum.Keys);
            text.Add("\n"u8);
        }
        text.Add("[Expires HT]\n"u8);
        if (sum.Expiring != 0)
        {
            text.Add("Hash table 0 stats (main hash table):\n number of entries: "u8, sum.Expiring);
            text.Add("\n"u8);
        }
        ReplyWriter reply = tx.Writer();
        reply.Verbatim("txt"u8, text.Written);
        tx.Close(ref reply);
    }

    // --- HTSTATS-KEY and LISTPACK ------------------------------------------------------------------------

    internal static async Co<Nothing> MemberFigures(Coordinator tx)
    {
        int shard = tx.Locate(2);
        await tx.Hop(shard, DescribeTable);
        Answer(tx, shard);
        return default;
    }

    internal static async Co<Nothing> DescribePacked(Coordinator tx)
    {
        int shard = tx.Locate(2);
        await tx.Hop(shard, DescribeElements);
        Answer(tx, shard);
        return default;
    }

    private static void DescribeTable(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Peek(hop.Args.Key(2));
        if (!entry.Exists) return;
        hop.Value = 1;
        ReplyWriter reply = hop.Writer();
        if (entry.HasRoot && entry.Type is ValueType.Hash or ValueType.Set or ValueType.SortedSet)
        {
            LargeValue value = shard.TableIn(shard.Database)!.Entries.LargeValueOf(in entry);
            var text = new TextLine(stackalloc byte[TextMax]);
            text.Add("Hash table 0 stats (main hash table):\n table size: "u8, value.IndexBytes / SlotBytes);
            text.Add("\n number of entries: "u8, value.Count);
            text.Add("\n"u8);
            reply.Verbatim("txt"u8, text.Written);
        }
        else reply.Error(Errors.DebugNotHashTable);
        reply.Flush();
    }

    private static void DescribeElements(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Peek(hop.Args.Key(2));
        if (!entry.Exists) return;
        hop.Value = 1;
        ReplyWriter reply = hop.Writer();
        if (ObjectCommands.EncodingName(in entry).SequenceEqual("listpack"u8))
        {
            ReadOnlySpan<byte> packed = entry.Bytes;
            var text = new TextLine(stackalloc byte[TextMax]);
            text.Add("{total bytes "u8, packed.Length);
            text.Add("} {num entries "u8, PackedHead.CountOf(packed));
            text.Add("}"u8);
            shard.Loop.Facts?.Log(text.Written);
            reply.Simple("Listpack structure printed on stdout"u8);
        }
        else reply.Error(Errors.DebugNotListpack);
        reply.Flush();
    }

    // --- The sweep ---------------------------------------------------------------------------------------

    internal static async Co<Nothing> SetActiveExpiry(Coordinator tx)
    {
        await tx.HopAll(SwitchExpiry);
        tx.AnswerOk();
        return default;
    }

    internal static async Co<Nothing> SetScriptsRunAll(Coordinator tx)
    {
        await tx.HopAll(SwitchScripts);
        tx.AnswerOk();
        return default;
    }

    internal static async Co<Nothing> PausePeriodicWork(Coordinator tx)
    {
        await tx.HopAll(SwitchSweep);
        tx.AnswerOk();
        return default;
    }

    private static void SwitchExpiry(ShardScope shard, ref HopFrame hop) =>
        shard.SetActiveExpiry(CoordinatorReplies.IsSwitchedOn(hop.Args[2]));

    private static void SwitchScripts(ShardScope shard, ref HopFrame hop) =>
        shard.Loop.ScriptsRunAll = CoordinatorReplies.IsSwitchedOn(hop.Args[2]);

    private static void SwitchSweep(ShardScope shard, ref HopFrame hop) =>
        shard.PauseSweep(CoordinatorReplies.IsSwitchedOn(hop.Args[2]));
}
