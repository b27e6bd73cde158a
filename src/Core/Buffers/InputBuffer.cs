using System.Runtime.InteropServices;

namespace Anax.Core.Buffers;

// Bytes arrive at the end and leave at the start:
//
//     0        _start          _end        _capacity
//     |  done  | not consumed   |   free    |
//
// Growth doubles and the done part is reclaimed only when it is at least as large as what stays,
// so each byte is moved a constant number of times whatever the sizes of the pieces are.

/// <summary>
/// The bytes of a request that has not arrived whole, in native memory: nothing when there are none, given
/// back when drained. A mutable struct: one owner holds it in a field and never copies it.
/// </summary>
public unsafe struct InputBuffer
{
    private const int CapacityFirst = 1024;
    private const int CapacityMax = int.MaxValue - 4096;

    private byte* _memory;
    private int _start;
    private int _end;
    private int _capacity;

    public readonly int Length => _end - _start;

    public readonly bool IsEmpty => _end == _start;

    /// <summary>Native memory that the buffer holds at the moment.</summary>
    public readonly int Capacity => _capacity;

    public readonly ReadOnlySpan<byte> Bytes => new(_memory + _start, _end - _start);

    /// <summary>
    /// Adds bytes at the end; false when the system refuses the memory or the buffer would pass 2 GiB.
    /// </summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _capacity - _end && !MakeRoom(bytes.Length)) return false;
        bytes.CopyTo(new Span<byte>(_memory + _end, bytes.Length));
        _end += bytes.Length;
        return true;
    }

    /// <summary>Drops bytes from the start; memory goes back when none are left.</summary>
    public void Consume(int count)
    {
        Invariant.Holds((uint)count <= (uint)Length, "more input consumed than there is");
        _start += count;
        if (_start == _end) Free();
    }

    public void Free()
    {
        NativeMemory.Free(_memory);
        this = default;
    }

    private bool MakeRoom(int more)
    {
        var length = Length;
        var needed = (long)length + more;
        if (needed > CapacityMax) return false;
        if (needed <= _capacity && _start >= length)
        {
            Bytes.CopyTo(new Span<byte>(_memory, length));
            _start = 0;
            _end = length;
            return true;
        }
        var capacity = (int)Math.Min(CapacityMax, Math.Max(Math.Max(needed, CapacityFirst), length * 2L));
        byte* memory;
        try
        {
            memory = (byte*)NativeMemory.Alloc((nuint)capacity);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        Bytes.CopyTo(new Span<byte>(memory, length));
        NativeMemory.Free(_memory);
        _memory = memory;
        _start = 0;
        _end = length;
        _capacity = capacity;
        return true;
    }
}
