using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Under which conditions an expiry is set: NX, XX, GT, LT of EXPIRE, HEXPIRE and their kin.</summary>
internal readonly struct ExpireConditions
{
    private readonly Condition _all;

    private ExpireConditions(Condition all) => _all = all;

    [Flags]
    private enum Condition
    {
        None = 0,
        NotSet = 1 << 0,
        Set = 1 << 1,
        Greater = 1 << 2,
        Less = 1 << 3,
    }

    /// <summary>Reads all of these arguments; false, with the error written, when they are no conditions or exclude each other.</summary>
    internal static bool TryRead(Arguments words, ref ReplyWriter reply, out ExpireConditions conditions)
    {
        conditions = default;
        Condition all = Condition.None;
        for (int i = 0; i < words.Count; i++)
        {
            Condition one = ConditionOf(words[i]);
            if (one == Condition.None)
            {
                reply.Error(Errors.UnsupportedOption, ClientText.Printed(words[i]));
                return false;
            }
            all |= one;
        }
        if ((all & Condition.NotSet) != 0 && all != Condition.NotSet)
        {
            reply.Error(Errors.ExpireNxWithOthers);
            return false;
        }
        if ((all & (Condition.Greater | Condition.Less)) == (Condition.Greater | Condition.Less))
        {
            reply.Error(Errors.ExpireGtWithLt);
            return false;
        }
        conditions = new ExpireConditions(all);
        return true;
    }

    /// <summary>What has no expiry, 0, lives for ever: nothing is later, everything is earlier.</summary>
    internal bool Allow(long currentMs, long atMs)
    {
        if ((_all & Condition.NotSet) != 0 && currentMs != 0) return false;
        if ((_all & Condition.Set) != 0 && currentMs == 0) return false;
        if ((_all & Condition.Greater) != 0 && (currentMs == 0 || atMs <= currentMs)) return false;
        return (_all & Condition.Less) == 0 || currentMs == 0 || atMs < currentMs;
    }

    private static Condition ConditionOf(ReadOnlySpan<byte> word)
    {
        if (Ascii.EqualsIgnoreCase(word, "NX"u8)) return Condition.NotSet;
        if (Ascii.EqualsIgnoreCase(word, "XX"u8)) return Condition.Set;
        if (Ascii.EqualsIgnoreCase(word, "GT"u8)) return Condition.Greater;
        return Ascii.EqualsIgnoreCase(word, "LT"u8) ? Condition.Less : Condition.None;
    }
}
