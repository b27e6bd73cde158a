using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

// A consumer group and what is behind it:
//
//     group, never moves     | name at | last id | entries read | pending ─┐ | consumers ─┐ | name |
//                                              ids, in order ◄─────────────┘              │
//     consumer, never moves  | name at | seen | active | pending ─┐ | name |  ◄───────────┘ by name
//                                                                 │
//     pending                | id | delivered | times | consumer |  ◄── named by the tree of its group and that of its consumer

/// <summary>What a consumer group begins with.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct GroupCell
{
    public const int SizeBytes = 104;
    public const int PendingOffset = 32;
    public const int ConsumersOffset = 64;

    public NamedCell Name;

    /// <summary>The last entry that was delivered to anybody.</summary>
    public StreamId LastId;

    /// <summary>Entries that were read up to there; <see cref="StreamGroup.Unknown"/> when nobody can say.</summary>
    public long EntriesRead;

    /// <summary>What is pending, by its ids.</summary>
    public TreeHeader Pending;

    /// <summary>The consumers by their names.</summary>
    public TreeHeader Consumers;

    /// <summary>Bytes of the cells of the group, its consumers and what is pending, with the nodes of the consumers' own trees.</summary>
    public long Bytes;
}

/// <summary>What a consumer of a group begins with.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct ConsumerCell
{
    public const int SizeBytes = 56;
    public const int PendingOffset = 24;

    public NamedCell Name;

    /// <summary>Unix milliseconds when it last tried to read or claim.</summary>
    public long SeenMs;

    /// <summary>Unix milliseconds when it last got something; -1 for never.</summary>
    public long ActiveMs;

    /// <summary>What is pending for it, by its ids.</summary>
    public TreeHeader Pending;
}

/// <summary>An entry that was delivered to a consumer and not acknowledged.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct PendingCell
{
    public const int SizeBytes = 40;

    public StreamId Id;

    /// <summary>Unix milliseconds.</summary>
    public long DeliveredMs;

    /// <summary>How often it was delivered.</summary>
    public long Deliveries;

    /// <summary>The consumer's cell; 0 while the stream is being read from bytes and nobody has it yet.</summary>
    public uint Consumer;
}
