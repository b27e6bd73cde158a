using Anax.Core.Memory;

namespace Anax.Core.Rdb;

/// <summary>Of types, the limits up to which values lie packed.</summary>
public readonly record struct RdbLimits(
    Structures.PackedLimits Hashes, Structures.SetLimits Sets, Structures.PackedLimits SortedSets, Structures.ListLimit Lists);

/// <summary>How far a value has been read.</summary>
public enum RdbLoad : byte
{
    /// <summary>There is more to do.</summary>
    GoesOn,

    /// <summary>It is complete, and nothing stands behind it.</summary>
    Done,

    /// <summary>It is no value, or one that is damaged.</summary>
    Damaged,

    /// <summary>Memory was refused.</summary>
    Refused,
}

/// <summary>
/// Where the reading of a value stands (see <see cref="RdbLoader"/>). Plain data; all zero at first, released at the end.
/// </summary>
public struct RdbLoadState
{
    /// <summary>The place in the payload behind what was read.</summary>
    internal int At;

    internal RdbForm Form;
    internal bool IsBegun;

    /// <summary>Elements, nodes, or groups, that are still to come.</summary>
    internal ulong Left;

    /// <summary>Elements that the payload tells of.</summary>
    internal ulong Told;

    /// <summary>The least expiry of all fields.</summary>
    internal long LeastExpiry;

    /// <summary>Nodes of a list that had elements.</summary>
    internal long Nodes;

    internal RdbStreamState Stream;

    /// <summary>A string under way that holds elements, or that is the value: where it lies in the payload.</summary>
    internal int BlobStart, BlobLength;
    internal bool HasBlob;

    /// <summary>Where it is compressed, or becomes a value: its bytes, how many there are, and how many are there yet.</summary>
    internal NativeBlock Unpacked;
    internal int UnpackedLength, UnpackedAt;

    /// <summary>How much of it was unpacked.</summary>
    internal int PackedAt;
    internal bool IsCompressed, IsUnpacking;

    internal RdbPackedWalk Walk;
    internal bool IsWalkBegun;

    /// <summary>For compressed elements: two, as a field and its value are looked at together.</summary>
    internal NativeBlock FirstScratch, SecondScratch;

    /// <summary>Gives back what the reading has taken beside the value.</summary>
    public void Release()
    {
        ReleaseBlob();
        if (!FirstScratch.IsNull) FirstScratch.Release();
        if (!SecondScratch.IsNull) SecondScratch.Release();
        (FirstScratch, SecondScratch) = (default, default);
    }

    internal void ReleaseBlob()
    {
        if (!Unpacked.IsNull) Unpacked.Release();
        Unpacked = default;
        HasBlob = IsWalkBegun = IsUnpacking = false;
    }
}
