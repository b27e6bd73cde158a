using Anax.Core.Text;

namespace Anax.Engine;

/// <summary>Names a shard, and the loop that owns it: there is one of each per thread.</summary>
public readonly record struct ShardId(ushort Value)
{
    public static implicit operator int(ShardId id) => id.Value;

    /// <summary>The owner of a key: from the hash's low 16 bits, which the table's structure never uses, and never from the database.</summary>
    public static ShardId Of(ulong hash, int shards) => new((ushort)((uint)(ushort)hash * (uint)shards >> 16));

    /// <summary>The owner of a key whose hash is known; with --shard_on_hashtags the hash of its {tag} decides.</summary>
    public static ShardId Of(ReadOnlySpan<byte> key, ulong hash, EngineSettings settings, int shards)
    {
        if (shards == 1) return default;
        return Of(settings.ShardOnHashTags ? settings.HashKey.Hash(Crc16.HashTag(key)) : hash, shards);
    }
}
