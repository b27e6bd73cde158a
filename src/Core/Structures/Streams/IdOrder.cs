using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// The order of what begins with an id: nodes of a stream, and what is pending in a group.
/// </summary>
internal readonly unsafe struct IdOrder : ITreeOrder
{
    public static bool IsWeighted => false;

    public static uint WeightOf(TreeSlot slot) => 1;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right) =>
        left.Key32 != right.Key32 ? left.Key32.CompareTo(right.Key32) : IdOf(arena, left).CompareTo(IdOf(arena, right));

    public static TreeSlot SlotOf(StreamId id, uint handle) => new(id.Key32, handle);

    public static StreamId IdOf(Arena arena, TreeSlot slot) => *(StreamId*)arena.At(slot.Handle);
}

/// <summary>The place of an id.</summary>
internal readonly struct IdKey(StreamId id) : ITreeKey<IdKey>
{
    private readonly StreamId _id = id;

    public static uint Key32Of(scoped in IdKey key) => key._id.Key32;

    public static int Compare(Arena arena, scoped in IdKey key, TreeSlot slot) => key._id.CompareTo(IdOrder.IdOf(arena, slot));
}
