using System.IO.Hashing;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Commands;

/// <summary>The digest of a string by which clients compare values without sending them: 64 bits of XXH3, no seed.</summary>
internal static class StringDigest
{
    /// <summary>Hexadecimal digits of a digest.</summary>
    internal const int Chars = 16;

    /// <summary>Writes the digest of a string, in lower case.</summary>
    internal static void Write(in Entry entry, Span<byte> digest)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        ulong hash = XxHash3.HashToUInt64(StringValue.Text(entry, scratch));
        _ = hash.TryFormat(digest, out _, "x16");
    }

    /// <summary>Is it the digest of a string? Upper and lower case are the same.</summary>
    internal static bool Matches(in Entry entry, ReadOnlySpan<byte> other)
    {
        Span<byte> digest = stackalloc byte[Chars];
        Write(in entry, digest);
        return Ascii.EqualsIgnoreCase(other, digest);
    }
}
