using System.Diagnostics.CodeAnalysis;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Engine.PubSub;

/// <summary>What a message about tracking says.</summary>
internal enum InvalidationKind : byte
{
    /// <summary>A key that a client has read changed.</summary>
    Key,

    /// <summary>A key changed that has a prefix of somebody here.</summary>
    Broadcast,

    /// <summary>All keys are gone.</summary>
    All,

    /// <summary>To a client here, in the name of one of the sender's.</summary>
    Redirected,

    /// <summary>The client that another one's invalidations were redirected to is gone.</summary>
    Broken,
}

/// <summary>
/// The clients' side of client tracking on one loop: who tracks, who receives for others, and what is said to them.
/// <see cref="TrackingTable"/> is the shards' side.
/// </summary>
public sealed class Tracker : IDisposable
{
    /// <summary>Keys are gathered so long, so that those of one command come together, from whatever shards.</summary>
    private const long GatherNs = 1_000_000;

    private readonly EngineLoop _loop;
    private readonly BroadcastTimer _timer;

    /// <summary>Who tracks, and to whom others redirect, by client id.</summary>
    private readonly Dictionary<long, Session> _clients = [];

    /// <summary>Keys that changed and are to be broadcast, and who changed each last.</summary>
    private readonly NameTable _changed;
    private readonly NativeList<long> _changers = new();

    /// <summary>The keys of one message: an array in RESP.</summary>
    private readonly NativeList<byte> _payload = new();

    internal Tracker(EngineLoop loop)
    {
        _loop = loop;
        _timer = new BroadcastTimer(this);
        _changed = new NameTable(loop.Settings.HashKey);
        loop.Events.OnMessage((ushort)MessageKind.Invalidation, Take);
    }

    internal long UsedBytes => _changed.UsedBytes + _changers.Bytes + _payload.Bytes;

    /// <summary>There are broadcasts to be sent: by the timer, or before the loop reads another request.</summary>
    internal bool HasBroadcasts => _changed.Count != 0;

    // ---- who tracks ----

    /// <summary>A session begins to track, or tracks in another way. Every loop must have taken it before the client hears of it.</summary>
    public void Enable(Session session, TrackingModes modes, long redirectId, int redirectLoop)
    {
        // What has changed before is for those who listen already.
        if (HasBroadcasts) SendBroadcasts();
        ref SessionTracking tracking = ref session.Tracking;
        tracking.Modes = modes | TrackingModes.On;
        tracking.RedirectId = redirectId;
        tracking.RedirectLoop = redirectLoop;
        _clients[session.Id] = session;
        _ = _loop.Broker.Join(session, TopicKind.Tracker, default);
    }

    public void AddPrefix(Session session, ReadOnlySpan<byte> prefix) => _ = _loop.Broker.Join(session, TopicKind.Prefix, prefix);

    /// <summary>A session tracks no more.</summary>
    public void Disable(Session session)
    {
        if (!session.Tracking.IsOn) return;
        _loop.Broker.Leave(session, TopicKind.Prefix);
        _loop.Broker.Leave(session, TopicKind.Tracker);
        session.Tracking = default;
    }

    /// <summary>The session may be sent what belongs to another one.</summary>
    public void AddTarget(Session session) => _clients[session.Id] = session;

    /// <summary>Says CLIENT CACHING for the session's next command; in EXEC for those behind it.</summary>
    public static void CacheNext(Session session, CommandSpec caching)
    {
        session.Tracking.Caching = session.Multi is { IsOpen: true } ? CachingState.This : CachingState.Next;
        session.Tracking.CachingContainer = caching.Parent;
    }

    internal void Drop(Session session)
    {
        Disable(session);
        if (_clients.Count != 0) _ = _clients.Remove(session.Id);
    }

    // ---- what is said ----

    /// <summary>A key that a client has read changed.</summary>
    internal void Invalidate(long client, ReadOnlySpan<byte> key, long changer)
    {
        if (!_clients.TryGetValue(client, out Session? session)) return;
        ref SessionTracking tracking = ref session.Tracking;
        if (!tracking.IsOn || tracking.Has(TrackingModes.Broadcast)) return;
        if (tracking.Has(TrackingModes.NoLoop) && changer == client) return;
        BeginPayload(1);
        AddToPayload(key);
        Say(session, _payload.Span);
    }

    /// <summary>All keys are gone: every client that tracks is told, by a null in place of keys.</summary>
    internal void InvalidateAll()
    {
        TopicTable trackers = _loop.Broker.Table(TopicKind.Tracker);
        int topic = trackers.Find(default);
        if (topic == TopicTable.None || trackers[topic].Own == 0) return;
        for (int i = trackers[topic].First; i != TopicTable.None; i = trackers.SubscriptionAt(i).Next)
            Say(_loop.Broker.SessionAt(trackers.SubscriptionAt(i).Session), default);
    }

    /// <summary>A key changed that has a prefix of somebody here: told a little later, each key once.</summary>
    internal void Broadcast(ReadOnlySpan<byte> key, long changer)
    {
        int number = _changed.GetOrAdd(key, out _);
        if (number < 0) return;
        if (number >= _changers.Count) _ = _changers.Resize(number + 1);
        _changers[number] = changer;
        if (!_timer.IsScheduled) _loop.Events.Schedule(_timer, _loop.Events.NowNs + GatherNs);
    }

    /// <summary>Says what changed since the last time, to each client and for each of its prefixes by one message.</summary>
    internal void SendBroadcasts()
    {
        TopicTable prefixes = _loop.Broker.Table(TopicKind.Prefix);
        for (int prefix = 0; prefix < prefixes.Bound; prefix++)
        {
            if (!prefixes.Exists(prefix) || prefixes[prefix].Own == 0) continue;
            for (int i = prefixes[prefix].First; i != TopicTable.None; i = prefixes.SubscriptionAt(i).Next)
                SendBroadcast(_loop.Broker.SessionAt(prefixes.SubscriptionAt(i).Session), prefixes.NameOf(prefix));
        }
        _changed.Clear();
        _changers.Clear();
        _loop.Events.Cancel(_timer);
    }

    private void SendBroadcast(Session session, ReadOnlySpan<byte> prefix)
    {
        long skipped = session.Tracking.Has(TrackingModes.NoLoop) ? session.Id : 0;
        int keys = 0;
        for (int i = 0; i < _changed.Bound; i++)
            if (IsToldOf(i, prefix, skipped)) keys++;
        if (keys == 0) return;
        BeginPayload(keys);
        for (int i = 0; i < _changed.Bound; i++)
            if (IsToldOf(i, prefix, skipped)) AddToPayload(_changed[i]);
        Say(session, _payload.Span);
    }

    private bool IsToldOf(int changed, ReadOnlySpan<byte> prefix, long skipped) =>
        _changed[changed].StartsWith(prefix) && (skipped == 0 || _changers[changed] != skipped);

    private void BeginPayload(int keys)
    {
        _payload.Clear();
        Span<byte> header = _payload.Resize(1 + Numbers.LongTextMax + 2);
        header[0] = (byte)'*';
        int used = 1 + Numbers.FormatLong(keys, header[1..]);
        "\r\n"u8.CopyTo(header[used..]);
        _ = _payload.Resize(used + 2);
    }

    private void AddToPayload(ReadOnlySpan<byte> key)
    {
        int before = _payload.Count;
        Broker.WriteBulk(_payload.Resize(before + Broker.BulkLength(key.Length))[before..], key);
    }

    /// <summary>Sends keys, or for none of them a null, to a client or to whom it has named instead.</summary>
    private void Say(Session session, ReadOnlySpan<byte> payload)
    {
        ref readonly SessionTracking tracking = ref session.Tracking;
        if (tracking.RedirectId == 0) Deliver(session, payload, isRedirected: false);
        else if (tracking.RedirectLoop != _loop.Index) Redirect(session, payload);
        else if (TryFindTarget(tracking.RedirectId, out Session? target)) Deliver(target, payload, isRedirected: true);
        else Break(session);
    }

    /// <summary>A client of this loop that receives for others, unless it has said QUIT.</summary>
    private bool TryFindTarget(long id, [NotNullWhen(true)] out Session? target) =>
        _clients.TryGetValue(id, out target) && !target.Closing;

    private void Redirect(Session session, ReadOnlySpan<byte> payload)
    {
        NativeBlock block = payload.IsEmpty ? default : NativeBlock.Allocate(payload.Length);
        if (!block.IsNull) payload.CopyTo(block.Bytes);
        _ = _loop.Events.Post(session.Tracking.RedirectLoop, new Message
        {
            Kind = (ushort)MessageKind.Invalidation,
            A = block.Address,
            B = (long)InvalidationKind.Redirected,
            C = session.Tracking.RedirectId,
            D = session.Id,
        });
    }

    private void Deliver(Session target, ReadOnlySpan<byte> payload, bool isRedirected)
    {
        bool isResp3 = target.Resp == RespVersion.Resp3;
        // A client of RESP2 knows messages of channels only, and only what others redirect to it is one.
        if (!isResp3 && !(isRedirected && target.IsSubscriber)) return;
        var writer = new ReplyWriter(ref target.Pushes, _loop.Events.Chunks, target.Resp);
        writer.Push(isResp3 ? 2 : 3);
        if (!isResp3) writer.Bulk("message"u8);
        writer.Bulk(isResp3 ? "invalidate"u8 : "__redis__:invalidate"u8);
        if (payload.IsEmpty) writer.Null();
        else writer.Raw(payload);
        writer.Flush();
        _loop.Pushes.Add(target);
    }

    /// <summary>Nobody receives for this client any more.</summary>
    private void Break(Session session)
    {
        session.Tracking.Modes |= TrackingModes.BrokenRedirect;
        if (session.Resp != RespVersion.Resp3) return;
        var writer = new ReplyWriter(ref session.Pushes, _loop.Events.Chunks, session.Resp);
        writer.Push(2);
        writer.Bulk("tracking-redir-broken"u8);
        writer.Integer(session.Tracking.RedirectId);
        writer.Flush();
        _loop.Pushes.Add(session);
    }

    private void Take(int from, in Message message)
    {
        NativeBlock block = NativeBlock.From((nint)message.A);
        ReadOnlySpan<byte> bytes = block.IsNull ? default : block.Bytes;
        switch ((InvalidationKind)message.B)
        {
            case InvalidationKind.Key: Invalidate(message.C, bytes, message.D); break;
            case InvalidationKind.Broadcast: Broadcast(bytes, message.D); break;
            case InvalidationKind.All: InvalidateAll(); break;
            case InvalidationKind.Redirected: TakeRedirected(from, message.C, bytes, message.D); break;
            case InvalidationKind.Broken:
                if (_clients.TryGetValue(message.C, out Session? session) && session.Tracking.IsOn) Break(session);
                break;
        }
        if (!block.IsNull) block.Release();
    }

    private void TakeRedirected(int from, long target, ReadOnlySpan<byte> payload, long sender)
    {
        if (TryFindTarget(target, out Session? session)) Deliver(session, payload, isRedirected: true);
        else
            _ = _loop.Events.Post(from, new Message
            {
                Kind = (ushort)MessageKind.Invalidation,
                B = (long)InvalidationKind.Broken,
                C = sender,
            });
    }

    public void Dispose()
    {
        _changed.Dispose();
        _changers.Dispose();
        _payload.Dispose();
    }

    private sealed class BroadcastTimer(Tracker tracker) : LoopTimer
    {
        public override void OnTimer() => tracker.SendBroadcasts();
    }
}
