using Anax.Core.Text;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The time that a command may wait: seconds, also parts of them, as a number in its arguments.</summary>
internal static class BlockingTimeout
{
    /// <summary>Nanoseconds, rounded up to milliseconds; 0 for ever. False where it is wrong, which is answered.</summary>
    internal static bool TryRead(Coordinator tx, int at, out long ns)
    {
        const long NsPerMs = 1_000_000, MsMax = long.MaxValue / 4 / NsPerMs;
        ns = 0;
        if (!Numbers.TryParseDouble(tx.Args[at], out double seconds))
        {
            tx.Fail(Errors.TimeoutNotFloat);
            return false;
        }
        double ms = Math.Ceiling(seconds * 1000);
        if (ms > long.MaxValue - tx.NowMs) tx.Fail(Errors.TimeoutOutOfRange);
        else if (ms < 0) tx.Fail(Errors.TimeoutNegative);
        else
        {
            // Who waits for centuries waits for ever.
            ns = (long)Math.Min(ms, MsMax) * NsPerMs;
            return true;
        }
        return false;
    }
}
