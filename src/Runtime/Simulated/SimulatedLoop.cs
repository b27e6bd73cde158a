using System.Runtime.InteropServices;
using Anax.Core.Buffers;
using Anax.Runtime.Native;

namespace Anax.Runtime.Simulated;

/// <summary>
/// The loop without a kernel: it never sleeps, its sockets are pipes of a <see cref="SimulatedNetwork"/>,
/// which also decides when it gets its next turn. Everything above the back end is the same code as outside.
/// </summary>
internal sealed unsafe class SimulatedLoop : EventLoop
{
    private const int ReceiveBytes = 64 * 1024;
    private const int VectorsMax = 16;

    private readonly SimulatedNetwork _network;
    private readonly byte* _receive;
    private readonly List<(ListenSocket Socket, IAcceptEvents Events)> _listeners = [];

    public SimulatedLoop(SimulatedNetwork network, LoopMesh mesh, int index, ulong seed, int number)
        : base(mesh, index, seed)
    {
        (_network, Number) = (network, number);
        _receive = (byte*)NativeMemory.Alloc(ReceiveBytes);
    }

    /// <summary>Its place among all loops of the network.</summary>
    public int Number { get; }

    /// <summary>
    /// How long it would sleep now: 0 where it has something to do, long.MaxValue where only others can wake
    /// it.
    /// </summary>
    public long SleepNs() => IsStopped ? long.MaxValue : TimeoutNs();

    /// <summary>A turn, after which it sleeps as a loop outside does, so that others may visit it.</summary>
    public void RunSimulatedTurn()
    {
        RunTurn(mayBlock: true);
        Doze();
    }

    private protected override bool HasReadyWork
    {
        get
        {
            if (Throttled) return false;
            foreach ((ListenSocket socket, _) in _listeners)
            {
                if (_network.Backlog(socket.Port) is { Waiting.Count: > 0 }) return true;
            }

            for (int index = 0; index < Sockets.Bound; index++)
            {
                if (!Sockets.IsTaken(index)) continue;
                ref SocketSlot slot = ref Sockets.Slot(index);
                if (IsReadable(ref slot) || IsWritable(ref slot)) return true;
            }

            return false;
        }
    }

    public override long MonotonicNs() => _network.Look();

    public override long NativeLookNs => _network.Options.NativeLookNs;

    /// <summary>The trace knows a message by its sender, kind and stamp: what else it holds may be addresses.</summary>
    public override void OnMessage(ushort kind, MessageHandler handler) =>
        base.OnMessage(kind, (int from, in Message message) =>
        {
            _network.Note(((ulong)Number << 32) + ((ulong)from << 16) + kind);
            _network.Note((ulong)message.Stamp);
            handler(from, message);
        });

    public override void Listen(ListenSocket listener, IAcceptEvents events) =>
        _listeners.Add((listener, events));

    public override void StopListening(ListenSocket listener) =>
        _listeners.RemoveAll(entry => entry.Socket == listener);

    public override void Dispose()
    {
        _network.Forget(this);
        base.Dispose();
        NativeMemory.Free(_receive);
    }

    private protected override void WaitForEvents(long timeoutNs)
    {
    }

    private protected override void DispatchSockets()
    {
        if (Throttled) return;
        for (int i = 0; i < _listeners.Count; i++)
        {
            (ListenSocket socket, IAcceptEvents events) = _listeners[i];
            if (_network.Backlog(socket.Port) is not { } backlog) continue;
            while (backlog.Waiting.TryDequeue(out int descriptor))
            {
                Statistics.SocketsAccepted++;
                events.OnAccepted(socket, descriptor);
            }
        }

        int bound = Sockets.Bound;
        if (bound == 0) return;
        // Which socket is ready first is chance outside, too.
        int first = _network.Draw(bound);
        for (int i = 0; i < bound; i++)
        {
            int index = (first + i) % bound;
            if (!Sockets.IsTaken(index)) continue;
            ref SocketSlot slot = ref Sockets.Slot(index);
            if (IsWritable(ref slot))
            {
                slot.Flags &= ~SlotFlags.WriteBlocked;
                MarkDirty(index, ref slot);
            }

            if (IsReadable(ref slot)) ReadSocket(index, ref slot);
        }
    }

    private protected override int StartSocket(int index) => 0;

    private protected override void ResumeSocket(int index)
    {
    }

    private protected override void FlushSocket(int index, ref SocketSlot slot)
    {
        SimulatedPipe pipe = _network.Socket(slot.Descriptor).Output;
        Span<IoVector> vectors = stackalloc IoVector[VectorsMax];
        int count = slot.Output.FillVectors(vectors);
        if (IsReset(pipe))
        {
            BeginClose(index, Errno.ConnectionReset);
            return;
        }

        Statistics.Writes++;
        long sent = 0;
        foreach (IoVector vector in vectors[..count])
        {
            int length = (int)Math.Min((long)vector.Length, int.MaxValue);
            bool isPartial = length > 0 && _network.Happens(_network.Options.PartialWriteChance);
            if (isPartial) length = _network.Draw(length);
            int written = pipe.Write(new ReadOnlySpan<byte>((void*)vector.Base, length));
            _network.Note(new ReadOnlySpan<byte>((void*)vector.Base, written));
            sent += written;
            if (written < (long)vector.Length) break;
        }

        if (sent != 0)
        {
            pipe.ArrivesNs = _network.Arrival(pipe.ArrivesNs);
            Statistics.BytesSent += sent;
            slot.Output.Consume(Chunks, sent);
        }

        if (slot.Output.Length == 0)
        {
            Drained(index, ref slot);
            return;
        }

        slot.Flags |= SlotFlags.WriteBlocked;
        _network.ShortWrites++;
    }

    private protected override bool EndSocket(int index, ref SocketSlot slot)
    {
        _network.Close(slot.Descriptor);
        return true;
    }

    private protected override void CloseDescriptor(int descriptor) => _network.Close(descriptor);

    private protected override long WallMs() => _network.NowMs;

    private protected override void StopAllListening() => _listeners.Clear();

    private bool IsReset(SimulatedPipe pipe)
    {
        if (pipe.IsReset) return true;
        if (!_network.Happens(_network.Options.ResetChance)) return false;
        _network.Resets++;
        return pipe.IsReset = true;
    }

    private bool IsReadable(ref SocketSlot slot) =>
        (slot.Flags & (SlotFlags.Paused | SlotFlags.InputEnded | SlotFlags.Closing | SlotFlags.CloseWhenDrained)) == 0
        && _network.Socket(slot.Descriptor).Input.HasNews(_network.NowNs);

    private bool IsWritable(ref SocketSlot slot)
    {
        if ((slot.Flags & (SlotFlags.WriteBlocked | SlotFlags.Closing)) != SlotFlags.WriteBlocked) return false;
        SimulatedPipe pipe = _network.Socket(slot.Descriptor).Output;
        return pipe.IsReset || pipe.Room > 0;
    }

    private void ReadSocket(int index, ref SocketSlot slot)
    {
        SimulatedPipe pipe = _network.Socket(slot.Descriptor).Input;
        if (IsReset(pipe))
        {
            BeginClose(index, Errno.ConnectionReset);
            return;
        }

        if (pipe.Count == 0)
        {
            EndInput(index, ref slot);
            return;
        }

        SocketEvents events = Sockets.Events(index);
        Span<byte> direct = events.DirectTarget;
        Span<byte> target = direct.IsEmpty ? new Span<byte>(_receive, ReceiveBytes) : direct;
        int count = Math.Min(target.Length, pipe.Count);
        if (_network.Happens(_network.Options.PartialReadChance)) count = 1 + _network.Draw(count);
        if (count < pipe.Count) _network.ShortReads++;
        int received = pipe.Read(target[..count]);
        _network.Note(target[..received]);
        Statistics.Reads++;
        Statistics.BytesReceived += received;
        if (direct.IsEmpty)
            events.OnBytes(target[..received]);
        else
            events.OnDirectBytes(received);
    }
}
