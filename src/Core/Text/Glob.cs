namespace Anax.Core.Text;

/// <summary>
/// The glob patterns of KEYS, SCAN and subscriptions: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[^x]</c> and
/// backslash. Linear in memory and at worst length times length in time, whatever the pattern.
/// </summary>
public static class Glob
{
    // A pattern with more separate stars than this matches nothing, as in Redis.
    private const int StarsMax = 1000;

    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase = false)
    {
        // A lone star on an empty text is no match in Redis either; callers treat the pattern "*" as no
        // pattern.
        if (text.IsEmpty) return pattern.IsEmpty;

        // Only the last star is ever retried: a longer match for an earlier one could not help what follows
        // the last.
        var retryPattern = -1;
        var retryText = 0;
        var stars = 0;
        var p = 0;
        var t = 0;
        while (true)
        {
            if (t == text.Length)
            {
                while (p < pattern.Length && pattern[p] == '*') p++;
                if (p == pattern.Length) return true;
                return false;
            }
            if (p < pattern.Length && pattern[p] == '*')
            {
                while (p < pattern.Length && pattern[p] == '*') p++;
                if (p == pattern.Length) return true;
                if (++stars > StarsMax) return false;
                retryPattern = p;
                retryText = t;
                continue;
            }
            if (p < pattern.Length && MatchesOne(pattern, ref p, text[t], ignoreCase))
            {
                t++;
                continue;
            }
            if (retryPattern < 0) return false;
            p = retryPattern;
            t = ++retryText;
        }
    }

    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int p, byte value, bool ignoreCase)
    {
        switch (pattern[p])
        {
            case (byte)'?':
                p++;
                return true;
            case (byte)'[':
                return MatchesClass(pattern, ref p, value, ignoreCase);
            case (byte)'\\' when p + 1 < pattern.Length:
                p++;
                break;
        }
        return Same(pattern[p++], value, ignoreCase);
    }

    // A class without its closing bracket ends with the pattern.
    private static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int p, byte value, bool ignoreCase)
    {
        p++;
        var negated = p < pattern.Length && pattern[p] == '^';
        if (negated) p++;
        var matched = false;
        while (p < pattern.Length && pattern[p] != ']')
        {
            if (pattern[p] == '\\' && p + 1 < pattern.Length)
            {
                // An escaped member is compared exactly even where case is ignored.
                matched |= pattern[p + 1] == value;
                p += 2;
            }
            else if (p + 2 < pattern.Length && pattern[p + 1] == '-')
            {
                matched |= InRange(pattern[p], pattern[p + 2], value, ignoreCase);
                p += 3;
            }
            else
            {
                matched |= Same(pattern[p], value, ignoreCase);
                p++;
            }
        }
        if (p < pattern.Length) p++;
        return matched != negated;
    }

    // Bytes are ordered as C's signed char, which is what Redis compares on the machines that it runs on.
    private static bool InRange(byte first, byte last, byte value, bool ignoreCase)
    {
        var low = (sbyte)first;
        var high = (sbyte)last;
        if (low > high) (low, high) = (high, low);
        if (!ignoreCase) return (sbyte)value >= low && (sbyte)value <= high;
        var lowered = (sbyte)Ascii.ToLower(value);
        return lowered >= (sbyte)Ascii.ToLower((byte)low) && lowered <= (sbyte)Ascii.ToLower((byte)high);
    }

    private static bool Same(byte left, byte right, bool ignoreCase) =>
        left == right || (ignoreCase && Ascii.ToLower(left) == Ascii.ToLower(right));
}
