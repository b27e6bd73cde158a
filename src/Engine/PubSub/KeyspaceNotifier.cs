using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine.Keyspace;

namespace Anax.Engine.PubSub;

/// <summary>
/// Publishes what happens to the keys of one shard, as far as notify-keyspace-events asks for it: to a channel of the
/// key (the message is the event) and to one of the event (the message is the key).
/// </summary>
internal sealed class KeyspaceNotifier(EngineLoop loop) : IChangeListener, IDisposable
{
    private readonly NativeList<byte> _channel = new();

    public void Changed(ShardScope shard, in Change change) => Notify(shard.Database, change.Key, change.Class, change.Name);

    public void Flushed(ShardScope shard, int database)
    {
        // Not a keyspace event.
    }

    internal void Notify(int database, Key key, EventClass eventClass, ReadOnlySpan<byte> name)
    {
        EngineSettings settings = loop.Settings;
        if ((settings.NotifiedClasses & eventClass) == 0) return;
        if (settings.NotifiesByKey) Publish("__keyspace@"u8, database, key.Bytes, name);
        if (settings.NotifiesByEvent) Publish("__keyevent@"u8, database, name, key.Bytes);
    }

    public void Dispose() => _channel.Dispose();

    private void Publish(ReadOnlySpan<byte> prefix, int database, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> message)
    {
        Broker broker = loop.Broker;
        if (broker.CountTopics(TopicKind.Channel) + broker.CountTopics(TopicKind.Pattern) == 0) return;
        Span<byte> digits = stackalloc byte[Numbers.LongTextMax];
        digits = digits[..Numbers.FormatLong(database, digits)];
        Span<byte> channel = _channel.Resize(prefix.Length + digits.Length + "__:"u8.Length + suffix.Length);
        prefix.CopyTo(channel);
        digits.CopyTo(channel[prefix.Length..]);
        "__:"u8.CopyTo(channel[(prefix.Length + digits.Length)..]);
        suffix.CopyTo(channel[^suffix.Length..]);
        _ = broker.Publish(TopicKind.Channel, channel, message);
        _channel.Clear();
    }
}
