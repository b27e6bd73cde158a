using Anax.Core.Text;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>How long a command waits, as clients say it: seconds with a fraction, 0 for ever.</summary>
internal static class WaitTimeout
{
    private const long NsPerMs = 1_000_000;

    /// <summary>Longer times, 36 years, are as good as for ever.</summary>
    private const long NsMax = 1L << 60;

    /// <summary>Reads it as nanoseconds, rounded up to milliseconds; 0: no limit. False when it is wrong, which is answered.</summary>
    internal static bool TryRead(Coordinator tx, int index, out long ns)
    {
        ns = 0;
        ErrorReply error = Read(tx.Args[index], tx.NowMs, ref ns);
        if (error.IsEmpty) return true;
        tx.Fail(error);
        return false;
    }

    private static ErrorReply Read(ReadOnlySpan<byte> text, long nowMs, ref long ns)
    {
        if (!LongDouble.TryParse(text, out LongDouble seconds)) return Errors.TimeoutNotFloat;
        double ms = Math.Ceiling(seconds.ToDouble() * 1000);
        if (ms >= long.MaxValue - nowMs) return Errors.TimeoutOutOfRange;
        if (ms < 0) return Errors.TimeoutNegative;
        ns = ms >= NsMax / NsPerMs ? NsMax : (long)ms * NsPerMs;
        return default;
    }
}
