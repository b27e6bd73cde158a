namespace Anax.Core.Structures;

/// <summary>What became of an attempt to raise a register.</summary>
public enum SparseChange : byte
{
    /// <summary>It was as high already.</summary>
    None,
    Raised,

    /// <summary>The sparse encoding cannot hold it, or would become too long: nothing has changed.</summary>
    NeedsDense,
    Corrupt,
}
