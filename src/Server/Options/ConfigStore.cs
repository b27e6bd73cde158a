namespace Anax.Server.Options;

/// <summary>What CONFIG SET decided: new settings to hand to every loop, or the error to answer.</summary>
public sealed record ConfigChange(ServerSettings? Next, OptionSpec[] Changed, OptionHooks Hooks, string? Error)
{
    /// <summary>The whole error line without its first character, "ERR" included; null when the change is good.</summary>
    public string? Error { get; } = Error;

    internal static ConfigChange Refused(string error) => new(null, [], OptionHooks.None, error);
}

/// <summary>
/// CONFIG GET, SET and REWRITE on the table of options. Owned by the one loop that orders changes of the whole server;
/// reading needs no store, since each loop answers from the settings that it holds.
/// </summary>
public sealed class ConfigStore
{
    private readonly string? _configFile;

    public ConfigStore(ServerSettings start, string? configFile)
    {
        Current = start;
        _configFile = configFile;
    }

    public ServerSettings Current { get; private set; }

    /// <summary>
    /// Checks all pairs, then all values; either every one of them is good or nothing happens. The caller runs what the
    /// hooks name, then commits; where a hook fails, it answers <see cref="Failed"/> and does not commit.
    /// </summary>
    public ConfigChange Set(ReadOnlySpan<string> pairs, bool mayChangeProtected)
    {
        var specs = new OptionSpec[pairs.Length / 2];
        var names = new string[specs.Length];
        for (var i = 0; i < specs.Length; i++)
        {
            var name = pairs[2 * i];
            if (!OptionTable.TryFind(name, out var spec, out var isAlias))
                return ConfigChange.Refused($"ERR Unknown option or number of arguments for CONFIG SET - '{UpToNul(name)}'");
            if (spec.IsImmutable)
                return ConfigChange.Refused(Failed(name, "can't set immutable config"));
            if (spec.IsProtected && !mayChangeProtected)
                return ConfigChange.Refused(Failed(name, "can't set protected config"));
            names[i] = isAlias ? spec.Alias! : spec.Name;
            // The older spelling of an option counts as an option of its own, as in Valkey.
            if (Array.IndexOf(names, names[i], 0, i) >= 0)
                return ConfigChange.Refused(Failed(name, "duplicate parameter"));
            specs[i] = spec;
        }
        return Read(pairs, specs, names);
    }

    /// <summary>Makes a change the current one; to be called when every hook has done its part.</summary>
    public void Commit(ConfigChange change) => Current = change.Next ?? Current;

    /// <summary>What the server found out by itself, such as the port that the kernel chose.</summary>
    public ServerSettings Override(string name, string value)
    {
        var spec = OptionTable.Get(name);
        var error = OptionReader.TryRead(spec, [value], Current.Values[spec], OptionSource.Start, out var read);
        if (error is not null)
            throw new ArgumentException(error, nameof(value));
        Current = new ServerSettings(Current.Values.With(spec, read));
        return Current;
    }

    /// <summary>Writes the current values into the configuration file; null when done, otherwise the error.</summary>
    public string? Rewrite() =>
        _configFile is null
            ? "ERR The server is running without a config file"
            : ConfigRewriter.Rewrite(_configFile, Current.Values);

    /// <summary>The error of CONFIG SET for a value that was refused, here or by a hook.</summary>
    public static string Failed(string name, string reason) =>
        $"ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}";

    /// <summary>Names stand in error texts as C strings: they end at the first zero byte.</summary>
    private static string UpToNul(string name) => name.Split('\0', 2)[0];

    private ConfigChange Read(ReadOnlySpan<string> pairs, OptionSpec[] specs, string[] names)
    {
        var values = Current.Values.Copy();
        var changed = new List<OptionSpec>();
        var hooks = OptionHooks.None;
        for (var i = 0; i < specs.Length; i++)
        {
            var spec = specs[i];
            var text = pairs[(2 * i) + 1];
            string[] words = !spec.TakesSeveral ? [text] : text.Length == 0 ? [] : text.Split(' ');
            var previous = values[spec.Index];
            var error = OptionReader.TryRead(spec, words, previous, OptionSource.Runtime, out var value);
            if (error is not null)
                return ConfigChange.Refused(Failed(names[i], error));
            if (value.Text == previous.Text)
                continue;
            if (spec.Asks(value, isGiven: true))
                return ConfigChange.Refused(Failed(names[i], OptionMessages.Promise(spec)));
            values[spec.Index] = value;
            changed.Add(spec);
            hooks |= spec.Hooks;
        }
        return new ConfigChange(new ServerSettings(new OptionValues(values)), changed.ToArray(), hooks, null);
    }
}
