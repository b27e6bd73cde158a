using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// Where one argument of a command lies in native memory, and the hash of it once routing has computed it for
/// a key. Says nothing of who owns the bytes: the list that holds the slice, or the batch that it was copied
/// into, does.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct ArgumentSlice
{
    private const int WholeBlock = 1;
    private const int Offset = 2;

    private readonly byte* _start;
    private readonly int _length;
    private readonly int _flags;

    /// <summary>The keyed hash of the bytes; routing sets it for keys, elsewhere it is 0.</summary>
    public ulong Hash;

    private ArgumentSlice(byte* start, int length, int flags)
    {
        _start = start;
        _length = length;
        _flags = flags;
        Hash = 0;
    }

    public readonly int Length => _length;

    /// <summary>Where the bytes lie.</summary>
    public readonly nint Address => (nint)_start;

    public readonly ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_start, _length);
    }

    /// <summary>
    /// True when the slice is all of a block, which then may become a value without a copy.
    /// </summary>
    public readonly bool IsBlock => (_flags & WholeBlock) != 0;

    /// <summary>The block that the slice is all of; no reference is added.</summary>
    public readonly NativeBlock Block =>
        IsBlock ? NativeBlock.From((nint)_start - NativeBlock.HeaderBytes) : default;

    /// <summary>A slice of bytes that lie in native memory, which the collector cannot move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArgumentSlice From(ReadOnlySpan<byte> nativeBytes) =>
        new((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(nativeBytes)), nativeBytes.Length, 0);

    public static ArgumentSlice From(NativeBlock block, int length) => new(block.Start, length, WholeBlock);

    /// <summary>
    /// The same slice as a place in the bytes that it lies in, for bytes that may be moved before they are
    /// used again. Slices of blocks stay what they are.
    /// </summary>
    public readonly ArgumentSlice Detached(ReadOnlySpan<byte> within)
    {
        if (_flags != 0) return this;
        var offset = _start - (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(within));
        // What lies elsewhere was saved by the list and stays where it is.
        if ((ulong)offset > (ulong)within.Length) return this;
        return new ArgumentSlice((byte*)offset, _length, Offset);
    }

    /// <summary>
    /// Undoes <see cref="Detached"/> for bytes that start at the same place of the same content.
    /// </summary>
    public readonly ArgumentSlice Attached(ReadOnlySpan<byte> within) =>
        (_flags & Offset) == 0 ? this : From(within.Slice((int)_start, _length));

    /// <summary>True for a slice that names a place only, between Detached and Attached.</summary>
    public readonly bool IsDetached => (_flags & Offset) != 0;

    /// <summary>The same slice for bytes that were copied to another place.</summary>
    public readonly ArgumentSlice MovedTo(ReadOnlySpan<byte> nativeBytes)
    {
        var moved = From(nativeBytes);
        moved.Hash = Hash;
        return moved;
    }
}
