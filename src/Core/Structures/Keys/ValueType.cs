namespace Anax.Core.Structures;

/// <summary>What kind of value a key holds.</summary>
public enum ValueType : byte
{
    String = 0,
    List = 1,
    Set = 2,
    SortedSet = 3,
    Hash = 4,
    Stream = 5,
}
