using System.Globalization;
using System.Text;
using Anax.Core.Text;

namespace Anax.Bench.Micro;

/// <summary>
/// Keys with their hashes, which are taken in turn for ever; not in the order of their numbers, so that neighbours in
/// the ring are none in memory.
/// </summary>
internal sealed class KeyRing
{
    private const int KeyBytes = 13;

    /// <summary>Prime, so that every number has its turn.</summary>
    private const long Stride = 7919;

    private readonly byte[] _keys;
    private readonly ulong[] _hashes;
    private int _next;

    public KeyRing(HashKey hash, long firstNumber, int count)
    {
        _keys = new byte[count * KeyBytes];
        _hashes = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            long number = firstNumber + i * Stride % count;
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key:{number:D9}"), _keys.AsSpan(i * KeyBytes));
            _hashes[i] = hash.Hash(Key(i));
        }
    }

    public int Count => _hashes.Length;

    public ReadOnlySpan<byte> Key(int index) => _keys.AsSpan(index * KeyBytes, KeyBytes);

    public ulong Hash(int index) => _hashes[index];

    /// <summary>The index of the key whose turn it is.</summary>
    public int Next()
    {
        int index = _next;
        _next = Following(index, 1);
        return index;
    }

    /// <summary>The hashes of the keys whose turn comes next, or of those that follow so many later.</summary>
    public void CopyNext(Span<ulong> hashes, int later = 0)
    {
        for (int i = 0; i < hashes.Length; i++) hashes[i] = _hashes[Following(_next, later + i)];
    }

    /// <summary>The index that stands so many behind another one, at most a whole ring.</summary>
    public int Following(int index, int by)
    {
        int following = index + by;
        return following < Count ? following : following - Count;
    }
}
