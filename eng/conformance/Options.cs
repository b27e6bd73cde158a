namespace Anax.Conformance;

/// <summary>The command line.</summary>
internal sealed class Options
{
    private readonly List<string> _names = [];
    private string _valkey = "";
    private string _anax = "";
    private string _threads = "";
    private bool _serverIsValkey;

    public bool IsCi { get; private set; }
    public bool IsAccepting { get; private set; }
    public bool IsVerbose { get; private set; }
    public bool List { get; private set; }
    public string ListFolder { get; private set; } = "eng/conformance";

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--valkey": options._valkey = args[++i]; break;
                case "--anax": options._anax = args[++i]; break;
                case "--threads": options._threads = args[++i]; break;
                case "--server": options._serverIsValkey = args[++i] == "valkey"; break;
                case "--lists": options.ListFolder = args[++i]; break;
                case "--ci": options.IsCi = true; break;
                case "--accept": options.IsAccepting = true; break;
                case "--verbose": options.IsVerbose = true; break;
                case "--list": options.List = true; break;
                case ['-', ..]: throw new ArgumentException($"unknown option {args[i]}");
                default: options._names.Add(args[i]); break;
            }
        }
        if (options._names.Find(n => !SuiteUnit.All.Any(u => Matches(u, n))) is { } stranger)
        {
            string known = string.Join(' ', SuiteUnit.All.Select(u => u.Name));
            throw new ArgumentException($"unknown unit {stranger}, there are: {known}");
        }
        return options;
    }

    public RunSettings Run => new(
        Path.GetFullPath(_valkey),
        Path.GetFullPath(_serverIsValkey ? Path.Combine(_valkey, "src", "valkey-server") : _anax),
        _serverIsValkey,
        Path.GetFullPath(Path.Combine("artifacts", "conformance", _serverIsValkey ? "valkey" : "anax")),
        _threads.Length == 0 || _serverIsValkey ? [] : ["--proactor_threads", _threads]);

    /// <summary>The named units, or all; the daily run takes those of which something passes.</summary>
    public IEnumerable<SuiteUnit> Units(Expectations expectations) =>
        SuiteUnit.All.Where(u => IsNamed(u) && (!IsCi || expectations.Passing(u.Name).Any()));

    private bool IsNamed(SuiteUnit unit) => _names.Count == 0 || _names.Any(n => Matches(unit, n));

    private static bool Matches(SuiteUnit unit, string name) =>
        unit.Name == name || unit.Name.EndsWith("/" + name, StringComparison.Ordinal);
}
