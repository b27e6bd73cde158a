using Anax.Engine.Dispatch;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>The sections of INFO that count by command and by error code.</summary>
internal static class InfoStatistics
{
    internal static void Commands(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Commandstats\r\n"u8);
        foreach (CommandSpec spec in host.Engine.Commands.All)
        {
            CommandCounters sum = Sum(host, spec.Index);
            if (sum is { Calls: 0, Failed: 0, Rejected: 0 }) continue;
            text.Add("cmdstat_"u8);
            text.Add(spec.FullNameLower);
            text.Add(":calls="u8);
            text.Add(sum.Calls);
            text.Add(",usec="u8);
            text.Add(sum.Ns / 1000);
            text.Add(",usec_per_call="u8);
            text.Add(sum.Calls == 0 ? 0 : sum.Ns / 1000.0 / sum.Calls, 2);
            text.Add(",rejected_calls="u8);
            text.Add(sum.Rejected);
            text.Add(",failed_calls="u8);
            text.Add(sum.Failed);
            text.EndLine();
        }
    }

    internal static long TotalNs(ServerLoop host)
    {
        long ns = 0;
        foreach (ServerLoop loop in host.Server.Loops)
            for (int i = 0; i < loop.Engine.Commands.All.Length; i++) ns += loop.Engine.Statistics[i].Ns;
        return ns;
    }

    internal static CommandCounters Sum(ServerLoop host, int command)
    {
        var sum = default(CommandCounters);
        foreach (ServerLoop loop in host.Server.Loops)
        {
            ref CommandCounters counters = ref loop.Engine.Statistics[command];
            sum.Calls += counters.Calls;
            sum.Ns += counters.Ns;
            sum.Rejected += counters.Rejected;
            sum.Failed += counters.Failed;
        }
        return sum;
    }

    /// <summary>Codes in alphabetical order, each once, with the sum over the loops.</summary>
    internal static void Errors(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Errorstats\r\n"u8);
        ReadOnlySpan<byte> last = default;
        while (true)
        {
            ReadOnlySpan<byte> next = default;
            long count = 0;
            foreach (ServerLoop loop in host.Server.Loops)
            {
                CommandStatistics statistics = loop.Engine.Statistics;
                for (int i = 0; i < statistics.ErrorCodes; i++)
                {
                    ReadOnlySpan<byte> code = statistics.ErrorCode(i, out long times);
                    if (code.SequenceCompareTo(last) <= 0) continue;
                    int order = next.IsEmpty ? -1 : code.SequenceCompareTo(next);
                    if (order > 0) continue;
                    count = order == 0 ? count + times : times;
                    next = code;
                }
            }
            if (next.IsEmpty) return;
            last = next;
            text.Add("errorstat_"u8);
            foreach (byte value in next) text.Add(value is (byte)'#' or (byte)':' or (byte)'\n' or (byte)'\r' ? (byte)'_' : value);
            text.Add(":count="u8);
            text.Add(count);
            text.EndLine();
        }
    }

    internal static void Latencies(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Latencystats\r\n"u8);
        if (!host.Settings.LatencyTracking) return;
        double[] percentiles = host.Settings.LatencyTrackingPercentiles;
        string[] names = host.Settings.Values["latency-tracking-info-percentiles"].Items;
        foreach (CommandSpec spec in host.Engine.Commands.All)
        {
            LatencyHistogram histogram = LatencyHistogram.Of(host, spec.Index);
            if (histogram.Calls == 0) continue;
            text.Add("latency_percentiles_usec_"u8);
            text.Add(spec.FullNameLower);
            text.Add((byte)':');
            for (int i = 0; i < percentiles.Length; i++)
            {
                if (i != 0) text.Add((byte)',');
                text.Add((byte)'p');
                text.Add(names[i]);
                text.Add((byte)'=');
                text.Add(histogram.NsAt(percentiles[i]) / 1000.0, 3);
            }
            text.EndLine();
        }
    }
}
