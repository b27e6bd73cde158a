namespace Anax.Core.Structures;

/// <summary>How two rows of bits become one; <see cref="Not"/> takes only one.</summary>
public enum BitOperation : byte { And, Or, Xor, Not }
