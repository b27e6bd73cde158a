using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// What anax-bench is told. The total of connections is the same wherever it runs: it has as many threads as CPUs, or
/// the next smaller number that divides the connections.
/// </summary>
internal static class ClientArguments
{
    /// <summary>Read by the probe while the table grows; written before.</summary>
    public const int ProbeKeys = 1000;

    /// <summary>The probe is stopped when the fill ends; this is for the case that it is not.</summary>
    public const double ProbeSecondsMax = 3600;

    public const int MsetKeys = 8;

    public const int MultiSets = 10;

    /// <summary>Few enough that all that their jobs write stays small beside the other keys.</summary>
    public const int Queues = 1000;

    private const string Set = "set __key__ __data__";

    /// <summary>
    /// What a queue does to add a job: the next number of a declared counter names the job, whose keys lie anywhere.
    /// </summary>
    private const string AddJob = """
        local id = redis.call('incr', KEYS[1]) % 100
        local job = KEYS[1] .. ':' .. id
        redis.call('set', job, ARGV[1])
        redis.call('set', job .. ':state', 'waiting')
        redis.call('setrange', KEYS[1] .. ':wait', id * 4, 'job,')
        return id
        """;

    private const int ProbePerSecond = 100;

    private const int SeedBase = 1000, OverwriteSeedBase = 2000;

    /// <summary>Nine digits behind one letter.</summary>
    private const long SmallKeyMin = 100_000_000;

    private const int SmallValueBytes = 10;

    public static int Threads(int connections, int cpus)
    {
        int threads = Math.Min(connections, cpus);
        while (connections % threads != 0) threads--;
        return threads;
    }

    /// <param name="cell">A maximum of any kind, or a rate.</param>
    /// <param name="round">Draws other keys and values than the other rounds, for all servers the same.</param>
    /// <param name="cpus">How many the client has.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="perSecond">Of a rate: operations in total.</param>
    public static IReadOnlyList<string> Load(Cell cell, int round, int cpus, double seconds, double perSecond)
    {
        double qps = cell.Kind == CellKind.Rate ? perSecond / cell.Connections / cell.Pipeline : 0;
        return
        [
            .. Connect(cell.Connections, cpus), $"--qps={Text(qps)}", "--pipeline", Text(cell.Pipeline),
            "--test_time", Text(seconds), "--seed", Text(SeedBase + round),
            .. Keys(cell.Workload == Workload.Queue ? Queues : cell.Keys), .. Commands(cell.Workload),
        ];
    }

    /// <summary>Writes each key once, in order.</summary>
    public static IReadOnlyList<string> Fill(long entries, int round, int cpus) =>
        [.. Write(entries, SeedBase + round, cpus), .. Keys(entries), .. Commands(Workload.Setex)];

    /// <summary>As a fill, of keys that are there: the first of them, with other values.</summary>
    public static IReadOnlyList<string> Overwrite(long entries, int round, int cpus) =>
        [.. Write(OverwrittenOf(entries), OverwriteSeedBase + round, cpus), .. Keys(entries), .. Commands(Workload.Setex)];

    /// <summary>How many of a fill's entries are written again: enough windows for a percentile.</summary>
    public static long OverwrittenOf(long entries) => entries / 2;

    /// <summary>Writes keys and values of ten bytes without TTL, each key once and in order from a number on.</summary>
    public static IReadOnlyList<string> SmallEntries(long first, long count, int round, int cpus) =>
    [
        .. Write(count, SeedBase + round, cpus), "--key_prefix", "k",
        "--key_minimum", Text(SmallKeyMin + first), "--key_maximum", Text(SmallKeyMin + first + count - 1),
        "-d", Text(SmallValueBytes), "--command", Set,
    ];

    /// <summary>A row of valkey-benchmark's list, for the time or until all is taken that was written before.</summary>
    public static IReadOnlyList<string> RowLoad(Cell cell, TypeRow row, int round, int cpus, double seconds) =>
    [
        .. Connect(cell.Connections, cpus), "--qps=0", "--pipeline", Text(cell.Pipeline), "--seed", Text(SeedBase + round),
        .. row.Takes
            ? (string[])["-n", Text(row.CountBefore(cell.Pipeline, seconds) / cell.Connections)]
            : ["--test_time", Text(seconds)],
        .. TypeKeys(TypeRow.Keys), "--command", row.Command,
    ];

    /// <summary>Writes what the row needs.</summary>
    public static IReadOnlyList<string> RowBefore(Cell cell, TypeRow row, int round, int cpus, double seconds)
    {
        long count = row.CountBefore(cell.Pipeline, seconds);
        return [.. Write(count, SeedBase + round, cpus), .. TypeKeys(count), "--command", row.Before];
    }

    /// <summary>One connection that reads under a schedule, so that its latencies count from when it wanted to ask.</summary>
    public static IReadOnlyList<string> Probe(int round, double seconds) =>
    [
        .. Connect(1, 1), $"--qps={Text(ProbePerSecond)}", "--test_time", Text(seconds),
        "--seed", Text(SeedBase + round), .. Keys(ProbeKeys), .. Commands(Workload.Get),
    ];

    /// <summary>The keys that are read beside a long command, each once.</summary>
    public static IReadOnlyList<string> ReadKeys(string keys) =>
        [.. Write(LongCommands.ReadKeys, SeedBase, 1), .. Prefixed(keys), .. Commands(Workload.Setex)];

    /// <summary>Reads them under a schedule that waits for no answer.</summary>
    public static IReadOnlyList<string> Reads(string keys, int round, double seconds) =>
    [
        .. Connect(LongCommands.Connections, 1), $"--qps={Text(-LongCommands.ReadsPerSecond)}", "--test_time", Text(seconds),
        "--seed", Text(SeedBase + round), .. Prefixed(keys), .. Commands(Workload.Get),
    ];

    /// <summary>Only connects: what connections cost a server.</summary>
    public static IReadOnlyList<string> ConnectOnly(int connections, int cpus) =>
        [.. Connect(connections, cpus), "--connect_only"];

    /// <summary>As it could be pasted into a shell.</summary>
    public static string Text(IEnumerable<string> arguments) =>
        $"anax-bench -p {PeerCommands.AnyPort} "
        + string.Join(' ', arguments.Select(word => word.Length == 0 || word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));

    private static IReadOnlyList<string> Connect(int connections, int cpus)
    {
        int threads = Threads(connections, cpus);
        return ["-h", "127.0.0.1", "--threads", Text(threads), "-c", Text(connections / threads)];
    }

    private static IReadOnlyList<string> Write(long entries, int seed, int cpus) =>
    [
        .. Connect(Cell.FillConnections, cpus), "--qps=0", "--pipeline", Text(Cell.FillPipeline),
        "-n", Text(entries / Cell.FillConnections), "--key_dist", "S", "--seed", Text(seed),
    ];

    private static IReadOnlyList<string> Keys(long count) => ["--key_minimum", "0", "--key_maximum", Text(count - 1)];

    private static IReadOnlyList<string> Prefixed(string keys) => ["--key_prefix", $"{keys}key:", .. Keys(LongCommands.ReadKeys)];

    private static IReadOnlyList<string> TypeKeys(long count) =>
    [
        "--key_prefix", "", "--key_minimum", Text(TypeRow.FirstKey), "--key_maximum", Text(TypeRow.FirstKey + count - 1),
        "-d", Text(TypeRow.ValueBytes),
    ];

    private static IReadOnlyList<string> Commands(Workload workload) => workload switch
    {
        Workload.Setex => Own("setex __key__ 10000 __data__"),
        Workload.Get => ["-d", Text(RunSettings.ValueBytes), "--ratio", "0:1"],
        Workload.Mset => Own("mset" + Repeat(" __key__ __data__", MsetKeys)),
        Workload.Multi => Own("multi" + Repeat($" ; {Set}", MultiSets) + " ; exec"),
        Workload.Eval => Own("eval \"return redis.call('get', KEYS[1])\" 1 __key__"),
        Workload.Queue => Own($"eval \"{AddJob.ReplaceLineEndings(" ")}\" 1 queue:__key__ __data__"),
    };

    private static IReadOnlyList<string> Own(string command) => ["-d", Text(RunSettings.ValueBytes), "--command", command];

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
