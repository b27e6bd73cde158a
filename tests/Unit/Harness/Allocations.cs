namespace Anax.Tests.Unit.Harness;

/// <summary>
/// The managed bytes that a stretch of work allocates on this thread. The runtime itself allocates now and then on
/// the thread that it finds (a method compiled anew), so the least of a few stretches counts: work that allocates
/// does so in each.
/// </summary>
internal static class Allocations
{
    private const int StretchesMax = 3;

    public static long Of(Action stretch)
    {
        stretch();
        long least = long.MaxValue;
        for (int i = 0; i < StretchesMax && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            stretch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
