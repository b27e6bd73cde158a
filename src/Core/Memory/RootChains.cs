namespace Anax.Core.Memory;

/// <summary>
/// Where the chains through the roots of an arena's large values begin, by handle, 0 for none: those that a key names,
/// and those that no key names any more, which are freed in steps.
/// </summary>
internal struct RootChains
{
    public uint Live;
    public uint Doomed;

    /// <summary>The live root that the sweep visits next; it follows when that one goes.</summary>
    public uint SweepNext;

    /// <summary>How far the first doomed value is freed.</summary>
    public ulong FreePosition;

    /// <summary>Steps that were spent on it so far.</summary>
    public int FreeSteps;
    public long LiveCount;
    public long DoomedCount;

    /// <summary>Values so far that took more than one step.</summary>
    public long FreedInSteps;
}
