using System.Globalization;
using System.Text;
using Anax.Engine.Dispatch;

namespace Anax.Server.Commands;

/// <summary>LATENCY DOCTOR: what the samples say, in words, and what to do about it.</summary>
internal static class LatencyDoctor
{
    internal static string Report(LatencyHistory?[] histories, bool isWatching, long nowSeconds)
    {
        if (histories.Length == 0 && !isWatching)
        {
            return "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Anax instance. You may "
                + "use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it.\n";
        }
        if (histories.Length == 0)
        {
            return "Dave, no latency spike was observed during the lifetime of this Anax instance, not in the slightest "
                + "bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
        }
        var text = new StringBuilder("Dave, I have observed latency spikes in this Anax instance.\n\n");
        int number = 1;
        foreach (LatencyHistory? history in histories) Describe(text, number++, history!, nowSeconds);
        text.Append("\nI have a few advices for you:\n\n");
        text.Append("- Look for slow commands with SLOWLOG GET; lower the threshold with 'CONFIG SET slowlog-log-slower-than'.\n");
        text.Append("- INFO threads shows the longest turn of each thread and how often a mailbox was full.\n");
        text.Append("- Large values and long ranges are answered within one turn: read them in smaller pieces.\n");
        text.Append("- On a virtual machine, measure the time that the host takes away (steal in top).\n");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, int number, LatencyHistory history, long nowSeconds)
    {
        long sum = 0, worst = 0, deviation = 0;
        foreach (LatencySample sample in history.Samples)
        {
            sum += sample.Ms;
            worst = Math.Max(worst, sample.Ms);
        }
        int count = history.Samples.Count;
        long mean = sum / count;
        foreach (LatencySample sample in history.Samples) deviation += Math.Abs(mean - sample.Ms);
        double period = Math.Max(1, nowSeconds - history.Samples[0].UnixSeconds) / (double)count;
        text.Append(CultureInfo.InvariantCulture, $"{number}. {Encoding.ASCII.GetString(LatencyHistory.NameOf(history.Event))}: ");
        text.Append(CultureInfo.InvariantCulture, $"{count} latency spikes (average {mean}ms, mean deviation {deviation / count}ms, ");
        text.Append(CultureInfo.InvariantCulture, $"period {period:F2} sec). Worst all time event {history.MaxMs}ms.\n");
    }
}
