using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// A search for places: at once where the cells that cover the area hold few, else in slices. The result is written, or goes to
/// a key, perhaps on another shard.
/// </summary>
internal sealed class GeoSearch(GeoForm form, string storeEvent = "")
{
    private const int CellsMax = 9;

    /// <summary>Places that are looked at within a turn.</summary>
    private const long PlacesAtOnceMax = 2000;

    /// <summary>Where a slice ends of a search that has met all there is.</summary>
    private const long AtEnd = -1, Refused = -2, Answered = -3;

    /// <summary>The value of a hop holds the cell above these bits, and how many of its places were met in them.</summary>
    private const int CellShift = 48;

    private readonly byte[] _storeEvent = System.Text.Encoding.ASCII.GetBytes(storeEvent);

    // ---- at once ----

    internal void RunHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int source = GeoQuery.SourceOf(form);
        if (!TryOpen(shard, args.Key(source), notes: false, out SortedSetView set, out bool exists))
        {
            reply.Error(Errors.WrongType);
            return;
        }
        var query = default(GeoQuery);
        var results = default(GeoResults);
        if (query.TryRead(args, form, set, exists, ref reply))
        {
            Span<GeoHash> cells = stackalloc GeoHash[CellsMax];
            cells = exists ? cells[..query.Shape.Cover(cells)] : default;
            long places = 0;
            foreach (GeoHash cell in cells) places += RangeOf(set, cell).Count;
            bool isLong = places > PlacesAtOnceMax && query.EnoughCount is 0 or > PlacesAtOnceMax;
            if (isLong) shard.LeaveToCoordinator();
            else Run(shard, args, in query, cells, ref results, ref reply);
        }
        results.Release();
        query.Release();
    }

    private void Run(ShardScope shard, Arguments args, in GeoQuery query, scoped ReadOnlySpan<GeoHash> cells, ref GeoResults results, ref ReplyWriter reply)
    {
        _ = TryOpen(shard, args.Key(GeoQuery.SourceOf(form)), notes: true, out SortedSetView set, out _);
        long position = 0;
        while (position >= 0) position = Collect(set, in query, cells, position, int.MaxValue, ref results);
        results.Sort(SortOf(in query));
        if (position == Refused) reply.Error(Outcome.OutOfMemory);
        else if (query.Target == 0) results.Write(in query, ref reply);
        else
        {
            ulong draft = 0;
            bool isFilled = results.TryFill(in query, out ScoredBatch batch);
            if (isFilled && batch.Count != 0) isFilled = SortedSetDrafts.Collect(shard, ref draft, in batch, ScoreRule.None);
            long stored = isFilled ? Drafts.Store(shard, ref draft, args.Key(query.Target), EventClass.SortedSet, _storeEvent) : -1;
            Drafts.Drop(shard, ref draft);
            batch.Release();
            if (stored < 0) reply.Error(Outcome.OutOfMemory);
            else reply.Integer(stored);
        }
    }

    /// <summary>COUNT wants the nearest ones, unless any will do.</summary>
    private static GeoSort SortOf(in GeoQuery query) =>
        query.Sort == GeoSort.None && query.Count != 0 && query.EnoughCount == 0 ? GeoSort.Ascending : query.Sort;

    private static bool TryOpen(ShardScope shard, Key key, bool notes, out SortedSetView set, out bool exists)
    {
        if (notes) return SortedSetValue.TryFind(shard, key, out set, out exists);
        Entry entry = shard.Peek(key);
        exists = entry.Exists;
        set = SortedSetValue.ViewOf(shard, in entry);
        return !exists || entry.Type == Core.Structures.ValueType.SortedSet;
    }

    private static RankRange RangeOf(SortedSetView set, GeoHash cell) => set.RangeOf(new ScoreRange(cell.Score, false, cell.EndScore, true));

    /// <summary>Looks at so many places of one cell from a position on; returns the next one.</summary>
    private static long Collect(
        scoped SortedSetView set, in GeoQuery query, scoped ReadOnlySpan<GeoHash> cells, long position, int places, ref GeoResults results)
    {
        int cell = (int)(position >> CellShift);
        long met = position & ((1L << CellShift) - 1);
        if (cell >= cells.Length || query.EnoughCount != 0 && results.Count >= query.EnoughCount) return AtEnd;
        RankRange range = RangeOf(set, cells[cell]);
        long count = Math.Min(places, range.Count - met);
        var collector = new Collector { Shape = query.Shape, Enough = query.EnoughCount, Results = results };
        if (count > 0) set.Walk(range.First + met, count, backwards: false, ref collector);
        results = collector.Results;
        if (collector.IsRefused) return Refused;
        return met + count < range.Count ? position + count : (cell + 1L) << CellShift;
    }

    private struct Collector : IMemberReader
    {
        internal GeoShape Shape;
        internal GeoResults Results;
        internal long Enough;
        internal bool IsRefused;

        public bool Visit(scoped PackedItem member, double score)
        {
            if (!Shape.Contains(GeoHash.Decode(score), out double distance)) return true;
            IsRefused = !Results.TryAdd(member, score, distance);
            return !IsRefused && (Enough == 0 || Results.Count < Enough);
        }
    }

    // ---- in slices, and over two shards ----

    /// <summary>The target's side: the state of a hop.</summary>
    private struct StorePart
    {
        internal ScoredBatch Batch;
        internal ulong Draft;
        internal int Target;
    }

    internal async Co<Nothing> RunAcross(Coordinator tx)
    {
        tx.Payload = this;
        int shard = tx.ShardOf(GeoQuery.SourceOf(form));
        await tx.Hop(shard, SearchSlice);
        while (tx.ValueOf(shard) > 0)
        {
            await tx.Yield();
            await tx.Hop(shard, SearchSlice);
        }
        if (tx.ValueOf(shard) == AtEnd) await tx.Hop(shard, EndSearch);
        await End(tx, shard);
        return default;
    }

    private static async Co<Nothing> End(Coordinator tx, int shard)
    {
        if (tx.ValueOf(shard) == Refused) tx.Fail(Outcome.OutOfMemory);
        else if (tx.ValueOf(shard) == Answered)
        {
            if (!tx.PassError(shard)) tx.AnswerPart(shard);
        }
        else
        {
            // The value is the argument that names the target.
            StorePart store = tx.StateOf<StorePart>(shard);
            int target = tx.ShardOf(store.Target);
            tx.StateOf<StorePart>(target) = store;
            await tx.Hop(target, Store);
            if (tx.ValueOf(target) < 0) tx.Fail(Outcome.OutOfMemory);
            else tx.Answer(tx.ValueOf(target));
        }
        return default;
    }

    private static void SearchSlice(ShardScope shard, ref HopFrame hop)
    {
        var search = (GeoSearch)hop.Payload!;
        ReplyWriter reply = hop.Writer();
        hop.Value = search.SearchSlice(shard, hop.Args, hop.Value, ref hop.State<GeoResults>(), ref reply);
        reply.Flush();
    }

    private long SearchSlice(ShardScope shard, Arguments args, long position, ref GeoResults results, ref ReplyWriter reply)
    {
        if (!TryOpen(shard, args.Key(GeoQuery.SourceOf(form)), notes: position == 0, out SortedSetView set, out bool exists))
        {
            reply.Error(Errors.WrongType);
            return Answered;
        }
        var query = default(GeoQuery);
        if (!query.TryRead(args, form, set, exists, ref reply)) position = Answered;
        else if (!exists) position = AtEnd;
        else
        {
            Span<GeoHash> cells = stackalloc GeoHash[CellsMax];
            cells = cells[..query.Shape.Cover(cells)];
            var slice = new WorkSlice(shard);
            do position = Collect(set, in query, cells, position, SortedSetValue.MembersPerStep, ref results);
            while (position > 0 && slice.MayGoOn(shard));
            if (position == Refused) results.Release();
        }
        query.Release();
        return position;
    }

    /// <summary>Sorts and writes what was found, or fills the batch that goes to the target.</summary>
    private static void EndSearch(ShardScope shard, ref HopFrame hop)
    {
        GeoForm form = ((GeoSearch)hop.Payload!).Form;
        GeoResults results = hop.State<GeoResults>();
        var query = default(GeoQuery);
        ReplyWriter reply = hop.Writer();
        _ = TryOpen(shard, hop.Args.Key(GeoQuery.SourceOf(form)), notes: false, out SortedSetView set, out bool exists);
        _ = query.TryRead(hop.Args, form, set, exists, ref reply);
        results.Sort(SortOf(in query));
        hop.Value = Answered;
        if (query.Target == 0) results.Write(in query, ref reply);
        else
        {
            bool isFilled = results.TryFill(in query, out ScoredBatch batch);
            if (!isFilled) batch.Release();
            hop.Value = isFilled ? 0 : Refused;
            hop.State<StorePart>() = new StorePart { Batch = batch, Target = query.Target };
        }
        reply.Flush();
        results.Release();
        query.Release();
    }

    private GeoForm Form => form;

    private static void Store(ShardScope shard, ref HopFrame hop)
    {
        ref StorePart part = ref hop.State<StorePart>();
        bool isDone = part.Batch.Count == 0 || SortedSetDrafts.Collect(shard, ref part.Draft, in part.Batch, ScoreRule.None);
        part.Batch.Release();
        hop.Value = isDone
            ? Drafts.Store(shard, ref part.Draft, hop.Args.Key(part.Target), EventClass.SortedSet, ((GeoSearch)hop.Payload!)._storeEvent) : -1;
        Drafts.Drop(shard, ref part.Draft);
    }
}
