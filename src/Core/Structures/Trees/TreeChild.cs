using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// An entry of an inner node: a child, the weight of all slots below it, and the first of them, which is the separator.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TreeChild
{
    public long Weight;
    public TreeSlot First;
    public uint Node;
}
