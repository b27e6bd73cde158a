namespace Anax.Core.Structures;

// 20 bits of whole seconds, modulo 2^20 (12 days), read by the shorter way round from the clock of the last sweep, so no
// epoch is needed:
//
// 1. What lies further ahead than 2^19 s (6 days) is bounded by 6 days ahead: the sweep then reads it and bounds it anew.
// 2. A bound in the past is due. It stays so for 6 days, in which the sweep passes every bucket at least once.
// 3. Before the first sweep there is no clock: whatever expires is due at once, and the first sweep bounds it.

/// <summary>
/// The coarse earliest expiry of the entries of a home bucket, as it stands in the expiry lane.
/// </summary>
internal static class ExpiryBound
{
    public const int Shift = 12;
    public const uint None = 0xFFFFF;

    private const uint DueAtOnce = 0xFFFFE;
    private const uint Mask = 0xFFFFF;
    private const int Half = 0x80000;
    private const int AheadMax = Half - 4;

    /// <summary>The lane word with its bound lowered to this expiry, if that is earlier.</summary>
    public static uint Lowered(uint lane, long expireAtMs, uint clockSeconds) =>
        With(lane, Earlier(lane >> Shift, Of(expireAtMs, clockSeconds), clockSeconds));

    public static uint With(uint lane, uint bound) => bound << Shift | lane & Bucket.AllSlots;

    public static bool IsDue(uint lane, uint nowSeconds)
    {
        var bound = lane >> Shift;
        return bound != None && Ahead(bound, nowSeconds) <= 0;
    }

    /// <summary>Seconds from now on until the lane will be due.</summary>
    public static long SecondsUntilDue(uint lane, uint nowSeconds) =>
        lane >> Shift == None ? long.MaxValue : Math.Max(0, Ahead(lane >> Shift, nowSeconds));

    /// <summary>The earlier of two bounds.</summary>
    public static uint Earlier(uint left, uint right, uint clockSeconds)
    {
        if (left == None) return right;
        if (right == None) return left;
        return Ahead(right, clockSeconds) < Ahead(left, clockSeconds) ? right : left;
    }

    public static uint Of(long expireAtMs, uint clockSeconds)
    {
        if (clockSeconds == 0) return DueAtOnce;
        var bound = (uint)Math.Min(expireAtMs / 1000, clockSeconds + (long)AheadMax) & Mask;
        // The two values with a meaning of their own give way downwards, which is always safe.
        return Math.Min(bound, DueAtOnce - 1);
    }

    private static int Ahead(uint bound, uint clockSeconds) =>
        bound == DueAtOnce ? -Half : (int)((bound - clockSeconds + Half) & Mask) - Half;
}
