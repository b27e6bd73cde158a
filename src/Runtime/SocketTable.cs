using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Core.Buffers;

namespace Anax.Runtime;

/// <summary>Where a socket stands; the bits are set and cleared by the loop and its back end.</summary>
[Flags]
internal enum SlotFlags : uint
{
    None = 0,

    /// <summary>Stands in the list of sockets to write at the end of the turn.</summary>
    Dirty = 1 << 0,

    /// <summary>
    /// The kernel takes no more: written again when it says so (epoll), or in flight (io_uring).
    /// </summary>
    WriteBlocked = 1 << 1,

    /// <summary>The kernel may have bytes that were not fetched yet.</summary>
    Readable = 1 << 2,

    /// <summary>Stands in the list of sockets to read although no event will announce it.</summary>
    ReadQueued = 1 << 3,

    /// <summary>The layer above wants no bytes now.</summary>
    Paused = 1 << 4,

    /// <summary>The peer has said that it sends no more.</summary>
    InputEnded = 1 << 5,

    /// <summary>The peer's hang-up or an error was announced: read until the kernel says which.</summary>
    HangUp = 1 << 6,

    /// <summary>To be closed as soon as everything has left.</summary>
    CloseWhenDrained = 1 << 7,

    /// <summary>Being closed: nothing is read or written any more.</summary>
    Closing = 1 << 8,

    /// <summary>A receive is with the kernel (io_uring).</summary>
    ReceiveArmed = 1 << 9,

    /// <summary>The receive that is with the kernel was asked to end (io_uring).</summary>
    ReceiveCancelled = 1 << 10,

    /// <summary>The next send waits in the kernel for room (io_uring).</summary>
    SendWaits = 1 << 11,

    /// <summary>The end of the input came, but bytes before it are still held (io_uring).</summary>
    EndHeld = 1 << 12,

    /// <summary>Closing, and waits for its last completion (io_uring).</summary>
    Ending = 1 << 15,

    /// <summary>The kernel was asked to say when it takes more (epoll).</summary>
    WritesWatched = 1 << 13,

    /// <summary>Was told OnDrained since the last byte was handed over.</summary>
    Drained = 1 << 14,
}

/// <summary>What a loop keeps of one socket, in native memory.</summary>
internal struct SocketSlot
{
    public ReplyStream Output;
    public int Descriptor;
    public uint Generation;
    public SlotFlags Flags;
    public int Error;

    /// <summary>Free: the next free slot.</summary>
    public int Next;

    /// <summary>Operations that the kernel still holds (io_uring).</summary>
    public int Outstanding;

    /// <summary>
    /// Bytes that arrived while nobody wanted them (io_uring, simulation): native, counted.
    /// </summary>
    public nint Held;
    public int HeldLength;
    public int HeldCapacity;
}

/// <summary>
/// The sockets of one loop: slots in native memory, which never move while their block lives, and beside them
/// the managed objects that are told about their events. Not thread-safe: only the loop's thread.
/// </summary>
internal sealed unsafe class SocketTable : IDisposable
{
    private const int BlockBits = 8;
    private const int BlockSlots = 1 << BlockBits;

    private SocketSlot*[] _blocks = new SocketSlot*[4];
    private SocketEvents?[] _events = new SocketEvents?[BlockSlots];
    private int _free = -1;
    private int _made;

    public int Count { get; private set; }

    /// <summary>Slots in use lie below.</summary>
    public int Bound => _made;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref SocketSlot Slot(int index) => ref _blocks[index >> BlockBits][index & (BlockSlots - 1)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SocketEvents Events(int index) => _events[index]!;

    /// <summary>True where the handle names the slot's present owner.</summary>
    public bool IsLive(SocketHandle handle) =>
        (uint)handle.Index < (uint)_made && handle.Generation != 0
        && Slot(handle.Index).Generation == handle.Generation && _events[handle.Index] is not null;

    public bool IsLive(int index, uint generation) => IsLive(new SocketHandle(index, generation));

    public bool IsTaken(int index) => _events[index] is not null;

    public SocketHandle Take(int descriptor, SocketEvents events)
    {
        int index = _free;
        if (index >= 0)
            _free = Slot(index).Next;
        else
            index = Make();

        ref SocketSlot slot = ref Slot(index);
        uint generation = slot.Generation;
        slot = default;
        slot.Descriptor = descriptor;
        slot.Generation = generation == 0 ? 1 : generation;
        _events[index] = events;
        Count++;
        return new SocketHandle(index, slot.Generation);
    }

    /// <summary>
    /// The slot's next owner gets another generation, so every handle and completion of this one is stale.
    /// </summary>
    public void Release(int index)
    {
        ref SocketSlot slot = ref Slot(index);
        Invariant.Holds(_events[index] is not null, "a socket slot is released once");
        _events[index] = null;
        if (++slot.Generation == 0) slot.Generation = 1;
        slot.Descriptor = -1;
        slot.Next = _free;
        _free = index;
        Count--;
    }

    public void Dispose()
    {
        foreach (SocketSlot* block in _blocks) NativeMemory.AlignedFree(block);
        _blocks = [];
        _made = 0;
    }

    private int Make()
    {
        int block = _made >> BlockBits;
        if ((_made & (BlockSlots - 1)) == 0)
        {
            if (block == _blocks.Length)
            {
                var longer = new SocketSlot*[block * 2];
                for (int i = 0; i < block; i++) longer[i] = _blocks[i];
                _blocks = longer;
            }

            nuint bytes = (nuint)(BlockSlots * sizeof(SocketSlot));
            _blocks[block] = (SocketSlot*)NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(_blocks[block], bytes);
            if (_made + BlockSlots > _events.Length) Array.Resize(ref _events, _events.Length * 2);
        }

        return _made++;
    }
}
