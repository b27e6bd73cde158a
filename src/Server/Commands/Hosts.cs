using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>From an engine's scopes to what the server keeps beside them on the same loop.</summary>
internal static class Hosts
{
    internal static ServerLoop Host(this EngineLoop loop) => (ServerLoop)loop.Host;

    internal static ServerLoop Host(this ConnectionScope connection) => (ServerLoop)connection.Loop.Host;

    internal static ServerLoop Host(this ShardScope shard) => (ServerLoop)shard.Loop.Host;

    internal static ServerLoop Host(this Coordinator tx) => (ServerLoop)tx.Loop.Host;

    /// <summary>Answers +OK.</summary>
    internal static void Ok(this Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
    }

    internal static void Answer(this Coordinator tx, long number)
    {
        ReplyWriter reply = tx.Writer();
        reply.Integer(number);
        tx.Close(ref reply);
    }

    internal static void Fail(this Coordinator tx, ErrorTemplate error, scoped ReadOnlySpan<byte> part)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(error, part);
        tx.Close(ref reply);
    }
}
