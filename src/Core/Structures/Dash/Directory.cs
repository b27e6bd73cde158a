using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

// The directory names the segment of a hash by its top bits. It doubles where one segment is to be split beyond its depth:
//
//     Single (depth 0) → Flat (depth 1 … 8) → Rooted (256 sub-directories, depth 0 … 13 each)
//
// A segment of depth d stands in 2^(D - d) neighbouring entries of its directory of depth D. Shrinking goes the same way
// back, when a merge leaves no segment of the full depth.

/// <summary>
/// The directory of a table: from hashes to segment entries. Knows segments only by their trailers.
/// </summary>
internal readonly unsafe struct Directory(Arena arena, TableHeader* header)
{
    private const int RootBits = 8;
    private const int SubDepthMax = 13;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* At(ulong hash)
    {
        if (header->Shape == DirectoryShape.Rooted)
        {
            var sub = (SubDirectory*)arena.At(header->Root) + (hash >> (64 - RootBits));
            return (ulong*)arena.At(sub->Entries) + (hash << RootBits >> 1 >> (int)(63 - sub->Depth));
        }
        if (header->Shape == DirectoryShape.Single) return &header->Single;
        return (ulong*)arena.At(header->Entries) + (hash >> (64 - header->Depth));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SegmentEntry Find(ulong hash) => new(*At(hash));

    /// <summary>Names this segment for all hashes with its prefix. The directory is deep enough.</summary>
    public void Set(SegmentEntry entry, ulong prefix)
    {
        if (header->Shape != DirectoryShape.Rooted || entry.Depth >= RootBits)
        {
            var count = 1 << (DepthAt(prefix) - entry.Depth);
            new Span<ulong>(At(prefix), count).Fill(entry.Bits);
            return;
        }
        // Hashes that came in their order have split one corner alone: the others have segments that stand in several sub-directories.
        var subs = (SubDirectory*)arena.At(header->Root) + (prefix >> (64 - RootBits));
        for (var i = 0; i < 1 << (RootBits - entry.Depth); i++)
            new Span<ulong>(arena.At(subs[i].Entries), 1 << (int)subs[i].Depth).Fill(entry.Bits);
    }

    /// <summary>How deep the directory is for hashes like this one.</summary>
    public int DepthAt(ulong hash) => header->Shape switch
    {
        DirectoryShape.Single => 0,
        DirectoryShape.Flat => header->Depth,
        _ => RootBits + (int)((SubDirectory*)arena.At(header->Root) + (hash >> (64 - RootBits)))->Depth,
    };

    /// <summary>No segment may be shallower than this while the directory has its present shape.</summary>
    public int DepthMin => header->Shape == DirectoryShape.Rooted ? RootBits : 0;

    /// <summary>
    /// Makes the directory one bit deeper for this hash; false when it is at its limit or memory is refused.
    /// </summary>
    public bool Deepen(ulong hash)
    {
        switch (header->Shape)
        {
            case DirectoryShape.Single:
                if (!Twice(header->Single, out var entries)) return false;
                header->Entries = entries;
                header->Depth = 1;
                header->Shape = DirectoryShape.Flat;
                return true;
            case DirectoryShape.Flat when header->Depth < RootBits:
                if (!Double(ref header->Entries, header->Depth)) return false;
                header->Depth++;
                return true;
            case DirectoryShape.Flat:
                return TakeRoot() && Deepen(hash);
            default:
                var sub = (SubDirectory*)arena.At(header->Root) + (hash >> (64 - RootBits));
                if (sub->Depth == SubDepthMax || !Double(ref sub->Entries, (int)sub->Depth)) return false;
                sub->Depth++;
                return true;
        }
    }

    /// <summary>
    /// Makes the directory shallower for this hash as long as no segment there needs the full depth.
    /// </summary>
    public void Shrink(ulong hash)
    {
        if (header->Shape == DirectoryShape.Rooted)
        {
            var sub = (SubDirectory*)arena.At(header->Root) + (hash >> (64 - RootBits));
            while (sub->Depth > 0 && Halve(ref sub->Entries, (int)sub->Depth, RootBits)) sub->Depth--;
            if (sub->Depth == 0) TryFlatten();
        }
        if (header->Shape != DirectoryShape.Flat) return;
        while (header->Depth > 0 && Halve(ref header->Entries, header->Depth, 0)) header->Depth--;
        if (header->Depth != 0) return;
        header->Single = *(ulong*)arena.At(header->Entries);
        Release(header->Entries, 1);
        header->Shape = DirectoryShape.Single;
    }

    /// <summary>Gives the directory's memory back; the table is empty then, without even a segment.</summary>
    public void Free()
    {
        if (header->Shape == DirectoryShape.Flat) Release(header->Entries, 1 << header->Depth);
        if (header->Shape == DirectoryShape.Rooted)
        {
            var subs = (SubDirectory*)arena.At(header->Root);
            for (var i = 0; i < 1 << RootBits; i++) Release(subs[i].Entries, 1 << (int)subs[i].Depth);
            Release(header->Root, 1 << RootBits);
        }
        header->Shape = DirectoryShape.Single;
        header->Single = 0;
    }

    private bool Twice(ulong entry, out uint entries)
    {
        entries = Take(2);
        if (entries == 0) return false;
        new Span<ulong>(arena.At(entries), 2).Fill(entry);
        return true;
    }

    private bool Double(ref uint entries, int depth)
    {
        var count = 1 << depth;
        var wider = Take(2 * count);
        if (wider == 0) return false;
        var source = (ulong*)arena.At(entries);
        var target = (ulong*)arena.At(wider);
        for (var i = 0; i < count; i++) target[2 * i] = target[2 * i + 1] = source[i];
        Release(entries, count);
        entries = wider;
        return true;
    }

    private bool Halve(ref uint entries, int depth, int above)
    {
        var count = 1 << depth;
        var source = (ulong*)arena.At(entries);
        for (var i = 0; i < count; i++)
            if (new SegmentEntry(source[i]).Depth == above + depth) return false;
        var half = Take(count / 2);
        if (half == 0) return false;
        var target = (ulong*)arena.At(half);
        for (var i = 0; i < count / 2; i++) target[i] = source[2 * i];
        Release(entries, count);
        entries = half;
        return true;
    }

    /// <summary>From one array of 256 entries to 256 arrays of one.</summary>
    private bool TakeRoot()
    {
        var root = Take(1 << RootBits);
        if (root == 0) return false;
        var source = (ulong*)arena.At(header->Entries);
        var subs = (SubDirectory*)arena.At(root);
        for (var i = 0; i < 1 << RootBits; i++)
        {
            var entries = Take(1);
            if (entries == 0)
            {
                while (--i >= 0) Release(subs[i].Entries, 1);
                Release(root, 1 << RootBits);
                return false;
            }
            *(ulong*)arena.At(entries) = source[i];
            subs[i] = new SubDirectory { Entries = entries };
        }
        Release(header->Entries, 1 << RootBits);
        header->Root = root;
        header->Shape = DirectoryShape.Rooted;
        return true;
    }

    private void TryFlatten()
    {
        var subs = (SubDirectory*)arena.At(header->Root);
        for (var i = 0; i < 1 << RootBits; i++)
            if (subs[i].Depth != 0) return;
        var entries = Take(1 << RootBits);
        if (entries == 0) return;
        for (var i = 0; i < 1 << RootBits; i++)
        {
            ((ulong*)arena.At(entries))[i] = *(ulong*)arena.At(subs[i].Entries);
            Release(subs[i].Entries, 1);
        }
        Release(header->Root, 1 << RootBits);
        header->Entries = entries;
        header->Depth = RootBits;
        header->Shape = DirectoryShape.Flat;
    }

    private uint Take(int entries)
    {
        var handle = arena.AllocateIndex(entries * sizeof(ulong));
        if (handle != 0) header->IndexBytes += arena.CellBytes(entries * sizeof(ulong));
        return handle;
    }

    private void Release(uint handle, int entries)
    {
        header->IndexBytes -= arena.CellBytes(entries * sizeof(ulong));
        arena.FreeNow(handle);
    }
}
