using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

// 1. The key's shard copies its elements into a table (SortTable), in slices.
// 2. BY: every shard looks up those of the weights that it owns, in batches.
// 3. The rows of the table are sorted on the client's loop, in slices.
// 4. GET: as BY, for the rows that LIMIT leaves.
// 5. The rows are answered, or packed and stored.
//
// All of it under locks: of the key and of STORE's, or, where BY or GET name keys that nobody knows before, of everything.

/// <summary>SORT and SORT_RO.</summary>
public static class SortCommand
{
    private const string PatternNotes =
        "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort";
    private const string StoreNotes =
        "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array";
    private const CommandFlags Own = OwnLocks | MovableKeys;

    /// <summary>Rows that are answered or packed between two turns of the loop.</summary>
    private const int RowsPerTurn = 2000;

    private static readonly KeySpec SortedKey = new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Range);
    private static readonly KeySpec PatternKeys = new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Unknown) { BeginIndex = 0, Notes = PatternNotes };
    private static readonly KeySpec StoreKey =
        new(KeyAccess.Overwrite | KeyAccess.Update, KeySearch.Unknown) { BeginIndex = 0, Notes = StoreNotes, Finder = SortOptions.FindStore };

    public static readonly CommandSpec[] Table =
    [
        new("SORT",    -2, Write | DenyOom | Own | Tells, AclCategory.Set | AclCategory.SortedSet | AclCategory.List | AclCategory.Dangerous,
            [SortedKey, PatternKeys, StoreKey], Sort, "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.")
            { ShardGate = KnowsItsKeys },
        new("SORT_RO", -2, ReadOnly | Own, AclCategory.Set | AclCategory.SortedSet | AclCategory.List | AclCategory.Dangerous,
            [SortedKey, PatternKeys], SortReadOnly, "Returns the sorted elements of a list, a set, or a sorted set.")
            { ShardGate = KnowsItsKeys },
    ];

    private static Co<Nothing> Sort(Coordinator tx) => Run(tx, mayStore: true);

    private static Co<Nothing> SortReadOnly(Coordinator tx) => Run(tx, mayStore: false);

    private static bool KnowsItsKeys(EngineLoop loop, Arguments args) => loop.Loops.Length == 1 || !SortOptions.HasPatterns(args);

    private static async Co<Nothing> Run(Coordinator tx, bool mayStore)
    {
        if (!TryRead(tx, mayStore, out SortOptions options)) return default;
        if (KnowsItsKeys(tx.Loop, tx.Args)) await tx.LockKeys();
        else await tx.LockAll();
        int shard = tx.ShardOf(1);
        tx.StateOf<SortPart>(shard) = new SortPart { Options = options.ElementFlags };
        Outcome outcome;
        do
        {
            await tx.Hop(shard, Collect);
            outcome = (Outcome)tx.ValueOf(shard);
            if (outcome == Outcome.Ok && tx.StateOf<SortPart>(shard).Position != 0) await tx.Yield();
        }
        while (outcome == Outcome.Ok && tx.StateOf<SortPart>(shard).Position != 0);
        SortTable table = tx.StateOf<SortPart>(shard).Table;
        tx.StateOf<SortPart>(shard) = default;
        if (outcome == Outcome.Ok) outcome = await Finish(tx, table, options);
        table.Release();
        tx.ReleaseLocks();
        if (outcome != Outcome.Ok) Refuse(tx, outcome);
        return default;
    }

    private static bool TryRead(Coordinator tx, bool mayStore, out SortOptions options)
    {
        ReplyWriter reply = tx.Writer();
        bool isRead = SortOptions.TryRead(tx.Args, mayStore, ref reply, out options);
        tx.Close(ref reply);
        return isRead;
    }

    private static void Refuse(Coordinator tx, Outcome outcome)
    {
        if (outcome == Outcome.NotFloat) tx.Fail(Errors.SortScores);
        else tx.Fail(outcome);
    }

    // ---- collect ----

    /// <summary>A slice of the elements goes to the table.</summary>
    private static void Collect(ShardScope shard, ref HopFrame hop)
    {
        ref SortPart part = ref hop.State<SortPart>();
        Entry entry = part.Position == 0 ? shard.Find(hop.Args.Key(1)) : shard.Peek(hop.Args.Key(1));
        hop.Value = (long)Outcome.Ok;
        if (!entry.Exists)
        {
            part.Position = 0;
            return;
        }
        var slice = new WorkSlice(shard);
        do
        {
            hop.Value = (long)SortSources.Collect(shard, in entry, ref part);
        }
        while (hop.Value == (long)Outcome.Ok && part.Position != 0 && slice.MayGoOn(shard));
    }

    // ---- the rest ----

    private static async Co<Outcome> Finish(Coordinator tx, SortTable table, SortOptions options)
    {
        bool sorts = table.Count > 0 && (!options.IsUnsorted || table.MustBeSorted);
        if (table.MustBeSorted && options.IsUnsorted) options = options.ByElement();
        if (sorts && options.By != 0)
        {
            Outcome found = await LookUp(tx, table, options, isBy: true, 0, table.Count);
            if (found != Outcome.Ok) return found;
        }
        if (sorts)
        {
            var weigher = new SortWeigher(table, options);
            while (!weigher.Step()) await tx.Yield();
            if (weigher.HasFailed) return Outcome.NotFloat;
            var sorter = new SortRun(table, options);
            if (!sorter.TryBegin()) return Outcome.OutOfMemory;
            while (!sorter.Step())
                if (table.Count > RowsPerTurn) await tx.Yield();
            sorter.Release();
        }
        options.Limit(table.Count, out int first, out int count);
        if (options.Gets != 0 && count > 0)
        {
            Outcome found = await LookUp(tx, table, options, isBy: false, first, count);
            if (found != Outcome.Ok) return found;
        }
        return options.Store == 0 ? await Answer(tx, table, options, first, count) : await Store(tx, table, options, first, count);
    }

    /// <summary>Has all shards look up what BY or GET name for some rows; what they have found is theirs until the table is released.</summary>
    private static async Co<Outcome> LookUp(Coordinator tx, SortTable table, SortOptions options, bool isBy, int first, int count)
    {
        if (!table.MakeCells(isBy ? count : (long)count * options.Gets)) return Outcome.OutOfMemory;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            tx.StateOf<SortLookup>(shard) = new SortLookup
            {
                Table = table.Header,
                First = first,
                Count = count,
                By = isBy ? options.By : 0,
                Gets = options.Gets,
            };
        }
        while (true)
        {
            await tx.HopAll(LookUpSlice);
            bool isDone = true;
            for (int shard = 0; shard < tx.Shards; shard++)
            {
                if (tx.ValueOf(shard) == (long)Outcome.OutOfMemory) return Outcome.OutOfMemory;
                isDone &= tx.StateOf<SortLookup>(shard).Next == count;
            }
            if (isDone) return Outcome.Ok;
            await tx.Yield();
        }
    }

    private static void LookUpSlice(ShardScope shard, ref HopFrame hop)
    {
        ref SortLookup lookup = ref hop.State<SortLookup>();
        var slice = new WorkSlice(shard);
        hop.Value = (long)Outcome.Ok;
        while (lookup.Next < lookup.Count)
        {
            if (!lookup.Step(shard, hop.Args))
            {
                hop.Value = (long)Outcome.OutOfMemory;
                return;
            }
            lookup.Next++;
            if (!slice.MayGoOn(shard)) return;
        }
    }

    private static async Co<Outcome> Answer(Coordinator tx, SortTable table, SortOptions options, int first, int count)
    {
        int here = tx.Loop.Index;
        for (int done = 0; done < count; done += RowsPerTurn)
        {
            if (done != 0) await tx.Yield();
            WriteRows(tx, table, options, first, done, Math.Min(count, done + RowsPerTurn));
        }
        ReplyWriter reply = tx.Writer();
        reply.Array((long)count * Math.Max(1, options.Gets));
        reply.Raw(ref tx.PartOf(here));
        tx.Close(ref reply);
        return Outcome.Ok;
    }

    private static void WriteRows(Coordinator tx, SortTable table, SortOptions options, int first, int from, int to)
    {
        ReplyWriter reply = tx.PartWriter(tx.Loop.Index);
        for (int row = from; row < to; row++)
        {
            if (options.Gets == 0) reply.Bulk(table.Element(first + row));
            for (int get = 0; get < options.Gets; get++)
            {
                if (table.TryCell(row * options.Gets + get, out ReadOnlySpan<byte> text)) reply.Bulk(text);
                else reply.Null();
            }
        }
        reply.Flush();
    }

    // ---- store ----

    private static async Co<Outcome> Store(Coordinator tx, SortTable table, SortOptions options, int first, int count)
    {
        int elements = count * Math.Max(1, options.Gets);
        if (!table.TryPack(options.Gets, first, count, out NativeBlock packed, out int length)) return Outcome.OutOfMemory;
        int shard = tx.ShardOf(options.Store);
        tx.StateOf<SortResult>(shard) = new SortResult { Packed = packed.Address, Length = length, Count = elements, Key = options.Store };
        await tx.Hop(shard, StoreHere);
        packed.Release();
        if ((Outcome)tx.ValueOf(shard) != Outcome.Ok) return Outcome.OutOfMemory;
        tx.Answer(elements);
        return Outcome.Ok;
    }

    /// <summary>What is to be stored: packed elements, in a block, under the key of an argument.</summary>
    private struct SortResult
    {
        internal nint Packed;
        internal int Length;
        internal int Count;
        internal int Key;
    }

    private static void StoreHere(ShardScope shard, ref HopFrame hop)
    {
        ref SortResult result = ref hop.State<SortResult>();
        Key key = hop.Args.Key(result.Key);
        hop.Value = (long)Outcome.Ok;
        if (result.Count == 0)
        {
            _ = shard.Delete(key);
            return;
        }
        Edit edit = new Edit(shard, key);
        ReadOnlySpan<byte> elements = NativeBlock.From(result.Packed).Bytes[..result.Length];
        if (!new ListEditor(edit.Slot, shard.Settings.ListLimit).SetAll(elements, result.Count))
        {
            edit.Abandon();
            hop.Value = (long)Outcome.OutOfMemory;
            return;
        }
        _ = edit.SetExpiry(0);
        edit.Commit(EventClass.List, "sortstore"u8, Effect.State);
    }
}
