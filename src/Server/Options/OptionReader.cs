using System.Globalization;

namespace Anax.Server.Options;

/// <summary>Where a value comes from: a start is more forgiving than CONFIG SET, whose every error is Valkey's.</summary>
public enum OptionSource : byte { Start, Runtime }

/// <summary>
/// Turns the words given for an option into its value, or into the error text that Valkey gives for them.
/// </summary>
internal static class OptionReader
{
    private const int AddressesMax = 16;
    private const int OomScoreMax = 2000;
    private const int OomScores = 3;
    private const string WrongWordCount = "wrong number of arguments";
    private const string WrongLimitCount = "Wrong number of arguments in buffer limit configuration.";
    private const string WrongLimitClass = "Invalid client class specified in buffer limit configuration.";
    private const string WrongLimit = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
    private const string WrongSave = "Invalid save parameters";

    public static OptionValue ReadDefault(OptionSpec spec)
    {
        if (spec.Kind == OptionKind.Folder)
            return new OptionValue(OptionText.FromNative(Environment.CurrentDirectory));
        // Empty means "none" for these, as it does in a configuration file.
        string[] words = spec.TakesSeveral ? spec.DefaultText.Split(' ') : [spec.DefaultText];
        var nothing = new OptionValue("", items: []);
        if (spec.Kind == OptionKind.Primary)
            return nothing;
        var error = TryRead(spec, words, nothing, OptionSource.Start, out var value, skipCheck: true);
        return error is null ? value : throw new InvalidOperationException($"default of {spec.Name}: {error}");
    }

    /// <summary>Null when the words are a value of the option; otherwise the error.</summary>
    public static string? TryRead(OptionSpec spec, ReadOnlySpan<string> words, OptionValue previous,
        OptionSource source, out OptionValue value, bool skipCheck = false)
    {
        value = previous;
        if (!spec.TakesSeveral && words.Length != 1)
            return WrongWordCount;
        var error = spec.Kind switch
        {
            OptionKind.Switch => ReadSwitch(words[0], source, ref value),
            OptionKind.Real => ReadReal(words[0], ref value),
            OptionKind.Choice => ReadChoice(spec, words[0], ref value),
            OptionKind.ChoiceSet => ReadChoices(spec, words, ref value),
            OptionKind.Text => ReadText(words[0], ref value),
            OptionKind.SavePoints => ReadSavePoints(words, source, ref value),
            OptionKind.OutputLimits => ReadOutputLimits(words, ref value),
            OptionKind.OomScores => ReadOomScores(words, ref value),
            OptionKind.KeyspaceEvents => ReadEvents(words[0], ref value),
            OptionKind.Addresses => ReadAddresses(words, ref value),
            OptionKind.Percentiles => ReadPercentiles(words, ref value),
            OptionKind.Primary => ReadPrimary(words, source, ref value),
            OptionKind.Folder => ReadFolder(words[0], ref value),
            _ => ReadNumber(spec, words[0], source, ref value),
        };
        if (error is null && !skipCheck && spec.Check is not null && !IsOffAtStart(spec, value, source))
            error = spec.Check(value.Text);
        if (error is not null)
            value = previous;
        return error;
    }

    /// <summary>Dragonfly's way to say "no snapshots": a start may leave the file's name empty, CONFIG SET not.</summary>
    private static bool IsOffAtStart(OptionSpec spec, OptionValue value, OptionSource source) =>
        source == OptionSource.Start && spec.Effect == OptionEffect.Promises && value.Text.Length == 0;

    private static string? ReadSwitch(string word, OptionSource source, ref OptionValue value)
    {
        bool? on = word.ToLowerInvariant() switch
        {
            "yes" => true,
            "no" => false,
            "true" or "t" or "y" or "1" or "on" when source == OptionSource.Start => true,
            "false" or "f" or "n" or "0" or "off" when source == OptionSource.Start => false,
            _ => null,
        };
        if (on is null)
            return "argument must be 'yes' or 'no'";
        value = new OptionValue(on.Value ? "yes" : "no", on.Value ? 1 : 0);
        return null;
    }

    private static string? ReadNumber(OptionSpec spec, string word, OptionSource source, ref OptionValue value)
    {
        var error = ParseNumber(spec, word, source, out var number);
        if (error is not null)
            return error;
        var isPercent = spec.Kind == OptionKind.MemoryOrPercent && number < 0;
        error = CheckBounds(spec, number, isPercent, source);
        if (error is not null)
            return error;
        if (spec.Clamp is { } clamp)
            number = Math.Clamp(number, clamp.Min, clamp.Max);
        value = new OptionValue(FormatNumber(spec.Kind, number), number);
        return null;
    }

    private static string? ParseNumber(OptionSpec spec, string word, OptionSource source, out long number)
    {
        switch (spec.Kind)
        {
            case OptionKind.Number:
                return NumberText.TryParse(word, out number) ? null : "argument couldn't be parsed into an integer";
            case OptionKind.Octal:
                return NumberText.TryParseOctal(word, out number)
                    ? null
                    : "argument couldn't be parsed as an octal number";
        }

        var isSize = source == OptionSource.Start
            ? MemorySize.TryParseLenient(word, out var bytes)
            : MemorySize.TryParse(word, out bytes);
        number = unchecked((long)bytes);
        if (isSize)
            return null;
        if (spec.Kind == OptionKind.SignedMemory && NumberText.TryParse(word, out number))
            return null;
        if (spec.Kind == OptionKind.MemoryOrPercent && word.Length > 1 && word[^1] == '%'
            && NumberText.TryParse(word[..^1], out number) && number >= 0)
        {
            number = -number;
            return null;
        }
        return spec.Kind == OptionKind.MemoryOrPercent
            ? "argument must be a memory or percent value"
            : "argument must be a memory value";
    }

    private static string? CheckBounds(OptionSpec spec, long number, bool isPercent, OptionSource source)
    {
        if (isPercent)
        {
            return number >= spec.Min
                ? null
                : $"percentage argument must be less or equal to {Write(-spec.Min)}";
        }
        if (spec.IsUnsigned)
        {
            var (min, max, unsigned) = unchecked(((ulong)spec.Min, (ulong)spec.Max, (ulong)number));
            if (unsigned >= min && unsigned <= max)
                return null;
            return spec.Kind == OptionKind.Octal
                ? $"argument must be between {WriteOctal(spec.Min)} and {WriteOctal(spec.Max)} inclusive"
                : $"argument must be between {Write(min)} and {Write(max)} inclusive";
        }
        var least = source == OptionSource.Start ? spec.MinAtStart ?? spec.Min : spec.Min;
        return number >= least && number <= spec.Max
            ? null
            : $"argument must be between {Write(spec.Min)} and {Write(spec.Max)} inclusive";
    }

    private static string FormatNumber(OptionKind kind, long number) => kind switch
    {
        OptionKind.Octal => WriteOctal(number),
        OptionKind.Memory => Write(unchecked((ulong)number)),
        OptionKind.MemoryOrPercent when number < 0 => Write(-number) + "%",
        _ => Write(number),
    };

    private static string? ReadReal(string word, ref OptionValue value)
    {
        if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return "argument couldn't be parsed into a number";
        value = new OptionValue(word);
        return null;
    }

    private static string? ReadText(string word, ref OptionValue value)
    {
        value = new OptionValue(word);
        return null;
    }

    private static string? ReadChoice(OptionSpec spec, string word, ref OptionValue value)
    {
        var index = FindChoice(spec, word);
        if (index < 0)
            return NoSuchChoice(spec);
        if (spec.Choices[index] == spec.Synonym.From)
            index = Array.IndexOf(spec.Choices, spec.Synonym.To);
        value = new OptionValue(spec.Choices[index], index);
        return null;
    }

    /// <summary>The first choice is none; each of the others is a bit.</summary>
    private static string? ReadChoices(OptionSpec spec, ReadOnlySpan<string> words, ref OptionValue value)
    {
        if (words.Length == 0)
            return NoSuchChoice(spec);
        var bits = 0L;
        foreach (var word in words)
        {
            var index = FindChoice(spec, word);
            if (index < 0)
                return NoSuchChoice(spec);
            if (index > 0)
                bits |= 1L << (index - 1);
        }
        var names = new List<string>();
        for (var index = 1; index < spec.Choices.Length; index++)
        {
            if ((bits & (1L << (index - 1))) != 0)
                names.Add(spec.Choices[index]);
        }
        value = new OptionValue(bits == 0 ? spec.Choices[0] : string.Join(' ', names), bits);
        return null;
    }

    private static int FindChoice(OptionSpec spec, string word) =>
        Array.FindIndex(spec.Choices, choice => choice.Equals(word, StringComparison.OrdinalIgnoreCase));

    private static string NoSuchChoice(OptionSpec spec) =>
        "argument(s) must be one of the following: " + string.Join(", ", spec.Choices);

    /// <summary>While a server starts, each line adds points; an empty word drops those before it.</summary>
    private static string? ReadSavePoints(ReadOnlySpan<string> words, OptionSource source, ref OptionValue value)
    {
        var drops = words is [""] || source == OptionSource.Runtime;
        if (words is [""])
            words = [];
        if (words.Length % 2 != 0)
            return WrongSave;
        var points = new List<string>(drops ? [] : value.Items);
        for (var i = 0; i < words.Length; i++)
        {
            if (!NumberText.TryParsePlain(words[i], out var number) || number < (i % 2 == 0 ? 1 : 0))
                return WrongSave;
            points.Add(Write(number));
        }
        value = new OptionValue(string.Join(' ', points), items: points.ToArray());
        return null;
    }

    /// <summary>Words come in fours, one four for each class that changes.</summary>
    private static string? ReadOutputLimits(ReadOnlySpan<string> words, ref OptionValue value)
    {
        if (words.Length % 4 != 0)
            return WrongLimitCount;
        var limits = value.Items.Length == 0 ? new string[12] : (string[])value.Items.Clone();
        for (var i = 0; i < words.Length; i += 4)
        {
            var place = words[i].ToLowerInvariant() switch
            {
                "normal" => 0,
                "slave" or "replica" => 4,
                "pubsub" => 8,
                _ => -1,
            };
            if (place < 0)
                return WrongLimitClass;
            if (!MemorySize.TryParse(words[i + 1], out var hard) || !MemorySize.TryParse(words[i + 2], out var soft)
                || !NumberText.TryParsePlain(words[i + 3], out var seconds) || (int)seconds < 0)
            {
                return WrongLimit;
            }
            limits[place] = place switch { 0 => "normal", 4 => "slave", _ => "pubsub" };
            limits[place + 1] = Write(hard);
            limits[place + 2] = Write(soft);
            limits[place + 3] = Write((int)seconds);
        }
        value = new OptionValue(string.Join(' ', limits), items: limits);
        return null;
    }

    private static string? ReadOomScores(ReadOnlySpan<string> words, ref OptionValue value)
    {
        if (words.Length != OomScores)
            return WrongWordCount;
        var scores = new string[OomScores];
        for (var i = 0; i < OomScores; i++)
        {
            if (!NumberText.TryParsePlain(words[i], out var score) || Math.Abs(score) > OomScoreMax)
                return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
            scores[i] = Write(score);
        }
        value = new OptionValue(string.Join(' ', scores), items: scores);
        return null;
    }

    private static string? ReadEvents(string word, ref OptionValue value)
    {
        if (!KeyspaceEventLetters.TryParse(word, out var events))
            return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
        value = new OptionValue(KeyspaceEventLetters.Format(events), (long)events);
        return null;
    }

    private static string? ReadAddresses(ReadOnlySpan<string> words, ref OptionValue value)
    {
        if (words.Length > AddressesMax)
            return "Too many bind addresses specified.";
        string[] addresses = words is [""] ? [] : words.ToArray();
        value = new OptionValue(string.Join(' ', addresses), items: addresses);
        return null;
    }

    private static string? ReadPercentiles(ReadOnlySpan<string> words, ref OptionValue value)
    {
        if (words is [""])
            words = [];
        var percentiles = new string[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var percentile)
                || double.IsNaN(percentile))
            {
                return "Invalid latency-tracking-info-percentiles parameters";
            }
            if (percentile is < 0 or > 100)
                return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
            percentiles[i] = percentile.ToString("0.######", CultureInfo.InvariantCulture);
        }
        value = new OptionValue(string.Join(' ', percentiles), items: percentiles);
        return null;
    }

    /// <summary>Valkey's "host port" and "no one"; a start also takes Dragonfly's "host:port".</summary>
    private static string? ReadPrimary(ReadOnlySpan<string> words, OptionSource source, ref OptionValue value)
    {
        if (words.Length == 1 && source == OptionSource.Start)
        {
            var colon = words[0].LastIndexOf(':');
            if (words[0].Length == 0)
                words = new[] { "no", "one" };
            else if (colon > 0)
                words = new[] { words[0][..colon], words[0][(colon + 1)..] };
        }
        if (words.Length != 2)
            return WrongWordCount;
        if (words[0].Equals("no", StringComparison.OrdinalIgnoreCase)
            && words[1].Equals("one", StringComparison.OrdinalIgnoreCase))
        {
            value = new OptionValue("");
            return null;
        }
        if (!NumberText.TryParsePlain(words[1], out var port) || port is < 0 or > ushort.MaxValue)
            return "Invalid primary port";
        value = new OptionValue($"{words[0]} {Write(port)}", items: words.ToArray());
        return null;
    }

    private static string? ReadFolder(string word, ref OptionValue value)
    {
        if (word.Length == 0)
            return "dir can't be empty";
        // The system's calls would end the path there; .NET's refuse it.
        if (word.Contains('\0'))
            return "No such file or directory";
        var path = Path.GetFullPath(OptionText.ToNative(word), OptionText.ToNative(value.Text));
        if (!Directory.Exists(path))
            return File.Exists(path) ? "Not a directory" : "No such file or directory";
        value = new OptionValue(OptionText.FromNative(Path.TrimEndingDirectorySeparator(path)));
        return null;
    }

    private static string Write(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string WriteOctal(long number) => Convert.ToString(number, 8);

    private static string Write(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
