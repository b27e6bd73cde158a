namespace Anax.Core.Structures;

/// <summary>
/// Where an entry lies: its segment, its home there, and its slot. Void once the table's version changes.
/// </summary>
internal unsafe struct SlotPlace
{
    /// <summary>The index of a bucket in an overflow block, which has no lanes.</summary>
    public const uint NoLane = uint.MaxValue;

    public SegmentEntry Entry;
    public Bucket* Bucket;
    public uint Home, BucketIndex;
    private short _slot;

    /// <summary>What the next change makes of a key; kept here, where it leaves an entry its 64 bytes.</summary>
    public Stickiness Stick;

    public uint Version;

    public int Slot
    {
        readonly get => _slot;
        set => _slot = (short)value;
    }

    public readonly uint Handle => Bucket->Handles[Slot];
}

/// <summary>Sees the slots of a walk; may clear the slot that it is given, and no other.</summary>
internal interface ISlotVisitor
{
    void Visit(in SlotPlace place);
}

/// <summary>Sees the slots whose time has come during a sweep, and hears of records that it moves.</summary>
internal interface ISweepVisitor : ISlotVisitor
{
    /// <summary>
    /// A record lies at another handle from now on. Both handles hold it until this returns, so that who names it elsewhere
    /// can find it by its content.
    /// </summary>
    void Moving(uint from, uint to);
}
