namespace Anax.Core.Structures;

/// <summary>
/// Where a search among the runs of a sparse HyperLogLog may begin: a run's offset, and its first register. The default is
/// the beginning.
/// </summary>
public struct SparsePlace
{
    internal int Offset;
    internal int First;
}
