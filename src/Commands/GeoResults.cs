using Anax.Core.Structures;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>A place that a search has found.</summary>
internal struct GeoFound
{
    internal double Distance, Score;

    /// <summary>Where its member lies in the batch of all; the later the greater.</summary>
    internal int Place;
}

/// <summary>What a search has found so far, in native memory. Plain data, the state of a hop; whoever searches releases it.</summary>
internal struct GeoResults
{
    private ScoredBatch _members;
    private NativeRows<GeoFound> _rows;

    internal readonly int Count => _rows.Count;

    /// <summary>False where memory is refused.</summary>
    internal bool TryAdd(scoped PackedItem member, double score, double distance)
    {
        var found = new GeoFound { Distance = distance, Score = score, Place = _members.Length };
        return _members.TryAdd(member, score) && _rows.TryAdd(in found);
    }

    /// <summary>Nearest or farthest first; the same distance in the order of the search.</summary>
    internal readonly void Sort(GeoSort sort)
    {
        if (sort == GeoSort.Ascending)
            _rows.Rows.Sort(static (l, r) => l.Distance != r.Distance ? l.Distance.CompareTo(r.Distance) : l.Place.CompareTo(r.Place));
        else if (sort == GeoSort.Descending)
            _rows.Rows.Sort(static (l, r) => l.Distance != r.Distance ? r.Distance.CompareTo(l.Distance) : l.Place.CompareTo(r.Place));
    }

    internal readonly void Write(in GeoQuery query, ref ReplyWriter reply)
    {
        ReadOnlySpan<GeoFound> rows = _rows.Rows[..(int)Wanted(in query)];
        int details = (query.WithDistance ? 1 : 0) + (query.WithHash ? 1 : 0) + (query.WithPlace ? 1 : 0);
        reply.Array(rows.Length);
        foreach (ref readonly GeoFound found in rows)
        {
            if (details != 0) reply.Array(details + 1);
            reply.Bulk(_members.At(found.Place));
            if (query.WithDistance) GeoArguments.WriteDistance(found.Distance / query.Shape.Unit, ref reply);
            if (query.WithHash) reply.Integer((long)found.Score);
            if (query.WithPlace) GeoArguments.WritePlace(GeoHash.Decode(found.Score), ref reply);
        }
    }

    /// <summary>What is stored: members with the scores of their places, or with distances. False where memory is refused.</summary>
    internal readonly bool TryFill(in GeoQuery query, out ScoredBatch batch)
    {
        batch = default;
        foreach (ref readonly GeoFound found in _rows.Rows[..(int)Wanted(in query)])
            if (!batch.TryAdd(_members.At(found.Place), query.StoresDistances ? found.Distance / query.Shape.Unit : found.Score)) return false;
        return true;
    }

    internal void Release()
    {
        _members.Release();
        _rows.Release();
    }

    private readonly long Wanted(in GeoQuery query) => query.Count == 0 ? Count : Math.Min(Count, query.Count);
}
