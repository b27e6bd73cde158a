using System.Numerics;
using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// The memory through which the loops of one group talk: a ring per ordered pair of loops, a mail word and a
/// wake descriptor per loop. Made before the threads, freed after them.
/// </summary>
/// <remarks>
/// <code>
///   words   n     x 128 B   bit 63 sleeping | bit 62 wake | bit 61 visited | bits 0…60: senders (index >> GroupShift) with news
///   rooms   n x n x  64 B   head: next slot the receiver takes | wanted: the sender waits for room
///   rings   n x n x capacity slots of 64 B, from * n + to
/// </code>
/// Everything is one mapping that the kernel fills with zeros page by page, so a pair that never talks costs
/// address space only: 64 loops start without touching their 4,096 rings.
/// </remarks>
internal sealed unsafe class LoopMesh : IDisposable
{
    public const ulong Sleeping = 1UL << 63;
    public const ulong Woken = 1UL << 62;

    /// <summary>The loop sleeps, and another one serves its questions for it: see <see cref="Mailbox"/>.</summary>
    public const ulong Visited = 1UL << 61;

    private const int SenderBits = 61;
    private const int WordBytes = 128;
    private const int SlotBudget = 4096;
    private const int CapacityMin = 64;
    private const int CapacityMax = 512;

    private readonly nint _memory;
    private readonly long _length;
    private readonly nint _rooms;
    private readonly nint _rings;
    private readonly int[] _wakeDescriptors;

    public LoopMesh(int count, int capacity = 0, bool canSleep = true)
    {
        Invariant.Holds(count > 0, "a mesh has loops");
        Count = count;
        Capacity = capacity != 0 ? capacity : DefaultCapacity(count);
        Invariant.Holds(int.IsPow2(Capacity), "a ring's capacity is a power of two");
        while (count - 1 >> GroupShift >= SenderBits) GroupShift++;

        long pairs = (long)count * count;
        long words = (long)count * WordBytes;
        long rooms = pairs * sizeof(RingRoom);
        _length = words + rooms + pairs * Capacity * sizeof(Message);
        _memory = LibC.MapAnonymous(_length);
        if (_memory == 0)
            throw new InsufficientMemoryException("no memory for the mailboxes between the threads");
        // A huge page under a ring of one page would commit hundreds of its neighbours.
        LibC.Advise(_memory, _length, Constants.AdviseNoHugePage);
        _rooms = _memory + (nint)words;
        _rings = _rooms + (nint)rooms;

        _wakeDescriptors = new int[count];
        for (int i = 0; i < count; i++) _wakeDescriptors[i] = canSleep ? LibC.EventFd() : -1;
    }

    public int Count { get; }
    public int Capacity { get; }

    /// <summary>One bit of the mail word stands for 1 &lt;&lt; GroupShift senders.</summary>
    public int GroupShift { get; }

    /// <summary>Loops that have nothing left to do and wait for the others to end.</summary>
    public int QuietCount;

    public Message* Ring(int from, int to) =>
        (Message*)_rings + ((long)from * Count + to) * Capacity;

    public RingRoom* Room(int from, int to) => (RingRoom*)_rooms + ((long)from * Count + to);

    public ulong* Word(int receiver) => (ulong*)(_memory + receiver * WordBytes);

    public int WakeDescriptor(int receiver) => _wakeDescriptors[receiver];

    /// <summary>The loops themselves, for those who visit them.</summary>
    public EventLoop[] Loops { get; set; } = [];

    /// <summary>Sets bits in a loop's mail word; true where it slept and was woken. Any thread.</summary>
    public bool Notify(int receiver, ulong bits)
    {
        // Of a loop that is visited the visitor sees the bits when it leaves.
        if (Interlocked.Or(ref *Word(receiver), bits) != Sleeping) return false;
        Signal(receiver);
        return true;
    }

    /// <summary>Takes a loop over that sleeps and has no news; false where it does not.</summary>
    public bool TryEnter(int host) =>
        Volatile.Read(ref *Word(host)) == Sleeping
        && Interlocked.CompareExchange(ref *Word(host), Sleeping | Visited, Sleeping) == Sleeping;

    /// <summary>Gives a loop back, with bits of news; true where it still slept and was woken for them or for others'.</summary>
    public bool Leave(int host, ulong bits)
    {
        ref ulong word = ref *Word(host);
        if (bits != 0) Interlocked.Or(ref word, bits);
        ulong before = Interlocked.And(ref word, ~Visited);
        if ((before & Sleeping) == 0 || before == (Sleeping | Visited)) return false;
        Signal(host);
        return true;
    }

    public void Dispose()
    {
        foreach (int descriptor in _wakeDescriptors)
        {
            if (descriptor >= 0) _ = LibC.Close(descriptor);
        }

        LibC.Unmap(_memory, _length);
    }

    private void Signal(int receiver)
    {
        if (_wakeDescriptors[receiver] >= 0) LibC.Signal(_wakeDescriptors[receiver]);
    }

    /// <summary>
    /// Many loops share a bound on memory: 512 slots for up to 8 loops, 64 for 64 and more.
    /// </summary>
    private static int DefaultCapacity(int count)
    {
        uint share = BitOperations.RoundUpToPowerOf2((uint)(SlotBudget / count));
        return Math.Clamp((int)share, CapacityMin, CapacityMax);
    }
}

/// <summary>
/// The receiver's side of a ring: one cache line, read by the sender only when the ring looks full.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct RingRoom
{
    [FieldOffset(0)] public uint Head;
    [FieldOffset(4)] public uint Wanted;
}
