using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.PubSub;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Publish and subscribe: channels, patterns of channels, and shard channels.</summary>
public static class PubSubCommands
{
    private const CommandFlags Subscriber = PubSub | NoScript | Loading | Stale | AllowsSubscriber;
    private const CommandFlags Asks = PubSub | Loading | Stale;

    private static readonly KeySpec[] AllChannels = Keys.All(KeyAccess.NotKey);

    public static readonly CommandSpec[] Table =
    [
        //  name                 arity flags                              ACL                 keys        handler  summary
        new("SUBSCRIBE",            -2, Subscriber,                       AclCategory.None,   Keys.None,  static tx => Subscribing.Join(tx, TopicKind.Channel),
            "Listens for messages published to channels."),
        new("UNSUBSCRIBE",          -1, Subscriber,                       AclCategory.None,   Keys.None,  static tx => Subscribing.Leave(tx, TopicKind.Channel),
            "Stops listening to messages posted to channels."),
        new("PSUBSCRIBE",           -2, Subscriber,                       AclCategory.None,   Keys.None,  static tx => Subscribing.Join(tx, TopicKind.Pattern),
            "Listens for messages published to channels that match one or more patterns."),
        new("PUNSUBSCRIBE",         -1, Subscriber,                       AclCategory.None,   Keys.None,  static tx => Subscribing.Leave(tx, TopicKind.Pattern),
            "Stops listening to messages published to channels that match one or more patterns."),
        new("SSUBSCRIBE",           -2, Subscriber,                       AclCategory.None,   AllChannels, static tx => Subscribing.Join(tx, TopicKind.ShardChannel),
            "Listens for messages published to shard channels."),
        new("SUNSUBSCRIBE",         -1, Subscriber,                       AclCategory.None,   AllChannels, static tx => Subscribing.Leave(tx, TopicKind.ShardChannel),
            "Stops listening to messages posted to shard channels."),
        new("PUBLISH",               3, Asks | Fast | MayReplicate | Tells, AclCategory.None,   Publish,
            "Posts a message to a channel."),
        new("SPUBLISH",              3, Asks | Fast | MayReplicate | Tells, AclCategory.None,   PublishSharded,
            "Posts a message to a shard channel.") { Keys = Keys.First(KeyAccess.NotKey) },
        new("PUBSUB",               -2, None,                             AclCategory.None,
            "A container for Pub/Sub commands."),
        new("PUBSUB|CHANNELS",      -2, Asks,                             AclCategory.None,   Channels,
            "Returns the active channels."),
        new("PUBSUB|NUMSUB",        -2, Asks,                             AclCategory.None,   CountSubscribers,
            "Returns a count of subscribers to channels."),
        new("PUBSUB|NUMPAT",         2, Asks,                             AclCategory.None,   CountPatterns,
            "Returns a count of unique pattern subscriptions."),
        new("PUBSUB|SHARDCHANNELS", -2, Asks,                             AclCategory.None,   ShardChannels,
            "Returns the active shard channels."),
        new("PUBSUB|SHARDNUMSUB",   -2, Asks,                             AclCategory.None,   CountShardSubscribers,
            "Returns the count of subscribers of shard channels."),
        new("PUBSUB|HELP",           2, Loading | Stale,                  AclCategory.None,   Help,
            "Returns helpful text about the different subcommands."),
    ];

    private static ReadOnlySpan<byte> HelpLines =>
        """
        CHANNELS [<pattern>]
            Return the currently active channels matching a <pattern> (default: '*').
        NUMPAT
            Return number of subscriptions to patterns.
        NUMSUB [<channel> ...]
            Return the number of subscribers for the specified channels, excluding
            pattern subscriptions(default: no channels).
        SHARDCHANNELS [<pattern>]
            Return the currently active shard level channels matching a <pattern> (default: '*').
        SHARDNUMSUB [<shardchannel> ...]
            Return the number of subscribers for the specified shard level channel(s)
        """u8;

    private static void Publish(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(connection.Loop.Broker.Publish(connection.Session, TopicKind.Channel, args[1], args[2]));

    private static void PublishSharded(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(connection.Loop.Broker.Publish(connection.Session, TopicKind.ShardChannel, args[1], args[2]));

    private static void Channels(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        List(connection, TopicKind.Channel, args, ref reply);

    private static void ShardChannels(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        List(connection, TopicKind.ShardChannel, args, ref reply);

    private static void List(ConnectionScope connection, TopicKind kind, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count > 3)
        {
            reply.SubcommandSyntax("PUBSUB"u8, args[1]);
            return;
        }
        Broker broker = connection.Loop.Broker;
        ReplyStream.DeferredHeader header = reply.Defer();
        long count = 0;
        for (int position = 0; broker.TryNext(kind, ref position, out ReadOnlySpan<byte> name);)
        {
            if (args.Count == 3 && !Glob.Matches(args[2], name)) continue;
            reply.Bulk(name);
            count++;
        }
        reply.ResolveArray(header, count);
    }

    private static void CountSubscribers(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        Count(connection, TopicKind.Channel, args, ref reply);

    private static void CountShardSubscribers(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        Count(connection, TopicKind.ShardChannel, args, ref reply);

    private static void Count(ConnectionScope connection, TopicKind kind, Arguments args, ref ReplyWriter reply)
    {
        reply.Array((args.Count - 2) * 2);
        for (int i = 2; i < args.Count; i++)
        {
            reply.Bulk(args[i]);
            reply.Integer(connection.Loop.Broker.CountSubscribers(kind, args[i]));
        }
    }

    private static void CountPatterns(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(connection.Loop.Broker.CountTopics(TopicKind.Pattern));

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "PUBSUB"u8, HelpLines);
}
