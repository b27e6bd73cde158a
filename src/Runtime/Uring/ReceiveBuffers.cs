using System.Diagnostics;
using Anax.Runtime.Native;

namespace Anax.Runtime.Uring;

/// <summary>
/// The buffers that the kernel receives into, of which it takes one when bytes are there; so an idle
/// connection holds none. Each is given back as soon as its bytes were handled.
/// </summary>
/// <remarks>
/// <code>
///   ring      count x 16 B: address, length, number; the last two bytes of the first entry are the tail
///   buffers   count x (BufferBytes + StaggerBytes)
/// </code>
/// The stagger moves the starts of the buffers, which are all that small requests touch, to different sets of
/// the caches.
/// </remarks>
internal sealed unsafe class ReceiveBuffers : IDisposable
{
    public const int BufferBytes = 16 * 1024;

    private const int StaggerBytes = 128;
    private const int PageBytes = 64 * 1024;

    private readonly nint _memory;
    private readonly long _length;
    private readonly UringBuffer* _ring;
    private readonly byte* _buffers;
    private readonly int _count;
    private ushort _tail;

    public ReceiveBuffers(int count)
    {
        Debug.Assert(int.IsPow2(count));
        _count = count;
        // The ring stands at a page's start, whatever size pages have.
        long ringLength = Math.Max(PageBytes, count * sizeof(UringBuffer));
        _length = ringLength + (long)count * (BufferBytes + StaggerBytes);
        _memory = LibC.MapAnonymous(_length);
        if (_memory == 0) throw new InsufficientMemoryException("no memory for receive buffers");
        _ring = (UringBuffer*)_memory;
        _buffers = (byte*)_memory + ringLength;
        for (int i = 0; i < count; i++) GiveBack(i);
        Publish();
    }

    /// <summary>Makes them known to the kernel as group 0; 0 or the negated errno.</summary>
    public int Register(UringQueue queue) => queue.RegisterBuffers(_memory, (uint)_count, 0);

    public byte* this[int number] => _buffers + (long)number * (BufferBytes + StaggerBytes);

    public void GiveBack(int number)
    {
        UringBuffer* entry = _ring + (_tail & (_count - 1));
        entry->Address = (ulong)this[number];
        entry->Length = BufferBytes;
        entry->Id = (ushort)number;
        _tail++;
    }

    /// <summary>Lets the kernel see what was given back since the last call.</summary>
    public void Publish() => Volatile.Write(ref _ring->Tail, _tail);

    public void Dispose() => LibC.Unmap(_memory, _length);
}
