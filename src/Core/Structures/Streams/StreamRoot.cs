using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// What stands behind the root of a stream, whose own tree orders the nodes. All zero is a stream that never had an entry.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct StreamRoot
{
    public const int SizeBytes = 112;

    /// <summary>Consumer groups by their names.</summary>
    public TreeHeader Groups;

    /// <summary>Of the first entry; zero when there is none.</summary>
    public StreamId FirstId;

    /// <summary>The greatest id that was ever given, or set.</summary>
    public StreamId LastId;

    /// <summary>The greatest id of an entry that was deleted, not trimmed; zero when none was.</summary>
    public StreamId MaxDeletedId;

    /// <summary>Entries.</summary>
    public long Count;

    /// <summary>Entries that were ever added, as far as anybody knows.</summary>
    public long EntriesAdded;

    /// <summary>Bytes of the nodes' cells and blocks.</summary>
    public long NodeBytes;
}
