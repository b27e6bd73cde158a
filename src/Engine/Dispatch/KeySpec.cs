using Anax.Core.Buffers;
using Anax.Core.Text;

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

/// <summary>Finds a key among a call's arguments by what they mean.</summary>
public delegate int KeyFinder(Arguments args);

/// <summary>How the search for a command's keys begins and goes on (https://valkey.io/topics/key-specs).</summary>
public enum KeySearch : byte { Range, KeyCount, Unknown }

/// <summary>
/// Where some of a command's keys stand and what happens to them. Begin is an argument index, or a keyword from
/// which to search; Find is a range (last, step, limit) or a count of keys that an argument gives.
/// </summary>
public sealed record KeySpec(KeyAccess Access, KeySearch Find)
{
    private readonly byte[] _keyword = [];
    private readonly byte[] _rival = [];

    public int BeginIndex { get; init; } = 1;
    public string? BeginKeyword
    {
        get;
        init
        {
            field = value;
            _keyword = System.Text.Encoding.ASCII.GetBytes(value ?? "");
        }
    }

    /// <summary>
    /// Another keyword, which competes with the own one: what counts is the last of both that has something behind it.
    /// </summary>
    public string? RivalKeyword
    {
        get;
        init
        {
            field = value;
            _rival = System.Text.Encoding.ASCII.GetBytes(value ?? "");
        }
    }

    /// <summary>Range: relative to the first key, negative counts from the end (-1 is the last argument).</summary>
    public int LastKey { get; init; }
    public int Step { get; init; } = 1;
    public int Limit { get; init; }

    /// <summary>KeyCount: index of the argument with the count, and of the first key, both relative to Begin.</summary>
    public int CountIndex { get; init; }
    public int FirstKey { get; init; }
    public string? Notes { get; init; }

    /// <summary>Finds the one key that clients are told is unknown: its index in a call, 0 where there is none.</summary>
    public KeyFinder? Finder { get; init; }

    /// <summary>
    /// Where the keyword may also be the value of an option: finds the first key, 0 where a call has none.
    /// </summary>
    public KeyFinder? BeginFinder { get; init; }

    /// <summary>The keys are changed, although clients are told that they are read.</summary>
    public bool AreChanged { get; init; }

    /// <summary>Where the search begins in a call; false where its keyword is missing, or nobody can say.</summary>
    public bool Begins(Arguments args, out int begin)
    {
        begin = BeginIndex;
        if ((Finder ?? BeginFinder) is { } finder) begin = finder(args);
        if (BeginKeyword is null || BeginFinder is not null) return begin > 0;
        if (RivalKeyword is not null) return BeginsLast(args, out begin);
        // From a place on forwards, or from the end backwards.
        bool forwards = BeginIndex > 0;
        int first = forwards ? BeginIndex : args.Count + BeginIndex;
        for (int i = first; i >= 1 && i < args.Count; i += forwards ? 1 : -1)
        {
            if (!Ascii.EqualsIgnoreCase(args[i], _keyword)) continue;
            begin = i + 1;
            return true;
        }
        return false;
    }

    private bool BeginsLast(Arguments args, out int begin)
    {
        begin = 0;
        bool isOwn = false;
        for (int i = BeginIndex; i + 1 < args.Count; i++)
        {
            bool isKeyword = Ascii.EqualsIgnoreCase(args[i], _keyword);
            if (!isKeyword && !Ascii.EqualsIgnoreCase(args[i], _rival)) continue;
            begin = ++i;
            isOwn = isKeyword;
        }
        return isOwn;
    }

    /// <summary>The indexes of the first and last key of a call; false where its arguments do not give them.</summary>
    public bool TryFind(Arguments args, out int first, out int last)
    {
        last = 0;
        if (Finder is { } finder)
        {
            first = last = finder(args);
            return first > 0;
        }
        if (!Begins(args, out first)) return false;
        if (Find == KeySearch.Range)
        {
            if (LastKey >= 0) last = first + LastKey;
            else last = (Limit == 0 ? args.Count : first + (args.Count - first) / Limit) + LastKey;
        }
        else if (Find == KeySearch.KeyCount)
        {
            int at = first + CountIndex;
            if (at >= args.Count || !Numbers.TryParseInt(args[at], out int count)) return false;
            first += FirstKey;
            if (count > args.Count) return false;
            last = first + (count - 1) * Step;
        }
        return Find != KeySearch.Unknown && first <= last && last < args.Count;
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
