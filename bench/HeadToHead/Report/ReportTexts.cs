using System.Globalization;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Running;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>The paragraphs of the report: what the figures beside them mean and what they do not.</summary>
internal sealed class ReportTexts(ResultSummary summary)
{
    public const string ClosedLoop = "Each connection sends the next requests when the last are answered.";

    public const string Goals = """
        What Anax shall reach, and what it has: the median of the rounds, in brackets the least and the greatest. A median is
        judged where nothing else is said. **Control** is the same ratio of the second Valkey to the first: where it is not
        near 1, the ratio beside it is as uncertain.
        """;

    public const string ManyKeys = """
        A server by itself, filled with these keys and then measured over all of them: there is not the memory, nor the time,
        for all servers side by side. So what is compared lies minutes apart, not seconds, and the control counts the more.
        """;

    public static string Footprint => $"""
        Fresh servers in the split layout, one after the other. **Small entries**: keys and values of ten bytes without TTL,
        growth of resident memory by entries at {FootprintMeasurer.SmallEntriesSizes} sizes of a doubling from
        {FootprintMeasurer.SmallEntriesMin} on. **Idle connections**: growth of resident memory by
        {FootprintMeasurer.IdleConnections} connections, each of which has asked PING once and is open. **A large value** of
        {FootprintMeasurer.LargeValueBytes >> 20} MiB: written and read once over one connection; peak RSS is all that the
        server has, with the value, by the value.
        """;

    public static string Memory => $"""
        Fresh servers with one thread in the split layout, filled by the harness with random bytes. **A large collection** grows by commands of
        one element each; growth of resident memory by elements, the mean at {string.Join(", ", FootprintMeasurer.LargeSizes)}. Members
        and fields have {CollectionWriter.MemberBytes} bytes, a hash's values and a list's elements {CollectionWriter.LargeValueBytes};
        scores are drawn from 0 to 1; a stream's entry has {CollectionWriter.EntryFields} fields, f0 to f2, with values of
        {CollectionWriter.EntryValueBytes} bytes. **Small ones**: {FootprintMeasurer.SmallCollections} keys of 10 bytes, each with
        {FootprintMeasurer.SmallElements} elements of {CollectionWriter.SmallBytes} bytes, the values of a hash under fields f0 to f9, scores below 100 in a
        sorted set; growth of resident memory by keys. A server's own account is the growth of its `used_memory`.
        """;

    public static string TypeSpeed => $"""
        The rows of valkey-benchmark's default list, with {TypeRow.Connections} connections and {TypeRow.Keys} keys or elements, sent by
        anax-bench. Every server has one thread and is emptied before each row; then what the row reads is written, and what it takes
        away, which it does until all is gone. Processor time counts from there. Servers are as in the split layout. The rows: {Rows()}.
        """;

    public const string Rotation = """
        All servers of a layout run side by side, hold the same million keys, and are idle while another one is measured.
        Within a round each cell is measured of all servers one after the other; which one begins goes round.
        """;

    public const string ProcessorTime = """
        The server's CPU time is what `/proc/PID/stat` counts of it from just before the client starts until just after it
        has ended, by the replies that the client counted. So the making of connections is in it: the table below says what
        one costs, and a thousand are measured for twice the time. On one machine what the kernel does for a packet is
        mostly charged to whoever sends it, for all servers alike.
        """;

    public const string Commands = """
        The client's commands in the split layout: a maximum of each workload, a rate (RATE is a connection's part of it), the
        fill, its probe, the run that overwrites, and small entries. Pipelines, connections and, with each round, seeds differ.
        """;

    /// <summary>More than this of the machine's processor time in other hands makes a measurement doubtful.</summary>
    private const double OtherCpuShareMax = 0.05;

    /// <summary>From here on a server's fixed costs are small beside its entries.</summary>
    private const long FewEntries = 5_000_000;

    private const double GarnetIndexBytes = 128 * 1024 * 1024;

    private ResultDocument Document => summary.Document;

    private ResultSettings Settings => Document.Settings;

    public string Machine()
    {
        ResultMachine machine = Document.Machine;
        string when = machine.StartTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
        string size = string.Create(CultureInfo.InvariantCulture, $"{machine.Cpus} CPUs, {machine.MemoryGibibytes:F1} GiB");
        return $"{when}: {machine.Processor}, {size}, {machine.System}, {machine.Kernel}.";
    }

    public string Reading() => $"""
        {(Settings.Rounds == 1 ? "1 round" : $"{Settings.Rounds} rounds in rotation")} of maxima with pipelines of 1 and 30
        and {MeasurementPlan.Connections} connections, of rates at most 5, of all else at most 3,
        {Seconds(Settings.Seconds)} for a measurement, {Seconds(Settings.RateSeconds)} at a rate. Medians, in brackets the least
        and the greatest round. A ratio is to Valkey in the same cell and round; below 1 is less. **Valkey (control)** is a
        second Valkey, so its ratios show the noise.{ReportTables.LimitMark} behind a name: the client had no time to spare in
        most rounds, so the server may be better than that.
        """;

    /// <summary>Empty where the machine was ours.</summary>
    public string Noise()
    {
        double[] shares =
            [.. Document.Measurements.Select(one => one.Load?.OtherCpuShare ?? one.Fill?.OtherCpuShare).OfType<double>()];
        int disturbed = shares.Count(share => share > OtherCpuShareMax);
        return disturbed == 0 ? "" : $"""
            **The machine was not quiet**: in {disturbed} of {shares.Length} measurements other programs, or the hypervisor, took
            more than {Percent(OtherCpuShareMax)} of its processor time (at most {Percent(shares.Max())}).
            """;
    }

    /// <summary>Empty where all was measured.</summary>
    public static string Unfinished(int missing) =>
        missing == 0 ? "" : $"**Not finished**: {missing} measurements are missing; the same command goes on with them.";

    public string Place(Layout layout) => layout == Layout.Split
        ? $"""
            The server has CPU {Settings.ServerCpus} for itself, and Anax a thread for each; the client has CPU
            {Settings.ClientCpus}.
            """
        : $"""
            The server has the CPUs {Settings.SharedCpus}, and Anax a thread for each; the client runs on the same. Valkey executes
            commands on one thread; with I/O threads for the other CPUs, which wait by spinning, it has a row of its own.
            """;

    public static string Rates => $"""
        Every server is offered the same rate, a share of Valkey's median maximum in this run
        ({MeasurementPlan.Connections} connections, no pipeline). Latencies count from when a request should have been sent.
        """;

    public string Fill() => $"""
        {Settings.FillEntries} entries into a fresh server in the split layout, each key once, in batches of
        {Cell.FillPipeline} over {Cell.FillConnections} connections. Bytes per entry are the growth of resident memory at
        {FillMath.Sizes} sizes from half of the entries to all. The probe is a second client that reads 100 times per second
        meanwhile. It shares the client's CPU with the one that writes, so what it waits for that CPU is in its latency, more
        where the writer is busier. Then, without a probe, the first half of the keys is written again: what is as uneven there
        does not come from growth. The longest turn of an event loop is the server's own count until the last entry.
        """;

    public string ManyThreads() => $"""
        Anax alone with more threads than the CPUs {Settings.SharedCpus}, which the client uses too;
        {MeasurementPlan.ManyThreadsConnections} connections. What its event loops count is per operation and of all threads together.
        """;

    public string Transactions() => $"""
        The servers have the CPUs {Settings.SharedCpus}, and Anax a thread for each; the client runs on the same. MULTI, its SETs and
        EXEC are one operation. A job is added by a script that increments a counter, its declared key, and writes three keys
        whose names it makes of it; there Anax has a second row, in which such a script locks everything instead of taking the
        token. What Anax counts is per operation: what took locks, the rounds of messages in which it asked shards, messages
        between threads, and scripts that ran in their batch.
        """;

    public string LongCommands() => $"""
        One client sends a long command, again as soon as it is answered; the script loops once for
        {Seconds(Math.Round(Settings.RateSeconds * Plan.LongCommands.ScriptShare, 1))}, and the hash is deleted once. Another client of
        {Plan.LongCommands.Connections} connections makes {Plan.LongCommands.Connections * Plan.LongCommands.ReadsPerSecond} GETs per
        second for {Seconds(Settings.RateSeconds)}, from their intended times, of keys on the command's shard or on the other one.
        Anax has two threads. The CPU of the command's shard is that of the client that sends it, the reading client has the rest of the
        CPUs {Settings.SharedCpus}. **Without it**: the same reads; where they are of another shard, beside a process that is always busy on the CPU of
        the command's shard. So their ratio tells what is not just the loss of that CPU. Valkey has one thread.
        """;

    /// <summary>Empty where there are many.</summary>
    public string FixedCosts() => Settings.FillEntries >= FewEntries ? "" : $"""
        **At so few entries fixed costs weigh**: Garnet's index of 128 MiB alone is
        {FigureText.Of(GarnetIndexBytes / Settings.FillEntries)} bytes for each of them at the end, and 13 at ten million.
        """;

    private static string Rows() =>
        string.Join(", ", TypeRow.All.Select(row => row.Before.Length == 0 ? $"`{row.Command}`" : $"`{row.Command}` (of `{row.Before}`)"));

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds} s");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F0} %");
}
