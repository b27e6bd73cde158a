using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Engine;

/// <summary>What the engine needs to know of the server's options. Immutable: a change replaces it on every loop.</summary>
public sealed record EngineSettings
{
    public int Databases { get; init; } = 16;

    /// <summary>Bytes; 0: no limit of ours.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Writes of one pipeline are seen in order by everyone, also across shards.</summary>
    public bool StrictPipelineOrder { get; init; }
    public long BulkLengthMax { get; init; } = 512L << 20;
    public long CommandLogSlowerThanUs { get; init; } = 10_000;
    public long CommandLogRequestLargerThan { get; init; } = 1 << 20;
    public long CommandLogReplyLargerThan { get; init; } = 1 << 20;
    public int CommandLogSlowLengthMax { get; init; } = 128;
    public int CommandLogRequestLengthMax { get; init; } = 128;
    public int CommandLogReplyLengthMax { get; init; } = 128;
    public long LatencyThresholdMs { get; init; }
    public bool LatencyTracking { get; init; } = true;
    public byte[] RequirePass { get; init; } = [];
    /// <summary>Bytes up to which a HyperLogLog stays sparse.</summary>
    public long HyperLogLogSparseBytesMax { get; init; } = 3000;
    public bool LazyUserFlush { get; init; } = true;

    /// <summary>1 to 10: how much time the search for expired keys may take, and how few it leaves.</summary>
    public int ActiveExpireEffort { get; init; } = 1;

    /// <summary>Keys that are remembered for clients that track; 0: no limit.</summary>
    public long TrackedKeysMax { get; init; } = 1_000_000;

    /// <summary>Of which events of keys there are messages (notify-keyspace-events), and to which channels.</summary>
    public Keyspace.EventClass NotifiedClasses { get; init; }
    public bool NotifiesByKey { get; init; }
    public bool NotifiesByEvent { get; init; }

    /// <summary>Up to where sorted sets are packed.</summary>
    public PackedLimits SortedSetLimits { get; init; } = new(128, 64);

    /// <summary>Bytes of replies for which a client is disconnected; 0: never.</summary>
    public long ReplyBytesMax { get; init; }

    /// <summary>Up to where hashes are packed.</summary>
    public PackedLimits HashLimits { get; init; } = new(512, 64);

    /// <summary>Up to where lists are packed, and what one chunk of a large list holds.</summary>
    public ListLimit ListLimit { get; init; } = ListLimit.Default;

    /// <summary>What is written of values is compressed (rdbcompression).</summary>
    public bool RdbCompresses { get; init; } = true;

    /// <summary>Values of versions that nobody knows yet are read (rdb-version-check).</summary>
    public bool RdbVersionsRelaxed { get; init; }

    /// <summary>Up to what values that are read lie packed.</summary>
    public Core.Rdb.RdbLimits RdbLimits => new(HashLimits, SetLimits, SortedSetLimits, ListLimit);

    /// <summary>What one node of a stream holds.</summary>
    public StreamLimits StreamLimits { get; init; } = StreamLimits.Default;

    /// <summary>Who may use commands that are dangerous by purpose (DEBUG).</summary>
    public ActionPermission DebugCommands { get; init; }

    /// <summary>The key of the keyed hash: random per process unless an option fixes it.</summary>
    public ulong HashSeed0 { get; init; }
    public ulong HashSeed1 { get; init; }
    public HashKey HashKey => new(HashSeed0, HashSeed1);

    /// <summary>Milliseconds after which a script makes others hear BUSY; 0: never.</summary>
    public long BusyReplyThresholdMs { get; init; } = 5000;

    /// <summary>Bytes that one script may use.</summary>
    public long ScriptMemoryMax { get; init; } = 256 << 20;

    /// <summary>How scripts lock keys that they have not declared.</summary>
    public ScriptLocking ScriptLocking { get; init; }

    /// <summary>Up to what sets lie packed.</summary>
    public Core.Structures.SetLimits SetLimits { get; init; } = Core.Structures.SetLimits.Default;

    /// <summary>Arena of each shard: bytes of address space, and bytes per handle step (8 or 16).</summary>
    public long ArenaReserveBytes { get; init; } = 32L << 30;
    public int ArenaGranuleBytes { get; init; } = 8;
    public bool HugePages { get; init; }

    /// <summary>Keys that share a {tag} live on one shard.</summary>
    public bool ShardOnHashTags { get; init; }

    /// <summary>Faults that a test wants to see found.</summary>
    internal PlantedBugs PlantedBugs { get; init; }
}

/// <summary>How a script that may need undeclared keys is kept apart from others.</summary>
public enum ScriptLocking : byte
{
    /// <summary>It takes the one token and locks each key when it needs it.</summary>
    Token,

    /// <summary>It locks everything.</summary>
    Global,
}

/// <summary>Who may do what is refused by default.</summary>
public enum ActionPermission : byte { Nobody, Everybody, LocalClients }
