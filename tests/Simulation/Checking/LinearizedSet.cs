namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Which operations have their place already. All but a few are done up to some point and none behind it, so a snapshot
/// holds only the words between, and those of the operations that may never end.
/// </summary>
internal sealed class LinearizedSet(int count, int unknown)
{
    private readonly ulong[] _words = new ulong[(count + 63) / 64];
    private readonly int _alwaysKept = (unknown + 63) / 64;

    internal bool this[int operation]
    {
        get => (_words[operation >> 6] >> operation & 1) != 0;
        set
        {
            ulong bit = 1UL << operation;
            if (value) _words[operation >> 6] |= bit;
            else _words[operation >> 6] &= ~bit;
        }
    }

    internal ulong[] Snapshot()
    {
        int start = _alwaysKept, end = _words.Length;
        while (start < end && _words[start] == ulong.MaxValue) start++;
        while (end > start && _words[end - 1] == 0) end--;
        return [(ulong)start, .. _words.AsSpan(0, _alwaysKept), .. _words.AsSpan(start, end - start)];
    }
}

/// <summary>A set of linearized operations with the state they lead to, compared by content.</summary>
internal sealed class LinearizedState : IEquatable<LinearizedState>
{
    private readonly ulong[] _done;
    private readonly string?[] _state;
    private readonly int _hash;

    internal LinearizedState(ulong[] done, string?[] state)
    {
        (_done, _state) = (done, state);
        HashCode hash = new();
        foreach (ulong word in done) hash.Add(word);
        foreach (string? value in state) hash.Add(value);
        _hash = hash.ToHashCode();
    }

    public bool Equals(LinearizedState? other) =>
        other is not null && _hash == other._hash && _done.AsSpan().SequenceEqual(other._done) && _state.AsSpan().SequenceEqual(other._state);

    public override bool Equals(object? obj) => Equals(obj as LinearizedState);

    public override int GetHashCode() => _hash;
}
