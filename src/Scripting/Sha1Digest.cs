using System.Buffers.Binary;
using Anax.Core.Text;

namespace Anax.Scripting;

/// <summary>The SHA-1 of a script's body, by which clients name it.</summary>
internal readonly record struct Sha1Digest(ulong First, ulong Second, uint Third)
{
    internal const int TextLength = 2 * Sha1.DigestBytes;

    internal static Sha1Digest Of(ReadOnlySpan<byte> body)
    {
        Span<byte> digest = stackalloc byte[Sha1.DigestBytes];
        Sha1.Hash(body, digest);
        return From(digest);
    }

    /// <summary>From 40 hexadecimal digits in any case.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out Sha1Digest digest)
    {
        digest = default;
        if (text.Length != TextLength) return false;
        Span<byte> bytes = stackalloc byte[Sha1.DigestBytes];
        for (int i = 0; i < bytes.Length; i++)
        {
            int high = Ascii.HexValue(text[2 * i]), low = Ascii.HexValue(text[2 * i + 1]);
            if (high < 0 || low < 0) return false;
            bytes[i] = (byte)(high << 4 | low);
        }
        digest = From(bytes);
        return true;
    }

    /// <summary>Writes the 40 hexadecimal digits of any bytes' digest.</summary>
    internal static void Write(ReadOnlySpan<byte> body, Span<byte> target)
    {
        Span<byte> digest = stackalloc byte[Sha1.DigestBytes];
        Sha1.Hash(body, digest);
        for (int i = 0; i < digest.Length; i++)
        {
            target[2 * i] = "0123456789abcdef"u8[digest[i] >> 4];
            target[2 * i + 1] = "0123456789abcdef"u8[digest[i] & 15];
        }
    }

    private static Sha1Digest From(ReadOnlySpan<byte> digest) => new(
        BinaryPrimitives.ReadUInt64BigEndian(digest), BinaryPrimitives.ReadUInt64BigEndian(digest[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(digest[16..]));
}
