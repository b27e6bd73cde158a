namespace Anax.Engine.PubSub;

/// <summary>What a session can subscribe to. Each kind has names of its own.</summary>
public enum TopicKind : byte
{
    Channel,
    Pattern,
    ShardChannel,

    /// <summary>Prefixes of keys, of who tracks by broadcast.</summary>
    Prefix,

    /// <summary>The one topic of all who track keys; its name is empty.</summary>
    Tracker,
}
