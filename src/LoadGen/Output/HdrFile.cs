using Anax.LoadGen.Measuring;
using HdrHistogram;

namespace Anax.LoadGen.Output;

/// <summary>
/// --hdr_file: a log of HdrHistogram's with one entry about every second and step, in nanoseconds: under the tag
/// "actual" from generation to reply, under "intended" from the time of the schedule, where there is one.
/// </summary>
internal sealed class HdrFile : IDisposable
{
    private readonly FileStream _file;
    private readonly HistogramLogWriter _writer;
    private readonly DateTimeOffset _startTime;
    private readonly long _startNs;

    /// <param name="path">Overwritten where it exists.</param>
    /// <param name="nowNs">The monotonic clock at this moment.</param>
    public HdrFile(string path, long nowNs)
    {
        (_startTime, _startNs) = (DateTimeOffset.UtcNow, nowNs);
        _file = File.Create(path);
        _writer = new HistogramLogWriter(_file);
        _writer.Write(_startTime.UtcDateTime);
    }

    /// <summary>Appends what was collected last of the phase.</summary>
    public void Append(PhaseRecord phase)
    {
        SecondFigures second = phase.PerSecond[^1];
        long fromNs = phase.PerSecond.Count == 1 ? phase.StartNs : phase.PerSecond[^2].EndNs;
        Append(phase.LastSecond.Actual, "actual", fromNs, second.EndNs);
        if (phase.IsScheduled) Append(phase.LastSecond.Intended, "intended", fromNs, second.EndNs);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Append(LongHistogram histogram, string tag, long fromNs, long toNs)
    {
        histogram.StartTimeStamp = Milliseconds(fromNs);
        histogram.EndTimeStamp = Milliseconds(toNs);
        histogram.Tag = tag;
        _writer.Append(histogram);
    }

    private long Milliseconds(long ns) => _startTime.ToUnixTimeMilliseconds() + (ns - _startNs) / 1_000_000;
}
