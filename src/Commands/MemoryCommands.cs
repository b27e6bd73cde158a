using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>MEMORY: what the store, and each key, uses of the machine's memory.</summary>
public static class MemoryCommands
{
    private static readonly string[] ReportTips = ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"];

    public static readonly CommandSpec[] Table =
    [
        new("MEMORY", -2, CommandFlags.None, AclCategory.None, "A container for memory diagnostics commands."),
        new("MEMORY|DOCTOR",       2, CommandFlags.None, AclCategory.None, Doctor, "Outputs a memory problems report.") { Tips = ReportTips },
        new("MEMORY|HELP",         2, Loading | Stale,   AclCategory.None, Help, "Returns helpful text about the different subcommands."),
        new("MEMORY|MALLOC-STATS", 2, Loading,           AclCategory.None, MallocStats, "Returns the allocator statistics.") { Tips = ReportTips },
        new("MEMORY|PURGE",        2, Loading,           AclCategory.None, Keys.None, Purge, "Asks the allocator to release memory.")
            { Tips = ["request_policy:all_shards", "response_policy:all_succeeded"] },
        new("MEMORY|STATS",        2, CommandFlags.None, AclCategory.None, Keys.None, Stats, "Returns details about memory usage.")
            { Tips = ReportTips },
        new("MEMORY|USAGE",       -3, ReadOnly,          AclCategory.None, Keys.At(2, KeyAccess.ReadOnly), Usage,
            "Estimates the memory usage of a key."),
    ];

    private static void Usage(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const long SamplesDefault = 5;
        long samples = SamplesDefault;
        for (int i = 3; i < args.Count; i++)
        {
            if (i + 1 == args.Count || !Ascii.EqualsIgnoreCase(args[i], "SAMPLES"u8))
            {
                reply.Error(Errors.Syntax);
                return;
            }
            if (!Numbers.TryParseLong(args[++i], out samples) || samples < 0)
            {
                reply.Error(samples < 0 ? Errors.Syntax : Errors.NotInteger);
                return;
            }
        }
        Entry entry = shard.Peek(args.Key(2));
        if (entry.Exists) reply.Integer(shard.TableIn(shard.Database)!.Entries.MemoryUsage(entry, samples));
        else reply.Null();
    }

    private static void MallocStats(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Bulk("Stats not supported for the current allocator"u8);

    // --- PURGE -------------------------------------------------------------------------------------------

    private static async Co<Nothing> Purge(Coordinator tx)
    {
        await tx.HopAll(Release);
        while (MayRelease(tx) && !tx.Session.Gone)
        {
            await tx.Yield();
            await tx.HopAll(Release);
        }
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
        return default;
    }

    private static void Release(ShardScope shard, ref HopFrame hop)
    {
        const int ExtentsMax = 4;
        int released = 0;
        while (released < ExtentsMax && shard.ReleaseMemory()) released++;
        hop.Value = released;
    }

    private static bool MayRelease(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (tx.ValueOf(shard) != 0) return true;
        return false;
    }

    // --- STATS -------------------------------------------------------------------------------------------

    /// <summary>What one shard and its loop use.</summary>
    private struct ShardFigures
    {
        internal long Used;
        internal long Dataset;
        internal long Clients;
        internal long Keys;
    }

    private struct DatabaseFigures
    {
        internal long Index;
        internal int Database;
    }

    private static async Co<Nothing> Stats(Coordinator tx)
    {
        await tx.HopAll(Measure);
        ShardFigures total = SumOf(tx);
        int databases = 0;
        for (int i = 0; i < tx.Loop.Settings.Databases; i++)
        {
            await MeasureDatabase(tx, i);
            if (IndexBytes(tx) != 0) databases++;
        }
        WriteFirst(tx, total, databases);
        long index = 0;
        for (int i = 0; i < tx.Loop.Settings.Databases; i++)
        {
            await MeasureDatabase(tx, i);
            if (IndexBytes(tx) == 0) continue;
            index += IndexBytes(tx);
            WriteDatabase(tx, i);
        }
        WriteRest(tx, total, index);
        return default;
    }

    private static Hop MeasureDatabase(Coordinator tx, int database)
    {
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<DatabaseFigures>(shard) = new DatabaseFigures { Database = database };
        return tx.HopAll(MeasureIndex);
    }

    private static void Measure(ShardScope shard, ref HopFrame hop)
    {
        ref ShardFigures figures = ref hop.State<ShardFigures>();
        figures.Used = shard.Loop.UsedBytes;
        figures.Dataset = shard.UsedBytes;
        figures.Clients = shard.Loop.ClientBytes;
        figures.Keys = 0;
        for (int i = 0; i < shard.Settings.Databases; i++)
        {
            figures.Keys += shard.CountKeys(i);
            figures.Dataset -= shard.TableIn(i)?.Entries.UsedBytes ?? 0;
        }
    }

    private static void MeasureIndex(ShardScope shard, ref HopFrame hop)
    {
        ref DatabaseFigures figures = ref hop.State<DatabaseFigures>();
        figures.Index = shard.CountKeys(figures.Database) == 0 ? 0 : shard.TableIn(figures.Database)!.Entries.UsedBytes;
    }

    private static ShardFigures SumOf(Coordinator tx)
    {
        var sum = default(ShardFigures);
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ShardFigures one = tx.StateOf<ShardFigures>(shard);
            sum.Used += one.Used;
            sum.Dataset += one.Dataset;
            sum.Clients += one.Clients;
            sum.Keys += one.Keys;
        }
        return sum;
    }

    private static long IndexBytes(Coordinator tx)
    {
        long bytes = 0;
        for (int shard = 0; shard < tx.Shards; shard++) bytes += tx.StateOf<DatabaseFigures>(shard).Index;
        return bytes;
    }

    private static void WriteFirst(Coordinator tx, ShardFigures total, int databases)
    {
        const int Fields = 34;
        ReplyWriter reply = tx.Writer();
        reply.Map(Fields + databases);
        Write(ref reply, "peak.allocated"u8, Math.Max(total.Used, tx.Loop.Facts?.PeakBytes ?? 0));
        Write(ref reply, "total.allocated"u8, total.Used);
        Write(ref reply, "startup.allocated"u8, tx.Loop.Facts?.StartupBytes ?? 0);
        Write(ref reply, "replication.backlog"u8, 0);
        Write(ref reply, "replicas.repl.buffer"u8, 0);
        Write(ref reply, "clients.slaves"u8, 0);
        Write(ref reply, "clients.normal"u8, total.Clients);
        Write(ref reply, "cluster.links"u8, 0);
        Write(ref reply, "cluster.slot_import"u8, 0);
        Write(ref reply, "cluster.slot_export"u8, 0);
        Write(ref reply, "aof.buffer"u8, 0);
        Write(ref reply, "lua.caches"u8, 0);
        Write(ref reply, "functions.caches"u8, 0);
        tx.Close(ref reply);
    }

    private static void WriteDatabase(Coordinator tx, int database)
    {
        ReplyWriter reply = tx.Writer();
        Span<byte> name = stackalloc byte[3 + Numbers.LongTextMax];
        "db."u8.CopyTo(name);
        reply.Bulk(name[..(3 + Numbers.FormatLong(database, name[3..]))]);
        reply.Map(2);
        Write(ref reply, "overhead.hashtable.main"u8, IndexBytes(tx));
        Write(ref reply, "overhead.hashtable.expires"u8, 0);
        tx.Close(ref reply);
    }

    private static void WriteRest(Coordinator tx, ShardFigures total, long index)
    {
        IHostFacts? facts = tx.Loop.Facts;
        long peak = Math.Max(1, Math.Max(total.Used, facts?.PeakBytes ?? 0));
        long resident = facts?.ResidentBytes ?? total.Used;
        long net = Math.Max(1, total.Used - (facts?.StartupBytes ?? 0));
        double residentRatio = (double)resident / Math.Max(1, total.Used);
        ReplyWriter reply = tx.Writer();
        Write(ref reply, "overhead.db.hashtable.lut"u8, index);
        Write(ref reply, "overhead.db.hashtable.rehashing"u8, 0);
        Write(ref reply, "overhead.total"u8, total.Used - total.Dataset);
        Write(ref reply, "db.dict.rehashing.count"u8, 0);
        Write(ref reply, "keys.count"u8, total.Keys);
        Write(ref reply, "keys.bytes-per-key"u8, total.Keys == 0 ? 0 : net / total.Keys);
        Write(ref reply, "dataset.bytes"u8, total.Dataset);
        Write(ref reply, "dataset.percentage"u8, (double)total.Dataset * 100 / net);
        Write(ref reply, "peak.percentage"u8, (double)total.Used * 100 / peak);
        Write(ref reply, "allocator.allocated"u8, total.Used);
        Write(ref reply, "allocator.active"u8, total.Used);
        Write(ref reply, "allocator.resident"u8, resident);
        Write(ref reply, "allocator.muzzy"u8, 0);
        Write(ref reply, "allocator-fragmentation.ratio"u8, 1.0);
        Write(ref reply, "allocator-fragmentation.bytes"u8, 0);
        Write(ref reply, "allocator-rss.ratio"u8, residentRatio);
        Write(ref reply, "allocator-rss.bytes"u8, resident - total.Used);
        Write(ref reply, "rss-overhead.ratio"u8, 1.0);
        Write(ref reply, "rss-overhead.bytes"u8, 0);
        Write(ref reply, "fragmentation"u8, residentRatio);
        Write(ref reply, "fragmentation.bytes"u8, resident - total.Used);
        tx.Close(ref reply);
    }

    private static void Write(ref ReplyWriter reply, ReadOnlySpan<byte> name, long value)
    {
        reply.Bulk(name);
        reply.Integer(value);
    }

    private static void Write(ref ReplyWriter reply, ReadOnlySpan<byte> name, double value)
    {
        reply.Bulk(name);
        reply.Double(value);
    }

    // --- DOCTOR and HELP ---------------------------------------------------------------------------------

    private const long FewBytes = 5 << 20;
    private const long MuchBytes = 10 << 20;
    private const double PeakRatioMax = 1.5;
    private const double ResidentRatioMax = 1.4;

    private static void Doctor(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        long used = 0;
        foreach (EngineLoop loop in connection.Loop.Loops) used += loop.Counters.UsedBytes;
        IHostFacts? facts = connection.Loop.Facts;
        bool bigPeak = facts is not null && facts.PeakBytes > used * PeakRatioMax;
        bool bigResident = facts is not null && facts.ResidentBytes > used * ResidentRatioMax && facts.ResidentBytes - used > MuchBytes;
        if (used < FewBytes) reply.Verbatim("txt"u8, AlmostEmpty);
        else if (!bigPeak && !bigResident) reply.Verbatim("txt"u8, AllWell);
        else WriteIssues(bigPeak, bigResident, ref reply);
    }

    private static void WriteIssues(bool bigPeak, bool bigResident, ref ReplyWriter reply)
    {
        const int TextMax = 1024;
        Span<byte> text = stackalloc byte[TextMax];
        int length = 0;
        Append(text, ref length, Issues);
        if (bigPeak) Append(text, ref length, PeakIssue);
        if (bigResident) Append(text, ref length, ResidentIssue);
        Append(text, ref length, Farewell);
        reply.Verbatim("txt"u8, text[..length]);
    }

    private static void Append(Span<byte> text, ref int length, ReadOnlySpan<byte> more)
    {
        more.CopyTo(text[length..]);
        length += more.Length;
    }

    private static ReadOnlySpan<byte> AlmostEmpty =>
        "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. "u8 +
        "Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming "u8 +
        "as soon as I finished rebooting.\n"u8;

    private static ReadOnlySpan<byte> AllWell =>
        "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"u8;

    private static ReadOnlySpan<byte> Issues => "Sam, I detected a few issues in this instance memory implants:\n\n"u8;

    private static ReadOnlySpan<byte> PeakIssue =>
        " * Peak memory: In the past this instance used more than 150% of the memory that it uses now. What is free goes back to "u8 +
        "the system in whole extents of 2 MiB, in the background; MEMORY PURGE does it at once.\n\n"u8;

    private static ReadOnlySpan<byte> ResidentIssue =>
        " * High total RSS: The process occupies more than 1.4 times the memory that its data needs. Many deletions leave gaps, "u8 +
        "which the background compaction closes; if the figure stays, look for large client buffers with CLIENT LIST.\n\n"u8;

    private static ReadOnlySpan<byte> Farewell => "I'm here to keep you safe, Sam. I want to help you.\n"u8;

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "MEMORY"u8, """
            DOCTOR
                Return memory problems reports.
            MALLOC-STATS
                Return internal statistics report from the memory allocator.
            PURGE
                Attempt to purge dirty pages for reclamation by the allocator.
            STATS
                Return information about the memory usage of the server.
            USAGE <key> [SAMPLES <count>]
                Return memory in bytes used by <key> and its value. Nested values are
                sampled up to <count> times (default: 5, 0 means sample all).
            """u8);
}
