using Anax.Core.Structures;

namespace Anax.Core.Rdb;

/// <summary>What of a stream is read next.</summary>
internal enum RdbStreamPart : byte { Nodes, Groups, Pending, Consumers, Owned }

/// <summary>Where the reading of a stream stands; plain data, all zero at first.</summary>
internal struct RdbStreamState
{
    public RdbStreamPart Part;

    /// <summary>Of the node under way.</summary>
    public StreamId Node;

    /// <summary>Of all nodes so far: the first entry that is not deleted, the last of all, and how many are not deleted.</summary>
    public StreamId First, Last;
    public long Count;

    /// <summary>The group and the consumer under way: their cells, which do not move.</summary>
    public uint Group, Consumer;

    /// <summary>Of the group, consumers that are still to come; of the group or the consumer, what is pending.</summary>
    public ulong ConsumersLeft, PendingLeft;

    /// <summary>The last one of what is pending.</summary>
    public StreamId Before;

    /// <summary>How much of what is pending in the group has a consumer.</summary>
    public long Owned;
}
