using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Runtime.Native;

namespace Anax.Runtime.Epoll;

/// <summary>
/// The loop on epoll: the kernel says what is ready, the loop reads and writes. Sockets are registered once,
/// edge-triggered, so pausing and going on cost no system call; a full socket alone is registered anew.
/// </summary>
/// <remarks>
/// Edge-triggered means that the kernel tells of news, not of state, so the loop remembers the state:
/// <c>Readable</c> is set by an event and cleared by a read that got less than it had room for; a socket that
/// is readable but was not read out (its share of the turn was used up, it is paused, or the loop is
/// throttled) stands in the list of sockets to read without an event, or gets there when it is resumed. After
/// a hang-up is announced the loop reads to the end, because the end itself comes without further news.
/// </remarks>
internal sealed unsafe class EpollLoop : EventLoop
{
    private const int EventsMax = 256;
    private const int ReceiveBytes = 128 * 1024;
    private const int ReadsPerTurn = 4;
    private const int VectorsMax = 64;
    private const uint SocketEventMask =
        Constants.EpollIn | Constants.EpollPeerHangUp | Constants.EpollEdge;

    // What an event's data names: a socket by index and generation, a listener, or the wake descriptor.
    private const uint ListenerTag = 1u << 31;
    private const uint WakeTag = 1u << 30;

    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private readonly int _epoll;
    private readonly byte* _events;
    private readonly byte* _receive;
    private readonly IoVector* _vectors;
    private readonly List<EpollListener> _listeners = [];
    private int _eventCount;
    private NativeList<SocketHandle> _ready;
    private NativeList<SocketHandle> _reading;

    public EpollLoop(LoopMesh mesh, int index, ulong seed)
        : base(mesh, index, seed)
    {
        _epoll = LibC.EpollCreate();
        if (_epoll < 0) throw new InvalidOperationException($"epoll_create1: {Errno.Text(-_epoll)}");
        _events = (byte*)NativeMemory.AlignedAlloc(EventsMax * 16, 64);
        _receive = (byte*)LibC.MapAnonymous(ReceiveBytes);
        if (_receive == null) throw new InsufficientMemoryException("no memory for a receive buffer");
        _vectors = (IoVector*)NativeMemory.Alloc((nuint)(VectorsMax * sizeof(IoVector)));
        // Edge-triggered and never read: each wake is one event.
        Register(mesh.WakeDescriptor(index), Constants.EpollIn | Constants.EpollEdge, WakeTag);
    }

    private protected override bool HasReadyWork => _ready.Count != 0 && !Throttled;

    public override long MonotonicNs() => LibC.MonotonicNs();

    // ---- listening ----

    public override void Listen(ListenSocket listener, IAcceptEvents events)
    {
        EpollListener entry = new(this, listener, events, (uint)_listeners.Count);
        _listeners.Add(entry);
        entry.Arm();
    }

    public override void StopListening(ListenSocket listener)
    {
        foreach (EpollListener entry in _listeners)
        {
            if (entry.Socket == listener) entry.Disarm();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _ready.Free();
        _reading.Free();
        NativeMemory.AlignedFree(_events);
        LibC.Unmap((nint)_receive, ReceiveBytes);
        NativeMemory.Free(_vectors);
        _ = LibC.Close(_epoll);
    }

    internal int WatchListener(int descriptor, uint number) =>
        Register(descriptor, Constants.EpollIn, ListenerTag | number);

    internal void UnwatchListener(int descriptor)
    {
        Statistics.SystemCalls++;
        _ = LibC.EpollControl(_epoll, Constants.EpollDelete, descriptor, 0, 0);
    }

    // ---- one turn ----

    private protected override void WaitForEvents(long timeoutNs)
    {
        Statistics.SystemCalls++;
        int count = timeoutNs == 0
            ? LibC.EpollPoll(_epoll, _events, EventsMax)
            : LibC.EpollWait(_epoll, _events, EventsMax, timeoutNs);
        Invariant.Holds(count >= 0 || count == -Errno.Interrupted, "epoll_wait accepts what the loop gives it");
        _eventCount = Math.Max(0, count);
    }

    private protected override void DispatchSockets()
    {
        for (int i = 0; i < _eventCount; i++)
        {
            ReadEvent(i, out uint events, out ulong data);
            uint name = (uint)data;
            if (name == WakeTag) continue;
            if ((name & ListenerTag) != 0)
                _listeners[(int)(name & ~ListenerTag)].Accept();
            else
                NoteEvents(new SocketHandle((int)name, (uint)(data >> 32)), events);
        }

        _eventCount = 0;
        ReadReady();
    }

    private protected override int StartSocket(int index)
    {
        ref SocketSlot slot = ref Sockets.Slot(index);
        return -Register(slot.Descriptor, SocketEventMask, DataOf(index, slot.Generation));
    }

    private protected override void ResumeSocket(int index)
    {
        ref SocketSlot slot = ref Sockets.Slot(index);
        if ((slot.Flags & (SlotFlags.Readable | SlotFlags.HangUp)) != 0) QueueRead(index, ref slot);
    }

    private protected override void FlushSocket(int index, ref SocketSlot slot)
    {
        if (slot.Output.Length == 0)
        {
            Drained(index, ref slot);
            return;
        }

        int count = slot.Output.FillVectors(new Span<IoVector>(_vectors, VectorsMax));
        long offered = 0;
        for (int i = 0; i < count; i++) offered += (long)_vectors[i].Length;
        Statistics.SystemCalls++;
        Statistics.Writes++;
        long sent = Write(slot.Descriptor, count);
        if (sent < 0 && sent != -Errno.TryAgain)
        {
            BeginClose(index, (int)-sent);
            return;
        }

        if (sent > 0)
        {
            Statistics.BytesSent += sent;
            slot.Output.Consume(Chunks, sent);
        }

        if (slot.Output.Length == 0)
        {
            if ((slot.Flags & SlotFlags.WritesWatched) != 0) WatchWrites(index, ref slot, false);
            Drained(index, ref slot);
        }
        else if (sent == offered)
        {
            // More vectors than one call takes: the rest goes in the next turn, so others get theirs.
            MarkDirty(index, ref slot);
        }
        else
        {
            slot.Flags |= SlotFlags.WriteBlocked;
            if ((slot.Flags & SlotFlags.WritesWatched) == 0) WatchWrites(index, ref slot, true);
        }
    }

    private protected override bool EndSocket(int index, ref SocketSlot slot)
    {
        if ((slot.Flags & SlotFlags.CloseWhenDrained) != 0 && slot.Error == 0)
            Statistics.SystemCalls += SocketOptions.Discard(slot.Descriptor);
        CloseDescriptor(slot.Descriptor);
        return true;
    }

    private protected override void CloseDescriptor(int descriptor)
    {
        Statistics.SystemCalls++;
        _ = LibC.Close(descriptor);
    }

    private protected override long WallMs() => LibC.WallMs();

    public override long WallUs() => LibC.WallUs();

    private protected override void StopAllListening()
    {
        foreach (EpollListener entry in _listeners) entry.Disarm();
    }

    // ---- reading ----

    private void NoteEvents(SocketHandle handle, uint events)
    {
        // A slot may have got a new owner since the kernel wrote the event.
        if (!Sockets.IsLive(handle)) return;
        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        if ((slot.Flags & SlotFlags.Closing) != 0) return;

        if ((events & Constants.EpollOut) != 0 && (slot.Flags & SlotFlags.WriteBlocked) != 0)
        {
            slot.Flags &= ~SlotFlags.WriteBlocked;
            MarkDirty(handle.Index, ref slot);
        }

        if ((events & (Constants.EpollError | Constants.EpollHangUp | Constants.EpollPeerHangUp)) != 0)
            slot.Flags |= SlotFlags.HangUp;
        if ((events & Constants.EpollError) != 0 && (slot.Flags & SlotFlags.Paused) != 0)
        {
            _ = LibC.GetOption(slot.Descriptor, Constants.LevelSocket, Constants.SocketError, out int error);
            BeginClose(handle.Index, error == 0 ? Errno.ConnectionReset : error);
            return;
        }

        if ((events & ~Constants.EpollOut) == 0) return;
        slot.Flags |= SlotFlags.Readable;
        QueueRead(handle.Index, ref slot);
    }

    private void QueueRead(int index, ref SocketSlot slot)
    {
        if ((slot.Flags & (SlotFlags.ReadQueued | SlotFlags.Paused | SlotFlags.InputEnded)) != 0) return;
        slot.Flags |= SlotFlags.ReadQueued;
        _ready.Add(new SocketHandle(index, slot.Generation));
    }

    /// <summary>
    /// Each readable socket gets its share; what is left over stays queued for the next turn.
    /// </summary>
    private void ReadReady()
    {
        if (_ready.Count == 0 || Throttled) return;
        (_ready, _reading) = (_reading, _ready);
        for (int i = 0; i < _reading.Count; i++)
        {
            SocketHandle handle = _reading[i];
            if (!Sockets.IsLive(handle)) continue;
            Sockets.Slot(handle.Index).Flags &= ~SlotFlags.ReadQueued;
            ReadSocket(handle);
        }

        _reading.Clear();
    }

    private void ReadSocket(SocketHandle handle)
    {
        int index = handle.Index;
        SocketEvents events = Sockets.Events(index);
        ref SocketSlot slot = ref Sockets.Slot(index);
        for (int reads = 0; reads < ReadsPerTurn; reads++)
        {
            if ((slot.Flags & (SlotFlags.Paused | SlotFlags.InputEnded)) != 0 || IsSilent(index)) return;
            // Throttled in the middle of the list: the rest waits in the next turn's list.
            if (Throttled) break;

            Span<byte> target = events.DirectTarget;
            nint received;
            int room;
            if (target.IsEmpty)
            {
                room = ReceiveBytes;
                received = LibC.Receive(slot.Descriptor, _receive, ReceiveBytes);
            }
            else
            {
                room = target.Length;
                fixed (byte* to = target) received = LibC.Receive(slot.Descriptor, to, (nuint)room);
            }

            Statistics.SystemCalls++;
            Statistics.Reads++;
            if (received <= 0)
            {
                slot.Flags &= ~SlotFlags.Readable;
                if (received == 0)
                    EndInput(index, ref slot);
                else if (received != -Errno.TryAgain)
                    BeginClose(index, (int)-received);
                return;
            }

            Statistics.BytesReceived += received;
            bool isAll = received < room;
            if (isAll && (slot.Flags & SlotFlags.HangUp) == 0) slot.Flags &= ~SlotFlags.Readable;
            if (target.IsEmpty)
                events.OnBytes(new ReadOnlySpan<byte>(_receive, (int)received));
            else
                events.OnDirectBytes((int)received);
            if ((slot.Flags & SlotFlags.Readable) == 0) return;
        }

        QueueRead(index, ref slot);
    }

    // ---- writing ----

    private long Write(int descriptor, int count)
    {
        if (count == 1) return LibC.Send(descriptor, (void*)_vectors[0].Base, _vectors[0].Length);
        MessageHeader message = new() { Vectors = _vectors, VectorCount = (nuint)count };
        return LibC.SendMessage(descriptor, &message, Constants.DontWait);
    }

    /// <summary>
    /// Watched from the first write that the kernel did not take whole until everything has left.
    /// </summary>
    private void WatchWrites(int index, ref SocketSlot slot, bool isWatched)
    {
        slot.Flags ^= SlotFlags.WritesWatched;
        Statistics.SystemCalls++;
        uint events = isWatched ? SocketEventMask | Constants.EpollOut : SocketEventMask;
        int result = LibC.EpollControl(
            _epoll, Constants.EpollModify, slot.Descriptor, events, DataOf(index, slot.Generation));
        if (result < 0) BeginClose(index, -result);
    }

    // ---- registration ----

    private int Register(int descriptor, uint events, ulong data)
    {
        Statistics.SystemCalls++;
        return LibC.EpollControl(_epoll, Constants.EpollAdd, descriptor, events, data);
    }

    private void ReadEvent(int index, out uint events, out ulong data)
    {
        if (IsPacked)
        {
            EpollEventPacked* packed = (EpollEventPacked*)_events + index;
            (events, data) = (packed->Events, packed->Data);
        }
        else
        {
            EpollEvent* wide = (EpollEvent*)_events + index;
            (events, data) = (wide->Events, wide->Data);
        }
    }

    private static ulong DataOf(int index, uint generation) => (uint)index | (ulong)generation << 32;
}
