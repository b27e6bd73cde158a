using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// Two ways to a sample without repetitions. Where a good part of the members is wanted, one walk decides at each member by
// the chance that it has among those that are left. Where few are wanted, members are drawn until enough different ones are
// there; which were drawn stands in a hash table of their handles.

/// <summary>Random samples of the members behind a root, without repetitions.</summary>
internal static class MemberSample
{
    /// <summary>From this share on the whole table is walked.</summary>
    private const int WalkShare = 3;

    /// <summary>
    /// Shows so many different live members, each choice with the same chance, in no particular order, or all where there are
    /// fewer. Returns how many; -1 when memory is refused.
    /// </summary>
    public static long Take<TVisitor>(EntryTable members, long wanted, ulong random, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        var count = members.ExpiringCount == 0 ? members.Count : CountLive(members, nowMs);
        if (wanted < count / WalkShare) return Draw(members, wanted, random, nowMs, ref visitor);
        var chooser = new Chooser<TVisitor> { Visitor = visitor, Wanted = Math.Min(wanted, count), Left = count, Random = random, NowMs = nowMs };
        for (ulong position = 0; chooser.Wanted > 0;)
        {
            position = members.Walk(position, ref chooser);
            if (position == 0) break;
        }
        visitor = chooser.Visitor;
        return Math.Min(wanted, count) - chooser.Wanted;
    }

    private static long CountLive(EntryTable members, long nowMs)
    {
        var counter = new Counter { NowMs = nowMs };
        ulong position = 0;
        do position = members.Walk(position, ref counter);
        while (position != 0);
        return counter.Live;
    }

    private static long Draw<TVisitor>(EntryTable members, long wanted, ulong random, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        const int TriesPerMember = 100, HandlesMax = 1 << 28;
        if (wanted > HandlesMax) return -1;
        var slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)wanted * 2);
        var block = NativeBlock.Allocate(slots * sizeof(uint));
        if (block.IsNull) return -1;
        var drawn = NativeCast.Cells<uint>(block.Bytes);
        drawn.Clear();
        var shown = 0L;
        for (var tries = wanted * TriesPerMember; shown < wanted && tries > 0; tries--)
        {
            if (!members.TryFairRandom(ref random, out var entry)) break;
            if (!HashView.IsLive(in entry, nowMs) || !TryAdd(drawn, entry.Place.Handle)) continue;
            visitor.Visit(ref entry);
            shown++;
        }
        block.Release();
        return shown;
    }

    /// <summary>False when the handle is there already.</summary>
    private static bool TryAdd(Span<uint> drawn, uint handle)
    {
        const uint Spread = 0x9E3779B1;
        var mask = drawn.Length - 1;
        for (var at = (int)(handle * Spread >> 8) & mask; ; at = (at + 1) & mask)
        {
            if (drawn[at] == handle) return false;
            if (drawn[at] != 0) continue;
            drawn[at] = handle;
            return true;
        }
    }

    private struct Counter : IEntryVisitor
    {
        public long NowMs, Live;

        public void Visit(ref Entry entry)
        {
            if (HashView.IsLive(in entry, NowMs)) Live++;
        }
    }

    /// <summary>Passes on those that the walk chooses. Mutable: counts what is left, and what is wanted yet.</summary>
    private ref struct Chooser<TVisitor> : IEntryVisitor where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        public TVisitor Visitor;
        public long Wanted, Left, NowMs;
        public ulong Random;

        public void Visit(ref Entry entry)
        {
            if (!HashView.IsLive(in entry, NowMs)) return;
            var isChosen = Wanted >= Left || (long)(SplitMix.Next(ref Random) % (ulong)Left) < Wanted;
            Left--;
            if (!isChosen) return;
            Wanted--;
            Visitor.Visit(ref entry);
        }
    }
}
