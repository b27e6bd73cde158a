using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>A set or a sorted set as a source of members with scores; those of a set have 1. A missing key has none.</summary>
internal readonly ref struct MemberSource
{
    private readonly SetView _set;
    private readonly SortedSetView _sorted;
    private readonly bool _isSet;

    private MemberSource(ShardScope shard, scoped in Entry entry)
    {
        _isSet = entry.Exists && entry.Type == ValueType.Set;
        if (_isSet) _set = new SetView(shard.View(entry), shard.NowMs);
        else _sorted = SortedSetValue.ViewOf(shard, in entry);
    }

    internal long Count => _isSet ? _set.Count : _sorted.Count;

    /// <summary>False where the entry is neither.</summary>
    internal static bool TryOpen(ShardScope shard, scoped in Entry entry, out MemberSource source)
    {
        bool isSource = !entry.Exists || entry.Type is ValueType.Set or ValueType.SortedSet;
        source = isSource ? new MemberSource(shard, in entry) : default;
        return isSource;
    }

    internal bool TryGetScore(scoped PackedItem member, out double score)
    {
        score = 1;
        return _isSet ? _set.Contains(member) : _sorted.TryGetScore(member, out score);
    }

    /// <summary>
    /// Shows about so many members from a position on, 0 at first; returns the next position, 0 at the end. Between two calls the
    /// members must stay the same ones.
    /// </summary>
    internal ulong Walk<TReader>(ulong position, int members, ref TReader reader) where TReader : struct, IMemberReader, allows ref struct
    {
        if (_isSet) return _set.Walk(position, members, ref reader);
        _sorted.Walk((long)position, members, backwards: false, ref reader);
        position += (ulong)members;
        return position < (ulong)_sorted.Count ? position : 0;
    }
}
