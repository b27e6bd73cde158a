using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.PubSub;

/// <summary>
/// The coordinators of SUBSCRIBE and its kin: a confirmation leaves when every loop has taken the change. Confirmations
/// are pushes themselves, so they keep their place among the messages, and CLIENT REPLY OFF lets them through. Inside EXEC
/// they stand where replies would, one frame for each name, as in Valkey; messages that come meanwhile follow the whole.
/// </summary>
public static class Subscribing
{
    /// <summary>Subscribes to the names from the command's first argument on.</summary>
    public static async Co<Nothing> Join(Coordinator tx, TopicKind kind)
    {
        // The older two are allowed there for the sake of clients that have always done so.
        if (kind == TopicKind.ShardChannel && !tx.MayBlock)
        {
            tx.Fail(Errors.ShardSubscribeDenied);
            return default;
        }
        WriteJoined(tx, kind);
        await tx.HopAll(Taken);
        return default;
    }

    /// <summary>Ends subscriptions: to the names from the command's first argument on, or all of the kind.</summary>
    public static async Co<Nothing> Leave(Coordinator tx, TopicKind kind)
    {
        tx.Loop.Broker.BeginLeave(tx.Session, kind, tx.Args, first: 1);
        await tx.HopAll(Taken);
        if (!tx.Session.Gone) WriteLeft(tx, kind);
        return default;
    }

    /// <summary>A mailbox keeps the order: who answers has taken all that was sent before.</summary>
    internal static void Taken(Keyspace.ShardScope shard, ref HopFrame hop)
    {
        // The answer is all that is wanted.
    }

    private static void WriteJoined(Coordinator tx, TopicKind kind)
    {
        var writer = new ReplyWriter(ref Confirmations(tx), tx.Loop.Events.Chunks, tx.Resp);
        tx.Loop.Broker.Subscribe(tx.Session, kind, tx.Args, first: 1, ref writer);
        writer.Flush();
    }

    private static void WriteLeft(Coordinator tx, TopicKind kind)
    {
        var writer = new ReplyWriter(ref Confirmations(tx), tx.Loop.Events.Chunks, tx.Resp);
        tx.Loop.Broker.EndLeave(tx.Session, kind, tx.Args, first: 1, ref writer);
        writer.Flush();
    }

    /// <summary>Where confirmations go. An EXEC whose reply is not wanted leaves nothing but these.</summary>
    private static ref ReplyStream Confirmations(Coordinator tx) =>
        ref tx.Parent is not null && tx.Session.ReplyMode == ReplyMode.On ? ref tx.Output : ref tx.Session.Pushes;
}
