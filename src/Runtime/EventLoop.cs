using System.Diagnostics;
using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// One thread's loop: sockets, mailbox, timers and background work, served in turns. Whatever it calls is alone with
/// the loop and may use everything of it without locks, though not always on the loop's own thread: another loop may
/// serve brief questions in its name while it sleeps, see <see cref="Mailbox"/>. <see cref="Wake"/> and
/// <see cref="RequestStop"/> alone may be called from elsewhere.
/// </summary>
/// <remarks>
/// <para>The order of a turn, and why each step stands where it does:</para>
/// <para>1. Wait. Submits what the last turn left (io_uring) and fetches what is ready; it sleeps only where
/// the turn before left nothing undone, and only after the mail word said so (see
/// <see cref="Mailbox"/>).</para>
/// <para>2. Clocks, once: everything in a turn happens at one time. Behind them the mail, where the layer wants it
/// before the requests too (<see cref="ServesMailFirst"/>).</para>
/// <para>3. Sockets. Their requests run here, on the bytes where they were received. First, because the
/// questions they raise should be under way to other loops while this one does its remaining work; announced
/// right after.</para>
/// <para>4. Mailbox: questions of others, and answers, which complete replies. Before the flush, so that
/// those replies leave in this turn.</para>
/// <para>5. The layer's own turn (batches gathered over several sockets). Announced before the flush: a
/// message costs the others nothing but a look, a write to a socket takes microseconds.</para>
/// <para>6. Flush: each socket that has something to send is written once, however many replies it got.
/// Closings come behind it, so that last words leave.</para>
/// <para>7. Timers: after the replies, because timers are accurate to a turn anyway and clients wait.</para>
/// <para>8. Background work, in the time that is left: half a millisecond where nothing else is to be
/// done, a fraction of the turn's own length where there is.</para>
/// </remarks>
public abstract unsafe class EventLoop : IDisposable
{
    public const int MessageKindsMax = 64;

    private const long SliceIdleNs = 500_000;
    private const long SliceBusyMinNs = 10_000;
    private const int SliceBusyShare = 8;

    /// <summary>What goes on by the answers of visits visits again so often in a turn.</summary>
    private const int VisitRoundsMax = 64;

    private const long StopGraceNs = 600_000_000;
    private const long StopPollNs = 5_000_000;

    /// <summary>The loop that runs on this thread; for assertions only.</summary>
    [ThreadStatic] private static EventLoop? t_current;

    private readonly LoopMesh _mesh;
    private readonly Mailbox _mailbox;
    private readonly TimerHeap _timers = new();
    private readonly MessageHandler?[] _handlers = new MessageHandler?[MessageKindsMax];
    private readonly LoopStatistics* _statistics;
    private BackgroundWork?[] _background = new BackgroundWork?[8];
    private int _backgroundCount;
    private NativeList<int> _dirty;
    private NativeList<int> _flushing;
    private NativeList<int> _closing;
    private NativeList<int> _ending;
    private ReplyStream _dropped;
    private ILoopEvents? _events;
    private ulong _random;
    private long _stamp;
    private long _nowNs;
    private long _nowMs;
    private bool _stopRequested;
    private StopState _stop;
    private long _stopDeadlineNs;
    private long _stopPollNs = long.MaxValue;
    private long _sleepUntilNs;
    private bool _isDozing;
    private bool _isVisited;

    private protected EventLoop(LoopMesh mesh, int index, ulong seed)
    {
        (_mesh, Index) = (mesh, index);
        _statistics = (LoopStatistics*)NativeMemory.AlignedAlloc(512, 128);
        NativeMemory.Clear(_statistics, 512);
        _mailbox = new Mailbox(mesh, index, _statistics);
        _random = seed + (ulong)index * 0x9E37_79B9_7F4A_7C15;
        LongTurnNs = long.MaxValue;
    }

    private enum StopState
    {
        Running,
        Stopping,
        Quiet,
        Stopped,
    }

    /// <summary>This loop's place in its group.</summary>
    public int Index { get; }

    /// <summary>Loops in the group.</summary>
    public int GroupCount => _mesh.Count;

    /// <summary>Monotonic time of the turn.</summary>
    public long NowNs => _nowNs;

    /// <summary>Unix time of the turn in milliseconds.</summary>
    public long NowMs => _nowMs;

    /// <summary>The chunks that replies are written into.</summary>
    public ChunkPool Chunks { get; } = new();

    public ref LoopStatistics Statistics => ref *_statistics;

    /// <summary>Turns that take longer are reported; no limit at first.</summary>
    public long LongTurnNs { get; set; }

    /// <summary>
    /// Mail is also taken before the sockets, so that a request sees what others sent before its client knew of it. Costs
    /// a look at the mail word in each turn.
    /// </summary>
    public bool ServesMailFirst { get; set; }

    /// <summary>Another loop serves this one, which sleeps.</summary>
    public bool IsVisited => _isVisited;

    public int SocketCount => Sockets.Count;

    /// <summary>
    /// True while messages wait for room in another loop's ring; the loop reads no sockets meanwhile.
    /// Whatever else produces messages in number asks here first.
    /// </summary>
    public bool Throttled => _mailbox.IsThrottled;

    /// <summary>True on the thread that runs this loop, for itself or as its visitor; for assertions.</summary>
    public bool IsRunningHere => ReferenceEquals(t_current, this);

    public bool IsStopping => _stop != StopState.Running;

    private protected SocketTable Sockets { get; } = new();

    /// <summary>A socket waits to be written or closed.</summary>
    private protected bool HasOutput => _dirty.Count != 0 || _closing.Count != 0;

    // ---- running ----

    /// <summary>Who is told about start, turns and stop; set before the loop runs.</summary>
    public void Attach(ILoopEvents events) => _events = events;

    /// <summary>Runs turns on the calling thread until the group has stopped.</summary>
    public void Run()
    {
        Begin();
        while (!IsStopped) RunTurn(mayBlock: true);
    }

    /// <summary>One turn, in the order above.</summary>
    public void RunTurn(bool mayBlock)
    {
        EventLoop? before = t_current;
        t_current = this;
        if (_isDozing) _mailbox.WakeUp();
        _isDozing = false;

        Wait(mayBlock);
        RefreshClocks();
        long startNs = _nowNs;

        if (ServesMailFirst) _mailbox.Serve(this);
        DispatchSockets();
        _mailbox.Announce(this, mayVisit: true);

        // What goes on by a visit's answers may ask again, as scripts do for one key after the other: no turn for each.
        int rounds = 0;
        do
        {
            _mailbox.Serve(this);
            _events?.OnTurn(this);
        }
        while (_mailbox.Announce(this, mayVisit: true) && ++rounds < VisitRoundsMax);

        Flush();

        FireTimers();
        RunBackground(startNs);
        if (_stopRequested) StopStep();

        long tookNs = MonotonicNs() - startNs;
        _statistics->Turns++;
        _statistics->BusyNs += tookNs;
        if (tookNs > _statistics->LongestTurnNs) _statistics->LongestTurnNs = tookNs;
        if (tookNs > LongTurnNs)
        {
            _statistics->LongTurns++;
            _events?.OnLongTurn(this, tookNs);
        }

        t_current = before;
    }

    /// <summary>Ends the loop's sleep. Any thread, also a signal's.</summary>
    public void Wake() => _mesh.Notify(Index, LoopMesh.Woken);

    /// <summary>
    /// Begins the stop of this loop, see <see cref="LoopGroup.Stop"/>. Any thread; seen in the loop's next
    /// turn.
    /// </summary>
    public void RequestStop()
    {
        Volatile.Write(ref _stopRequested, true);
        Wake();
    }

    // ---- clocks and chance ----

    /// <summary>Reads the clocks anew, for code that runs long within a turn.</summary>
    public void RefreshClocks()
    {
        _nowNs = MonotonicNs();
        _nowMs = WallMs();
    }

    /// <summary>The monotonic clock itself: for measuring and for deadlines inside a turn.</summary>
    public abstract long MonotonicNs();

    /// <summary>
    /// For native code that reads the monotonic clock itself: nanoseconds by which its clock has to move with each look, or 0,
    /// where time goes by without that.
    /// </summary>
    public virtual long NativeLookNs => 0;

    /// <summary>The wall clock itself in microseconds, for those few who show it to people.</summary>
    public virtual long WallUs() => WallMs() * 1000;

    /// <summary>A random number of the loop's own sequence (SplitMix64); not for secrets.</summary>
    public ulong NextRandom()
    {
        ulong z = _random += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>
    /// The next causal stamp: later than every stamp that this loop has given or received, near the monotonic
    /// clock. Messages carry the stamp of their sending.
    /// </summary>
    public long NextStamp() => _stamp = Math.Max(_nowNs, _stamp + 1);

    // ---- sockets ----

    /// <summary>Takes over a connected, non-blocking socket; its first bytes come in a later turn.</summary>
    public SocketHandle Adopt(int descriptor, SocketEvents events)
    {
        Debug.Assert(!_isVisited, "a visitor adopts nothing for its host");
        SocketHandle handle = Sockets.Take(descriptor, events);
        events.Loop = this;
        events.Handle = handle;
        _statistics->SocketsOpened++;
        int error = StartSocket(handle.Index);
        if (error != 0) BeginClose(handle.Index, error);
        return handle;
    }

    /// <summary>
    /// Hands bytes over to be sent, and with them their chunks; the stream is empty afterwards. They leave at
    /// the turn's flush. False, and the bytes are dropped, where the socket is closing or gone.
    /// </summary>
    public bool Send(SocketHandle handle, ref ReplyStream stream)
    {
        if (!Sockets.IsLive(handle) || IsSilent(handle.Index))
        {
            stream.Free(Chunks);
            return false;
        }

        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        slot.Output.Append(Chunks, ref stream);
        MarkDirty(handle.Index, ref slot);
        return true;
    }

    /// <summary>
    /// The socket's own stream, for who writes replies straight into it: what is appended leaves at the
    /// turn's flush, as if sent. The reference holds until the caller returns to the loop. A socket that is
    /// closing or gone gets a stream whose bytes are dropped.
    /// </summary>
    public ref ReplyStream OutputOf(SocketHandle handle)
    {
        if (!Sockets.IsLive(handle) || IsSilent(handle.Index))
        {
            _dropped.Free(Chunks);
            return ref _dropped;
        }

        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        MarkDirty(handle.Index, ref slot);
        return ref slot.Output;
    }

    /// <summary>
    /// Writes what the socket has to send at once instead of at the turn's flush, for who measures from the
    /// moment of sending; with io_uring it is submitted before the next sleep, also from a timer.
    /// </summary>
    public void FlushNow(SocketHandle handle)
    {
        if (!Sockets.IsLive(handle)) return;
        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        const SlotFlags Relevant = SlotFlags.Dirty | SlotFlags.WriteBlocked | SlotFlags.Closing;
        if ((slot.Flags & Relevant) != SlotFlags.Dirty) return;
        // It stays in the list of those to flush, where it has nothing left to send: only there the layer hears that
        // everything has left, because no event comes from inside a call.
        slot.Flags |= SlotFlags.Drained;
        FlushSocket(handle.Index, ref slot);
        slot.Flags &= ~SlotFlags.Drained;
    }

    /// <summary>Bytes handed to <see cref="Send"/> that the kernel has not taken yet.</summary>
    public long PendingSendBytes(SocketHandle handle) =>
        Sockets.IsLive(handle) ? Sockets.Slot(handle.Index).Output.Length : 0;

    /// <summary>No more bytes until <see cref="ResumeReading"/>; what the kernel holds stays there.</summary>
    public void PauseReading(SocketHandle handle)
    {
        if (Sockets.IsLive(handle)) Sockets.Slot(handle.Index).Flags |= SlotFlags.Paused;
    }

    public void ResumeReading(SocketHandle handle)
    {
        if (!Sockets.IsLive(handle)) return;
        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        if ((slot.Flags & SlotFlags.Paused) == 0) return;
        slot.Flags &= ~SlotFlags.Paused;
        if ((slot.Flags & SlotFlags.Closing) == 0) ResumeSocket(handle.Index);
    }

    /// <summary>Reads and accepts no more, and closes when everything handed over has left.</summary>
    public void CloseAfterFlush(SocketHandle handle)
    {
        if (!Sockets.IsLive(handle)) return;
        ref SocketSlot slot = ref Sockets.Slot(handle.Index);
        slot.Flags |= SlotFlags.CloseWhenDrained;
        if (slot.Output.Length == 0)
            BeginClose(handle.Index, 0);
        else if ((slot.Flags & SlotFlags.WriteBlocked) != 0)
            WriteIsFollowed();
    }

    /// <summary>Closes now; what was not sent is lost.</summary>
    public void Abort(SocketHandle handle)
    {
        if (Sockets.IsLive(handle)) BeginClose(handle.Index, 0);
    }

    public bool IsOpen(SocketHandle handle) => Sockets.IsLive(handle) && !IsSilent(handle.Index);

    /// <summary>Closes an accepted connection that no loop has adopted.</summary>
    public void Refuse(int descriptor) => CloseDescriptor(descriptor);

    /// <summary>
    /// The kernel's name of the socket, for questions about its addresses; -1 where it is gone.
    /// </summary>
    public int DescriptorOf(SocketHandle handle) =>
        Sockets.IsLive(handle) ? Sockets.Slot(handle.Index).Descriptor : -1;

    /// <summary>Accepts connections of the listener on this loop until <see cref="StopListening"/>.</summary>
    public abstract void Listen(ListenSocket listener, IAcceptEvents events);

    /// <summary>Accepts no more; the listener itself stays open and belongs to its maker.</summary>
    public abstract void StopListening(ListenSocket listener);

    // ---- timers and background work ----

    public void Schedule(LoopTimer timer, long dueNs) => _timers.Schedule(timer, Math.Max(dueNs, _nowNs + 1));

    public void Cancel(LoopTimer timer) => _timers.Cancel(timer);

    /// <summary>Makes the work known and active: it gets slices until it says that nothing is left.</summary>
    public void AddBackground(BackgroundWork work)
    {
        Invariant.Holds(work.Loop is null || work.Loop == this, "background work belongs to one loop");
        work.Loop = this;
        if (work.IsActive) return;
        work.IsActive = true;
        if (_backgroundCount == _background.Length) Array.Resize(ref _background, _backgroundCount * 2);
        _background[_backgroundCount++] = work;
    }

    // ---- messages ----

    /// <summary>Says who takes a kind of message; once per kind, before the first one can come.</summary>
    public virtual void OnMessage(ushort kind, MessageHandler handler)
    {
        Invariant.Holds(
            kind < MessageKindsMax && _handlers[kind] is null, "a kind of message has one handler");
        _handlers[kind] = handler;
    }

    /// <summary>
    /// Sends a question, which is answered by exactly one <see cref="Answer"/>. It always arrives, in the
    /// order of sending; false says that it waits for room, so the asker should not produce more
    /// (<see cref="Throttled"/>). A brief question, one that takes a few microseconds and touches no socket of the other
    /// loop, may be served by this thread in the other one's name while that one sleeps.
    /// </summary>
    public bool Ask(int to, in Message message, bool isBrief = false)
    {
        _statistics->Asked++;
        return _mailbox.Send(to, message, MessageRole.Question, NextStamp(), isBrief);
    }

    /// <summary>Answers a question, at once or much later; never refused.</summary>
    public void Answer(int to, in Message message)
    {
        _statistics->Answered++;
        _mailbox.Send(to, message, MessageRole.Answer, NextStamp());
    }

    /// <summary>Tells something that is not answered; otherwise like <see cref="Ask"/>.</summary>
    public bool Post(int to, in Message message, bool isBrief = false)
    {
        _statistics->Posted++;
        return _mailbox.Send(to, message, MessageRole.Post, NextStamp(), isBrief);
    }

    public virtual void Dispose()
    {
        for (int index = 0; index < Sockets.Bound; index++)
        {
            if (!Sockets.IsTaken(index)) continue;
            ref SocketSlot slot = ref Sockets.Slot(index);
            slot.Output.Free(Chunks);
            FreeHeld(ref slot);
            CloseDescriptor(slot.Descriptor);
        }

        Sockets.Dispose();
        _mailbox.Dispose();
        _dropped.Free(Chunks);
        Chunks.Dispose();
        _dirty.Free();
        _flushing.Free();
        _closing.Free();
        _ending.Free();
        NativeMemory.AlignedFree(_statistics);
        GC.SuppressFinalize(this);
    }

    internal bool IsStopped => _stop == StopState.Stopped;

    /// <summary>The first thing on the loop's thread.</summary>
    internal void Begin()
    {
        EventLoop? before = t_current;
        t_current = this;
        RefreshClocks();
        _events?.OnStarted(this);
        t_current = before;
    }

    /// <summary>
    /// Another loop serves what it asked of this one, which sleeps. True where there is something left that only this
    /// loop's own turn can do, so it must wake.
    /// </summary>
    internal bool ServeVisitor(EventLoop visitor)
    {
        t_current = this;
        _isVisited = true;
        if (visitor._nowNs > _nowNs) (_nowNs, _nowMs) = (visitor._nowNs, visitor._nowMs);
        _mailbox.ServeVisitor(this, visitor.Index);
        _isVisited = false;
        t_current = visitor;
        return HasReadyWork || _backgroundCount != 0 || _mailbox.HasCarry || _timers.FirstDueNs < _sleepUntilNs;
    }

    internal void Handle(int from, in Message message)
    {
        if (message.Stamp > _stamp) _stamp = message.Stamp;
        MessageHandler? handler = message.Kind < MessageKindsMax ? _handlers[message.Kind] : null;
        Invariant.Holds(handler is not null, "every kind of message that is sent has a handler");
        handler!(from, message);
    }

    // ---- what a back end does ----

    /// <summary>Fetches what is ready, sleeping at most until the timeout; 0 does not sleep.</summary>
    private protected abstract void WaitForEvents(long timeoutNs);

    /// <summary>Tells the sockets what was fetched.</summary>
    private protected abstract void DispatchSockets();

    /// <summary>Has undone work of its own, so the next turn must not sleep.</summary>
    private protected abstract bool HasReadyWork { get; }

    /// <summary>Makes the kernel announce the socket's bytes; 0 or the errno.</summary>
    private protected abstract int StartSocket(int index);

    private protected abstract void ResumeSocket(int index);

    /// <summary>Writes what the socket has to send, as far as the kernel takes it now.</summary>
    private protected abstract void FlushSocket(int index, ref SocketSlot slot);

    /// <summary>
    /// Ends a socket: true where it is over, false where <see cref="Release"/> follows the last completion.
    /// </summary>
    private protected abstract bool EndSocket(int index, ref SocketSlot slot);

    private protected abstract void CloseDescriptor(int descriptor);

    private protected abstract long WallMs();

    private protected abstract void StopAllListening();

    // ---- for the back ends ----

    private protected void MarkDirty(int index, ref SocketSlot slot)
    {
        Debug.Assert(!_isVisited, "a visitor writes to none of its host's sockets");
        slot.Flags &= ~SlotFlags.Drained;
        if ((slot.Flags & SlotFlags.WriteBlocked) != 0) WriteIsFollowed();
        if ((slot.Flags & (SlotFlags.Dirty | SlotFlags.WriteBlocked)) != 0) return;
        slot.Flags |= SlotFlags.Dirty;
        _dirty.Add(index);
    }

    /// <summary>More, or the end, stands behind a write that is under way: its completion is something to wake up for.</summary>
    private protected virtual void WriteIsFollowed()
    {
    }

    /// <summary>Everything has left: tells the layer once, or closes where that was waited for.</summary>
    private protected void Drained(int index, ref SocketSlot slot)
    {
        if ((slot.Flags & (SlotFlags.Drained | SlotFlags.Closing)) != 0) return;
        slot.Flags |= SlotFlags.Drained;
        if ((slot.Flags & SlotFlags.CloseWhenDrained) != 0)
            BeginClose(index, 0);
        else
            Sockets.Events(index).OnDrained();
    }

    private protected void BeginClose(int index, int error)
    {
        Debug.Assert(!_isVisited, "a visitor closes none of its host's sockets");
        ref SocketSlot slot = ref Sockets.Slot(index);
        if ((slot.Flags & SlotFlags.Closing) != 0) return;
        slot.Flags |= SlotFlags.Closing;
        slot.Error = error;
        _closing.Add(index);
    }

    /// <summary>The last completion of a closing socket has come: it is ended in this turn's flush.</summary>
    private protected void EndLater(int index) => _closing.Add(index);

    /// <summary>The peer sends no more: told once, unless the socket is on its way out anyway.</summary>
    private protected void EndInput(int index, ref SocketSlot slot)
    {
        if ((slot.Flags & SlotFlags.InputEnded) != 0) return;
        slot.Flags |= SlotFlags.InputEnded;
        if (!IsSilent(index)) Sockets.Events(index).OnEndOfInput();
    }

    /// <summary>
    /// The kernel knows nothing of the socket any more: frees the slot and tells the layer.
    /// </summary>
    private protected void Release(int index)
    {
        ref SocketSlot slot = ref Sockets.Slot(index);
        SocketEvents events = Sockets.Events(index);
        int error = slot.Error;
        slot.Output.Free(Chunks);
        FreeHeld(ref slot);
        Sockets.Release(index);
        _statistics->SocketsClosed++;
        events.OnClosed(error);
    }

    /// <summary>Closing, or about to: nothing more is read for it or taken from the layer.</summary>
    private protected bool IsSilent(int index) =>
        (Sockets.Slot(index).Flags & (SlotFlags.Closing | SlotFlags.CloseWhenDrained)) != 0;

    private protected static void FreeHeld(ref SocketSlot slot)
    {
        NativeMemory.Free((void*)slot.Held);
        slot.Held = 0;
        slot.HeldLength = 0;
        slot.HeldCapacity = 0;
    }

    // ---- the steps of a turn ----

    private void Wait(bool mayBlock)
    {
        // What timers and background work sent after the last announcement. (What they wrote to sockets is
        // flushed in this turn, which therefore does not sleep.)
        _mailbox.Announce(this, mayVisit: true);
        long timeoutNs = mayBlock ? TimeoutNs() : 0;
        _sleepUntilNs = _timers.FirstDueNs;
        bool sleeps = timeoutNs > 0 && _mailbox.TrySleep();
        if (sleeps) _statistics->Sleeps++;
        WaitForEvents(sleeps ? timeoutNs : 0);
        if (sleeps) _mailbox.WakeUp();
    }

    /// <summary>How long this turn may sleep: 0 where something is to be done.</summary>
    private protected long TimeoutNs()
    {
        if (HasOutput || HasReadyWork || _backgroundCount != 0 || _mailbox.HasNews) return 0;
        if (_stopRequested && _stop == StopState.Running) return 0;
        long dueNs = Math.Min(_timers.FirstDueNs, _stopPollNs);
        return dueNs == long.MaxValue ? dueNs : Math.Max(0, dueNs - MonotonicNs());
    }

    /// <summary>Sleeps until the next turn, where there is nothing to do, for a loop whose turns are given from outside.</summary>
    private protected void Doze()
    {
        _sleepUntilNs = _timers.FirstDueNs;
        _isDozing = !IsStopped && TimeoutNs() > 0 && _mailbox.TrySleep();
    }

    private void Flush()
    {
        if (_dirty.Count != 0)
        {
            // What is handed over while this list is written goes to the other one, into the next turn.
            (_dirty, _flushing) = (_flushing, _dirty);
            for (int i = 0; i < _flushing.Count; i++)
            {
                int index = _flushing[i];
                ref SocketSlot slot = ref Sockets.Slot(index);
                slot.Flags &= ~SlotFlags.Dirty;
                if ((slot.Flags & (SlotFlags.Closing | SlotFlags.WriteBlocked)) == 0) FlushSocket(index, ref slot);
            }

            _flushing.Clear();
        }

        if (_closing.Count == 0) return;
        (_closing, _ending) = (_ending, _closing);
        for (int i = 0; i < _ending.Count; i++)
        {
            int index = _ending[i];
            if (EndSocket(index, ref Sockets.Slot(index))) Release(index);
        }

        _ending.Clear();
    }

    private void FireTimers()
    {
        while (_timers.TakeDue(_nowNs) is { } timer)
        {
            _statistics->TimersFired++;
            timer.OnTimer();
        }
    }

    private void RunBackground(long startNs)
    {
        if (_backgroundCount == 0) return;
        long nowNs = MonotonicNs();
        bool isIdle = !HasOutput && !HasReadyWork && !_mailbox.HasNews && nowNs - startNs < SliceBusyMinNs;
        long sliceNs = isIdle ? SliceIdleNs : Math.Max(SliceBusyMinNs, (nowNs - startNs) / SliceBusyShare);

        // The first of the row; if something is left it goes to the row's end, so all get their turn. It
        // counts as inactive while it runs, so that a wake from inside is heard.
        BackgroundWork work = _background[0]!;
        Array.Copy(_background, 1, _background, 0, --_backgroundCount);
        _background[_backgroundCount] = null;
        work.IsActive = false;
        _statistics->BackgroundSlices++;
        if (work.Run(nowNs + sliceNs)) AddBackground(work);
    }

    /// <summary>
    /// The stop: first the layer ends its connections, then this loop is quiet (no sockets, no question
    /// open), but it goes on serving its mailbox until all loops are quiet; so nobody waits for one that has
    /// gone. Connections that have not ended after the grace are aborted.
    /// </summary>
    private void StopStep()
    {
        // Quietness comes without an event, so a stopping loop looks for it now and then.
        _stopPollNs = _nowNs + StopPollNs;
        switch (_stop)
        {
            case StopState.Running:
                _stop = StopState.Stopping;
                _stopDeadlineNs = _nowNs + StopGraceNs;
                StopAllListening();
                _events?.OnStopping(this);
                break;

            case StopState.Stopping:
                bool isLate = _nowNs > _stopDeadlineNs;
                if (isLate) AbortAll();
                if (Sockets.Count != 0 || (!_mailbox.IsQuiet && !isLate)) break;
                _stop = StopState.Quiet;
                if (Interlocked.Increment(ref _mesh.QuietCount) == _mesh.Count)
                {
                    for (int i = 0; i < _mesh.Count; i++) _mesh.Notify(i, LoopMesh.Woken);
                }

                break;

            case StopState.Quiet:
                if (Volatile.Read(ref _mesh.QuietCount) < _mesh.Count) break;
                _stop = StopState.Stopped;
                _events?.OnStopped(this);
                break;
        }
    }

    private void AbortAll()
    {
        for (int index = 0; index < Sockets.Bound; index++)
        {
            if (Sockets.IsTaken(index)) BeginClose(index, 0);
        }
    }
}
