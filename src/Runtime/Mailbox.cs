using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Anax.Core;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>One loop's end of the mesh: what it sends, what it takes, and when it may sleep.</summary>
/// <remarks>
/// <para>1. A ring has one sender and one receiver. The slot's number, stored last and read first, publishes
/// the slot; the receiver publishes how far it has read once per burst, and the sender looks there only when
/// the ring seems full.</para>
/// <para>2. A full ring never blocks: the message goes to the sender's own list for that receiver, and so
/// does all that follows it, so order per sender holds. The sender sets <c>Wanted</c>, the receiver that
/// makes room sees it and notifies. Every loop goes on taking from its rings whatever its own lists hold, so
/// two loops cannot wait for each other, and an answer always has room: in the ring or in the list. The lists
/// are bounded from above: while one holds questions, the loop reads no sockets
/// (<see cref="IsThrottled"/>).</para>
/// <para>3. News is announced once per burst: one full fence, then the receiver's mail word is read, and
/// written only where the sender's bit is clear. A receiver goes to sleep by compare-and-swap of its word
/// from 0, which is its second look; only the sender whose write found exactly "sleeping" pays for the
/// wake.</para>
/// <para>4. A wake costs both sides microseconds and the question tens of them, a brief question costs less than one. So
/// the sender of a few brief questions, and of nothing else, to a loop that sleeps with no news visits it: it marks the
/// word "visited", takes the questions from the ring in the sleeper's name, and leaves. The mark is a right to all that the sleeper
/// owns: whoever changes the word from "sleeping" to "sleeping, visited" has it, and the sleeper, should it wake
/// meanwhile, waits until the mark is gone. A visit visits nobody, and never touches the sleeper's sockets.</para>
/// </remarks>
internal sealed unsafe class Mailbox : IDisposable
{
    private const int SpinsBeforeYield = 200;

    /// <summary>More questions than this are worth waking the other loop for: then two work at once.</summary>
    private const int VisitQuestionsMax = 16;

    /// <summary>Messages whose memory is on its way while others are handled.</summary>
    private const int MessagesAhead = 4;

    private readonly LoopMesh _mesh;
    private readonly int _index;
    private readonly uint _mask;
    private readonly int _shift;
    private readonly ulong _bit;
    private readonly ulong* _word;
    private readonly Peer* _peers;
    private readonly LoopStatistics* _statistics;
    private NativeList<int> _unannounced;
    private NativeList<int> _served;
    private ulong _carry;
    private int _waiting;
    private int _waitingQuestions;
    private long _outstanding;
    private Block* _freeBlocks;

    public Mailbox(LoopMesh mesh, int index, LoopStatistics* statistics)
    {
        _mesh = mesh;
        _index = index;
        _statistics = statistics;
        _mask = (uint)mesh.Capacity - 1;
        _shift = mesh.GroupShift;
        _bit = 1UL << (index >> _shift);
        _word = mesh.Word(index);
        nuint bytes = ((nuint)(mesh.Count * sizeof(Peer)) + 127) & ~(nuint)127;
        _peers = (Peer*)NativeMemory.AlignedAlloc(bytes, 128);
        NativeMemory.Clear(_peers, bytes);
    }

    /// <summary>True while questions or posts wait for room: whoever produces more has to stop.</summary>
    public bool IsThrottled => _waitingQuestions != 0;

    /// <summary>Every question was answered and nothing waits to be sent.</summary>
    public bool IsQuiet => _outstanding == 0 && _waiting == 0;

    /// <summary>A sender's ring held more than is taken at once.</summary>
    public bool HasCarry => _carry != 0;

    /// <summary>There is news to serve or to announce, so sleeping would be wrong.</summary>
    public bool HasNews =>
        HasCarry || _unannounced.Count != 0 || (Volatile.Read(ref *_word) & ~LoopMesh.Sleeping) != 0;

    // ---- sending ----

    /// <summary>
    /// True where the message went into the ring, false where it waits in the list for room.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Send(int to, in Message message, MessageRole role, long stamp, bool isBrief = false)
    {
        Debug.Assert((uint)to < (uint)_mesh.Count);
        if (role == MessageRole.Question) _outstanding++;
        ref Peer peer = ref _peers[to];
        if (peer.Waiting == 0 && HasRoom(to, ref peer))
        {
            Put(to, ref peer, message, role, stamp, isBrief);
            return true;
        }

        Keep(ref peer, message, role, stamp);
        return false;
    }

    /// <summary>
    /// Tells the receivers of what was sent since the last call, or does for them what was asked: only a loop that runs
    /// for itself, and not in another one's name, visits. True where it has: then answers are there.
    /// </summary>
    public bool Announce(EventLoop self, bool mayVisit)
    {
        if (_waiting != 0) SendWaiting();
        if (_unannounced.Count == 0) return false;
        // The slots' stores must be visible before the mail word is read: a receiver that goes to sleep
        // writes the word first and reads the slots afterwards.
        Interlocked.MemoryBarrier();
        int visits = 0;
        for (int i = 0; i < _unannounced.Count; i++)
        {
            ref Peer peer = ref _peers[_unannounced[i]];
            peer.IsUnannounced = false;
            if (mayVisit && peer.BriefQuestions <= VisitQuestionsMax) visits++;
            else Notify(_unannounced[i]);
        }

        // Those who are only told work already while this loop visits.
        bool hasVisited = false;
        for (int i = 0; visits != 0; i++)
        {
            int to = _unannounced[i];
            if (_peers[to].BriefQuestions > VisitQuestionsMax) continue;
            visits--;
            if (_mesh.TryEnter(to))
            {
                Visit(self, to);
                hasVisited = true;
            }
            else Notify(to);
        }

        _unannounced.Clear();
        return hasVisited;
    }

    // ---- taking ----

    /// <summary>
    /// Takes what has come, at most one ring's length per sender.
    /// </summary>
    public void Serve(EventLoop loop)
    {
        ulong news = _carry;
        _carry = 0;
        if (Volatile.Read(ref *_word) != 0) news |= Interlocked.Exchange(ref *_word, 0);
        Invariant.Holds((news & LoopMesh.Visited) == 0, "a loop that is awake has no visitor");
        news &= ~(LoopMesh.Sleeping | LoopMesh.Woken);

        for (; news != 0; news &= news - 1)
        {
            int first = BitOperations.TrailingZeroCount(news) << _shift;
            int end = Math.Min(first + (1 << _shift), _mesh.Count);
            for (int from = first; from < end; from++) Take(loop, from);
        }

        if (_served.Count != 0) OfferRoom();
    }

    /// <summary>In the name of this loop, which sleeps: takes what one sender has asked, and announces the answers.</summary>
    public void ServeVisitor(EventLoop self, int from)
    {
        Take(self, from);
        if (_served.Count != 0) OfferRoom();
        Announce(self, mayVisit: false);
    }

    // ---- sleeping ----

    /// <summary>
    /// Announces sleep; false where news came in between. What waits for room has asked for it before.
    /// </summary>
    public bool TrySleep()
    {
        Debug.Assert(_unannounced.Count == 0);
        return _carry == 0 && Interlocked.CompareExchange(ref *_word, LoopMesh.Sleeping, 0) == 0;
    }

    /// <summary>Ends sleep, and waits for a visitor to leave. News stay for <see cref="Serve"/>.</summary>
    public void WakeUp()
    {
        ulong word = Interlocked.And(ref *_word, ~LoopMesh.Sleeping);
        if ((word & LoopMesh.Visited) == 0) return;
        _statistics->VisitsAwaited++;
        for (int spins = 0; (Volatile.Read(ref *_word) & LoopMesh.Visited) != 0; spins++)
        {
            // Visits are brief; one that is not has lost its processor, perhaps to this very thread.
            if (spins < SpinsBeforeYield) Thread.SpinWait(1);
            else LibC.Yield();
        }
    }

    public void Dispose()
    {
        for (int to = 0; to < _mesh.Count; to++) FreeBlocks(_peers[to].First);
        FreeBlocks(_freeBlocks);
        NativeMemory.AlignedFree(_peers);
        _unannounced.Free();
        _served.Free();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasRoom(int to, ref Peer peer)
    {
        if (peer.Tail - peer.HeadSeen <= _mask) return true;
        peer.HeadSeen = Volatile.Read(ref _mesh.Room(_index, to)->Head);
        return peer.Tail - peer.HeadSeen <= _mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int to, ref Peer peer, in Message message, MessageRole role, long stamp, bool isBrief)
    {
        Message* slot = _mesh.Ring(_index, to) + (peer.Tail++ & _mask);
        slot->Role = role;
        slot->Lines = message.Lines;
        slot->Kind = message.Kind;
        slot->Stamp = stamp;
        slot->A = message.A;
        slot->B = message.B;
        slot->C = message.C;
        slot->D = message.D;
        slot->E = message.E;
        slot->F = message.F;
        Volatile.Write(ref slot->Number, peer.Tail);
        if (!peer.IsUnannounced)
        {
            peer.IsUnannounced = true;
            peer.BriefQuestions = 0;
            _unannounced.Add(to);
        }

        if (isBrief) peer.BriefQuestions++;
        else peer.BriefQuestions = VisitQuestionsMax + 1;
    }

    private void Notify(int to)
    {
        if ((Volatile.Read(ref *_mesh.Word(to)) & _bit) != 0) return;
        if (_mesh.Notify(to, _bit)) _statistics->Wakes++;
    }

    private void Visit(EventLoop self, int to)
    {
        _statistics->Visits++;
        bool hasMore = _mesh.Loops[to].ServeVisitor(self);
        if (_mesh.Leave(to, hasMore ? LoopMesh.Woken : 0)) _statistics->Wakes++;
    }

    private void Take(EventLoop loop, int from)
    {
        ref Peer peer = ref _peers[from];
        Message* ring = _mesh.Ring(from, _index);
        RingRoom* room = _mesh.Room(from, _index);
        uint before = peer.Head;
        uint published = before;
        uint end = before + _mask + 1;
        uint seen = before;
        while (peer.Head != end)
        {
            for (; seen - peer.Head < MessagesAhead && seen != end; seen++)
            {
                Message* next = ring + (seen & _mask);
                if (Volatile.Read(ref next->Number) != seen + 1) break;
                Prefetch((byte*)next->A, next->Lines);
            }

            if (seen == peer.Head) break;
            Message* slot = ring + (peer.Head & _mask);
            // A copy, because the sender may use the slot again as soon as it knows that it was taken.
            Message message = *slot;
            peer.Head++;
            if (message.Role == MessageRole.Answer) _outstanding--;
            if (peer.Head - published > _mask >> 2)
            {
                published = peer.Head;
                Volatile.Write(ref room->Head, published);
            }

            loop.Handle(from, message);
        }

        uint taken = peer.Head - before;
        if (taken == 0) return;
        _statistics->Received += taken;
        Volatile.Write(ref room->Head, peer.Head);
        _served.Add(from);
        if (peer.Head == end) _carry |= 1UL << (from >> _shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* start, int lines)
    {
        if (!Sse.IsSupported) return;
        for (; lines > 0; lines--, start += 64) Sse.Prefetch0(start);
    }

    /// <summary>
    /// Notifies the senders that wait for the room which was made; one fence for all of them.
    /// </summary>
    private void OfferRoom()
    {
        Interlocked.MemoryBarrier();
        for (int i = 0; i < _served.Count; i++)
        {
            int from = _served[i];
            RingRoom* room = _mesh.Room(from, _index);
            if (Volatile.Read(ref room->Wanted) == 0) continue;
            Volatile.Write(ref room->Wanted, 0u);
            if (_mesh.Notify(from, _bit)) _statistics->Wakes++;
        }

        _served.Clear();
    }

    // ---- the lists of what waits for room ----

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Keep(ref Peer peer, in Message message, MessageRole role, long stamp)
    {
        if (peer.Last == null || peer.Last->Count == Block.Messages)
        {
            Block* block = _freeBlocks;
            if (block != null)
                _freeBlocks = block->Next;
            else
                block = (Block*)NativeMemory.AlignedAlloc((nuint)sizeof(Block), 64);
            block->Next = null;
            block->Count = 0;
            block->Taken = 0;
            if (peer.Last == null) peer.First = block;
            else peer.Last->Next = block;
            peer.Last = block;
        }

        Message* kept = peer.Last->At(peer.Last->Count++);
        *kept = message;
        kept->Role = role;
        kept->Stamp = stamp;
        peer.Waiting++;
        _waiting++;
        if (role != MessageRole.Answer) _waitingQuestions++;
        _statistics->MailboxesFull++;
    }

    private void SendWaiting()
    {
        for (int to = 0; to < _mesh.Count; to++)
        {
            ref Peer peer = ref _peers[to];
            if (peer.Waiting == 0) continue;
            MoveOn(to, ref peer);
            if (peer.Waiting == 0) continue;

            // Ask for room, then look once more: either this look sees what the receiver has taken meanwhile,
            // or the receiver, which fences between its head and its look, sees the wish.
            Volatile.Write(ref _mesh.Room(_index, to)->Wanted, 1u);
            Interlocked.MemoryBarrier();
            MoveOn(to, ref peer);
        }
    }

    private void MoveOn(int to, ref Peer peer)
    {
        while (peer.Waiting != 0 && HasRoom(to, ref peer))
        {
            Block* block = peer.First;
            Message* kept = block->At(block->Taken++);
            Put(to, ref peer, *kept, kept->Role, kept->Stamp, isBrief: false);
            peer.Waiting--;
            _waiting--;
            if (kept->Role != MessageRole.Answer) _waitingQuestions--;
            if (block->Taken != block->Count) continue;

            peer.First = block->Next;
            if (peer.First == null) peer.Last = null;
            block->Next = _freeBlocks;
            _freeBlocks = block;
        }

        Invariant.Holds(peer.Waiting != 0 || peer.First == null, "an empty list keeps no block");
    }

    private static void FreeBlocks(Block* block)
    {
        while (block != null)
        {
            Block* next = block->Next;
            NativeMemory.AlignedFree(block);
            block = next;
        }
    }

    /// <summary>What this loop knows of another one: its own places in the two rings between them.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Peer
    {
        public uint Tail;
        public uint HeadSeen;
        public uint Head;
        public int Waiting;
        public Block* First;
        public Block* Last;
        public bool IsUnannounced;

        /// <summary>So many brief questions and nothing else were not announced yet; too many, where there was something else.</summary>
        public int BriefQuestions;
    }

    /// <summary>A piece of a list: one header line, then messages.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64 + Messages * 64)]
    private struct Block
    {
        public const int Messages = 63;

        [FieldOffset(0)] public Block* Next;
        [FieldOffset(8)] public int Count;
        [FieldOffset(12)] public int Taken;
        [FieldOffset(64)] private Message _first;

        public Message* At(int index) => (Message*)Unsafe.AsPointer(ref _first) + index;
    }
}
