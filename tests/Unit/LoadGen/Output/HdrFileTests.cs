using Anax.LoadGen.Measuring;
using Anax.LoadGen.Output;
using HdrHistogram;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>The log of histograms, read back by HdrHistogram's own reader.</summary>
public sealed class HdrFileTests
{
    [Theory]
    [InlineData(0, new[] { "actual" })]
    [InlineData(100, new[] { "actual", "intended" })]
    public void EveryReplyIsInOneEntryOfEachTime(double qps, string[] tags)
    {
        string path = Path.GetTempFileName();
        try
        {
            Write(path, qps);
            using FileStream file = File.OpenRead(path);
            using HistogramLogReader reader = new(file);
            HistogramBase[] entries = [.. reader.ReadHistograms()];
            Assert.Equal(tags, entries.Select(entry => entry.Tag).Distinct().Order(StringComparer.Ordinal));
            foreach (string tag in tags)
            {
                HistogramBase[] ofTag = [.. entries.Where(entry => entry.Tag == tag)];
                Assert.Equal(2000, ofTag.Sum(entry => entry.TotalCount));
                Assert.True(ofTag.Length >= 2, "about one entry a second");
                long medianNs = (tag == "actual" ? 100 : 150) * Records.MicrosecondNs;
                Assert.All(ofTag, entry => Assert.InRange(entry.GetValueAtPercentile(50), medianNs, medianNs + 200));
                for (int i = 1; i < ofTag.Length; i++) Assert.True(ofTag[i].StartTimeStamp >= ofTag[i - 1].StartTimeStamp);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Write(string path, double qps)
    {
        PhaseRecord phase = new("run", qps, isMeasured: true, Records.StartNs, threads: 1);
        ThreadRecorder thread = phase.Threads[0];
        using HdrFile file = new(path, Records.StartNs);
        long nowNs = Records.StartNs;
        for (int i = 0; i < 2000; i++)
        {
            nowNs += 1000 * Records.MicrosecondNs;
            thread.Replies(nowNs, nowNs - 100 * Records.MicrosecondNs, nowNs - 150 * Records.MicrosecondNs, 1, 0, 0);
            thread.HandOut(nowNs);
            if (phase.Collect(nowNs)) file.Append(phase);
        }

        // What the second hand-out left behind.
        nowNs += 1000 * Records.MicrosecondNs;
        thread.Finish(new ThreadTimes(nowNs, 0, 0, 0));
        if (phase.Finish()) file.Append(phase);
    }
}
