using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Engine.PubSub;

/// <summary>A session's subscriptions of one kind: the ends of a list in the kind's <see cref="TopicTable"/>.</summary>
internal struct TopicList
{
    internal int First, Last;

    /// <summary>All, those included that are being ended.</summary>
    internal int Count;

    /// <summary>Of them, those whose end other loops were told of, while messages for them may be under way.</summary>
    internal int Leaving;

    internal readonly int Active => Count - Leaving;
}

// A topic is in two lists at once: of its subscribers here, and of the other loops that have some.
//
//   name ── topic ──┬── subscription ─ subscription ─ …        (each is also in its session's own list)
//                   └── share: loop 2 has 3 ─ share: loop 5 has 1 ─ …

/// <summary>
/// All topics of one kind as one loop knows them: who subscribes here, and how many do on each other loop. In native
/// memory.
/// </summary>
internal sealed class TopicTable(HashKey hashKey) : IDisposable
{
    internal const int None = -1;

    private readonly NameTable _names = new(hashKey);
    private readonly NativeList<Topic> _topics = new();
    private readonly NativePool<Subscription> _subscriptions = new();
    private readonly NativePool<Share> _shares = new();

    internal struct Topic
    {
        internal int First, Last;

        /// <summary>Subscribers on this loop.</summary>
        internal int Own;

        /// <summary>Subscribers on other loops.</summary>
        internal long Elsewhere;
        internal int FirstShare;

        internal readonly long Subscribers => Own + Elsewhere;
    }

    internal struct Subscription
    {
        internal int Session;
        internal int Topic;
        internal int Next, Previous;
        internal int NextOfSession, PreviousOfSession;
        internal bool IsLeaving;
    }

    /// <summary>Another loop's subscribers of a topic.</summary>
    internal struct Share
    {
        internal int Loop;
        internal int Subscribers;
        internal int Next;
    }

    /// <summary>Topics that somebody subscribes to, on any loop.</summary>
    internal int Count => _names.Count;

    /// <summary>Topics have numbers below this; not all of them <see cref="Exists"/>.</summary>
    internal int Bound => _names.Bound;
    /// <summary>No name is longer.</summary>
    internal int LongestName { get; private set; }
    internal long UsedBytes => _names.UsedBytes + _topics.Bytes + _subscriptions.Bytes + _shares.Bytes;

    internal int Find(ReadOnlySpan<byte> name) => _names.Find(name);

    internal bool Exists(int topic) => _names.IsTaken(topic);

    internal ReadOnlySpan<byte> NameOf(int topic) => _names[topic];

    internal ref Topic this[int topic] => ref _topics[topic];

    internal ref Subscription SubscriptionAt(int subscription) => ref _subscriptions[subscription];

    internal ref Share ShareAt(int share) => ref _shares[share];

    /// <summary>How many subscribe to a name, on all loops.</summary>
    internal long Subscribers(ReadOnlySpan<byte> name)
    {
        int topic = Find(name);
        return topic == None ? 0 : _topics[topic].Subscribers;
    }

    /// <summary>Subscribes a session of this loop; false where it did already, or where there is no memory.</summary>
    internal bool TryJoin(int session, ref TopicList list, ReadOnlySpan<byte> name)
    {
        int topic = GetOrAdd(name);
        if (topic == None || Find(topic, session, in list) != None) return false;
        ref Topic of = ref _topics[topic];
        int added = _subscriptions.Take(new Subscription
        {
            Session = session,
            Topic = topic,
            Next = None,
            Previous = of.Own == 0 ? None : of.Last,
            NextOfSession = None,
            PreviousOfSession = list.Count == 0 ? None : list.Last,
        });
        if (of.Own++ == 0) of.First = added;
        else _subscriptions[of.Last].Next = added;
        of.Last = added;
        if (list.Count++ == 0) list.First = added;
        else _subscriptions[list.Last].NextOfSession = added;
        list.Last = added;
        return true;
    }

    /// <summary>A session's subscription to a name that it is not ending already.</summary>
    internal int FindActive(int session, in TopicList list, ReadOnlySpan<byte> name)
    {
        int topic = Find(name);
        if (topic == None) return None;
        int found = Find(topic, session, in list);
        return found == None || _subscriptions[found].IsLeaving ? None : found;
    }

    /// <summary>Ends a subscription on this loop.</summary>
    internal void Remove(int subscription, ref TopicList list)
    {
        Subscription gone = _subscriptions[subscription];
        ref Topic topic = ref _topics[gone.Topic];
        if (gone.Previous == None) topic.First = gone.Next;
        else _subscriptions[gone.Previous].Next = gone.Next;
        if (gone.Next == None) topic.Last = gone.Previous;
        else _subscriptions[gone.Next].Previous = gone.Previous;
        topic.Own--;
        if (gone.PreviousOfSession == None) list.First = gone.NextOfSession;
        else _subscriptions[gone.PreviousOfSession].NextOfSession = gone.NextOfSession;
        if (gone.NextOfSession == None) list.Last = gone.PreviousOfSession;
        else _subscriptions[gone.NextOfSession].PreviousOfSession = gone.PreviousOfSession;
        list.Count--;
        if (gone.IsLeaving) list.Leaving--;
        _subscriptions.Give(subscription);
        RemoveIfUnused(gone.Topic);
    }

    /// <summary>Another loop has so many subscribers of a name more, or less.</summary>
    internal void CountElsewhere(int loop, ReadOnlySpan<byte> name, int difference)
    {
        int topic = GetOrAdd(name);
        if (topic == None) return;
        ref Topic of = ref _topics[topic];
        of.Elsewhere += difference;
        int share = of.FirstShare, before = None;
        while (share != None && _shares[share].Loop != loop) (before, share) = (share, _shares[share].Next);
        if (share == None)
        {
            of.FirstShare = _shares.Take(new Share { Loop = loop, Subscribers = difference, Next = of.FirstShare });
            return;
        }
        _shares[share].Subscribers += difference;
        if (_shares[share].Subscribers != 0) return;
        if (before == None) of.FirstShare = _shares[share].Next;
        else _shares[before].Next = _shares[share].Next;
        _shares.Give(share);
        RemoveIfUnused(topic);
    }

    public void Dispose()
    {
        _names.Dispose();
        _topics.Dispose();
        _subscriptions.Dispose();
        _shares.Dispose();
    }

    private int GetOrAdd(ReadOnlySpan<byte> name)
    {
        int topic = _names.GetOrAdd(name, out bool isNew);
        if (!isNew || topic == None) return topic;
        LongestName = Math.Max(LongestName, name.Length);
        if (topic >= _topics.Count) _ = _topics.Resize(topic + 1);
        _topics[topic] = new Topic { First = None, Last = None, FirstShare = None };
        return topic;
    }

    private void RemoveIfUnused(int topic)
    {
        if (_topics[topic].Own != 0 || _topics[topic].FirstShare != None) return;
        _names.Remove(topic);
        if (_names.Count == 0) LongestName = 0;
    }

    /// <summary>Walks the shorter of the two lists that a subscription is in.</summary>
    internal int Find(int topic, int session, in TopicList list)
    {
        if (list.Count < _topics[topic].Own)
        {
            for (int i = list.Count == 0 ? None : list.First; i != None; i = _subscriptions[i].NextOfSession)
                if (_subscriptions[i].Topic == topic) return i;
            return None;
        }
        for (int i = _topics[topic].First; i != None; i = _subscriptions[i].Next)
            if (_subscriptions[i].Session == session) return i;
        return None;
    }
}
