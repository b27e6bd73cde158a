using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>What a tree must know of its slots.</summary>
internal interface ITreeOrder
{
    /// <summary>False when every slot weighs 1: then nobody asks for weights.</summary>
    static abstract bool IsWeighted { get; }

    /// <summary>How many elements the slot stands for, at least 1: positions and ranks count them.</summary>
    static abstract uint WeightOf(TreeSlot slot);

    /// <summary>
    /// The order of two slots, negative when the left one comes first; 0 where only their places order them. In a tree that is
    /// searched by keys, slots are ordered by Key32 first. Only the check of the whole structure asks.
    /// </summary>
    static abstract int Compare(Arena arena, TreeSlot left, TreeSlot right);
}
