using System.Runtime.CompilerServices;
using Anax.Engine.Dispatch;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>How long the calls of one command took, over all loops: counts by powers of two of a nanosecond.</summary>
internal struct LatencyHistogram
{
    [InlineArray(CommandStatistics.LatencyBuckets)]
    private struct Buckets
    {
        private long _first;
    }

    private Buckets _counts;

    internal long Calls { get; private set; }

    internal static LatencyHistogram Of(ServerLoop host, int command)
    {
        var sum = default(LatencyHistogram);
        foreach (ServerLoop loop in host.Server.Loops)
        {
            ReadOnlySpan<long> counts = loop.Engine.Statistics.Latency(command);
            for (int i = 0; i < counts.Length; i++)
            {
                sum._counts[i] += counts[i];
                sum.Calls += counts[i];
            }
        }
        return sum;
    }

    internal readonly long Count(int bucket) => _counts[bucket];

    /// <summary>The upper end of a bucket. The 1/128 above the power of two is what clients know from an HDR histogram.</summary>
    internal static long UpperNs(int bucket)
    {
        long power = 1L << (bucket + 10);
        return power + power / 128 - 1;
    }

    /// <summary>The value below which this percentage of the calls lies, within the bucket by proportion.</summary>
    internal readonly double NsAt(double percentile)
    {
        double wanted = Math.Max(1, Math.Ceiling(percentile / 100 * Calls));
        long seen = 0;
        for (int bucket = 0; bucket < CommandStatistics.LatencyBuckets; bucket++)
        {
            long count = _counts[bucket];
            if (count == 0 || seen + count < wanted)
            {
                seen += count;
                continue;
            }
            double lower = bucket == 0 ? 0 : 1L << (bucket + 9), upper = 1L << (bucket + 10);
            return lower + (upper - lower) * ((wanted - seen) / count);
        }
        return UpperNs(CommandStatistics.LatencyBuckets - 1);
    }
}
