using Anax.LoadGen.Options;

namespace Anax.LoadGen.Workload;

/// <summary>
/// The bytes of values: drawn anew for every request, one value for all, or (to be verified) derived from seed and key,
/// length included. Immutable, shared by all connections.
/// </summary>
internal sealed class ValueSource
{
    private const byte ConstantByte = (byte)'a';

    private readonly int _bytesMin;
    private readonly ulong _lengths;
    private readonly bool _isRandom;
    private readonly bool _isDerived;
    private readonly bool _isAscii;
    private readonly ulong _seed;

    public ValueSource(BenchOptions options)
    {
        _bytesMin = options.ValueBytesMin;
        _lengths = (ulong)(options.ValueBytesMax - options.ValueBytesMin) + 1;
        (_isRandom, _isDerived, _isAscii) = (options.RandomData, options.Verify, options.Ascii);
        _seed = options.Seed;
    }

    /// <summary>The length of the next value, which is that of the key where values are derived.</summary>
    public int NextLength(ulong key, ref FastRandom random)
    {
        if (_lengths == 1) return _bytesMin;
        return _isDerived ? LengthOf(key) : _bytesMin + (int)random.Below(_lengths);
    }

    public void Fill(ulong key, Span<byte> target, ref FastRandom random)
    {
        if (_isDerived)
            Derive(key).Fill(target, _isAscii);
        else if (_isRandom)
            random.Fill(target, _isAscii);
        else
            target.Fill(ConstantByte);
    }

    /// <summary>What the length of the key's value must be.</summary>
    public int LengthOf(ulong key)
    {
        ulong state = _seed ^ key;
        return _bytesMin + (int)Math.BigMul(FastRandom.Split(ref state), _lengths, out _);
    }

    /// <summary>A checker for this source's derived values.</summary>
    public ValueCheck MakeCheck() => new(this);

    internal FastRandom Derive(ulong key)
    {
        // Another sequence than the one that lengths come from.
        ulong state = _seed ^ key;
        _ = FastRandom.Split(ref state);
        return new FastRandom(FastRandom.Split(ref state));
    }

    internal bool IsAscii => _isAscii;
}
