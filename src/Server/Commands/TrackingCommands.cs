using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.PubSub;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Network;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>CLIENT TRACKING and its kin: clients that keep what they read, and hear when it changes.</summary>
public static class TrackingCommands
{
    private const CommandFlags Own = AllowBusy | NoScript | Loading | Stale;
    private const AclCategory Connections = AclCategory.Connection;

    public static readonly CommandSpec[] Table =
    [
        //  name                 arity flags                          ACL          handler   summary
        new("CLIENT|GETREDIR",       2, Own,                          Connections, GetRedirection,
            "Returns the client ID to which the connection's tracking notifications are redirected."),
        new("CLIENT|TRACKINGINFO",   2, NoScript | Loading | Stale,   Connections, TrackingInfo,
            "Returns information about server-assisted client-side caching for the connection."),
        new("CLIENT|TRACKING",      -3, NoScript | Loading | Stale,   Connections, Keys.None, Tracking,
            "Controls server-assisted client-side caching for the connection."),
        new("CLIENT|CACHING",        3, Own | CommandFlags.Barrier,   Connections, Caching,
            "Instructs the server whether to track the keys in the next request."),
    ];

    // ---- about itself ----

    private static void GetRedirection(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        ref readonly SessionTracking tracking = ref connection.Session.Tracking;
        reply.Integer(tracking.IsOn ? tracking.RedirectId : -1);
    }

    private static void TrackingInfo(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        Session session = connection.Session;
        SessionTracking tracking = session.Tracking;
        reply.Map(3);
        reply.Bulk("flags"u8);
        ReplyStream.DeferredHeader header = reply.Defer();
        int flags = 1;
        reply.Bulk(tracking.IsOn ? "on"u8 : "off"u8);
        flags += Flag(tracking.Has(TrackingModes.Broadcast), "bcast"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.OptIn), "optin"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.OptIn) && tracking.IsCaching, "caching-yes"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.OptOut), "optout"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.OptOut) && tracking.IsCaching, "caching-no"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.NoLoop), "noloop"u8, ref reply);
        flags += Flag(tracking.Has(TrackingModes.BrokenRedirect), "broken_redirect"u8, ref reply);
        reply.ResolveSet(header, flags);
        reply.Bulk("redirect"u8);
        reply.Integer(tracking.IsOn ? tracking.RedirectId : -1);
        reply.Bulk("prefixes"u8);
        reply.Array(session.Subscriptions(TopicKind.Prefix));
        int position = -1;
        while (connection.Loop.Broker.TryNext(session, TopicKind.Prefix, ref position, out ReadOnlySpan<byte> prefix)) reply.Bulk(prefix);
    }

    private static int Flag(bool isSet, ReadOnlySpan<byte> name, ref ReplyWriter reply)
    {
        if (!isSet) return 0;
        reply.Bulk(name);
        return 1;
    }

    private static void Caching(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        Session session = connection.Session;
        bool isYes = Ascii.EqualsIgnoreCase(args[2], "YES"u8);
        if (!session.Tracking.IsOn) reply.Error(Errors.CachingNotTracking);
        else if (!isYes && !Ascii.EqualsIgnoreCase(args[2], "NO"u8)) reply.Error(Errors.Syntax);
        else if (!session.Tracking.Has(isYes ? TrackingModes.OptIn : TrackingModes.OptOut)) reply.Error(isYes ? Errors.CachingYes : Errors.CachingNo);
        else
        {
            Tracker.CacheNext(session, connection.Command);
            reply.Ok();
        }
    }

    // ---- TRACKING ----

    private struct Options
    {
        internal TrackingModes Modes;
        internal int Prefixes;
        internal long RedirectId;
        internal int RedirectLoop;
    }

    private enum Reading : byte { Done, Redirect, Failed }

    /// <summary>Which client is looked for.</summary>
    private sealed record Sought(long Id);

    private static async Co<Nothing> Tracking(Coordinator tx)
    {
        var options = default(Options);
        for (int i = 3; i < tx.Args.Count; i++)
        {
            Reading reading = Read(tx, ref i, ref options);
            if (reading == Reading.Failed) return default;
            if (reading == Reading.Done) continue;
            tx.Payload = new Sought(options.RedirectId);
            await tx.HopAll(FindClient);
            if (TakeFound(tx, ref options)) continue;
            tx.Fail(Errors.RedirectNoClient);
            return default;
        }
        if (Ascii.EqualsIgnoreCase(tx.Args[2], "OFF"u8))
        {
            tx.Loop.Tracker.Disable(tx.Session);
            tx.Ok();
            return default;
        }
        if (!Ascii.EqualsIgnoreCase(tx.Args[2], "ON"u8)) tx.Fail(Errors.Syntax);
        else if (AreAllowed(tx, in options))
        {
            Enable(tx, in options);
            await tx.HopAll(static (shard, ref hop) => hop.Value = 0);
            tx.Ok();
        }
        return default;
    }

    private static Reading Read(Coordinator tx, ref int index, ref Options options)
    {
        ReadOnlySpan<byte> option = tx.Args[index];
        bool hasValue = index + 1 < tx.Args.Count;
        if (hasValue && Ascii.EqualsIgnoreCase(option, "REDIRECT"u8))
        {
            if (options.RedirectId != 0) tx.Fail(Errors.RedirectOnce);
            else if (!Numbers.TryParseLong(tx.Args[++index], out options.RedirectId)) tx.Fail(Errors.NotInteger);
            else return Reading.Redirect;
            return Reading.Failed;
        }
        if (hasValue && Ascii.EqualsIgnoreCase(option, "PREFIX"u8))
        {
            options.Prefixes++;
            index++;
            return Reading.Done;
        }
        TrackingModes mode = Ascii.EqualsIgnoreCase(option, "BCAST"u8) ? TrackingModes.Broadcast
            : Ascii.EqualsIgnoreCase(option, "OPTIN"u8) ? TrackingModes.OptIn
            : Ascii.EqualsIgnoreCase(option, "OPTOUT"u8) ? TrackingModes.OptOut
            : Ascii.EqualsIgnoreCase(option, "NOLOOP"u8) ? TrackingModes.NoLoop : TrackingModes.Off;
        options.Modes |= mode;
        if (mode != TrackingModes.Off) return Reading.Done;
        tx.Fail(Errors.Syntax);
        return Reading.Failed;
    }

    /// <summary>On each loop: is the client here that receives for another one?</summary>
    private static void FindClient(ShardScope shard, ref HopFrame hop)
    {
        hop.Value = 0;
        long id = ((Sought)hop.Payload!).Id;
        foreach (Connection connection in shard.Host().Connections)
        {
            if (connection.Session.Id != id || connection.Session.Gone) continue;
            shard.Loop.Tracker.AddTarget(connection.Session);
            hop.Value = 1;
        }
    }

    private static bool TakeFound(Coordinator tx, ref Options options)
    {
        for (int loop = 0; loop < tx.Shards; loop++)
        {
            if (tx.ValueOf(loop) == 0) continue;
            options.RedirectLoop = loop;
            return true;
        }
        return false;
    }

    /// <summary>Do the modes go together, with each other and with those that the client has? In Valkey's order of tests.</summary>
    private static bool AreAllowed(Coordinator tx, in Options options)
    {
        SessionTracking now = tx.Session.Tracking;
        bool isBroadcast = (options.Modes & TrackingModes.Broadcast) != 0;
        bool optsIn = (options.Modes & TrackingModes.OptIn) != 0, optsOut = (options.Modes & TrackingModes.OptOut) != 0;
        if (!isBroadcast && options.Prefixes != 0) tx.Fail(Errors.PrefixNeedsBcast);
        else if (now.IsOn && now.Has(TrackingModes.Broadcast) != isBroadcast) tx.Fail(Errors.BcastSwitch);
        else if (isBroadcast && (optsIn || optsOut)) tx.Fail(Errors.OptWithBcast);
        else if (optsIn && optsOut) tx.Fail(Errors.OptInAndOut);
        else if (optsIn && now.Has(TrackingModes.OptOut) || optsOut && now.Has(TrackingModes.OptIn)) tx.Fail(Errors.OptSwitch);
        else return !isBroadcast || !HasOverlap(tx, options.Prefixes);
        return false;
    }

    private static void Enable(Coordinator tx, in Options options)
    {
        Tracker tracker = tx.Loop.Tracker;
        tracker.Enable(tx.Session, options.Modes, options.RedirectId, options.RedirectLoop);
        if ((options.Modes & TrackingModes.Broadcast) == 0) return;
        if (options.Prefixes == 0) tracker.AddPrefix(tx.Session, default);
        for (int i = 3; TryNextPrefix(tx.Args, ref i, out ReadOnlySpan<byte> prefix);) tracker.AddPrefix(tx.Session, prefix);
    }

    /// <summary>Walks the prefixes of a call whose options were read already: begin with index 3.</summary>
    private static bool TryNextPrefix(Arguments args, ref int index, out ReadOnlySpan<byte> prefix)
    {
        prefix = default;
        for (; index < args.Count; index++)
        {
            if (Ascii.EqualsIgnoreCase(args[index], "REDIRECT"u8)) index++;
            else if (Ascii.EqualsIgnoreCase(args[index], "PREFIX"u8))
            {
                prefix = args[index + 1];
                index += 2;
                return true;
            }
        }
        return false;
    }

    // ---- prefixes must not overlap ----

    private static bool HasOverlap(Coordinator tx, int count)
    {
        if (count == 0 || !FindsOverlap(tx)) return false;
        // There is one, so the first is worth the search.
        for (int i = 3; TryNextPrefix(tx.Args, ref i, out ReadOnlySpan<byte> prefix);)
        {
            if (FindExisting(tx, prefix, out ReadOnlySpan<byte> existing)) return Fail(tx, Errors.PrefixOverlapsExisting, prefix, existing);
            for (int j = i; TryNextPrefix(tx.Args, ref j, out ReadOnlySpan<byte> other);)
                if (Overlap(prefix, other)) return Fail(tx, Errors.PrefixOverlapsProvided, prefix, other);
        }
        return false;
    }

    /// <summary>Whether any two overlap, in time that grows with the length of all: each is asked for its own prefixes.</summary>
    private static bool FindsOverlap(Coordinator tx)
    {
        using var names = new NameTable(tx.Loop.Settings.HashKey);
        int position = -1;
        while (tx.Loop.Broker.TryNext(tx.Session, TopicKind.Prefix, ref position, out ReadOnlySpan<byte> existing)) names.GetOrAdd(existing, out _);
        for (int i = 3; TryNextPrefix(tx.Args, ref i, out ReadOnlySpan<byte> prefix);)
        {
            names.GetOrAdd(prefix, out bool isNew);
            if (!isNew) return true;
        }
        for (int i = 0; i < names.Bound; i++)
            for (int length = 0; length < names[i].Length; length++)
                if (names.Find(names[i][..length]) >= 0) return true;
        return false;
    }

    /// <summary>Of the client's prefixes that overlap a new one, the first in the order of bytes.</summary>
    private static bool FindExisting(Coordinator tx, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> first)
    {
        first = default;
        bool isFound = false;
        int position = -1;
        while (tx.Loop.Broker.TryNext(tx.Session, TopicKind.Prefix, ref position, out ReadOnlySpan<byte> existing))
        {
            if (!Overlap(prefix, existing) || isFound && first.SequenceCompareTo(existing) <= 0) continue;
            first = existing;
            isFound = true;
        }
        return isFound;
    }

    private static bool Overlap(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => first.StartsWith(second) || second.StartsWith(first);

    private static bool Fail(Coordinator tx, ErrorTemplate error, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(error, first, second);
        tx.Close(ref reply);
        return true;
    }
}
