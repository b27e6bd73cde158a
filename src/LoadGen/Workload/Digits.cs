using System.Numerics;
using Anax.Core.Text;

namespace Anax.LoadGen.Workload;

/// <summary>Key numbers as text: how long it is, without writing it, and the text.</summary>
internal static class Digits
{
    /// <summary>Of the largest number.</summary>
    public const int CountMax = 20;

    private static readonly ulong[] PowersOf10 = MakePowers();

    /// <summary>From the bits' count an estimate (1233 / 4096 is the logarithm of 2), then one comparison.</summary>
    public static int Count(ulong number)
    {
        int estimate = ((64 - BitOperations.LeadingZeroCount(number | 1)) * 1233) >> 12;
        return number >= PowersOf10[estimate] ? estimate + 1 : estimate;
    }

    public static int Write(ulong number, Span<byte> target) => Numbers.FormatLong((long)number, target);

    private static ulong[] MakePowers()
    {
        ulong[] powers = new ulong[CountMax];
        powers[0] = 0;
        ulong power = 1;
        for (int i = 1; i < powers.Length; i++) powers[i] = power *= 10;
        return powers;
    }
}
