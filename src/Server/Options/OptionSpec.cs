namespace Anax.Server.Options;

/// <summary>How an option's value is written and checked.</summary>
public enum OptionKind : byte
{
    Switch, Number, Octal, Memory, SignedMemory, MemoryOrPercent, Real, Choice, ChoiceSet, Text,
    SavePoints, OutputLimits, OomScores, KeyspaceEvents, Addresses, Percentiles, Primary, Folder,
}

/// <summary>What a given value does here.</summary>
public enum OptionEffect : byte
{
    /// <summary>The server acts on it.</summary>
    Works,
    /// <summary>It has no meaning here: accepted, with one line in the log.</summary>
    Ignored,
    /// <summary>It promises something that does not exist yet: refused unless the value switches it off.</summary>
    Promises,
}

/// <summary>Who else must act when an option changes while the server runs.</summary>
[Flags]
public enum OptionHooks
{
    None = 0,
    /// <summary>Close and open the TCP listeners.</summary>
    Listeners = 1,
    /// <summary>Divide the memory limit anew among the shards.</summary>
    MemoryLimit = 2,
    /// <summary>Ask the kernel for as many files as there may be clients.</summary>
    ClientLimit = 4,
    /// <summary>Set or clear the password of the default user.</summary>
    Password = 8,
    /// <summary>Change the level or the format of the log.</summary>
    Log = 16,
    /// <summary>Change the working folder of the process.</summary>
    Folder = 32,
    /// <summary>Cut the command logs to their new lengths.</summary>
    CommandLog = 64,
}

/// <summary>
/// One option as declared in the table: names, kind, default, range and what it does. Immutable once the table stands.
/// </summary>
public sealed class OptionSpec
{
    private const int IndexUnset = -1;

    internal OptionSpec(string name, OptionKind kind, string defaultText, string summary)
    {
        Name = name;
        Kind = kind;
        DefaultText = defaultText;
        Summary = summary;
    }

    /// <summary>The name in CONFIG GET; Valkey's spelling where both families have the option.</summary>
    public string Name { get; }
    public OptionKind Kind { get; }
    public string DefaultText { get; }
    public string Summary { get; }

    /// <summary>A second name that CONFIG GET shows beside the first, as Valkey does for its older spellings.</summary>
    public string? Alias { get; private set; }
    /// <summary>Dragonfly's spelling where it differs by more than underscores; accepted, never shown.</summary>
    public string? Flag { get; private set; }
    public string[] Choices { get; private set; } = [];
    public long Min { get; private set; } = long.MinValue;
    public long Max { get; private set; } = long.MaxValue;
    /// <summary>Bounds are compared and printed as unsigned numbers.</summary>
    public bool IsUnsigned { get; private set; }
    /// <summary>Set at start only: CONFIG SET answers "can't set immutable config".</summary>
    public bool IsImmutable { get; private set; }
    /// <summary>Needs enable-protected-configs.</summary>
    public bool IsProtected { get; private set; }
    /// <summary>Its value never appears in logs or monitors.</summary>
    public bool IsSensitive { get; private set; }
    /// <summary>CONFIG GET shows it only under its exact name, never for a pattern.</summary>
    public bool IsHidden { get; private set; }
    /// <summary>An empty text means unset: CONFIG REWRITE then leaves the line out.</summary>
    public bool IsUnsetWhenEmpty { get; private set; }
    public OptionEffect Effect { get; private set; }
    /// <summary>What does not exist yet, for the message: "the append-only log".</summary>
    public string Missing { get; private set; } = "";
    /// <summary>The value that asks for nothing; named in the message.</summary>
    public string OffText { get; private set; } = "";
    /// <summary>Even the default promises something once it is written down (dbfilename).</summary>
    public bool PromisesWhenGiven { get; private set; }
    /// <summary>Decides which values promise something, where "anything but the default" does not.</summary>
    public Func<OptionValue, bool>? PromisesWhen { get; private set; }
    /// <summary>A choice that means the same as another one and is shown as it.</summary>
    public (string From, string To) Synonym { get; private set; }
    /// <summary>Values outside are moved to the nearest bound instead of being refused.</summary>
    public (long Min, long Max)? Clamp { get; private set; }
    /// <summary>A lower bound that holds for the start only.</summary>
    public long? MinAtStart { get; private set; }
    public OptionHooks Hooks { get; private set; }
    /// <summary>Checks a text beyond its kind; answers Valkey's error text, or null.</summary>
    public Func<string, string?>? Check { get; private set; }

    /// <summary>The place of the option's value in <see cref="OptionValues"/>.</summary>
    public int Index { get; private set; } = IndexUnset;
    public string Group { get; private set; } = "";
    /// <summary>The name's bytes, for replies without an allocation.</summary>
    public byte[] NameBytes { get; private set; } = [];
    public byte[] AliasBytes { get; private set; } = [];

    /// <summary>One option takes several words: "save 900 1".</summary>
    public bool TakesSeveral => Kind is OptionKind.SavePoints or OptionKind.OutputLimits or OptionKind.OomScores
        or OptionKind.Addresses or OptionKind.Percentiles or OptionKind.Primary or OptionKind.ChoiceSet;

    /// <summary>Whether the value asks for something that does not exist yet.</summary>
    public bool Asks(OptionValue value, bool isGiven)
    {
        if (Effect != OptionEffect.Promises || value.Text.Length == 0)
            return false;
        if (PromisesWhen is not null)
            return PromisesWhen(value);
        return value.Text != DefaultText || (PromisesWhenGiven && isGiven);
    }

    internal OptionSpec Within(long min, long max, bool isUnsigned = false)
    {
        (Min, Max, IsUnsigned) = (min, max, isUnsigned);
        return this;
    }

    internal OptionSpec OneOf(params string[] choices)
    {
        Choices = choices;
        return this;
    }

    internal OptionSpec Or(string alias)
    {
        Alias = alias;
        return this;
    }

    internal OptionSpec AlsoFlag(string flag)
    {
        Flag = flag;
        return this;
    }

    internal OptionSpec AtStart()
    {
        IsImmutable = true;
        return this;
    }

    internal OptionSpec Protected()
    {
        IsProtected = true;
        return this;
    }

    internal OptionSpec Sensitive()
    {
        IsSensitive = true;
        return this;
    }

    internal OptionSpec Hidden()
    {
        IsHidden = true;
        return this;
    }

    internal OptionSpec Ignored()
    {
        Effect = OptionEffect.Ignored;
        return this;
    }

    internal OptionSpec Promises(string missing, string offText)
    {
        (Effect, Missing, OffText) = (OptionEffect.Promises, missing, offText);
        return this;
    }

    internal OptionSpec Only(Func<OptionValue, bool> when)
    {
        PromisesWhen = when;
        return this;
    }

    internal OptionSpec Meaning(string from, string to)
    {
        Synonym = (from, to);
        return this;
    }

    internal OptionSpec ClampedTo(long min, long max)
    {
        Clamp = (min, max);
        return this;
    }

    internal OptionSpec AtStartFrom(long min)
    {
        MinAtStart = min;
        return this;
    }

    internal OptionSpec EvenByDefault()
    {
        PromisesWhenGiven = true;
        return this;
    }

    internal OptionSpec UnsetWhenEmpty()
    {
        IsUnsetWhenEmpty = true;
        return this;
    }

    internal OptionSpec Then(OptionHooks hooks)
    {
        Hooks = hooks;
        return this;
    }

    internal OptionSpec Checked(Func<string, string?> check)
    {
        Check = check;
        return this;
    }

    internal void Place(int index, string group)
    {
        (Index, Group) = (index, group);
        NameBytes = OptionText.ToBytes(Name);
        AliasBytes = Alias is null ? [] : OptionText.ToBytes(Alias);
    }
}
