using System.Buffers.Binary;

namespace Anax.Core.Text;

/// <summary>
/// SHA-1 of small inputs, for names and fingerprints that others compute the same way (never for secrets). Ours, because
/// the platform's needs a native library at run time.
/// </summary>
public static class Sha1
{
    public const int DigestBytes = 20;
    private const int BlockBytes = 64;
    private const int Words = 80;

    /// <summary>The target has room for <see cref="DigestBytes"/>; it may be the data itself.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> target)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
        ulong bits = (ulong)data.Length * 8;
        for (; data.Length >= BlockBytes; data = data[BlockBytes..]) Mix(state, data[..BlockBytes]);
        Span<byte> tail = stackalloc byte[2 * BlockBytes];
        tail.Clear();
        data.CopyTo(tail);
        tail[data.Length] = 0x80;
        int length = data.Length + 1 + sizeof(ulong) <= BlockBytes ? BlockBytes : 2 * BlockBytes;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - sizeof(ulong))..], bits);
        for (int at = 0; at < length; at += BlockBytes) Mix(state, tail.Slice(at, BlockBytes));
        for (int i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(target[(i * 4)..], state[i]);
    }

    private static void Mix(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[Words];
        for (int i = 0; i < 16; i++) words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        for (int i = 16; i < Words; i++)
            words[i] = uint.RotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < Words; i++)
        {
            (uint f, uint k) = (i / 20) switch
            {
                0 => ((b & c) | (~b & d), 0x5A827999u),
                1 => (b ^ c ^ d, 0x6ED9EBA1u),
                2 => ((b & c) | (b & d) | (c & d), 0x8F1BBCDCu),
                _ => (b ^ c ^ d, 0xCA62C1D6u),
            };
            uint next = uint.RotateLeft(a, 5) + f + e + k + words[i];
            (e, d, c, b, a) = (d, c, uint.RotateLeft(b, 30), a, next);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
}
