using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>What is looked for in an ordered tree.</summary>
internal interface ITreeKey<TSelf> where TSelf : ITreeKey<TSelf>, allows ref struct
{
    /// <summary>Slots with a lower Key32 come before the key, those with a higher one after it.</summary>
    static abstract uint Key32Of(scoped in TSelf key);

    /// <summary>
    /// Where the key stands to a slot with the same Key32: negative before it, positive after it, 0 when they are equal.
    /// </summary>
    static abstract int Compare(Arena arena, scoped in TSelf key, TreeSlot slot);
}
