using Anax.Core.Structures;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Engine.Keyspace;

/// <summary>
/// Removes expired members of large values by an edit of their keys, one for each step over a value; a key that has lost its
/// last member is deleted. What somebody has locked is left for a later round. Mutable: counts.
/// </summary>
internal ref struct ExpiredMembers(ShardScope scope, bool removes) : IMemberVisitor
{
    private readonly ShardScope _scope = scope;
    private Edit _edit;
    private bool _isOpen;
    private bool _isRefused;
    private long _removedHere;

    /// <summary>How many were removed so far.</summary>
    internal long Removed { get; private set; }

    public void Expired(in LargeValue value, ref Entry member)
    {
        if (!removes || _isRefused) return;
        if (!_isOpen)
        {
            _isOpen = _scope.TryEditOwner(in value, out _edit);
            _isRefused = !_isOpen;
            if (_isRefused) return;
        }
        value.Remove(ref member);
        _removedHere++;
    }

    public void Leave(in LargeValue value)
    {
        if (_isOpen) Close(in value);
        _isOpen = _isRefused = false;
        _removedHere = 0;
    }

    private void Close(in LargeValue value)
    {
        Removed += _removedHere;
        _edit.CommitExpired(EventOf(value.Type), _removedHere, isEmpty: value.Count == 0);
    }

    private static ReadOnlySpan<byte> EventOf(ValueType type) => type switch
    {
        ValueType.Hash => "hexpired"u8,
        ValueType.Set => "sexpired"u8,
        _ => "zexpired"u8,
    };
}
