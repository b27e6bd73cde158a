namespace Anax.Engine.Keyspace;

/// <summary>What a shard must look after beside running commands: nothing, mostly, and then one test says so.</summary>
[Flags]
internal enum ShardCare
{
    Nothing = 0,

    /// <summary>Somebody holds or wants locks.</summary>
    Locks = 1 << 0,

    /// <summary>Keys have changed that somebody waits for.</summary>
    ReadyKeys = 1 << 1,

    /// <summary>The command that has just run goes on beyond its turn.</summary>
    Suspended = 1 << 2,

    /// <summary>Somebody watches keys.</summary>
    Watches = 1 << 3,

    /// <summary>Somebody waits for keys.</summary>
    Waits = 1 << 4,

    /// <summary>Somebody is told of every change.</summary>
    Listeners = 1 << 5,

    /// <summary>What makes a change more than a change.</summary>
    Changes = Watches | Waits | Listeners,
}
