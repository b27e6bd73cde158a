using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Settings;

/// <summary>The command line: what --help says of it, and how it becomes settings or one line of complaint.</summary>
internal sealed class SettingsReader
{
    private const int ExitFailure = 1;
    private const int ExitUsage = 2;
    private const int RoundsMax = 99;
    private const double SecondsMax = 600;
    private const long FillEntriesMax = 1_000_000_000;
    private const long FillStep = Cell.FillPipeline * Cell.FillConnections;

    private static readonly RunSettings Defaults = new();

    private readonly RootCommand _command = new(
        "Compares Anax with Valkey, Garnet and Dragonfly on this machine: CPU time per operation, throughput, latency, "
        + "bytes per entry. Goes on where it was cut off, as long as the options and the servers are the same.");

    private readonly Option<bool> _quick = Switch("--quick", "one round of a few cells, within five minutes");

    private readonly Option<int?> _rounds = Value<int?>(
        "--rounds", "rounds of maxima with pipelines of 1 and 30 [9]; of rates as many, up to 5, of all else up to 3");

    private readonly Option<double?> _seconds = Value<double?>("--seconds", "length of one measurement [2; --quick: 1]");

    private readonly Option<long?> _fillEntries = Value<long?>(
        "--fill-entries", "entries of the fill, 0 for none [10000000; --quick: 1000000]");

    private readonly Option<long?> _manyKeys = Value<long?>(
        "--large-keys", "keys of a maximum with many, 0 for none [20000000; --quick: 0]");

    private readonly Option<string?> _cells = Value<string?>(
        "--cells", "only cells whose ids contain one of these texts, with commas between [all]");

    private readonly Option<string?> _layouts = Value<string?>(
        "--layouts", "split, shared, or both with a comma between [split,shared]");

    private readonly Option<string?> _valkey = Value<string?>(
        "--valkey", "valkey-server to compare with [built by eng/conformance/get-valkey.sh]");

    private readonly Option<string?> _garnet = Value<string?>(
        "--garnet", "garnet-server to compare with [brought by bench/HeadToHead/get-garnet.sh]");

    private readonly Option<string?> _dragonfly = Value<string?>("--dragonfly", "dragonfly to compare with [none]");

    private readonly Option<string[]> _without = Value<string[]>(
        "--without", $"leaves a server out: {string.Join(", ", ServerNames.All)}");

    private readonly Option<string?> _serverCpus = Value<string?>(
        "--server-cpus", "the server's CPUs in the split layout, as 0-3 [the first]");

    private readonly Option<string?> _clientCpus = Value<string?>(
        "--client-cpus", "the client's CPUs in the split layout [the second]");

    private readonly Option<string?> _sharedCpus = Value<string?>("--shared-cpus", "both's CPUs in the shared layout [all]");

    private readonly Option<string?> _out = Value<string?>("--out", $"folder of the results [{Defaults.OutFolder}]");

    private readonly Option<bool> _fresh = Switch(
        "--fresh", "begins anew; what was measured is kept under another name");

    private readonly Option<bool> _summarize = Switch("--summarize", "measures nothing and writes the reports anew");

    public SettingsReader()
    {
        Option[] options =
        [
            _quick, _rounds, _seconds, _fillEntries, _manyKeys, _cells, _layouts, _valkey, _garnet, _dragonfly, _without,
            _serverCpus, _clientCpus, _sharedCpus, _out, _fresh, _summarize,
        ];
        foreach (Option option in options) _command.Options.Add(option);
    }

    /// <summary>Answers --help and complaints itself, else runs it; returns the exit code.</summary>
    public int Run(string[] arguments, Func<RunSettings, int> run)
    {
        ParseResult parsed = _command.Parse(arguments);
        if (parsed.Errors.Count != 0)
        {
            Console.Error.WriteLine($"headtohead: {parsed.Errors[0].Message} (see --help)");
            return ExitUsage;
        }

        _command.SetAction(result =>
        {
            try
            {
                return run(Read(result, Machine.AllowedCpus()));
            }
            catch (SettingsException e)
            {
                Console.Error.WriteLine($"headtohead: {e.Message}");
                return ExitUsage;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"headtohead: {e.Message}");
                return ExitFailure;
            }
        });
        return _command.Parse(arguments).Invoke();
    }

    /// <summary>Reads and checks; throws <see cref="SettingsException"/>.</summary>
    internal RunSettings Read(string[] arguments, CpuList cpus)
    {
        ParseResult parsed = _command.Parse(arguments);
        foreach (ParseError error in parsed.Errors) throw new SettingsException(error.Message);
        return Read(parsed, cpus);
    }

    private RunSettings Read(ParseResult parsed, CpuList cpus)
    {
        bool isQuick = parsed.GetValue(_quick);
        CpuList first = CpuList.Of(cpus.Numbers[0]), second = CpuList.Of(cpus.Numbers[Math.Min(1, cpus.Count - 1)]);
        RunSettings settings = new()
        {
            IsQuick = isQuick,
            Rounds = parsed.GetValue(_rounds) ?? (isQuick ? 1 : Defaults.Rounds),
            Seconds = parsed.GetValue(_seconds) ?? (isQuick ? 1 : Defaults.Seconds),
            FillEntries = parsed.GetValue(_fillEntries) ?? (isQuick ? 1_000_000 : Defaults.FillEntries),
            ManyKeys = parsed.GetValue(_manyKeys) ?? (isQuick ? 0 : Defaults.ManyKeys),
            Cells = (parsed.GetValue(_cells) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Layouts = ReadLayouts(parsed.GetValue(_layouts)),
            Without = parsed.GetValue(_without) ?? [],
            ServerCpus = Cpus("--server-cpus", parsed.GetValue(_serverCpus), cpus, first),
            ClientCpus = Cpus("--client-cpus", parsed.GetValue(_clientCpus), cpus, second),
            SharedCpus = Cpus("--shared-cpus", parsed.GetValue(_sharedCpus), cpus, cpus),
            ValkeyPath = PathOf("--valkey", parsed.GetValue(_valkey)),
            GarnetPath = PathOf("--garnet", parsed.GetValue(_garnet)),
            DragonflyPath = PathOf("--dragonfly", parsed.GetValue(_dragonfly)),
            OutFolder = parsed.GetValue(_out) ?? Defaults.OutFolder,
            IsFresh = parsed.GetValue(_fresh),
            OnlySummarizes = parsed.GetValue(_summarize),
        };
        Check(settings, cpus);
        return settings;
    }

    private static void Check(RunSettings settings, CpuList cpus)
    {
        Require(settings.Rounds is >= 1 and <= RoundsMax, $"--rounds {settings.Rounds}: 1 to {RoundsMax}");
        Require(
            settings.Seconds is >= 0.1 and <= SecondsMax,
            string.Create(CultureInfo.InvariantCulture, $"--seconds {settings.Seconds}: 0.1 to {SecondsMax}"));
        Require(
            settings.FillEntries is >= 0 and <= FillEntriesMax && settings.FillEntries % FillStep == 0,
            $"--fill-entries {settings.FillEntries}: a multiple of {FillStep}, up to {FillEntriesMax}");
        Require(
            settings.ManyKeys is >= 0 and <= FillEntriesMax && settings.ManyKeys % FillStep == 0,
            $"--large-keys {settings.ManyKeys}: a multiple of {FillStep}, up to {FillEntriesMax}");
        foreach (string name in settings.Without)
            Require(ServerNames.All.Contains(name), $"--without {name}: it is {string.Join(", ", ServerNames.All)}");
        if (settings.OnlySummarizes || !settings.Layouts.Contains(Layout.Split)) return;
        Require(cpus.Count >= 2, "the split layout needs two CPUs, one for the server and one for the client; here is one");
        string both = $"--server-cpus {settings.ServerCpus} and --client-cpus {settings.ClientCpus}";
        Require(!settings.ServerCpus.Meets(settings.ClientCpus), $"{both} overlap; for that is the shared layout");
    }

    private static IReadOnlyList<Layout> ReadLayouts(string? text) => text switch
    {
        null => Defaults.Layouts,
        "split" => [Layout.Split],
        "shared" => [Layout.Shared],
        "split,shared" or "shared,split" => Defaults.Layouts,
        _ => throw new SettingsException($"--layouts {text}: split, shared, or split,shared"),
    };

    private static CpuList Cpus(string option, string? text, CpuList allowed, CpuList otherwise)
    {
        if (text is null) return otherwise;
        CpuList list = CpuList.TryParse(text) ?? throw new SettingsException($"{option} {text}: numbers of CPUs, as 0-3,5");
        Require(allowed.Contains(list), $"{option} {text}: there are {allowed}");
        return list;
    }

    private static string PathOf(string option, string? path)
    {
        if (path is null) return "";
        Require(File.Exists(path), $"{option} {path}: there is no such file");
        return Path.GetFullPath(path);
    }

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new SettingsException(message);
    }

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    private static Option<T> Value<T>(string name, string description) => new(name) { Description = description };
}
