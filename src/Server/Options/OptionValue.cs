namespace Anax.Server.Options;

/// <summary>One option's value: the text that CONFIG GET shows, and what was read out of it. Immutable.</summary>
public sealed class OptionValue
{
    internal OptionValue(string text, long number = 0, string[]? items = null)
    {
        Text = text;
        Bytes = text.Length == 0 ? [] : OptionText.ToBytes(text);
        Number = number;
        Items = items ?? [];
    }

    /// <summary>Canonical text, one character per byte.</summary>
    public string Text { get; }
    /// <summary>The text as CONFIG GET answers it.</summary>
    public byte[] Bytes { get; }
    /// <summary>Switch 0 or 1, number, bytes, percentage as a negative number, choice's index, or bits of a set.</summary>
    public long Number { get; }
    /// <summary>The words of an option that takes several.</summary>
    public string[] Items { get; }
}

/// <summary>
/// The values of all options at one moment, indexed as the table is. Immutable: a change makes a new one, so every
/// loop can hold its own reference and answer CONFIG GET without asking anybody.
/// </summary>
public sealed class OptionValues
{
    private readonly OptionValue[] _values;

    internal OptionValues(OptionValue[] values) => _values = values;

    public OptionValue this[OptionSpec spec] => _values[spec.Index];

    /// <summary>By name; the name must be in the table.</summary>
    public OptionValue this[string name] => _values[OptionTable.Get(name).Index];

    internal OptionValues With(OptionSpec spec, OptionValue value)
    {
        var copy = (OptionValue[])_values.Clone();
        copy[spec.Index] = value;
        return new OptionValues(copy);
    }

    internal OptionValue[] Copy() => (OptionValue[])_values.Clone();
}
