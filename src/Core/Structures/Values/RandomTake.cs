using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// Chooses so many of a population that is met one by one, every choice with the same chance (D. E. Knuth, The Art of Computer
/// Programming 3.4.2, algorithm S). A plain mutable value, so that it outlives a wait.
/// </summary>
public struct RandomTake(long population, long wanted, ulong random)
{
    private ulong _random = random;

    /// <summary>From which a like value would go on.</summary>
    public readonly ulong Random => _random;

    /// <summary>How many are still to be met.</summary>
    public long Population { get; private set; } = population;

    /// <summary>How many are still to be chosen.</summary>
    public long Wanted { get; private set; } = wanted;

    /// <summary>Is the next one chosen?</summary>
    public bool Next()
    {
        var isChosen = Wanted > 0 && NextBelow(ref _random, Math.Max(Population, Wanted)) < Wanted;
        Population--;
        if (isChosen) Wanted--;
        return isChosen;
    }

    /// <summary>A number from 0 up to a bound, of a sequence that a random number began.</summary>
    public static long NextBelow(ref ulong random, long bound) => (long)Math.BigMul(SplitMix.Next(ref random), (ulong)bound, out _);
}
