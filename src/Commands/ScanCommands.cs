using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Finding keys without knowing them, or deleting them at once: SCAN, RM, EXPDELSCAN, KEYS, RANDOMKEY.</summary>
public static class ScanCommands
{
    /// <summary>SCAN looks at so many buckets for each entry that COUNT asks for, where the table is nearly empty.</summary>
    internal const int BucketsPerCount = 10;

    public static readonly CommandSpec[] Table =
    [
        new("SCAN",     -2, ReadOnly, AclCategory.Keyspace,             Keys.None, Scan, "Iterates over the key names in the database.")
            { Tips = ["nondeterministic_output", "request_policy:special", "response_policy:special"] },
        new("RM",       -2, Write | Global, AclCategory.Keyspace | AclCategory.Dangerous, Keys.None, Remove,
            "Iterates over the keys in the database and deletes those that match."),
        new("EXPDELSCAN", -1, Write, AclCategory.Keyspace | AclCategory.Dangerous, Keys.None, DeleteExpired,
            "Deletes the expired keys of a database at once."),
        new("KEYS",      2, ReadOnly, AclCategory.Keyspace | AclCategory.Dangerous, Keys.None, KeysMatching, "Returns all key names that match a pattern.")
            { Tips = ["request_policy:all_shards", "nondeterministic_output_order"] },
        new("RANDOMKEY", 1, ReadOnly, AclCategory.Keyspace,             Keys.None, RandomKey, "Returns a random key name from the database.")
            { Tips = ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"] },
    ];

    // --- SCAN --------------------------------------------------------------------------------------------

    /// <summary>A shard's part of a scan. Looks counts entries, Buckets what was visited; both go down to 0.</summary>
    private struct ScanPart
    {
        internal ulong Position;
        internal long Looks;
        internal long Buckets;
        internal int Pattern;
        internal bool HasType;
        internal ValueType Type;
        internal bool OutOfTime;

        /// <summary>Deletes what it finds instead of telling it.</summary>
        internal bool Removes;
    }

    private static Co<Nothing> Scan(Coordinator tx) => Scan(tx, removes: false);

    private static Co<Nothing> Remove(Coordinator tx) => Scan(tx, removes: true);

    private static async Co<Nothing> Scan(Coordinator tx, bool removes)
    {
        if (!TryReadScan(tx, out ScanCursor cursor, out ScanOptions options)) return default;
        var part = new ScanPart
        {
            Looks = options.Count,
            Buckets = Math.Min(options.Count, long.MaxValue / BucketsPerCount) * BucketsPerCount,
            Pattern = options.Pattern,
            HasType = options.HasType,
            Type = options.Type,
            Removes = removes,
        };
        int first = cursor.Shard;
        while (cursor.Shard < tx.Shards && part.Looks > 0 && part.Buckets > 0 && !tx.Session.Gone)
        {
            part.Position = cursor.Position;
            tx.StateOf<ScanPart>(cursor.Shard) = part;
            await tx.Hop(cursor.Shard, ScanSlice);
            part = tx.StateOf<ScanPart>(cursor.Shard);
            cursor = part.Position == 0 ? new ScanCursor(cursor.Shard + 1, 0) : new ScanCursor(cursor.Shard, part.Position);
            if (part.OutOfTime) await tx.Yield();
        }
        AnswerScan(tx, cursor, first, removes);
        return default;
    }

    private static bool TryReadScan(Coordinator tx, out ScanCursor cursor, out ScanOptions options)
    {
        ReplyWriter reply = tx.Writer();
        cursor = default;
        options = default;
        bool ok = false;
        if (ScanCursor.TryRead(tx.Args[1], out ulong number))
        {
            cursor = ScanCursor.Decode(number);
            ok = ScanOptions.TryRead(tx.Args, 2, ref reply, out options);
        }
        else
        {
            reply.Error(Errors.InvalidCursor);
        }
        tx.Close(ref reply);
        return ok;
    }

    private static void ScanSlice(ShardScope shard, ref HopFrame hop)
    {
        ref ScanPart part = ref hop.State<ScanPart>();
        part.OutOfTime = false;
        if (shard.TableIn(shard.Database) is not { } table)
        {
            part.Position = 0;
            return;
        }
        var visitor = new ScanVisitor(shard, hop.Writer())
        {
            MatchesAll = part.Pattern == 0,
            Pattern = hop.Args[part.Pattern],
            HasType = part.HasType,
            Type = part.Type,
            Removes = part.Removes,
        };
        var slice = new WorkSlice(shard);
        do
        {
            part.Position = table.Entries.Walk(part.Position, ref visitor);
            part.Buckets--;
            part.OutOfTime = !slice.MayGoOn(shard);
        }
        while (part.Position != 0 && visitor.Looked < part.Looks && part.Buckets > 0 && !part.OutOfTime);
        part.Looks -= visitor.Looked;
        hop.Value += visitor.Found;
        visitor.Reply.Flush();
    }

    private static void AnswerScan(Coordinator tx, ScanCursor cursor, int first, bool removed)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(2);
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        reply.Bulk(text[..Numbers.FormatLong((long)cursor.Encode(tx.Shards), text)]);
        if (removed) reply.Integer(tx.SumOfValues());
        else reply.Array(tx.SumOfValues());
        for (int shard = first; shard < tx.Shards; shard++) reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    /// <summary>Writes the keys that a scan asks for, or deletes them. Mutable: counts what it has looked at and what it has found.</summary>
    private ref struct ScanVisitor(ShardScope shard, ReplyWriter reply) : IEntryVisitor
    {
        private readonly ShardScope _shard = shard;
        internal ReplyWriter Reply = reply;
        internal ReadOnlySpan<byte> Pattern;
        internal bool MatchesAll;
        internal bool HasType;
        internal ValueType Type;
        internal bool Removes;
        internal long Looked;
        internal long Found;

        public void Visit(ref Entry entry)
        {
            Looked++;
            if (HasType && entry.Type != Type) return;
            if (!MatchesAll && !Glob.Matches(Pattern, entry.Key)) return;
            if (_shard.DropIfExpired(ref entry)) return;
            Found++;
            if (Removes) _ = _shard.Delete(new Key(entry.Key, _shard.Settings.HashKey.Hash(entry.Key)));
            else Reply.Bulk(entry.Key);
        }
    }

    // --- EXPDELSCAN --------------------------------------------------------------------------------------

    private struct ExpiredPart
    {
        internal int Database;
        internal ulong Position;
        internal long Looked;
        internal bool Done;
    }

    /// <summary>Answers how many keys were deleted, and how many were looked at.</summary>
    private static async Co<Nothing> DeleteExpired(Coordinator tx)
    {
        if (!TryReadDatabase(tx, out int database)) return default;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<ExpiredPart>(shard) = new ExpiredPart { Database = database };
        await tx.HopAll(DeleteExpiredSlice);
        while (HasMoreExpired(tx) && !tx.Session.Gone)
        {
            await tx.Yield();
            await tx.HopAll(DeleteExpiredSlice);
        }
        long looked = 0;
        for (int shard = 0; shard < tx.Shards; shard++) looked += tx.StateOf<ExpiredPart>(shard).Looked;
        AnswerExpired(tx, looked);
        return default;
    }

    private static bool TryReadDatabase(Coordinator tx, out int database)
    {
        database = tx.Database;
        if (tx.Args.Count == 1) return true;
        ReplyWriter reply = tx.Writer();
        bool ok = tx.Args.Count == 2 && DatabaseNumber.TryRead(tx.Args[1], tx.Loop.Settings.Databases, ref reply, out database);
        if (tx.Args.Count > 2) reply.WrongArity("expdelscan"u8);
        tx.Close(ref reply);
        return ok;
    }

    private static bool HasMoreExpired(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (!tx.StateOf<ExpiredPart>(shard).Done) return true;
        return false;
    }

    private static void AnswerExpired(Coordinator tx, long looked)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(2);
        reply.Integer(tx.SumOfValues());
        reply.Integer(looked);
        tx.Close(ref reply);
    }

    private static void DeleteExpiredSlice(ShardScope shard, ref HopFrame hop)
    {
        ref ExpiredPart part = ref hop.State<ExpiredPart>();
        if (part.Done) return;
        if (shard.TableIn(part.Database) is { } table)
        {
            var visitor = new ExpiredVisitor { Shard = shard, Database = part.Database };
            var slice = new WorkSlice(shard);
            do part.Position = table.Entries.Walk(part.Position, ref visitor);
            while (part.Position != 0 && slice.MayGoOn(shard));
            part.Looked += visitor.Looked;
            hop.Value += visitor.Deleted;
        }
        part.Done = part.Position == 0;
    }

    /// <summary>Deletes the keys whose time has come. Mutable: counts them.</summary>
    private ref struct ExpiredVisitor : IEntryVisitor
    {
        internal ShardScope Shard;
        internal int Database;
        internal long Looked;
        internal long Deleted;

        public void Visit(ref Entry entry)
        {
            Looked++;
            if (Shard.DropIfExpired(Database, ref entry) && !entry.Exists) Deleted++;
        }
    }

    // --- KEYS --------------------------------------------------------------------------------------------

    private struct KeysPart
    {
        internal ulong Position;
        internal bool Done;
    }

    private static async Co<Nothing> KeysMatching(Coordinator tx)
    {
        await tx.HopAll(KeysSlice);
        while (!AllDone(tx) && !tx.Session.Gone)
        {
            await tx.Yield();
            await tx.HopAll(KeysSlice);
        }
        AnswerKeys(tx);
        return default;
    }

    private static bool AllDone(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (!tx.StateOf<KeysPart>(shard).Done) return false;
        return true;
    }

    private static void KeysSlice(ShardScope shard, ref HopFrame hop)
    {
        ref KeysPart part = ref hop.State<KeysPart>();
        if (part.Done) return;
        if (shard.TableIn(shard.Database) is not { } table)
        {
            part.Done = true;
            return;
        }
        ReadOnlySpan<byte> pattern = hop.Args[1];
        var visitor = new KeysVisitor(shard, hop.Writer())
        {
            Pattern = pattern,
            MatchesAll = pattern.SequenceEqual("*"u8),
            From = part.Position,
        };
        var slice = new WorkSlice(shard);
        do
        {
            part.Position = table.Entries.Walk(part.Position, ref visitor);
            visitor.From = 0;
        }
        while (part.Position != 0 && slice.MayGoOn(shard));
        part.Done = part.Position == 0;
        hop.Value += visitor.Found;
        visitor.Reply.Flush();
    }

    private static void AnswerKeys(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(tx.SumOfValues());
        for (int shard = 0; shard < tx.Shards; shard++) reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    /// <summary>Writes the keys that match. Mutable: counts them.</summary>
    private ref struct KeysVisitor(ShardScope shard, ReplyWriter reply) : IEntryVisitor
    {
        private readonly ShardScope _shard = shard;
        internal ReplyWriter Reply = reply;
        internal ReadOnlySpan<byte> Pattern;
        internal bool MatchesAll;

        /// <summary>Where the walk went on. A bucket that has been cut anew since may hold keys from before it, told already.</summary>
        internal ulong From;
        internal long Found;

        public void Visit(ref Entry entry)
        {
            if (!MatchesAll && !Glob.Matches(Pattern, entry.Key)) return;
            if (entry.ExpireAtMs != 0 && entry.ExpireAtMs <= _shard.NowMs) return;
            if (From != 0 && _shard.Settings.HashKey.Hash(entry.Key) < From) return;
            Reply.Bulk(entry.Key);
            Found++;
        }
    }

    // --- RANDOMKEY ---------------------------------------------------------------------------------------

    private static async Co<Nothing> RandomKey(Coordinator tx)
    {
        while (!tx.Session.Gone)
        {
            await tx.HopAll(CountKeys);
            int shard = ChooseShard(tx);
            if (shard < 0) break;
            await tx.Hop(shard, PickKey);
            if (tx.ValueOf(shard) != 0)
            {
                tx.AnswerPart(shard);
                return default;
            }
            await tx.Yield();
        }
        ReplyWriter reply = tx.Writer();
        reply.Null();
        tx.Close(ref reply);
        return default;
    }

    private static void CountKeys(ShardScope shard, ref HopFrame hop) => hop.Value = shard.CountKeys(shard.Database);

    /// <summary>A shard, each as likely as it has keys; -1 when there are none.</summary>
    private static int ChooseShard(Coordinator tx)
    {
        ulong total = 0;
        for (int shard = 0; shard < tx.Shards; shard++) total += (ulong)tx.ValueOf(shard);
        if (total == 0) return -1;
        long left = (long)(tx.NextRandom() % total);
        for (int shard = 0; ; shard++)
        {
            left -= tx.ValueOf(shard);
            if (left < 0) return shard;
        }
    }

    private static void PickKey(ShardScope shard, ref HopFrame hop)
    {
        hop.Value = shard.TryRandom(out Entry entry) ? 1 : 0;
        if (hop.Value == 0) return;
        ReplyWriter reply = hop.Writer();
        reply.Bulk(entry.Key);
        reply.Flush();
    }
}
