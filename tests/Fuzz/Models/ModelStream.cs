namespace Anax.Tests.Fuzz.Models;

/// <summary>An id of a stream's entry, as its text is compared: by time, then by number.</summary>
internal readonly record struct ModelId(long Ms, long Number) : IComparable<ModelId>
{
    public static readonly ModelId Least = new(0, 0), Greatest = new(long.MaxValue, long.MaxValue);

    public int CompareTo(ModelId other) => (Ms, Number).CompareTo((other.Ms, other.Number));

    public override string ToString() => $"{Ms}-{Number}";
}

/// <summary>An entry that was given to a consumer and not acknowledged.</summary>
internal sealed record ModelPending(string Consumer, long GivenMs, int Times);

/// <summary>A group of a stream's consumers.</summary>
internal sealed class ModelGroup
{
    public ModelId Last { get; set; }

    public SortedDictionary<ModelId, ModelPending> Pending { get; init; } = [];
}

/// <summary>A stream: entries in order, the last id that was given, and groups.</summary>
internal sealed class ModelStream
{
    public SortedDictionary<ModelId, string[]> Entries { get; init; } = [];

    public SortedDictionary<string, ModelGroup> Groups { get; init; } = new(StringComparer.Ordinal);

    public ModelId Last { get; set; }

    public ModelStream Clone()
    {
        var copy = new ModelStream { Entries = new(Entries), Last = Last };
        foreach ((string name, ModelGroup group) in Groups) copy.Groups.Add(name, new ModelGroup { Last = group.Last, Pending = new(group.Pending) });
        return copy;
    }
}
