using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>The part of a value that lies outside its record: a block, or what a root holds together; or neither.</summary>
internal readonly struct OutsideValue(NativeBlock block, uint root)
{
    /// <summary>Lets go of it: the block loses its holder, the root is freed in steps.</summary>
    public void Drop(Arena arena)
    {
        if (!block.IsNull) arena.DropExternal(block);
        else if (root != 0) ValueRoots.Doom(arena, root);
    }
}
