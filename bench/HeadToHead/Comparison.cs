using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Report;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Running;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead;

/// <summary>The whole of it: finds the servers, measures what is not measured yet, and writes the reports.</summary>
internal static class Comparison
{
    private const int ExitInterrupted = 130;

    /// <summary>What an entry may take at most, with what a server allocates ahead of it.</summary>
    private const long EntryBytesMax = 200;

    private const long OtherBytesMax = 1L << 30;

    public static int Run(RunSettings settings)
    {
        ResultFile file = new(settings.OutFolder);
        if (settings.OnlySummarizes)
        {
            ResultDocument kept = file.Load()
                ?? throw new SettingsException($"there is no {ResultFile.Name} in {settings.OutFolder}");
            Summarize(settings, kept);
            return 0;
        }

        Check(settings);
        using RunFolder folder = new(settings.OutFolder);
        settings = settings with { AnaxPath = folder.Copy(settings.AnaxPath), BenchPath = folder.Copy(settings.BenchPath) };
        IReadOnlyList<Peer> peers = new PeerFinder(settings, folder).FindAll();
        Peer[] there = [.. peers.Where(peer => peer.IsThere)];
        foreach (Peer peer in peers)
            Console.WriteLine($"{ServerNames.Title(peer.Name)}: {(peer.IsThere ? peer.Version : peer.Missing)}");
        if (there.Length == 0) throw new SettingsException("there is no server to measure");

        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(settings, [.. there.Select(peer => peer.Name)]);
        if (plan.Count == 0) throw new SettingsException($"--cells {string.Join(',', settings.Cells)}: there is no such cell");
        ResultDocument document = Continued(file, settings, NewDocument(settings, peers));
        IReadOnlyList<Measurement> whole = MeasurementPlan.Kept(plan, document.Measurements);
        document.Measurements.Clear();
        document.Measurements.AddRange(whole);
        IReadOnlyList<PlannedMeasurement> remaining = MeasurementPlan.Remaining(plan, whole);
        int done = plan.Count - remaining.Count;
        string known = done == 0 ? "" : $" ({done} are there already)";
        Console.WriteLine($"{remaining.Count} measurements{known}, about {Minutes(PlanTime.Of(remaining, settings))}");
        bool isWhole = remaining.Count == 0 || Measure(settings, there, document, file, folder, remaining);
        if (!isWhole) return ExitInterrupted;
        Summarize(settings, document);
        return 0;
    }

    private static bool Measure(
        RunSettings settings, IReadOnlyList<Peer> peers, ResultDocument document, ResultFile file, RunFolder folder,
        IReadOnlyList<PlannedMeasurement> remaining)
    {
        using Interrupt interrupt = new();
        using HeadToHeadRun run = new(settings, peers, document, file, folder, interrupt.Token);
        try
        {
            run.Run(remaining);
            return true;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("headtohead: stopped; the same command goes on from here");
            return false;
        }
    }

    private static void Summarize(RunSettings settings, ResultDocument document)
    {
        ReportFiles.Write(settings.OutFolder, document);
        int failed = document.Measurements.Count(one => one.Failure.Length != 0);
        string report = Path.Combine(settings.OutFolder, ReportFiles.PageName);
        Console.WriteLine($"{document.Measurements.Count} measurements, {failed} failed: {report}");
    }

    /// <summary>What has to hold before minutes are spent.</summary>
    private static void Check(RunSettings settings)
    {
        foreach (string tool in (string[])["taskset", "prlimit", "bash", "sh"])
        {
            if (!Tools.Has(tool))
                throw new SettingsException($"'{tool}' is missing (Debian or Ubuntu: apt-get install util-linux bash dash)");
        }

        foreach (string path in (string[])[settings.AnaxPath, settings.BenchPath])
        {
            if (!File.Exists(path)) throw new SettingsException($"there is no {path}: run ./build");
        }

        long entries = Math.Max(settings.FillEntries, settings.ManyKeys);
        long wanted = entries * EntryBytesMax + OtherBytesMax, free = Machine.AvailableBytes();
        if (free < wanted)
        {
            throw new SettingsException(
                $"{wanted >> 20} MiB of memory are needed, {free >> 20} are free: lower --fill-entries and --large-keys");
        }

        try
        {
            Directory.CreateDirectory(settings.OutFolder);
            string probe = Path.Combine(settings.OutFolder, ".writable");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--out {settings.OutFolder} cannot be written: {e.Message}");
        }
    }

    /// <summary>The results that are there, where they are of the same settings and servers; else new ones.</summary>
    private static ResultDocument Continued(ResultFile file, RunSettings settings, ResultDocument fresh)
    {
        ResultDocument? kept = settings.IsFresh ? null : file.Load();
        if (kept?.Fingerprint == fresh.Fingerprint) return kept;
        string aside = file.PutAside();
        if (aside.Length != 0)
        {
            string why = settings.IsFresh ? "--fresh" : "the results there are of other settings, servers or another machine";
            Console.WriteLine($"{why}: beginning anew, they are kept as {aside}");
        }

        return fresh;
    }

    private static ResultDocument NewDocument(RunSettings settings, IReadOnlyList<Peer> peers)
    {
        Machine machine = Machine.Detect();
        ResultSettings kept = new()
        {
            IsQuick = settings.IsQuick,
            Rounds = settings.Rounds,
            Seconds = settings.Seconds,
            RateSeconds = settings.RateSeconds,
            FillEntries = settings.FillEntries,
            ManyKeys = settings.ManyKeys,
            Cells = settings.Cells,
            Layouts = settings.Layouts,
            ServerCpus = settings.ServerCpus.ToString(),
            ClientCpus = settings.ClientCpus.ToString(),
            SharedCpus = settings.SharedCpus.ToString(),
            BenchSha256 = PeerFinder.Sha256Of(settings.BenchPath),
            ClientCommands = ClientCommands(settings),
        };
        ResultMachine place = new()
        {
            Processor = machine.Processor,
            Cpus = machine.Cpus,
            MemoryGibibytes = machine.MemoryGibibytes,
            System = machine.System,
            Kernel = machine.Kernel,
            StartTime = DateTimeOffset.Now,
        };
        ResultServer[] servers = [.. peers.Select(peer => ServerOf(settings, peer))];
        return new ResultDocument
        {
            Fingerprint = Fingerprint.Of(kept, place, servers),
            Settings = kept,
            Machine = place,
            Servers = servers,
        };
    }

    private static ResultServer ServerOf(RunSettings settings, Peer peer)
    {
        if (!peer.IsThere) return new ResultServer { Name = peer.Name, Missing = peer.Missing };
        return new ResultServer
        {
            Name = peer.Name,
            Version = peer.Version,
            Sha256 = peer.Sha256,
            SplitCommand = peer.Name is ServerNames.ValkeyIo or ServerNames.AnaxGlobal ? "" : Command(Layout.Split),
            SharedCommand = Command(Layout.Shared),
        };

        string Command(Layout layout)
        {
            CpuList cpus = settings.ServerCpusOf(layout);
            return PeerCommands.Text(peer, cpus.Count, cpus.ToString());
        }
    }

    private static IReadOnlyList<string> ClientCommands(RunSettings settings)
    {
        Cell setex = Cell.Maximum(Layout.Split, Workload.Setex, 30, MeasurementPlan.Connections);
        Cell get = Cell.Maximum(Layout.Split, Workload.Get, 1, MeasurementPlan.Connections);
        Cell type = Cell.TypeSpeed(TypeRow.All[1], 16);
        int cpus = settings.ClientCpus.Count;
        return
        [
            Text(ClientArguments.Load(setex, 0, cpus, settings.Seconds, 0)),
            Text(ClientArguments.Load(get, 0, cpus, settings.Seconds, 0)),
            Text(ClientArguments.Load(get, 0, cpus, settings.RateSeconds, 0))
                .Replace("--qps=0", "--qps=RATE", StringComparison.Ordinal),
            Text(ClientArguments.Fill(settings.FillEntries, 0, cpus)),
            Text(ClientArguments.Probe(0, ClientArguments.ProbeSecondsMax)),
            Text(ClientArguments.Overwrite(settings.FillEntries, 0, cpus)),
            Text(ClientArguments.SmallEntries(0, FootprintMeasurer.SmallEntriesMin, 0, cpus)),
            Text(ClientArguments.RowBefore(type, type.Row!, 0, cpus, settings.Seconds)),
            Text(ClientArguments.RowLoad(type, type.Row!, 0, cpus, settings.Seconds)),
            Text(ClientArguments.Reads("{a}", 0, settings.RateSeconds)),
        ];

        string Text(IReadOnlyList<string> arguments) => $"taskset -c {settings.ClientCpus} {ClientArguments.Text(arguments)}";
    }

    private static string Minutes(TimeSpan time) => time.TotalMinutes >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:F0} minutes")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F0} seconds");
}
