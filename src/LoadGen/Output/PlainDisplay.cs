using System.Globalization;
using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>A run in plain lines.</summary>
internal sealed class PlainDisplay : IRunDisplay
{
    public void Begin(RunningPhase phase) => Console.WriteLine(phase.Name);

    public void Refresh(long nowNs)
    {
    }

    public void End()
    {
    }

    public static void Summarize(RunResult result)
    {
        foreach (PhaseResult step in result.Steps)
        {
            long replies = 0, cpuNs = 0, hits = 0, reads = 0;
            double latency = 0;
            foreach (ThreadRecorder recorder in step.Threads)
            {
                replies += recorder.ReplyCount;
                hits += recorder.Hits;
                reads += recorder.Reads;
                latency += recorder.LatencySumNs;
                cpuNs += recorder.End.UserNs + recorder.End.SystemNs - recorder.Start.UserNs - recorder.Start.SystemNs;
                foreach ((string text, long count) in recorder.Errors) Console.WriteLine($"{count} x {text}");
            }

            double seconds = (step.EndNs - step.StartNs) / 1e9;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step.Name}: {replies} replies in {seconds:F3} s, {replies / seconds:F0}/s, mean {latency / replies / 1000:F1} us, "
                + $"hits {hits}/{reads}, {(double)cpuNs / replies:F0} ns of CPU per request"));
        }
    }
}
