using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Runtime.Native;

namespace Anax.Runtime.Uring;

/// <summary>
/// The loop on io_uring: receives and accepts stand with the kernel and go on by themselves, sends of a turn
/// are submitted together, and one system call per turn submits, waits and fetches.
/// </summary>
/// <remarks>
/// <para>A socket's receive is in one of these states; the flags are in brackets.</para>
/// <code>
///   idle ──ArmReceive──► multishot [Armed] ──────────────► idle    the kernel ended it: out of buffers, error, end
///     │                     └─StopReceive─► ending [Armed, Cancelled] ──► idle
///     └─────ArmReceive──► direct [Armed, Direct] ────────► idle    a large argument: straight into its memory
/// </code>
/// <para>1. Nothing that the kernel may still touch is reused: <c>Outstanding</c> counts the operations of a
/// socket that have not completed for good, and its slot, chunks and descriptor live until that is 0.</para>
/// <para>2. Bytes that arrive while nobody wants them (the socket is paused, the loop throttled) are copied
/// out of the receive buffer and held, so a paused client cannot starve the others of buffers. The first held
/// byte of a paused socket cancels its receive; then the kernel's own window holds the peer.</para>
/// <para>3. Sends are first tried without waiting, so each completes within the call that submits it, and the
/// loop knows how many completions to expect beside the news it sleeps for. A send behind which something is
/// left, or may be, is news itself: the rest goes when it completes. Only such a rest, and a send after EAGAIN,
/// is left with the kernel until there is room.</para>
/// <para>4. A poll stands beside each receive and waits for the end of the connection alone: where bytes and a
/// reset (or the end of a Unix socket) come together, a multishot receive takes the bytes and never hears of the
/// rest. The poll then ends the receive, and the next one is told.</para>
/// </remarks>
internal sealed unsafe class UringLoop : EventLoop
{
    private const int ManyLoops = 16;
    private const int VectorsMax = 64;
    private const int ScratchBytes = 64 * 1024;
    private const int DirectBytesMin = 32 * 1024;

    /// <summary>A send that was expected to complete may turn out to leave a rest: so long it waits at most.</summary>
    private const long ExpectingNsMax = 5_000_000;

    /// <summary>What a socket takes as a whole, unless its peer does not read.</summary>
    private const int SureBytesMax = 16 * 1024;

    private readonly UringQueue _queue;
    private readonly ReceiveBuffers _buffers;
    private readonly byte* _scratch;
    private readonly List<UringListener> _listeners = [];
    private readonly int _wakeDescriptor;
    private NativeList<SocketHandle> _resumed;
    private NativeList<SocketHandle> _resuming;
    private int _scratchUsed;
    private uint _sendsExpected;
    private bool _isEnabled;

    public UringLoop(LoopMesh mesh, int index, ulong seed)
        : base(mesh, index, seed)
    {
        // Many loops share the memory that a few may have.
        bool isOneOfMany = mesh.Count > ManyLoops;
        _queue = UringQueue.TryCreate(isOneOfMany ? 128u : 1024u, isOneOfMany ? 512u : 4096u, out string reason)
            ?? throw new InvalidOperationException(reason);
        _buffers = new ReceiveBuffers(isOneOfMany ? 32 : 64);
        int registered = _buffers.Register(_queue);
        if (registered < 0) throw new InvalidOperationException($"provided buffers: {Errno.Text(-registered)}");
        _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchBytes, 64);
        _wakeDescriptor = mesh.WakeDescriptor(index);
        SubmitWakePoll();
    }

    /// <summary>What a completion belongs to; in the top bits of the low half of its user data.</summary>
    private enum Tag : uint
    {
        Ignored = 0u << TagShift,
        Receive = 1u << TagShift,
        Direct = 2u << TagShift,
        Send = 3u << TagShift,
        Accept = 4u << TagShift,
        Wake = 5u << TagShift,
        PeerGone = 6u << TagShift,
    }

    private const int TagShift = 28;
    private const uint IndexMask = (1u << TagShift) - 1;

    private protected override bool HasReadyWork => _resumed.Count != 0 && !Throttled;

    public override long MonotonicNs() => LibC.MonotonicNs();

    // ---- listening ----

    public override void Listen(ListenSocket listener, IAcceptEvents events)
    {
        UringListener entry = new(this, listener, events, _listeners.Count);
        _listeners.Add(entry);
        entry.Arm();
    }

    public override void StopListening(ListenSocket listener)
    {
        foreach (UringListener entry in _listeners)
        {
            if (entry.Socket == listener) entry.Disarm();
        }
    }

    public override void Dispose()
    {
        // The ring goes first: with its descriptor the kernel drops what it still holds of the sockets'
        // memory.
        _queue.Dispose();
        base.Dispose();
        _buffers.Dispose();
        _resumed.Free();
        _resuming.Free();
        NativeMemory.AlignedFree(_scratch);
    }

    internal void SubmitAccept(int descriptor, int number)
    {
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Accept;
        entry.Descriptor = descriptor;
        entry.Priority = UringConstants.AcceptMultishot;
        entry.OperationFlags = Constants.CloseOnExec | Constants.NonBlocking;
        entry.UserData = (uint)Tag.Accept | (uint)number;
    }

    /// <summary>
    /// At once, because the address is free only when the kernel has let go of the listener.
    /// </summary>
    internal void SubmitCancelAccept(int number)
    {
        SubmitCancel((uint)Tag.Accept | (uint)number);
        if (_isEnabled) SubmitNow();
    }

    // ---- one turn ----

    private protected override void WaitForEvents(long timeoutNs)
    {
        if (!_isEnabled)
        {
            int enabled = _queue.Enable();
            Invariant.Holds(enabled >= 0, "a ring is enabled once, by its loop's thread");
            _isEnabled = true;
        }

        long before = _queue.Enters;
        if (timeoutNs == 0)
            _queue.Enter(0, 0);
        else
            _queue.Enter(_sendsExpected + 1, _sendsExpected == 0 ? timeoutNs : Math.Min(timeoutNs, ExpectingNsMax));
        Statistics.SystemCalls += _queue.Enters - before;
        _sendsExpected = 0;
        // The kernel has read the vectors of what it took.
        if (_queue.Unsubmitted == 0) _scratchUsed = 0;
    }

    private protected override void DispatchSockets()
    {
        uint head = _queue.Head;
        for (uint tail = _queue.Tail; head != tail; head++)
        {
            UringCompletion completion = _queue[head];
            Complete(completion);
        }

        _queue.Advance(head);
        _buffers.Publish();
        if (_resumed.Count != 0 && !Throttled) DeliverHeld();
    }

    private protected override int StartSocket(int index)
    {
        ref SocketSlot slot = ref Sockets.Slot(index);
        // One that is still connecting takes nothing yet, so the first send is left with the kernel.
        slot.Flags |= SlotFlags.SendWaits;
        SubmitReceive(index, ref slot, UringConstants.PollFirst);
        SubmitPeerGonePoll(index, ref slot);
        return 0;
    }

    private protected override void ResumeSocket(int index) => QueueResume(index, ref Sockets.Slot(index));

    private protected override void FlushSocket(int index, ref SocketSlot slot)
    {
        if (slot.Output.Length == 0)
        {
            Drained(index, ref slot);
            return;
        }

        bool waits = (slot.Flags & SlotFlags.SendWaits) != 0;
        if (_scratchUsed > ScratchBytes - sizeof(MessageHeader) - VectorsMax * sizeof(IoVector)) SubmitNow();
        MessageHeader* message = (MessageHeader*)(_scratch + _scratchUsed);
        IoVector* vectors = (IoVector*)(message + 1);
        int count = slot.Output.FillVectors(new Span<IoVector>(vectors, VectorsMax));

        ref UringSubmission entry = ref _queue.Next();
        entry.Descriptor = slot.Descriptor;
        entry.OperationFlags = (uint)(Constants.NoSignal | (waits ? 0 : Constants.DontWait));
        entry.UserData = UserData(Tag.Send, index, ref slot);
        if (count == 1)
        {
            entry.Operation = UringOperation.Send;
            entry.Address = (ulong)vectors->Base;
            entry.Length = (uint)Math.Min(vectors->Length, int.MaxValue);
        }
        else
        {
            *message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
            _scratchUsed += sizeof(MessageHeader) + count * sizeof(IoVector);
            _scratchUsed = (_scratchUsed + 7) & ~7;
            entry.Operation = UringOperation.SendMessage;
            entry.Address = (ulong)message;
            entry.Length = 1;
        }

        Statistics.Writes++;
        slot.Outstanding++;
        slot.Flags |= SlotFlags.WriteBlocked;
        bool isLast = (slot.Flags & SlotFlags.CloseWhenDrained) != 0;
        if (!waits && !isLast && count != VectorsMax && slot.Output.Length <= SureBytesMax) _sendsExpected++;
    }

    private protected override void WriteIsFollowed()
    {
        if (_sendsExpected != 0) _sendsExpected--;
    }

    private protected override bool EndSocket(int index, ref SocketSlot slot)
    {
        if (slot.Outstanding != 0)
        {
            ref UringSubmission cancel = ref _queue.Next();
            cancel.Operation = UringOperation.Cancel;
            cancel.Descriptor = slot.Descriptor;
            cancel.OperationFlags = UringConstants.CancelAll | UringConstants.CancelDescriptor;
            cancel.Flags = UringConstants.SkipSuccess;
            slot.Flags |= SlotFlags.Ending;
            return false;
        }

        if ((slot.Flags & SlotFlags.CloseWhenDrained) != 0 && slot.Error == 0)
            Statistics.SystemCalls += SocketOptions.Discard(slot.Descriptor);
        ref UringSubmission close = ref _queue.Next();
        close.Operation = UringOperation.Close;
        close.Descriptor = slot.Descriptor;
        close.Flags = UringConstants.SkipSuccess;
        return true;
    }

    private protected override void CloseDescriptor(int descriptor) => _ = LibC.Close(descriptor);

    private protected override long WallMs() => LibC.WallMs();

    public override long WallUs() => LibC.WallUs();

    private protected override void StopAllListening()
    {
        foreach (UringListener entry in _listeners) entry.Disarm();
    }

    // ---- completions ----

    private void Complete(in UringCompletion completion)
    {
        uint name = (uint)completion.UserData;
        int index = (int)(name & IndexMask);
        switch ((Tag)(name & ~IndexMask))
        {
            case Tag.Receive:
                Received(index, ref OwnerOf(completion, index), completion);
                break;
            case Tag.Direct:
                ReceivedDirect(index, ref OwnerOf(completion, index), completion.Result);
                break;
            case Tag.Send:
                Sent(index, ref OwnerOf(completion, index), completion.Result);
                break;
            case Tag.PeerGone:
                PeerGone(index, ref OwnerOf(completion, index));
                break;
            case Tag.Accept:
                _listeners[index].Completed(completion);
                break;
            case Tag.Wake when (completion.Flags & UringConstants.HasMore) == 0:
                SubmitWakePoll();
                break;
        }
    }

    /// <summary>
    /// A slot outlives its operations, so a completion always finds the owner that submitted it.
    /// </summary>
    private ref SocketSlot OwnerOf(in UringCompletion completion, int index)
    {
        Invariant.Holds(
            Sockets.IsLive(index, (uint)(completion.UserData >> 32)), "a socket lives until its last completion");
        return ref Sockets.Slot(index);
    }

    private void Received(int index, ref SocketSlot slot, in UringCompletion completion)
    {
        bool isLast = (completion.Flags & UringConstants.HasMore) == 0;
        if (isLast)
        {
            slot.Flags &= ~(SlotFlags.ReceiveArmed | SlotFlags.ReceiveCancelled);
            slot.Outstanding--;
        }

        int result = completion.Result;
        if ((completion.Flags & UringConstants.HasBuffer) != 0)
        {
            int number = (int)(completion.Flags >> UringConstants.BufferShift);
            if (result > 0)
            {
                Statistics.Reads++;
                Statistics.BytesReceived += result;
                Deliver(index, ref slot, _buffers[number], result);
            }

            _buffers.GiveBack(number);
        }

        if (result == 0)
            InputEnded(index, ref slot);
        else if (result < 0 && result is not (-Errno.NoBuffers or -Errno.Canceled or -Errno.Interrupted))
            BeginClose(index, -result);
        AfterReceive(index, ref slot, isLast);
    }

    private void ReceivedDirect(int index, ref SocketSlot slot, int result)
    {
        slot.Flags &= ~(SlotFlags.ReceiveArmed | SlotFlags.ReceiveCancelled);
        slot.Outstanding--;
        if (result > 0)
        {
            Statistics.Reads++;
            Statistics.BytesReceived += result;
            if (!IsSilent(index)) Sockets.Events(index).OnDirectBytes(result);
        }
        else if (result == 0)
        {
            InputEnded(index, ref slot);
        }
        else if (result is not (-Errno.Canceled or -Errno.Interrupted or -Errno.TryAgain))
        {
            BeginClose(index, -result);
        }

        AfterReceive(index, ref slot, isLast: true);
    }

    private void Sent(int index, ref SocketSlot slot, int result)
    {
        slot.Outstanding--;
        slot.Flags &= ~(SlotFlags.WriteBlocked | SlotFlags.SendWaits);
        if (result >= 0)
        {
            Statistics.BytesSent += result;
            slot.Output.Consume(Chunks, result);
            // Where the kernel took a part it will hardly take more at once.
            if (slot.Output.Length != 0) slot.Flags |= SlotFlags.SendWaits;
        }
        else if (result == -Errno.TryAgain)
        {
            slot.Flags |= SlotFlags.SendWaits;
        }
        else if (result is not (-Errno.Interrupted or -Errno.Canceled))
        {
            BeginClose(index, -result);
        }

        if ((slot.Flags & SlotFlags.Closing) != 0)
            EndIfQuiet(index, ref slot);
        else if (slot.Output.Length != 0)
            MarkDirty(index, ref slot);
        else
            Drained(index, ref slot);
    }

    private void PeerGone(int index, ref SocketSlot slot)
    {
        slot.Outstanding--;
        if ((slot.Flags & SlotFlags.Closing) != 0)
            EndIfQuiet(index, ref slot);
        else if ((slot.Flags & (SlotFlags.ReceiveArmed | SlotFlags.ReceiveCancelled)) == SlotFlags.ReceiveArmed)
            StopReceive(index, ref slot);
    }

    /// <summary>The end counts only when the bytes before it were delivered.</summary>
    private void InputEnded(int index, ref SocketSlot slot)
    {
        if (slot.HeldLength != 0)
            slot.Flags |= SlotFlags.EndHeld;
        else
            EndInput(index, ref slot);
    }

    private void AfterReceive(int index, ref SocketSlot slot, bool isLast)
    {
        if ((slot.Flags & SlotFlags.Closing) != 0)
        {
            if (isLast) EndIfQuiet(index, ref slot);
            return;
        }

        // Without buffers the next try waits until this turn's are given back.
        if (isLast)
            QueueResume(index, ref slot);
        else if ((slot.Flags & SlotFlags.ReceiveCancelled) == 0 && WantsDirect(index, ref slot))
            StopReceive(index, ref slot);
    }

    private void EndIfQuiet(int index, ref SocketSlot slot)
    {
        if (slot.Outstanding == 0 && (slot.Flags & SlotFlags.Ending) != 0) EndLater(index);
    }

    // ---- receiving ----

    private void SubmitReceive(int index, ref SocketSlot slot, ushort priority)
    {
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Receive;
        entry.Descriptor = slot.Descriptor;
        entry.Priority = (ushort)(UringConstants.ReceiveMultishot | priority);
        entry.Flags = UringConstants.SelectBuffer;
        entry.UserData = UserData(Tag.Receive, index, ref slot);
        slot.Flags |= SlotFlags.ReceiveArmed;
        slot.Outstanding++;
    }

    private void ArmReceive(int index, ref SocketSlot slot)
    {
        const SlotFlags NoReceive =
            SlotFlags.ReceiveArmed | SlotFlags.Paused | SlotFlags.Closing | SlotFlags.InputEnded | SlotFlags.EndHeld;
        if ((slot.Flags & NoReceive) != 0) return;
        if (!WantsDirect(index, ref slot))
        {
            SubmitReceive(index, ref slot, 0);
            return;
        }

        Span<byte> target = Sockets.Events(index).DirectTarget;
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Receive;
        entry.Descriptor = slot.Descriptor;
        entry.Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetReference(target));
        entry.Length = (uint)target.Length;
        entry.UserData = UserData(Tag.Direct, index, ref slot);
        slot.Flags |= SlotFlags.ReceiveArmed;
        slot.Outstanding++;
    }

    /// <summary>For less than this the way through a buffer is cheaper than changing the receive.</summary>
    private bool WantsDirect(int index, ref SocketSlot slot) =>
        slot.HeldLength == 0 && !IsSilent(index) && Sockets.Events(index).DirectTarget.Length >= DirectBytesMin;

    private void StopReceive(int index, ref SocketSlot slot)
    {
        slot.Flags |= SlotFlags.ReceiveCancelled;
        SubmitCancel(UserData(Tag.Receive, index, ref slot));
    }

    private void Deliver(int index, ref SocketSlot slot, byte* bytes, int count)
    {
        if (IsSilent(index)) return;
        if ((slot.Flags & SlotFlags.Paused) != 0 || slot.HeldLength != 0 || Throttled)
            Hold(index, ref slot, bytes, count);
        else
            HandOver(index, ref slot, bytes, count);
    }

    /// <summary>
    /// Gives bytes to the layer, as far as it takes them; holds the rest. Returns what was given.
    /// </summary>
    private int HandOver(int index, ref SocketSlot slot, byte* bytes, int count)
    {
        SocketEvents events = Sockets.Events(index);
        int given = 0;
        while (given < count)
        {
            if (IsSilent(index)) return count;
            if ((slot.Flags & SlotFlags.Paused) != 0)
            {
                if (slot.HeldLength == 0) Hold(index, ref slot, bytes + given, count - given);
                return given;
            }

            Span<byte> target = events.DirectTarget;
            if (target.IsEmpty)
            {
                events.OnBytes(new ReadOnlySpan<byte>(bytes + given, count - given));
                return count;
            }

            int piece = Math.Min(target.Length, count - given);
            new ReadOnlySpan<byte>(bytes + given, piece).CopyTo(target);
            events.OnDirectBytes(piece);
            given += piece;
        }

        return given;
    }

    private void Hold(int index, ref SocketSlot slot, byte* bytes, int count)
    {
        if (slot.HeldLength + count > slot.HeldCapacity)
        {
            slot.HeldCapacity = Math.Max(slot.HeldCapacity * 2, slot.HeldLength + count);
            slot.Held = (nint)NativeMemory.Realloc((void*)slot.Held, (nuint)slot.HeldCapacity);
        }

        NativeMemory.Copy(bytes, (byte*)slot.Held + slot.HeldLength, (nuint)count);
        slot.HeldLength += count;
        if ((slot.Flags & SlotFlags.Paused) == 0)
            QueueResume(index, ref slot);
        else if ((slot.Flags & (SlotFlags.ReceiveArmed | SlotFlags.ReceiveCancelled)) == SlotFlags.ReceiveArmed)
            StopReceive(index, ref slot);
    }

    private void QueueResume(int index, ref SocketSlot slot)
    {
        if ((slot.Flags & SlotFlags.ReadQueued) != 0) return;
        slot.Flags |= SlotFlags.ReadQueued;
        _resumed.Add(new SocketHandle(index, slot.Generation));
    }

    /// <summary>
    /// Sockets that were resumed, or whose receive ended: what was held comes first, then a new receive.
    /// </summary>
    private void DeliverHeld()
    {
        (_resumed, _resuming) = (_resuming, _resumed);
        for (int i = 0; i < _resuming.Count; i++)
        {
            SocketHandle handle = _resuming[i];
            if (!Sockets.IsLive(handle)) continue;
            int index = handle.Index;
            ref SocketSlot slot = ref Sockets.Slot(index);
            slot.Flags &= ~SlotFlags.ReadQueued;
            if ((slot.Flags & (SlotFlags.Paused | SlotFlags.Closing)) != 0) continue;
            if (Throttled)
            {
                QueueResume(index, ref slot);
                continue;
            }

            if (slot.HeldLength != 0) GiveHeld(index, ref slot);
            if (slot.HeldLength == 0 && (slot.Flags & SlotFlags.EndHeld) != 0) EndInput(index, ref slot);
            ArmReceive(index, ref slot);
        }

        _resuming.Clear();
    }

    private void GiveHeld(int index, ref SocketSlot slot)
    {
        int count = slot.HeldLength;
        int given = HandOver(index, ref slot, (byte*)slot.Held, count);
        if (given == count)
        {
            FreeHeld(ref slot);
            return;
        }

        new Span<byte>((byte*)slot.Held + given, count - given).CopyTo(new Span<byte>((void*)slot.Held, count));
        slot.HeldLength = count - given;
    }

    // ---- submissions ----

    private void SubmitCancel(ulong userData)
    {
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Cancel;
        entry.Address = userData;
        entry.Flags = UringConstants.SkipSuccess;
    }

    /// <summary>Once per socket: the end of a connection is final.</summary>
    private void SubmitPeerGonePoll(int index, ref SocketSlot slot)
    {
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Poll;
        entry.Descriptor = slot.Descriptor;
        entry.OperationFlags = Constants.EpollPeerHangUp;
        entry.UserData = UserData(Tag.PeerGone, index, ref slot);
        slot.Outstanding++;
    }

    private void SubmitWakePoll()
    {
        ref UringSubmission entry = ref _queue.Next();
        entry.Operation = UringOperation.Poll;
        entry.Descriptor = _wakeDescriptor;
        entry.OperationFlags = Constants.EpollIn;
        entry.Length = UringConstants.PollMultishot;
        entry.UserData = (uint)Tag.Wake;
    }

    private void SubmitNow()
    {
        _queue.Enter(0, 0);
        Statistics.SystemCalls++;
        if (_queue.Unsubmitted == 0) _scratchUsed = 0;
    }

    private static ulong UserData(Tag tag, int index, ref SocketSlot slot) =>
        (uint)tag | (uint)index | (ulong)slot.Generation << 32;
}
