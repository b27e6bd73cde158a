using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// An entry of a tree: the handle of a record in the arena, and 32 bits whose meaning is the order's (see
/// <see cref="ITreeOrder"/>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TreeSlot(uint Key32, uint Handle);
