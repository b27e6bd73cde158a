using Anax.LoadGen.Options;

namespace Anax.LoadGen.Workload;

/// <summary>
/// What a run sends, in which phases: everything that is settled before the first connection. Immutable, shared by
/// all threads.
/// </summary>
internal sealed class LoadPlan
{
    private readonly CommandTemplate[] _templates;
    private readonly ulong[] _weightsUpTo;

    public LoadPlan(BenchOptions options)
    {
        Options = options;
        Values = new ValueSource(options);
        Zipf = KeySource.MakeZipf(options);
        List<(CommandTemplate Template, int Weight)> commands = MakeCommands(options);
        _templates = new CommandTemplate[commands.Count];
        _weightsUpTo = new ulong[commands.Count];
        ulong sum = 0;
        for (int i = 0; i < commands.Count; i++)
        {
            _templates[i] = commands[i].Template;
            _weightsUpTo[i] = sum += (ulong)commands[i].Weight;
            RequestBytesMax = Math.Max(RequestBytesMax, _templates[i].BytesMax);
            HasNoReply |= _templates[i].IsNoReply;
            HasSequences |= _templates[i].Replies > 1;
        }

        Phases = MakePhases(options);
    }

    public BenchOptions Options { get; }

    public ValueSource Values { get; }

    public ZipfSampler? Zipf { get; }

    public IReadOnlyList<Phase> Phases { get; }

    public int RequestBytesMax { get; }

    /// <summary>Some requests are not answered.</summary>
    public bool HasNoReply { get; }

    /// <summary>Some requests are several commands.</summary>
    public bool HasSequences { get; }

    public ReadOnlySpan<CommandTemplate> Templates => _templates;

    public CommandTemplate Template(int command) => _templates[command];

    public int Pick(ref FastRandom random)
    {
        if (_templates.Length == 1) return 0;
        ulong drawn = random.Below(_weightsUpTo[^1]);
        int command = 0;
        while (drawn >= _weightsUpTo[command]) command++;
        return command;
    }

    private static List<(CommandTemplate Template, int Weight)> MakeCommands(BenchOptions options)
    {
        List<(CommandTemplate Template, int Weight)> commands = [];
        foreach (WeightedCommand command in options.Commands)
            commands.Add((TemplateCompiler.Compile(options, command.Text), command.Weight));
        if (commands.Count != 0) return commands;

        bool isMemcache = options.Protocol == BenchProtocol.MemcacheText;
        if (options.RatioSet > 0)
        {
            CommandTemplate set = isMemcache
                ? TemplateCompiler.MemcacheSet(options)
                : TemplateCompiler.Compile(options, $"SET {TemplateCompiler.KeyMark} {TemplateCompiler.ValueMark}");
            commands.Add((set, options.RatioSet));
        }

        if (options.RatioGet > 0)
        {
            CommandTemplate get = isMemcache
                ? TemplateCompiler.MemcacheGet(options)
                : TemplateCompiler.Compile(options, $"GET {TemplateCompiler.KeyMark}");
            commands.Add((get, options.RatioGet));
        }

        return commands;
    }

    private static List<Phase> MakePhases(BenchOptions options)
    {
        List<Phase> phases = [];
        if (options.ConnectOnly) return phases;
        IReadOnlyList<double> rates = options.RateSteps.Count != 0 ? options.RateSteps : [options.Qps];
        if (options.Warmup > 0) phases.Add(new Phase("warm-up", rates[0], false, Nanoseconds(options.Warmup), 0));
        foreach (double rate in rates)
        {
            string name = rates.Count == 1 ? "run" : FormattableString.Invariant($"{rate} per second");
            phases.Add(new Phase(name, rate, true, Nanoseconds(options.TestTime), options.Requests));
        }

        return phases;
    }

    private static long Nanoseconds(double seconds) => (long)(seconds * 1e9);
}

/// <summary>One stretch of load: until so much time has passed, or so many requests per connection were answered.</summary>
internal sealed record Phase(string Name, double Qps, bool IsMeasured, long DurationNs, long Requests);
