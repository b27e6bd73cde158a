using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>One word of native memory whose changes several threads compete for: of each value only one of them leaves it.</summary>
public readonly unsafe struct NativeState : IEquatable<NativeState>
{
    private const int LineBytes = 64;

    private readonly int* _word;

    private NativeState(int* word) => _word = word;

    public bool IsNull => _word == null;
    public int Value => Volatile.Read(ref *_word);

    /// <summary>A word of value 0 on a cache line of its own, to be freed.</summary>
    public static NativeState Allocate()
    {
        var word = (int*)NativeMemory.AlignedAlloc(LineBytes, LineBytes);
        *word = 0;
        return new NativeState(word);
    }

    /// <summary>Changes the word if it still has a value; false where somebody else was faster.</summary>
    public bool TryChange(int from, int to) => Interlocked.CompareExchange(ref *_word, to, from) == from;

    /// <summary>Sets the word, which nobody else may change now.</summary>
    public void Set(int value) => Volatile.Write(ref *_word, value);

    public void Free() => NativeMemory.AlignedFree(_word);

    public bool Equals(NativeState other) => _word == other._word;
    public override bool Equals(object? obj) => obj is NativeState other && Equals(other);
    public override int GetHashCode() => ((nint)_word).GetHashCode();
    public static bool operator ==(NativeState left, NativeState right) => left.Equals(right);
    public static bool operator !=(NativeState left, NativeState right) => !left.Equals(right);
}
