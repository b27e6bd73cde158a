using System.Buffers.Binary;
using System.Numerics;

namespace Anax.LoadGen.Workload;

/// <summary>
/// Random numbers at a nanosecond each: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021), its state drawn from the seed by SplitMix64. A struct with one owner; copies repeat themselves.
/// </summary>
internal struct FastRandom
{
    // Six of eight bits, and an offset: 64 printable characters, '0' to 'o'.
    private const ulong AsciiMask = 0x3F3F_3F3F_3F3F_3F3F;
    private const ulong AsciiFirst = 0x3030_3030_3030_3030;

    private ulong _a, _b, _c, _d;

    public FastRandom(ulong seed)
    {
        _a = Split(ref seed);
        _b = Split(ref seed);
        _c = Split(ref seed);
        _d = Split(ref seed);
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number below the bound, by multiplication: the bias is at most bound / 2^64.</summary>
    public ulong Below(ulong bound) => Math.BigMul(Next(), bound, out _);

    /// <summary>From 0 to below 1, of 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Fills with random bytes, printable ones on demand, eight at a time.</summary>
    public void Fill(Span<byte> target, bool isAscii)
    {
        ulong mask = isAscii ? AsciiMask : ulong.MaxValue;
        ulong first = isAscii ? AsciiFirst : 0;
        // The state stays in registers.
        FastRandom random = this;
        while (target.Length >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(target, (random.Next() & mask) + first);
            target = target[sizeof(ulong)..];
        }

        if (!target.IsEmpty)
        {
            ulong last = (random.Next() & mask) + first;
            for (int i = 0; i < target.Length; i++, last >>= 8) target[i] = (byte)last;
        }

        this = random;
    }

    /// <summary>One step of SplitMix64: neighbouring seeds give unrelated states.</summary>
    public static ulong Split(ref ulong state)
    {
        ulong z = state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
