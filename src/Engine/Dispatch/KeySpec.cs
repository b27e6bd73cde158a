namespace Anax.Engine.Dispatch;

/// <summary>What a command does with a key, in the terms of Valkey's key specifications.</summary>
[Flags]
public enum KeyAccess
{
    None = 0,
    ReadOnly = 1 << 0,
    ReadWrite = 1 << 1,
    Overwrite = 1 << 2,
    Remove = 1 << 3,
    Access = 1 << 4,
    Update = 1 << 5,
    Insert = 1 << 6,
    Delete = 1 << 7,
    NotKey = 1 << 8,
    Incomplete = 1 << 9,
    VariableFlags = 1 << 10,
}

/// <summary>How the search for a command's keys begins and goes on (https://valkey.io/topics/key-specs).</summary>
public enum KeySearch : byte { Range, KeyCount, Unknown }

/// <summary>
/// Where some of a command's keys stand and what happens to them. Begin is an argument index, or a keyword from
/// which to search; Find is a range (last, step, limit) or a count of keys that an argument gives.
/// </summary>
public sealed record KeySpec(KeyAccess Access, KeySearch Find)
{
    public int BeginIndex { get; init; } = 1;
    public string? BeginKeyword { get; init; }

    /// <summary>Range: relative to the first key, negative counts from the end (-1 is the last argument).</summary>
    public int LastKey { get; init; }
    public int Step { get; init; } = 1;
    public int Limit { get; init; }

    /// <summary>KeyCount: index of the argument with the count, and of the first key, both relative to Begin.</summary>
    public int CountIndex { get; init; }
    public int FirstKey { get; init; }
    public string? Notes { get; init; }

    /// <summary>Index of the last key of a range in a command of <paramref name="count"/> arguments.</summary>
    public int LastIndex(int count)
    {
        if (LastKey >= 0) return BeginIndex + LastKey;
        int last = count + LastKey;
        return LastKey == -1 && Limit > 1 ? BeginIndex + (count - BeginIndex) / Limit - 1 : last;
    }
}

/// <summary>The key specifications that most rows need.</summary>
public static class Keys
{
    public static readonly KeySpec[] None = [];

    /// <summary>One key at index 1.</summary>
    public static KeySpec[] First(KeyAccess access) => [new(access, KeySearch.Range)];

    /// <summary>One key at the given index.</summary>
    public static KeySpec[] At(int index, KeyAccess access) => [new(access, KeySearch.Range) { BeginIndex = index }];

    /// <summary>Every argument from index 1 on, in steps (2 for key-value pairs).</summary>
    public static KeySpec[] All(KeyAccess access, int step = 1) =>
        [new(access, KeySearch.Range) { LastKey = -1, Step = step }];

    /// <summary>Two keys at indexes 1 and 2 with different access.</summary>
    public static KeySpec[] Pair(KeyAccess first, KeyAccess second) =>
        [new(first, KeySearch.Range), new(second, KeySearch.Range) { BeginIndex = 2 }];
}
