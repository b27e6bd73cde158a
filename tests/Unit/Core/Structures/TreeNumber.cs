using Anax.Core.Memory;
using Anax.Core.Structures;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A tree of numbers in their order: a record is a number, Key32 its upper half.</summary>
internal readonly unsafe struct NumberOrder : ITreeOrder
{
    public static bool IsWeighted => false;

    public static uint WeightOf(TreeSlot slot) => 1;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right)
    {
        var order = left.Key32.CompareTo(right.Key32);
        return order != 0 ? order : TreeNumber.ValueOf(arena, left).CompareTo(TreeNumber.ValueOf(arena, right));
    }
}

/// <summary>A tree of chunks in the order of their places: Key32 is the weight, a record is whatever names the chunk.</summary>
internal readonly unsafe struct PlaceOrder : ITreeOrder
{
    public static bool IsWeighted => true;

    public static uint WeightOf(TreeSlot slot) => slot.Key32;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right) => 0;
}

/// <summary>A number to look for, or all numbers that differ from it in the lowest bits only.</summary>
internal readonly ref struct TreeNumber(ulong value, int lowBits = 0) : ITreeKey<TreeNumber>
{
    private readonly ulong _value = value;
    private readonly int _lowBits = lowBits;

    public static uint Key32Of(scoped in TreeNumber key) => (uint)(key._value >> 32);

    public static int Compare(Arena arena, scoped in TreeNumber key, TreeSlot slot) =>
        (key._value >> key._lowBits).CompareTo(ValueOf(arena, slot) >> key._lowBits);

    public static unsafe ulong ValueOf(Arena arena, TreeSlot slot) => *(ulong*)arena.At(slot.Handle);
}
