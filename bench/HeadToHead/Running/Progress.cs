using System.Diagnostics;
using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// A line for each measurement, written between two: nothing moves on the screen while servers are measured.
/// </summary>
internal sealed class Progress(IReadOnlyList<PlannedMeasurement> plan, RunSettings settings)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public void Show(int index, Measurement measurement)
    {
        PlannedMeasurement step = plan[index];
        string what = $"{step.Cell.LayoutName} {step.Cell.Title}, round {step.Round + 1}, {ServerNames.Title(step.Server)}";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"[{index + 1,3}/{plan.Count}] {what}: {Figures(measurement)} ({Left(index)} left)"));
    }

    private static string Figures(Measurement measurement) => measurement switch
    {
        { Load: { } load } => string.Create(
            CultureInfo.InvariantCulture,
            $"{load.PerSecond:F0}/s, {load.CpuNs / 1000:F2} µs CPU, p99 {load.Latency.P99Us:F0} µs")
            + (load.ClientIsLimit ? ", the client is the limit" : ""),
        { Fill: { } fill } => string.Create(
            CultureInfo.InvariantCulture,
            $"{fill.Entries / fill.Seconds:F0}/s, {FillMath.MeanBytes(fill):F1} bytes per entry"),
        { SmallEntries: { } small } => string.Create(
            CultureInfo.InvariantCulture, $"{small.MeanBytes:F1} bytes per entry, {small.WorstBytes:F1} at worst"),
        { Collections: { } all } => string.Create(
            CultureInfo.InvariantCulture, $"{all.MeanBytes:F1} bytes each, {all.MeanUsedBytes ?? 0:F1} by its own account"),
        { LongCommand: { } beside } => string.Create(
            CultureInfo.InvariantCulture,
            $"p99.9 {beside.Latency.P999Us:F0} µs, {beside.P999Ratio:F2} of {beside.Yardstick.P999Us:F0} µs; {beside.Runs} runs, ")
            + string.Create(CultureInfo.InvariantCulture, $"longest {beside.LongestRunMs:F0} ms"),
        { IdleConnections: { } idle } => string.Create(CultureInfo.InvariantCulture, $"{idle.BytesEach:F0} bytes each"),
        { LargeValue: { } large } => string.Create(
            CultureInfo.InvariantCulture,
            $"SET {large.SetSeconds:F2} s, GET {large.GetSeconds:F2} s, peak {large.SetPeakShare:F2} of the value"),
        _ => $"FAILED: {measurement.Failure}",
    };

    /// <summary>What is estimated for the rest, by how well the estimate has fitted until now.</summary>
    private string Left(int index)
    {
        double done = PlanTime.Of([.. plan.Take(index + 1)], settings).TotalSeconds;
        double left = PlanTime.Of(plan, settings).TotalSeconds - done;
        double fit = Math.Clamp(_clock.Elapsed.TotalSeconds / done, 0.5, 3);
        TimeSpan time = TimeSpan.FromSeconds(left * fit);
        return time.TotalMinutes >= 1 ? $"{time.TotalMinutes:F0} min" : $"{time.TotalSeconds:F0} s";
    }
}
