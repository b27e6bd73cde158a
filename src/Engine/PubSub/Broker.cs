using System.Buffers.Binary;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Engine.PubSub;

// Every loop knows all topics: its own subscribers one by one, those of other loops as a count.
//
//   SUBSCRIBE  ── own table ── roster message to each loop ── (they answered) ── confirmed
//   PUBLISH    ── own table: how many, and on which loops ──┬── Deliver here
//                                                          └── one block per message, shared by the loops ── Deliver there
//
// 1. What a loop publishes reaches every other loop in the order in which it was published: the mailbox keeps it.
// 2. A subscription is confirmed when every loop counts it, and ended when no message for it can be under way.
// 3. What a script publishes on another loop than its caller's is relayed by that one: all messages of a client leave by
//    its own loop, and so in its order.
// 4. Nobody subscribes anywhere: PUBLISH looks at two counters.

/// <summary>Publishing and subscribing on one loop.</summary>
public sealed class Broker : IDisposable
{
    internal const int Kinds = 5;
    private const int SmallTailMax = 1024;

    private readonly EngineLoop _loop;
    private readonly TopicTable[] _tables = new TopicTable[Kinds];
    private readonly NativeList<int> _targets = new();

    /// <summary>Subscriptions of which the other loops are to be told.</summary>
    private readonly NativeList<int> _untold = new();
    private readonly Stack<int> _freeSlots = [];
    private Session?[] _sessions = new Session?[16];
    private int _slots;

    internal Broker(EngineLoop loop)
    {
        _loop = loop;
        for (int i = 0; i < Kinds; i++) _tables[i] = new TopicTable(loop.Settings.HashKey);
        loop.Events.OnMessage((ushort)MessageKind.Roster, TakeRoster);
        loop.Events.OnMessage((ushort)MessageKind.Published, TakePublished);
        loop.Events.OnMessage((ushort)MessageKind.Relayed, TakeRelayed);
    }

    /// <summary>Memory of all topics and subscriptions; messages under way not included.</summary>
    internal long UsedBytes
    {
        get
        {
            long bytes = 0;
            foreach (TopicTable table in _tables) bytes += table.UsedBytes;
            return bytes;
        }
    }

    /// <summary>Somebody subscribes to something, on any loop.</summary>
    internal bool HasTopics
    {
        get
        {
            foreach (TopicTable table in _tables)
                if (table.Count != 0) return true;
            return false;
        }
    }

    /// <summary>Topics of a kind that somebody subscribes to, on any loop.</summary>
    public int CountTopics(TopicKind kind) => Table(kind).Count;

    /// <summary>How many subscribe to a name, on all loops.</summary>
    public long CountSubscribers(TopicKind kind, ReadOnlySpan<byte> name) => Table(kind).Subscribers(name);

    /// <summary>Walks the topics of a kind: begin with position 0.</summary>
    public bool TryNext(TopicKind kind, scoped ref int position, out ReadOnlySpan<byte> name)
    {
        TopicTable table = Table(kind);
        name = default;
        while (position < table.Bound && !table.Exists(position)) position++;
        if (position >= table.Bound) return false;
        name = table.NameOf(position++);
        return true;
    }

    /// <summary>Walks a session's own topics of a kind: begin with position -1.</summary>
    public bool TryNext(Session session, TopicKind kind, scoped ref int position, out ReadOnlySpan<byte> name)
    {
        TopicTable table = Table(kind);
        ref readonly TopicList list = ref session.Topics[(int)kind];
        name = default;
        int next = position >= 0 ? table.SubscriptionAt(position).NextOfSession : list.Count == 0 ? TopicTable.None : list.First;
        if (next == TopicTable.None) return false;
        position = next;
        name = table.NameOf(table.SubscriptionAt(next).Topic);
        return true;
    }

    internal TopicTable Table(TopicKind kind) => _tables[(int)kind];

    internal Session SessionAt(int slot) => _sessions[slot]!;

    // ---- publishing ----

    /// <summary>Sends a client's message to all who listen to a channel; returns how many do.</summary>
    public long Publish(Session publisher, TopicKind kind, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        (long caller, int home) = publisher.Caller;
        if (caller == 0 || home == _loop.Index) return Publish(kind, channel, message);
        long receivers = Address(kind, channel, out _);
        _targets.Clear();
        _targets.Add(home);
        if (receivers != 0) Send(MessageKind.Relayed, kind, channel, message, hasOwn: false);
        return receivers;
    }

    /// <summary>Sends a message that is no client's.</summary>
    internal long Publish(TopicKind kind, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        long receivers = Address(kind, channel, out bool hasOwn);
        if (receivers != 0) Send(MessageKind.Published, kind, channel, message, hasOwn);
        return receivers;
    }

    /// <summary>Notes the other loops on which somebody hears of a channel; returns how many do on all.</summary>
    private long Address(TopicKind kind, ReadOnlySpan<byte> channel, out bool hasOwn)
    {
        hasOwn = false;
        if (Table(kind).Count == 0 && (kind != TopicKind.Channel || Table(TopicKind.Pattern).Count == 0)) return 0;
        _targets.Clear();
        long receivers = Address(Table(kind), Table(kind).Find(channel), ref hasOwn);
        if (kind != TopicKind.Channel) return receivers;
        TopicTable patterns = Table(TopicKind.Pattern);
        for (int i = 0; i < patterns.Bound; i++)
            if (patterns.Exists(i) && Glob.Matches(patterns.NameOf(i), channel)) receivers += Address(patterns, i, ref hasOwn);
        return receivers;
    }

    /// <summary>Notes the other loops that have subscribers of a topic; returns how many there are on all.</summary>
    private long Address(TopicTable table, int topic, ref bool hasOwn)
    {
        if (topic == TopicTable.None) return 0;
        hasOwn |= table[topic].Own != 0;
        NoteLoops(table, topic, _targets);
        return table[topic].Subscribers;
    }

    /// <summary>Adds the loops, other than this one, on which somebody subscribes to a topic.</summary>
    internal static void NoteLoops(TopicTable table, int topic, NativeList<int> loops)
    {
        for (int i = table[topic].FirstShare; i != TopicTable.None; i = table.ShareAt(i).Next)
            if (!loops.Span.Contains(table.ShareAt(i).Loop)) loops.Add(table.ShareAt(i).Loop);
    }

    /// <summary>Sends a message to the loops that were noted, and to the subscribers of this one where there are any.</summary>
    private void Send(MessageKind how, TopicKind kind, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message, bool hasOwn)
    {
        int length = BulkLength(channel.Length) + BulkLength(message.Length);
        if (_targets.Count == 0 && length <= SmallTailMax)
        {
            Span<byte> small = stackalloc byte[SmallTailMax];
            WriteTail(small, channel, message, out int at);
            Deliver(kind, small[..length], default, at, channel.Length);
            return;
        }
        NativeBlock block = NativeBlock.Allocate(length);
        if (block.IsNull) return;
        WriteTail(block.Bytes, channel, message, out int channelAt);
        Post(how, kind, block, channelAt, channel.Length);
        if (hasOwn) Deliver(kind, block.Bytes, block, channelAt, channel.Length);
        block.Release();
    }

    private void Post(MessageKind how, TopicKind kind, NativeBlock block, int channelAt, int channelLength)
    {
        foreach (int loop in _targets.Span)
        {
            block.AddReference();
            _ = _loop.Events.Post(loop, new Message
            {
                Kind = (ushort)how,
                A = block.Address,
                B = (long)kind,
                C = channelAt,
                D = channelLength,
                Lines = 1,
            });
        }
    }

    private void TakePublished(int from, in Message message)
    {
        NativeBlock block = NativeBlock.From((nint)message.A);
        Deliver((TopicKind)message.B, block.Bytes, block, (int)message.C, (int)message.D);
        block.Release();
    }

    /// <summary>A script has published elsewhere in the name of a client of this loop.</summary>
    private void TakeRelayed(int from, in Message message)
    {
        NativeBlock block = NativeBlock.From((nint)message.A);
        var (kind, at, length) = ((TopicKind)message.B, (int)message.C, (int)message.D);
        if (Address(kind, block.Bytes.Slice(at, length), out bool hasOwn) != 0)
        {
            Post(MessageKind.Published, kind, block, at, length);
            if (hasOwn) Deliver(kind, block.Bytes, block, at, length);
        }
        block.Release();
    }

    // The part of a frame that is the same for all who receive it: channel and message, as bulk strings.

    internal static int BulkLength(int length)
    {
        Span<byte> digits = stackalloc byte[Numbers.LongTextMax];
        return 1 + Numbers.FormatLong(length, digits) + 2 + length + 2;
    }

    private static void WriteTail(Span<byte> tail, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message, out int channelAt)
    {
        int used = WriteBulk(tail, channel);
        channelAt = used - 2 - channel.Length;
        _ = WriteBulk(tail[used..], message);
    }

    internal static int WriteBulk(Span<byte> target, ReadOnlySpan<byte> value)
    {
        target[0] = (byte)'$';
        int used = 1 + Numbers.FormatLong(value.Length, target[1..]);
        "\r\n"u8.CopyTo(target[used..]);
        value.CopyTo(target[(used + 2)..]);
        "\r\n"u8.CopyTo(target[(used + 2 + value.Length)..]);
        return used + 4 + value.Length;
    }

    /// <summary>Hands a message to the subscribers of this loop. The tail lies in the block where there is one.</summary>
    private void Deliver(TopicKind kind, ReadOnlySpan<byte> tail, NativeBlock block, int channelAt, int channelLength)
    {
        ReadOnlySpan<byte> channel = tail.Slice(channelAt, channelLength);
        TopicTable table = Table(kind);
        int topic = table.Find(channel);
        if (topic != TopicTable.None) Deliver(kind, table, topic, tail, block);
        if (kind != TopicKind.Channel) return;
        TopicTable patterns = Table(TopicKind.Pattern);
        for (int i = 0; i < patterns.Bound; i++)
            if (patterns.Exists(i) && patterns[i].Own != 0 && Glob.Matches(patterns.NameOf(i), channel))
                Deliver(TopicKind.Pattern, patterns, i, tail, block);
    }

    private void Deliver(TopicKind kind, TopicTable table, int topic, ReadOnlySpan<byte> tail, NativeBlock block)
    {
        for (int i = table[topic].Own == 0 ? TopicTable.None : table[topic].First; i != TopicTable.None; i = table.SubscriptionAt(i).Next)
        {
            Session session = SessionAt(table.SubscriptionAt(i).Session);
            var writer = new ReplyWriter(ref session.Pushes, _loop.Events.Chunks, session.Resp);
            bool isPattern = kind == TopicKind.Pattern;
            writer.Push(isPattern ? 4 : 3);
            writer.Bulk(isPattern ? "pmessage"u8 : kind == TopicKind.Channel ? "message"u8 : "smessage"u8);
            if (isPattern) writer.Bulk(table.NameOf(topic));
            if (block.IsNull || tail.Length < ReplyStream.RelinkBytesMin)
            {
                writer.Raw(tail);
                writer.Flush();
            }
            else
            {
                writer.Flush();
                session.Pushes.AppendBlock(_loop.Events.Chunks, block, 0, tail.Length);
            }
            _loop.Pushes.Add(session);
        }
    }

    // ---- subscribing ----

    /// <summary>
    /// Subscribes to names, from an argument's index on, and writes the confirmations, which must not be seen before all
    /// loops have taken what was sent to them.
    /// </summary>
    internal void Subscribe(Session session, TopicKind kind, Arguments args, int first, ref ReplyWriter reply)
    {
        for (int i = first; i < args.Count; i++)
        {
            _ = TryJoin(session, kind, args[i]);
            Confirm(session, kind, Joined(kind), args[i], ref reply);
        }
        Tell(kind, 1);
    }

    /// <summary>Subscribes silently; false where the session did already.</summary>
    internal bool Join(Session session, TopicKind kind, ReadOnlySpan<byte> name)
    {
        bool isNew = TryJoin(session, kind, name);
        Tell(kind, 1);
        return isNew;
    }

    /// <summary>
    /// Tells all loops that a session leaves topics: those named from an argument's index on, or all. It still receives
    /// what is under way, until <see cref="EndLeave"/>.
    /// </summary>
    internal void BeginLeave(Session session, TopicKind kind, Arguments args, int first)
    {
        ref TopicList list = ref session.Topics[(int)kind];
        if (list.Count == 0) return;
        TopicTable table = Table(kind);
        if (first >= args.Count) MarkAll(table, ref list);
        for (int i = first; i < args.Count; i++)
        {
            int found = table.FindActive(session.Subscriber, in list, args[i]);
            if (found != TopicTable.None) Mark(table, found, ref list);
        }
        Tell(kind, -1);
    }

    /// <summary>Ends what <see cref="BeginLeave"/> began, when all loops have taken it, and confirms each name.</summary>
    internal void EndLeave(Session session, TopicKind kind, Arguments args, int first, ref ReplyWriter reply)
    {
        ref TopicList list = ref session.Topics[(int)kind];
        TopicTable table = Table(kind);
        if (first >= args.Count && list.Count == 0) Confirm(session, kind, Left(kind), default, ref reply, hasName: false);
        while (first >= args.Count && list.Count != 0)
        {
            int next = list.First;
            // The name goes with its last subscriber: it is written first.
            Confirm(session, kind, Left(kind), table.NameOf(table.SubscriptionAt(next).Topic), ref reply, leaving: 1);
            Remove(session, table, next, ref list);
        }
        for (int i = first; i < args.Count; i++)
        {
            int topic = table.Find(args[i]);
            int found = topic == TopicTable.None ? topic : table.Find(topic, session.Subscriber, in list);
            if (found != TopicTable.None) Remove(session, table, found, ref list);
            Confirm(session, kind, Left(kind), args[i], ref reply);
        }
    }

    /// <summary>Ends all subscriptions of a kind at once, silently.</summary>
    internal void Leave(Session session, TopicKind kind)
    {
        ref TopicList list = ref session.Topics[(int)kind];
        if (list.Count == 0) return;
        BeginLeave(session, kind, default, 0);
        while (list.Count != 0) Remove(session, Table(kind), list.First, ref list);
    }

    /// <summary>The session is gone, or begins anew: it receives nothing any more.</summary>
    public void Leave(Session session)
    {
        if (session.Subscriber < 0) return;
        for (int kind = 0; kind < Kinds; kind++) Leave(session, (TopicKind)kind);
    }

    private bool TryJoin(Session session, TopicKind kind, ReadOnlySpan<byte> name)
    {
        if (session.Subscriber < 0) TakeSlot(session);
        ref TopicList list = ref session.Topics[(int)kind];
        if (!Table(kind).TryJoin(session.Subscriber, ref list, name)) return false;
        _untold.Add(list.Last);
        return true;
    }

    private void Remove(Session session, TopicTable table, int subscription, ref TopicList list)
    {
        table.Remove(subscription, ref list);
        _loop.TopicsChanged();
        if (list.Count != 0) return;
        foreach (ref readonly TopicList each in session.Topics.AsSpan())
            if (each.Count != 0) return;
        _sessions[session.Subscriber] = null;
        _freeSlots.Push(session.Subscriber);
        session.Subscriber = -1;
    }

    private void TakeSlot(Session session)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _slots++;
            if (slot == _sessions.Length) Array.Resize(ref _sessions, slot * 2);
        }
        session.Subscriber = slot;
        _sessions[slot] = session;
    }

    private void Mark(TopicTable table, int subscription, ref TopicList list)
    {
        table.SubscriptionAt(subscription).IsLeaving = true;
        list.Leaving++;
        _untold.Add(subscription);
    }

    private void MarkAll(TopicTable table, ref TopicList list)
    {
        for (int i = list.First; i != TopicTable.None; i = table.SubscriptionAt(i).NextOfSession)
            if (!table.SubscriptionAt(i).IsLeaving) Mark(table, i, ref list);
    }

    private static void Confirm(Session session, TopicKind kind, ReadOnlySpan<byte> word, ReadOnlySpan<byte> name, ref ReplyWriter reply,
        bool hasName = true, int leaving = 0)
    {
        reply.Push(3);
        reply.Bulk(word);
        if (hasName) reply.Bulk(name);
        else reply.Null();
        int count = kind == TopicKind.ShardChannel
            ? session.Topics[(int)kind].Count
            : session.Topics[(int)TopicKind.Channel].Count + session.Topics[(int)TopicKind.Pattern].Count;
        reply.Integer(count - leaving);
    }

    private static ReadOnlySpan<byte> Joined(TopicKind kind) =>
        kind == TopicKind.Channel ? "subscribe"u8 : kind == TopicKind.Pattern ? "psubscribe"u8 : "ssubscribe"u8;

    private static ReadOnlySpan<byte> Left(TopicKind kind) =>
        kind == TopicKind.Channel ? "unsubscribe"u8 : kind == TopicKind.Pattern ? "punsubscribe"u8 : "sunsubscribe"u8;

    // ---- the rosters: what loops tell each other about their subscribers ----

    // A block of names, each behind its length: one subscriber more, or less, of each.

    private void Tell(TopicKind kind, int difference)
    {
        _loop.TopicsChanged();
        if (_untold.Count != 0 && _loop.Peers.Length > 1) SendRoster(Table(kind), kind, difference);
        _untold.Clear();
    }

    private void SendRoster(TopicTable table, TopicKind kind, int difference)
    {
        int length = 0;
        foreach (int subscription in _untold.Span) length += sizeof(int) + table.NameOf(table.SubscriptionAt(subscription).Topic).Length;
        NativeBlock block = NativeBlock.Allocate(length);
        Invariant.Holds(!block.IsNull, "there is memory for a few names");
        Span<byte> rest = block.Bytes;
        foreach (int subscription in _untold.Span)
        {
            ReadOnlySpan<byte> name = table.NameOf(table.SubscriptionAt(subscription).Topic);
            BinaryPrimitives.WriteInt32LittleEndian(rest, name.Length);
            name.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + name.Length)..];
        }
        for (int loop = 0; loop < _loop.Peers.Length; loop++)
        {
            if (loop == _loop.Index) continue;
            block.AddReference();
            _ = _loop.Events.Post(loop, new Message { Kind = (ushort)MessageKind.Roster, A = block.Address, B = (long)kind, C = difference });
        }
        block.Release();
    }

    private void TakeRoster(int from, in Message message)
    {
        NativeBlock block = NativeBlock.From((nint)message.A);
        for (ReadOnlySpan<byte> rest = block.Bytes; !rest.IsEmpty;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            Table((TopicKind)message.B).CountElsewhere(from, rest.Slice(sizeof(int), length), (int)message.C);
            rest = rest[(sizeof(int) + length)..];
        }
        block.Release();
        _loop.TopicsChanged();
    }

    public void Dispose()
    {
        foreach (TopicTable table in _tables) table.Dispose();
        _targets.Dispose();
        _untold.Dispose();
    }
}
