using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Core.Rdb;

/// <summary>
/// What a value's bytes begin with: its type and how it is laid out. Numbers from 22 on mean different things in files of
/// Valkey (<see cref="Hash2"/>) and of Redis 7.4 and later (the others); see <see cref="RdbVersion"/>.
/// </summary>
public enum RdbType : byte
{
    String = 0,
    List = 1,
    Set = 2,

    /// <summary>Scores as text.</summary>
    SortedSet = 3,
    Hash = 4,

    /// <summary>Scores as doubles.</summary>
    SortedSet2 = 5,
    HashZipmap = 9,
    ListZiplist = 10,
    SetIntegers = 11,
    SortedSetZiplist = 12,
    HashZiplist = 13,
    ListOfZiplists = 14,
    Stream = 15,
    HashListpack = 16,
    SortedSetListpack = 17,
    ListOfListpacks = 18,

    /// <summary>Redis 7: with the first id, the greatest deleted one, and what was added and read.</summary>
    Stream2 = 19,
    SetListpack = 20,

    /// <summary>Redis 7.2: consumers with the time when they were active, too.</summary>
    Stream3 = 21,

    /// <summary>Valkey 9: fields with expiry times.</summary>
    Hash2 = 22,

    /// <summary>Ours: members with expiry times. A number that neither Valkey nor Redis gives to a value.</summary>
    SetExpiring = 160,

    /// <summary>As above, with scores as doubles before the times.</summary>
    SortedSetExpiring = 161,
}

/// <summary>Redis's own types, in the versions that are reserved for it.</summary>
internal enum RedisType : byte
{
    /// <summary>7.4 before it was released: no least expiry in front.</summary>
    EarlyHashExpiring = 22,
    EarlyHashListpackExpiring = 23,
    HashExpiring = 24,
    HashListpackExpiring = 25,
}

/// <summary>How a value's elements lie behind its type.</summary>
internal enum RdbLayout : byte
{
    /// <summary>No value that is known here.</summary>
    None,

    /// <summary>One string, the value.</summary>
    Text,

    /// <summary>A count, and strings with what belongs to them.</summary>
    Elements,

    /// <summary>One string, which holds all elements packed.</summary>
    Packed,

    /// <summary>A count, and strings that hold some elements each.</summary>
    Nodes,

    /// <summary>Nodes with their ids, figures, and groups.</summary>
    Stream,
}

/// <summary>How elements are packed in a string.</summary>
internal enum RdbPacking : byte { None, Listpack, Ziplist, Zipmap, Integers }

/// <summary>What stands beside an element.</summary>
internal enum RdbExtra : byte
{
    None,

    /// <summary>Of a hash: the value.</summary>
    Value,

    /// <summary>The value, then the expiry in 8 bytes, -1 for none.</summary>
    ValueAndExpiry,

    /// <summary>Before field and value, the expiry as a length, 0 for none.</summary>
    ExpiryFirst,

    /// <summary>As above, less the least expiry of all, which stands before the count, and one more.</summary>
    ShortExpiryFirst,

    /// <summary>The value, and the expiry as a number, 0 for none; the least of all stands before the listpack.</summary>
    ValueAndNumber,

    /// <summary>As above, without the least of all.</summary>
    EarlyValueAndNumber,

    /// <summary>Of a set: the expiry in 8 bytes, -1 for none.</summary>
    Expiry,

    /// <summary>A double.</summary>
    Score,

    /// <summary>A double, then the expiry in 8 bytes, -1 for none.</summary>
    ScoreAndExpiry,

    /// <summary>A text behind its length.</summary>
    TextScore,

    /// <summary>A packed element.</summary>
    PackedScore,

    /// <summary>Of a stream: all of its figures, and how much each group has read.</summary>
    Figures,

    /// <summary>As above, and when each consumer was active.</summary>
    FiguresAndActive,
}

/// <summary>What a type says of the bytes behind it.</summary>
internal readonly record struct RdbForm(ValueType Value, RdbLayout Layout, RdbPacking Packing = RdbPacking.None, RdbExtra Extra = RdbExtra.None)
{
    public static RdbForm Of(byte type, int version) => RdbVersion.IsForeign(version) && type >= RdbVersion.ForeignTypeMin
        ? (RedisType)type switch
        {
            RedisType.EarlyHashExpiring => new(ValueType.Hash, RdbLayout.Elements, Extra: RdbExtra.ExpiryFirst),
            RedisType.EarlyHashListpackExpiring => new(ValueType.Hash, RdbLayout.Packed, RdbPacking.Listpack, RdbExtra.EarlyValueAndNumber),
            RedisType.HashExpiring => new(ValueType.Hash, RdbLayout.Elements, Extra: RdbExtra.ShortExpiryFirst),
            RedisType.HashListpackExpiring => new(ValueType.Hash, RdbLayout.Packed, RdbPacking.Listpack, RdbExtra.ValueAndNumber),
            _ => default,
        }
        : (RdbType)type switch
        {
            RdbType.String => new(ValueType.String, RdbLayout.Text),
            RdbType.List => new(ValueType.List, RdbLayout.Elements),
            RdbType.ListZiplist => new(ValueType.List, RdbLayout.Packed, RdbPacking.Ziplist),
            RdbType.ListOfZiplists => new(ValueType.List, RdbLayout.Nodes, RdbPacking.Ziplist),
            RdbType.ListOfListpacks => new(ValueType.List, RdbLayout.Nodes, RdbPacking.Listpack),
            RdbType.Set => new(ValueType.Set, RdbLayout.Elements),
            RdbType.SetIntegers => new(ValueType.Set, RdbLayout.Packed, RdbPacking.Integers),
            RdbType.SetListpack => new(ValueType.Set, RdbLayout.Packed, RdbPacking.Listpack),
            RdbType.SetExpiring => new(ValueType.Set, RdbLayout.Elements, Extra: RdbExtra.Expiry),
            RdbType.SortedSet => new(ValueType.SortedSet, RdbLayout.Elements, Extra: RdbExtra.TextScore),
            RdbType.SortedSet2 => new(ValueType.SortedSet, RdbLayout.Elements, Extra: RdbExtra.Score),
            RdbType.SortedSetExpiring => new(ValueType.SortedSet, RdbLayout.Elements, Extra: RdbExtra.ScoreAndExpiry),
            RdbType.SortedSetZiplist => new(ValueType.SortedSet, RdbLayout.Packed, RdbPacking.Ziplist, RdbExtra.PackedScore),
            RdbType.SortedSetListpack => new(ValueType.SortedSet, RdbLayout.Packed, RdbPacking.Listpack, RdbExtra.PackedScore),
            RdbType.Hash => new(ValueType.Hash, RdbLayout.Elements, Extra: RdbExtra.Value),
            RdbType.HashZipmap => new(ValueType.Hash, RdbLayout.Packed, RdbPacking.Zipmap, RdbExtra.Value),
            RdbType.HashZiplist => new(ValueType.Hash, RdbLayout.Packed, RdbPacking.Ziplist, RdbExtra.Value),
            RdbType.HashListpack => new(ValueType.Hash, RdbLayout.Packed, RdbPacking.Listpack, RdbExtra.Value),
            RdbType.Stream => new(ValueType.Stream, RdbLayout.Stream),
            RdbType.Stream2 => new(ValueType.Stream, RdbLayout.Stream, Extra: RdbExtra.Figures),
            RdbType.Stream3 => new(ValueType.Stream, RdbLayout.Stream, Extra: RdbExtra.FiguresAndActive),
            RdbType.Hash2 => new(ValueType.Hash, RdbLayout.Elements, Extra: RdbExtra.ValueAndExpiry),
            _ => default,
        };
}
