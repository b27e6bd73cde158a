namespace Anax.Core.Structures;

/// <summary>How a set lies in memory, as clients may ask.</summary>
public enum SetEncoding : byte { Integers, Packed, Table }
