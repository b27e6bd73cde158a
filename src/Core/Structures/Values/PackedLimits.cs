namespace Anax.Core.Structures;

/// <summary>Up to where a value stays packed: how many members it may have, and how many bytes each of their parts.</summary>
public readonly record struct PackedLimits(long EntriesMax, long BytesMax);
