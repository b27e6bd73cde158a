using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>
/// One word of native memory that one thread clears and reads and others raise. What they have raised before they send the
/// owner a message, the owner sees when it has the message.
/// </summary>
public readonly unsafe struct NativeFlag : IEquatable<NativeFlag>
{
    private const int LineBytes = 64;

    private readonly int* _word;

    private NativeFlag(int* word) => _word = word;

    public bool IsNull => _word == null;
    public bool IsRaised => Volatile.Read(ref *_word) != 0;

    /// <summary>A lowered flag on a cache line of its own, to be freed.</summary>
    public static NativeFlag Allocate()
    {
        var word = (int*)NativeMemory.AlignedAlloc(LineBytes, LineBytes);
        *word = 0;
        return new NativeFlag(word);
    }

    public void Raise() => Volatile.Write(ref *_word, 1);

    public void Lower() => Volatile.Write(ref *_word, 0);

    public void Free() => NativeMemory.AlignedFree(_word);

    public bool Equals(NativeFlag other) => _word == other._word;
    public override bool Equals(object? obj) => obj is NativeFlag other && Equals(other);
    public override int GetHashCode() => ((nint)_word).GetHashCode();
    public static bool operator ==(NativeFlag left, NativeFlag right) => left.Equals(right);
    public static bool operator !=(NativeFlag left, NativeFlag right) => !left.Equals(right);
}
