using Anax.Core;
using Anax.Core.Memory;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

/// <summary>How a key is locked: shared by readers, exclusive for one writer.</summary>
internal enum LockMode : byte { Shared, Exclusive }

/// <summary>A key with the lock that a command needs on it.</summary>
internal readonly record struct LockedKey(ulong Fingerprint, LockMode Mode);

/// <summary>Who is told when a request that had to wait is granted.</summary>
internal readonly record struct LockOwner(LockOwnerKind Kind, int Loop, int Handle);

internal enum LockOwnerKind : byte { Coordinator, Batch }

// One request per transaction or parked batch, one node per key that it wants, one line per key that is wanted:
//
//   line of key a:  [7 X granted] -> [9 S] -> [12 X]         request 9: a, b    waits for one node
//   line of key b:  [9 S granted] -> [11 S granted]
//
// 1. In a line, a request waits for conflicting ones before it, and those have smaller ids: a request that would have to
//    stand behind a conflicting greater id is refused, and comes again with a new one. So nobody waits in a circle.
// 2. A node is granted when nothing before it conflicts. That may be out of order: nodes that do not conflict pass.
// 3. Every request has a node in the line of the whole shard: shared where it wants keys, exclusive where it wants all.
// 4. One transaction of the process at a time is dynamic: it has begun, and asks for more. What it asks for later is put
//    ahead of all who have not begun, and waits for those who may have. So that they end, no other transaction waits for a
//    dynamic one: it is refused, or turned out, and comes again when the dynamic one has gone, with a share of the token.
//    While somebody who has begun waits for the token, nobody waits who has a share of it. See Coordinator.Locks.
// 5. A command on one shard takes no lock. It looks whether one stands in its way, and only then makes a request.

/// <summary>
/// The locks of one shard: intents on key fingerprints, scheduled by id (VLL: Ren, Thomson, Abadi, PVLDB 2012). A
/// fingerprint is a key's hash, whatever its database, so what moves between databases needs one lock.
/// </summary>
internal sealed class LockTable : IDisposable
{
    private const int None = 0;

    /// <summary>What is locked on the first shard by the one transaction that may be dynamic.</summary>
    internal const ulong Token = 0x746F_6B65_6E00_0000;

    private struct Line : IChained
    {
        internal ulong Fingerprint;
        internal long GreatestId, GreatestExclusiveId;
        internal int First, Last;
        internal int Exclusives;

        /// <summary>The dynamic transaction's node.</summary>
        internal int Dynamic;

        readonly ulong IChained.Hash => Fingerprint;
        int IChained.Link { get; set; }
    }

    private struct Node
    {
        internal int Line, Request;
        internal int Next, Previous, NextOfRequest;
        internal LockMode Mode;
        internal bool IsGranted;

        /// <summary>Wanted by one who had begun.</summary>
        internal bool IsAhead;
    }

    private struct Request
    {
        internal long Id;
        internal LockOwner Owner;
        internal int FirstNode;

        /// <summary>Nodes that are not granted yet.</summary>
        internal int Waiting;

        /// <summary>Its transaction is the dynamic one, which has begun with what it holds.</summary>
        internal bool IsDynamic;
        internal bool IsTurnedOut;

        /// <summary>Its transaction has a share of the token, or waits for one.</summary>
        internal bool SharesToken;
    }

    private readonly NativeArray<ShardCounters> _counters;
    private readonly NativeChains<Line> _lines = new();
    private readonly NativeList<Node> _nodes = new();
    private readonly NativeList<Request> _requests = new();
    private readonly int _wholeShard;
    private int _freeNode, _freeRequest;

    internal LockTable(NativeArray<ShardCounters> counters)
    {
        _counters = counters;
        _wholeShard = _lines.Add(default);
        _ = _nodes.Resize(1);
        _ = _requests.Resize(1);
    }

    /// <summary>Requests that are granted or wait. While there are none, nothing is locked.</summary>
    internal int Count { get; private set; }

    /// <summary>Keys that are locked or wanted.</summary>
    internal ref long Keys => ref _counters[0].LockedKeys;

    /// <summary>Requests that waited and have been granted, for the caller to take.</summary>
    internal NativeList<int> Granted { get; } = new();

    /// <summary>A request was refused because of the dynamic transaction, not for its id; for the caller to reset.</summary>
    internal bool MetDynamic { get; set; }

    /// <summary>On the token's shard: how many who have begun wait for it. Others do not ask for it meanwhile.</summary>
    internal int TokenWishes { get; set; }

    /// <summary>Requests of transactions that have not begun and must not wait for a dynamic one, for the caller to close.</summary>
    internal NativeList<int> TurnedOut { get; } = new();

    internal int Open(long id, LockOwner owner, bool isDynamic = false, bool sharesToken = false)
    {
        int request = _freeRequest;
        if (request != None) _freeRequest = _requests[request].FirstNode;
        else _ = _requests.Add(default);
        if (request == None) request = _requests.Count - 1;
        _requests[request] = new Request { Id = id, Owner = owner, IsDynamic = isDynamic, SharesToken = sharesToken };
        Count++;
        Shard.Note(ref _counters[0], ShardCare.Locks, true);
        return request;
    }

    /// <summary>Wants a key. Of a key that is wanted twice the exclusive wish must come first. False where the id is too small.</summary>
    internal bool TryAdd(int request, ulong fingerprint, LockMode mode) => TryAppend(request, LineFor(fingerprint), mode);

    /// <summary>Stands in the line of the whole shard: exclusive to own all of it, shared before wanting keys.</summary>
    internal bool TryAddShard(int request, LockMode mode) => TryAppend(request, _wholeShard, mode);

    /// <summary>
    /// Wants one key more for a transaction that has begun, ahead of all who have not. Who would now wait for the dynamic
    /// one is turned out.
    /// </summary>
    internal void AddAhead(int request, ulong fingerprint, LockMode mode) => Ahead(request, LineFor(fingerprint), mode);

    /// <summary>As <see cref="AddAhead"/>, for the whole shard.</summary>
    internal void AddShardAhead(int request, LockMode mode) => Ahead(request, _wholeShard, mode);

    /// <summary>Who owns the request from now on: a command that was suspended takes over what its batch holds.</summary>
    internal void Entrust(int request, LockOwner owner) => _requests[request].Owner = owner;

    /// <summary>A transaction that holds locks becomes the dynamic one: who waits for it and has not begun is turned out.</summary>
    internal void MakeDynamic(int request)
    {
        _requests[request].IsDynamic = true;
        for (int node = _requests[request].FirstNode; node != None; node = _nodes[node].NextOfRequest)
        {
            // For the token one may wait: before it is there, nobody holds anything.
            if (_lines[_nodes[node].Line].Fingerprint == Token) continue;
            _lines[_nodes[node].Line].Dynamic = node;
            TurnOutBehind(node);
        }
    }

    /// <summary>
    /// Does the dynamic transaction wait, having begun, for something that this request holds? One that has not begun is turned
    /// out.
    /// </summary>
    internal bool HoldsUpDynamic(int request)
    {
        for (int node = _requests[request].FirstNode; node != None; node = _nodes[node].NextOfRequest)
        {
            int dynamic = _lines[_nodes[node].Line].Dynamic;
            if (dynamic == None || _nodes[dynamic].IsGranted || !Conflict(_nodes[node].Mode, _nodes[dynamic].Mode)) continue;
            if (_nodes[dynamic].IsAhead) return true;
            TurnOut(_nodes[dynamic].Request);
        }
        return false;
    }

    /// <summary>
    /// Turns out all who share the token and wait here: who has begun and waits for the token may be whom they wait for, over others
    /// who wait, too.
    /// </summary>
    internal void TurnOutSharers()
    {
        for (int request = 1; request < _requests.Count; request++)
            if (_requests[request] is { SharesToken: true, Waiting: > 0 }) TurnOut(request);
    }

    internal bool IsGranted(int request) => _requests[request].Waiting == 0;

    internal LockOwner OwnerOf(int request) => _requests[request].Owner;

    /// <summary>Gives back what the request holds, and takes back what it wants.</summary>
    internal void Close(int request)
    {
        for (int node = _requests[request].FirstNode; node != None;)
        {
            int next = _nodes[node].NextOfRequest;
            int line = _nodes[node].Line;
            Unlink(node);
            _nodes[node].Next = _freeNode;
            _freeNode = node;
            if (_lines[line].First == None) FreeLine(line);
            else GrantFrom(line);
            node = next;
        }
        _requests[request] = new Request { FirstNode = _freeRequest };
        _freeRequest = request;
        Count--;
        Shard.Note(ref _counters[0], ShardCare.Locks, Count != 0);
    }

    /// <summary>
    /// Must a command that takes no lock wait before it touches this key? Only for those who may have begun: it passes
    /// requests that still wait for something here. What one request holds may be left out.
    /// </summary>
    internal bool Blocks(ulong fingerprint, LockMode mode, int but = None)
    {
        int line = Find(fingerprint);
        return line != None && Blocks(ref _lines[line], mode, but);
    }

    /// <summary>Has somebody who owns the whole shard begun?</summary>
    internal bool BlocksShard => Blocks(ref _lines[_wholeShard], LockMode.Shared);

    /// <summary>One request holds the key, and no other wants it.</summary>
    internal bool IsHeldAlone(ulong fingerprint) => Find(fingerprint) is var line && line != None && _lines[line].First == _lines[line].Last;

    /// <summary>As above, and it lets nobody else read it.</summary>
    internal bool IsOwned(ulong fingerprint) =>
        Find(fingerprint) is var line && line != None && _lines[line].First == _lines[line].Last && _lines[line].Exclusives != 0;

    /// <summary>Somebody holds or wants the key, or the whole shard.</summary>
    internal bool IsLocked(ulong fingerprint) => Count != 0 && (_lines[_wholeShard].Exclusives != 0 || Find(fingerprint) != None);

    public void Dispose()
    {
        _lines.Dispose();
        _nodes.Dispose();
        _requests.Dispose();
        Granted.Dispose();
        TurnedOut.Dispose();
    }

    // ---- lines ----

    private bool TryAppend(int request, int at, LockMode mode)
    {
        long id = _requests[request].Id;
        ref Line line = ref _lines[at];
        if (line.Last != None && _nodes[line.Last].Request == request)
        {
            Invariant.Holds(mode == LockMode.Shared || _nodes[line.Last].Mode == LockMode.Exclusive, "the exclusive wish comes first");
            return true;
        }
        if (id < (mode == LockMode.Exclusive ? line.GreatestId : line.GreatestExclusiveId)) return false;
        if (MustNotWait(request, line.Dynamic, mode))
        {
            MetDynamic = true;
            return false;
        }
        bool isGranted = line.First == None || mode == LockMode.Shared && line.Exclusives == 0;
        Link(request, at, line.Last, mode, isGranted);
        return true;
    }

    private int Link(int request, int at, int behind, LockMode mode, bool isGranted)
    {
        int node = TakeNode();
        ref Line line = ref _lines[at];
        ref Request owner = ref _requests[request];
        int next = behind == None ? line.First : _nodes[behind].Next;
        _nodes[node] = new Node
        {
            Line = at,
            Request = request,
            Mode = mode,
            IsGranted = isGranted,
            Previous = behind,
            Next = next,
            NextOfRequest = owner.FirstNode,
        };
        if (behind == None) line.First = node;
        else _nodes[behind].Next = node;
        if (next == None) line.Last = node;
        else _nodes[next].Previous = node;
        line.GreatestId = Math.Max(line.GreatestId, owner.Id);
        if (mode == LockMode.Exclusive)
        {
            line.Exclusives++;
            line.GreatestExclusiveId = Math.Max(line.GreatestExclusiveId, owner.Id);
        }
        if (owner.IsDynamic) line.Dynamic = line.Fingerprint == Token ? None : node;
        owner.FirstNode = node;
        if (!isGranted) owner.Waiting++;
        return node;
    }

    /// <summary>Inserts it, unless the request stands there as strongly already; a share that it has gives way.</summary>
    private void Ahead(int request, int line, LockMode mode)
    {
        for (int at = _lines[line].First; at != None; at = _nodes[at].Next)
        {
            if (_nodes[at].Request != request) continue;
            if (_nodes[at].Mode >= mode) return;
            Remove(at);
            break;
        }
        Insert(request, line, mode);
    }

    /// <summary>Behind those who may have begun, ahead of the others.</summary>
    private void Insert(int request, int at, LockMode mode)
    {
        int behind = None;
        for (int node = _lines[at].First; node != None && _nodes[node].IsGranted; node = _nodes[node].Next)
            if (MayHaveBegun(node)) behind = node;
        // What is granted is one exclusive node, or several that share.
        bool conflicts = behind != None && Conflict(mode, _nodes[behind].Mode);
        int inserted = Link(request, at, behind, mode, !conflicts);
        _nodes[inserted].IsAhead = true;
        Displace(inserted);
        if (_requests[request].IsDynamic) TurnOutBehind(inserted);
    }

    /// <summary>Those behind a node who have not begun wait for it now.</summary>
    private void Displace(int by)
    {
        for (int at = _nodes[by].Next; at != None && _nodes[at].IsGranted; at = _nodes[at].Next)
        {
            ref Node node = ref _nodes[at];
            if (!Conflict(node.Mode, _nodes[by].Mode)) continue;
            node.IsGranted = false;
            _requests[node.Request].Waiting++;
        }
    }

    private void TurnOutBehind(int dynamic)
    {
        for (int at = _nodes[dynamic].Next; at != None; at = _nodes[at].Next)
        {
            ref Node node = ref _nodes[at];
            bool mayWait = _requests[node.Request].Owner.Kind != LockOwnerKind.Coordinator;
            if (Conflict(node.Mode, _nodes[dynamic].Mode) && !mayWait) TurnOut(node.Request);
        }
    }

    private void TurnOut(int request)
    {
        if (_requests[request].IsTurnedOut) return;
        _requests[request].IsTurnedOut = true;
        TurnedOut.Add(request);
    }

    private bool MustNotWait(int request, int dynamic, LockMode mode) =>
        dynamic != None && Conflict(mode, _nodes[dynamic].Mode) && _requests[request].Owner.Kind == LockOwnerKind.Coordinator;

    private static bool Conflict(LockMode one, LockMode other) => one == LockMode.Exclusive || other == LockMode.Exclusive;

    private bool MayHaveBegun(int node)
    {
        ref Request request = ref _requests[_nodes[node].Request];
        return request.Waiting == 0 || request.IsDynamic;
    }

    private bool Blocks(ref Line line, LockMode mode, int but = None)
    {
        for (int at = line.First; at != None; at = _nodes[at].Next)
        {
            ref Node node = ref _nodes[at];
            if (!node.IsGranted) return false;
            if (node.Request == but) continue;
            if (mode == LockMode.Shared && node.Mode == LockMode.Shared) return false;
            if (MayHaveBegun(at)) return true;
        }
        return false;
    }

    private void Unlink(int at)
    {
        ref Node node = ref _nodes[at];
        ref Line line = ref _lines[node.Line];
        if (node.Previous == None) line.First = node.Next;
        else _nodes[node.Previous].Next = node.Next;
        if (node.Next == None) line.Last = node.Previous;
        else _nodes[node.Next].Previous = node.Previous;
        if (node.Mode == LockMode.Exclusive) line.Exclusives--;
        if (line.Dynamic == at) line.Dynamic = None;
    }

    /// <summary>Takes one node out of its request and its line.</summary>
    private void Remove(int at)
    {
        ref int link = ref _requests[_nodes[at].Request].FirstNode;
        while (link != at) link = ref _nodes[link].NextOfRequest;
        link = _nodes[at].NextOfRequest;
        Unlink(at);
        _nodes[at].Next = _freeNode;
        _freeNode = at;
    }

    /// <summary>Grants the line's first node, and those behind it that share with it.</summary>
    private void GrantFrom(int line)
    {
        for (int at = _lines[line].First; at != None; at = _nodes[at].Next)
        {
            ref Node node = ref _nodes[at];
            bool isExclusive = node.Mode == LockMode.Exclusive;
            if (isExclusive && node.Previous != None) return;
            if (!node.IsGranted)
            {
                node.IsGranted = true;
                if (--_requests[node.Request].Waiting == 0) Granted.Add(node.Request);
            }
            if (isExclusive) return;
        }
    }

    private int TakeNode()
    {
        int node = _freeNode;
        if (node != None)
        {
            _freeNode = _nodes[node].Next;
            return node;
        }
        _ = _nodes.Add(default);
        return _nodes.Count - 1;
    }

    // ---- the lines by fingerprint ----

    private int Find(ulong fingerprint) => _lines.First(fingerprint);

    private int LineFor(ulong fingerprint)
    {
        int line = Find(fingerprint);
        if (line != None) return line;
        Keys++;
        return _lines.Add(new Line { Fingerprint = fingerprint });
    }

    /// <summary>Nobody stands in the line any more.</summary>
    private void FreeLine(int at)
    {
        if (at == _wholeShard)
        {
            _lines[at].GreatestId = _lines[at].GreatestExclusiveId = 0;
            return;
        }
        _lines.Remove(at);
        Keys--;
    }
}
