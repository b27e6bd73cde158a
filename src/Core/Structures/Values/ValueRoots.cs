using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>The chains through the roots of an arena's large values: who makes, links, dooms and frees them.</summary>
internal static unsafe partial class ValueRoots
{
    private const int WithTableBytes = ValueRoot.SizeBytes + TableHeader.SizeBytes;

    public static ValueRoot* At(Arena arena, uint root) => (ValueRoot*)arena.At(root);

    /// <summary>The header of the table of members behind a root.</summary>
    public static uint TableOf(Arena arena, uint root) => root + (uint)(ValueRoot.SizeBytes / arena.GranuleBytes);

    public static EntryTable MembersOf(Arena arena, uint root, HashKey hashKey) => new(arena, TableOf(arena, root), hashKey);

    /// <summary>A root with an empty table, not linked yet; 0 when the arena is full.</summary>
    public static uint MakeWithTable(Arena arena, ValueType type)
    {
        var root = arena.AllocateIndex(WithTableBytes);
        if (root == 0) return 0;
        *At(arena, root) = new ValueRoot { Type = type };
        DashTable<KeyRecord>.InitializeHeader(arena, TableOf(arena, root), hasAges: false);
        return root;
    }

    /// <summary>A root with what values of this type have behind it; 0 when the arena is full.</summary>
    public static uint Make(Arena arena, ValueType type) => type switch
    {
        ValueType.List => MakeWithList(arena, ListLimit.Default),
        ValueType.Stream => MakeWithStream(arena),
        _ => MakeWithTable(arena, type),
    };

    /// <summary>A root with an empty list, not linked yet; 0 when the arena is full.</summary>
    public static uint MakeWithList(Arena arena, ListLimit limit)
    {
        var root = arena.AllocateIndex(ValueRoot.SizeBytes + ListRoot.SizeBytes);
        if (root == 0) return 0;
        *At(arena, root) = new ValueRoot { Type = ValueType.List };
        *(ListRoot*)(arena.At(root) + ValueRoot.SizeBytes) = new ListRoot { Limit = limit };
        return root;
    }

    /// <summary>A root with an empty stream, not linked yet; 0 when the arena is full.</summary>
    public static uint MakeWithStream(Arena arena)
    {
        var root = arena.AllocateIndex(ValueRoot.SizeBytes + StreamRoot.SizeBytes);
        if (root == 0) return 0;
        *At(arena, root) = new ValueRoot { Type = ValueType.Stream };
        *(StreamRoot*)(arena.At(root) + ValueRoot.SizeBytes) = default;
        return root;
    }

    /// <summary>A key names the root from now on: it joins the live ones.</summary>
    public static void Link(Arena arena, uint root, uint owner, ulong keyHash)
    {
        var added = At(arena, root);
        ref var chains = ref arena.Roots;
        added->Owner = owner;
        added->KeyHash = keyHash;
        added->Previous = 0;
        added->Next = chains.Live;
        if (chains.Live != 0) At(arena, chains.Live)->Previous = root;
        chains.Live = root;
        chains.LiveCount++;
    }

    /// <summary>No key names the root for now.</summary>
    public static void Unlink(Arena arena, uint root)
    {
        ref var chains = ref arena.Roots;
        var unlinked = At(arena, root);
        if (chains.SweepNext == root) chains.SweepNext = unlinked->Next;
        if (unlinked->Previous != 0) At(arena, unlinked->Previous)->Next = unlinked->Next;
        else chains.Live = unlinked->Next;
        if (unlinked->Next != 0) At(arena, unlinked->Next)->Previous = unlinked->Previous;
        chains.LiveCount--;
    }

    /// <summary>No key names the root any more: what it holds is freed in steps.</summary>
    public static void Doom(Arena arena, uint root)
    {
        Unlink(arena, root);
        Bury(arena, root);
    }

    /// <summary>The same for a root that was never linked.</summary>
    public static void Bury(Arena arena, uint root)
    {
        ref var chains = ref arena.Roots;
        var doomed = At(arena, root);
        // Behind the first, which may be half freed.
        var first = chains.Doomed;
        doomed->Next = first == 0 ? 0 : At(arena, first)->Next;
        if (first == 0) chains.Doomed = root;
        else At(arena, first)->Next = root;
        chains.DoomedCount++;
    }

    /// <summary>One bounded step of freeing doomed values; false when none is left.</summary>
    public static bool FreeStep(Arena arena, HashKey hashKey, int budget)
    {
        ref var chains = ref arena.Roots;
        var root = chains.Doomed;
        if (root == 0) return false;
        chains.FreeSteps++;
        if (!FreeContent(arena, root, hashKey, ref chains.FreePosition, budget)) return true;
        if (chains.FreeSteps > 1) chains.FreedInSteps++;
        chains.FreeSteps = 0;
        chains.Doomed = At(arena, root)->Next;
        chains.FreePosition = 0;
        chains.DoomedCount--;
        arena.FreeNow(root);
        return chains.Doomed != 0;
    }

    /// <summary>Frees a root that was never linked, with all that it holds.</summary>
    public static void Discard(Arena arena, uint root, HashKey hashKey)
    {
        ulong position = 0;
        _ = FreeContent(arena, root, hashKey, ref position, int.MaxValue);
        arena.FreeNow(root);
    }

    // ---- what differs by type ----

    /// <summary>A record of a member lies elsewhere from now on; both handles hold it until this returns.</summary>
    public static void Moving(Arena arena, uint root, uint from, uint to)
    {
        // Nothing else names the members of hashes and sets.
        if (At(arena, root)->Type == ValueType.SortedSet) MoveScored(arena, root, from, to);
    }

    /// <summary>Takes a member away, out of whatever names it.</summary>
    public static void Remove(Arena arena, uint root, HashKey hashKey, ref Entry member)
    {
        var members = MembersOf(arena, root, hashKey);
        if (At(arena, root)->Type == ValueType.SortedSet) RemoveScored(arena, root, members, ref member);
        else members.Delete(ref member);
    }

    /// <summary>Are there members that expire?</summary>
    public static bool HasExpiring(Arena arena, uint root) => HasTable(arena, root) && HeaderOf(arena, root)->Expiring != 0;

    /// <summary>Is there anything that the sweep would do to it?</summary>
    public static bool NeedsSweep(Arena arena, uint root, long nowMs) =>
        HasDue(arena, root, nowMs) || (HasTable(arena, root) ? NeedsTableSweep(arena, root) : arena.IsCompacting);

    /// <summary>Is there anything for it to do in the table? A sorted set's index says which members are due.</summary>
    public static bool NeedsTableSweep(Arena arena, uint root) =>
        arena.IsCompacting || HeaderOf(arena, root)->IsSparse || HeaderOf(arena, root)->Expiring != 0 && At(arena, root)->Expiries == 0;

    /// <summary>Bytes of all behind a root, of members by the mean of so many; 0: of all.</summary>
    public static long MemoryUsage(Arena arena, uint root, HashKey hashKey, long samples)
    {
        if (At(arena, root)->Type == ValueType.List) return ValueRoot.SizeBytes + ListRoot.SizeBytes + new ListChain(arena, root).UsedBytes;
        if (At(arena, root)->Type == ValueType.Stream) return ValueRoot.SizeBytes + StreamRoot.SizeBytes + new StreamStore(arena, root).UsedBytes;
        var members = MembersOf(arena, root, hashKey);
        var bytes = ValueRoot.SizeBytes + At(arena, root)->Tree.NodeBytes + members.UsedBytes + members.SampledBytes(samples);
        return At(arena, root)->Expiries == 0 ? bytes : bytes + ExpiryIndex.SizeBytes + ExpiriesOf(arena, root).NodeBytes;
    }

    /// <summary>Buckets of the members' table.</summary>
    public static long BucketsOf(Arena arena, uint root) =>
        HasTable(arena, root) ? HeaderOf(arena, root)->Capacity / Bucket.Slots : 0;

    /// <summary>The next root in its chain, 0 at the end.</summary>
    public static uint NextOf(Arena arena, uint root) => At(arena, root)->Next;

    private static bool HasTable(Arena arena, uint root) => At(arena, root)->Type is ValueType.Hash or ValueType.Set or ValueType.SortedSet;

    private static TableHeader* HeaderOf(Arena arena, uint root) => (TableHeader*)arena.At(TableOf(arena, root));

    private static bool FreeContent(Arena arena, uint root, HashKey hashKey, ref ulong position, int budget) =>
        At(arena, root)->Type switch
        {
            ValueType.Hash or ValueType.Set => MembersOf(arena, root, hashKey).FreeStep(ref position, budget),
            ValueType.SortedSet => FreeNodes(arena, root, budget) && MembersOf(arena, root, hashKey).FreeStep(ref position, budget),
            ValueType.List => new ListChain(arena, root).FreeStep(budget),
            ValueType.Stream => new StreamStore(arena, root).FreeStep(budget),
            _ => throw new InvalidOperationException("a root of a type that has none"),
        };
}
