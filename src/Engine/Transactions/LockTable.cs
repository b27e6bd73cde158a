using Anax.Core;
using Anax.Core.Memory;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

/// <summary>How a key is locked: shared by readers, exclusive for one writer.</summary>
internal enum LockMode : byte { Shared, Exclusive }

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
// 4. A command on one shard takes no lock. It looks whether one stands in its way, and only then makes a request.

/// <summary>
/// The locks of one shard: intents on key fingerprints, scheduled by id (VLL: Ren, Thomson, Abadi, PVLDB 2012). A
/// fingerprint is a key's hash, whatever its database, so what moves between databases needs one lock.
/// </summary>
internal sealed class LockTable : IDisposable
{
    private const int None = 0, WholeShard = 1, BucketsMin = 64;

    private struct Line
    {
        internal ulong Fingerprint;
        internal long GreatestId, GreatestExclusiveId;
        internal int First, Last;
        internal int Exclusives;
        internal int NextInBucket;
    }

    private struct Node
    {
        internal int Line, Request;
        internal int Next, Previous, NextOfRequest;
        internal LockMode Mode;
        internal bool IsGranted;
    }

    private struct Request
    {
        internal long Id;
        internal LockOwner Owner;
        internal int FirstNode;

        /// <summary>Nodes that are not granted yet.</summary>
        internal int Waiting;
    }

    private readonly NativeArray<ShardCounters> _counters;
    private readonly NativeList<Line> _lines = new();
    private readonly NativeList<Node> _nodes = new();
    private readonly NativeList<Request> _requests = new();
    private readonly NativeList<int> _buckets = new();
    private int _freeLine, _freeNode, _freeRequest;

    internal LockTable(NativeArray<ShardCounters> counters)
    {
        _counters = counters;
        _ = _lines.Resize(WholeShard + 1);
        _ = _nodes.Resize(1);
        _ = _requests.Resize(1);
        _ = _buckets.Resize(BucketsMin);
    }

    /// <summary>Requests that are granted or wait. While there are none, nothing is locked.</summary>
    internal int Count { get; private set; }

    /// <summary>Keys that are locked or wanted.</summary>
    internal ref long Keys => ref _counters[0].LockedKeys;

    /// <summary>Requests that waited and have been granted, for the caller to take.</summary>
    internal NativeList<int> Granted { get; } = new();

    internal int Open(long id, LockOwner owner)
    {
        int request = _freeRequest;
        if (request != None) _freeRequest = _requests[request].FirstNode;
        else _ = _requests.Add(default);
        if (request == None) request = _requests.Count - 1;
        _requests[request] = new Request { Id = id, Owner = owner };
        Count++;
        return request;
    }

    /// <summary>Wants a key. Of a key that is wanted twice the exclusive wish must come first. False where the id is too small.</summary>
    internal bool TryAdd(int request, ulong fingerprint, LockMode mode) => TryAppend(request, LineFor(fingerprint), mode);

    /// <summary>Stands in the line of the whole shard: exclusive to own all of it, shared before wanting keys.</summary>
    internal bool TryAddShard(int request, LockMode mode) => TryAppend(request, WholeShard, mode);

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
        _requests[request].FirstNode = _freeRequest;
        _freeRequest = request;
        Count--;
    }

    /// <summary>
    /// Must a command that takes no lock wait before it touches this key? Only for those who may have begun: it passes
    /// requests that still wait for something here.
    /// </summary>
    internal bool Blocks(ulong fingerprint, LockMode mode)
    {
        int line = Find(fingerprint);
        return line != None && Blocks(ref _lines[line], mode);
    }

    /// <summary>Has somebody who owns the whole shard begun?</summary>
    internal bool BlocksShard => Blocks(ref _lines[WholeShard], LockMode.Shared);

    /// <summary>Somebody holds or wants the key, or the whole shard.</summary>
    internal bool IsLocked(ulong fingerprint) => Count != 0 && (_lines[WholeShard].Exclusives != 0 || Find(fingerprint) != None);

    public void Dispose()
    {
        _lines.Dispose();
        _nodes.Dispose();
        _requests.Dispose();
        _buckets.Dispose();
        Granted.Dispose();
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
        bool isGranted = line.First == None || mode == LockMode.Shared && line.Exclusives == 0;
        int node = TakeNode();
        _nodes[node] = new Node
        {
            Line = at,
            Request = request,
            Mode = mode,
            IsGranted = isGranted,
            Previous = line.Last,
            NextOfRequest = _requests[request].FirstNode,
        };
        if (line.Last == None) line.First = node;
        else _nodes[line.Last].Next = node;
        line.Last = node;
        line.GreatestId = Math.Max(line.GreatestId, id);
        if (mode == LockMode.Exclusive)
        {
            line.Exclusives++;
            line.GreatestExclusiveId = Math.Max(line.GreatestExclusiveId, id);
        }
        _requests[request].FirstNode = node;
        if (!isGranted) _requests[request].Waiting++;
        return true;
    }

    private bool Blocks(ref Line line, LockMode mode)
    {
        for (int at = line.First; at != None; at = _nodes[at].Next)
        {
            ref Node node = ref _nodes[at];
            if (!node.IsGranted) return false;
            if (mode == LockMode.Shared && node.Mode == LockMode.Shared) return false;
            if (_requests[node.Request].Waiting == 0) return true;
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

    private int BucketOf(ulong fingerprint) => (int)(fingerprint >> 32) & (_buckets.Count - 1);

    private int Find(ulong fingerprint)
    {
        int line = _buckets[BucketOf(fingerprint)];
        while (line != None && _lines[line].Fingerprint != fingerprint) line = _lines[line].NextInBucket;
        return line;
    }

    private int LineFor(ulong fingerprint)
    {
        int line = Find(fingerprint);
        if (line != None) return line;
        if (Keys == _buckets.Count) GrowBuckets();
        line = _freeLine;
        if (line != None) _freeLine = _lines[line].NextInBucket;
        else _ = _lines.Add(default);
        if (line == None) line = _lines.Count - 1;
        ref int bucket = ref _buckets[BucketOf(fingerprint)];
        _lines[line] = new Line { Fingerprint = fingerprint, NextInBucket = bucket };
        bucket = line;
        Keys++;
        return line;
    }

    /// <summary>Nobody stands in the line any more.</summary>
    private void FreeLine(int at)
    {
        ref Line line = ref _lines[at];
        line.GreatestId = line.GreatestExclusiveId = 0;
        if (at == WholeShard) return;
        ref int link = ref _buckets[BucketOf(line.Fingerprint)];
        while (link != at) link = ref _lines[link].NextInBucket;
        link = line.NextInBucket;
        line.NextInBucket = _freeLine;
        _freeLine = at;
        Keys--;
    }

    private void GrowBuckets()
    {
        int count = _buckets.Count * 2;
        _buckets.Resize(count).Clear();
        for (int line = WholeShard + 1; line < _lines.Count; line++)
        {
            if (_lines[line].First == None) continue;
            ref int bucket = ref _buckets[BucketOf(_lines[line].Fingerprint)];
            _lines[line].NextInBucket = bucket;
            bucket = line;
        }
    }
}
