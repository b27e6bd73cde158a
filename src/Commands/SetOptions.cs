using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The options of SET, GETEX, MSETEX, HSETEX and HGETEX, and which of them a command takes.</summary>
[Flags]
internal enum SetFlags
{
    None = 0,
    IfAbsent = 1 << 0,
    IfPresent = 1 << 1,
    IfEqual = 1 << 2,
    Get = 1 << 3,
    KeepTtl = 1 << 4,
    Persist = 1 << 5,
    Ex = 1 << 6,
    Px = 1 << 7,
    ExAt = 1 << 8,
    PxAt = 1 << 9,
    IfFieldAbsent = 1 << 10,
    IfFieldPresent = 1 << 11,
    IfNotEqual = 1 << 12,
    IfDigest = 1 << 13,
    IfNotDigest = 1 << 14,

    /// <summary>STICK, Dragonfly's: the key is exempt from eviction.</summary>
    Stick = 1 << 15,

    Expiry = Ex | Px | ExAt | PxAt,
    Seconds = Ex | ExAt,
    Relative = Ex | Px,
    Comparisons = IfEqual | IfNotEqual | IfDigest | IfNotDigest,
    Conditions = IfAbsent | IfPresent | Comparisons,
    Lifetimes = Expiry | KeepTtl | Persist,
}

/// <summary>The parsed options of a command that sets or expires strings.</summary>
internal ref struct SetOptions
{
    internal SetFlags Flags;

    /// <summary>The time as it was given, where there is one.</summary>
    internal ReadOnlySpan<byte> Time;

    /// <summary>What IFEQ, IFNE, IFDEQ or IFDNE compares with: a value, or a digest.</summary>
    internal ReadOnlySpan<byte> Comparison;

    internal readonly bool Has(SetFlags flag) => (Flags & flag) != 0;

    /// <summary>Reads the options from an argument on; false is a syntax error.</summary>
    internal static bool TryParse(Arguments args, int first, SetFlags allowed, out SetOptions options)
    {
        options = default;
        for (int i = first; i < args.Count; i++)
        {
            SetFlags flag = FlagOf(args[i]) & allowed;
            if (flag == 0 || (options.Flags & ExcludedBy(flag)) != 0) return false;
            options.Flags |= flag;
            if ((flag & (SetFlags.Expiry | SetFlags.Comparisons)) == 0) continue;
            if (++i == args.Count) return false;
            if ((flag & SetFlags.Comparisons) != 0) options.Comparison = args[i];
            else options.Time = args[i];
        }
        return true;
    }

    /// <summary>
    /// The absolute time in Unix milliseconds, 0 when none was given. Otherwise answers with the error and is false.
    /// </summary>
    internal readonly bool TryExpiry(long nowMs, ReadOnlySpan<byte> command, ref ReplyWriter reply, out long expireAtMs)
    {
        expireAtMs = 0;
        if (!Has(SetFlags.Expiry)) return true;
        if (!Numbers.TryParseLong(Time, out long time))
        {
            reply.Error(Errors.NotInteger);
            return false;
        }
        bool seconds = Has(SetFlags.Seconds);
        if (time > 0 && (!seconds || time <= long.MaxValue / 1000))
        {
            if (seconds) time *= 1000;
            if (Has(SetFlags.Relative)) time = unchecked(time + nowMs);
            if (time > 0)
            {
                expireAtMs = time;
                return true;
            }
        }
        reply.Error(Errors.InvalidExpireTime, command);
        return false;
    }

    /// <summary>
    /// What may not have stood before this option: the same condition or time may be repeated, another not.
    /// </summary>
    private static SetFlags ExcludedBy(SetFlags flag) => flag switch
    {
        SetFlags.IfEqual or SetFlags.IfNotEqual or SetFlags.IfDigest or SetFlags.IfNotDigest => SetFlags.Conditions,
        SetFlags.IfAbsent or SetFlags.IfPresent => SetFlags.Conditions & ~flag,
        SetFlags.IfFieldAbsent => SetFlags.IfFieldPresent,
        SetFlags.IfFieldPresent => SetFlags.IfFieldAbsent,
        SetFlags.Get or SetFlags.Stick => SetFlags.None,
        _ => SetFlags.Lifetimes & ~flag,
    };

    private static SetFlags FlagOf(ReadOnlySpan<byte> word)
    {
        switch (word.Length)
        {
            case 2:
                if (Ascii.EqualsIgnoreCase(word, "EX"u8)) return SetFlags.Ex;
                if (Ascii.EqualsIgnoreCase(word, "PX"u8)) return SetFlags.Px;
                if (Ascii.EqualsIgnoreCase(word, "NX"u8)) return SetFlags.IfAbsent;
                return Ascii.EqualsIgnoreCase(word, "XX"u8) ? SetFlags.IfPresent : SetFlags.None;
            case 3:
                if (Ascii.EqualsIgnoreCase(word, "FNX"u8)) return SetFlags.IfFieldAbsent;
                if (Ascii.EqualsIgnoreCase(word, "FXX"u8)) return SetFlags.IfFieldPresent;
                return Ascii.EqualsIgnoreCase(word, "GET"u8) ? SetFlags.Get : SetFlags.None;
            case 4:
                if (Ascii.EqualsIgnoreCase(word, "EXAT"u8)) return SetFlags.ExAt;
                if (Ascii.EqualsIgnoreCase(word, "PXAT"u8)) return SetFlags.PxAt;
                if (Ascii.EqualsIgnoreCase(word, "IFNE"u8)) return SetFlags.IfNotEqual;
                return Ascii.EqualsIgnoreCase(word, "IFEQ"u8) ? SetFlags.IfEqual : SetFlags.None;
            case 5:
                if (Ascii.EqualsIgnoreCase(word, "STICK"u8)) return SetFlags.Stick;
                if (Ascii.EqualsIgnoreCase(word, "IFDEQ"u8)) return SetFlags.IfDigest;
                return Ascii.EqualsIgnoreCase(word, "IFDNE"u8) ? SetFlags.IfNotDigest : SetFlags.None;
            default:
                if (Ascii.EqualsIgnoreCase(word, "KEEPTTL"u8)) return SetFlags.KeepTtl;
                return Ascii.EqualsIgnoreCase(word, "PERSIST"u8) ? SetFlags.Persist : SetFlags.None;
        }
    }
}
