using Anax.Core.Text;
using Anax.LoadGen.Driver;

namespace Anax.LoadGen.Cluster;

/// <summary>Which shard owns which hash slot, as one load thread knows it; each thread has a copy and learns by itself.</summary>
internal sealed class ClusterMap
{
    public const int NoShard = -1;

    private readonly List<ServerAddress> _shards = [];
    private readonly short[] _shardOf = new short[Crc16.HashSlots];
    private readonly List<int> _slots = [];

    public ClusterMap() => Array.Fill(_shardOf, (short)NoShard);

    public ClusterMap(ClusterMap other)
    {
        _shards.AddRange(other._shards);
        _slots.AddRange(other._slots);
        other._shardOf.CopyTo(_shardOf, 0);
    }

    public int ShardCount => _shards.Count;

    public ServerAddress Address(int shard) => _shards[shard];

    public int ShardOf(int hashSlot) => _shardOf[hashSlot];

    /// <summary>How many hash slots the shard owns.</summary>
    public int SlotsOf(int shard) => _slots[shard];

    /// <summary>The shard at the address, a new one where it was not known.</summary>
    public int Find(ServerAddress address)
    {
        int shard = _shards.IndexOf(address);
        if (shard >= 0) return shard;
        _shards.Add(address);
        _slots.Add(0);
        return _shards.Count - 1;
    }

    public void Assign(int hashSlot, int shard)
    {
        int before = _shardOf[hashSlot];
        if (before == shard) return;
        if (before != NoShard) _slots[before]--;
        _shardOf[hashSlot] = (short)shard;
        _slots[shard]++;
    }

    /// <summary>
    /// Reads the answer to CLUSTER NODES: a line per node, "id host:port@bus flags primary ping pong epoch state slots…".
    /// Only primaries with slots are shards. A node without a host is the one that was asked.
    /// </summary>
    public static ClusterMap Parse(string nodes, ServerAddress asked)
    {
        ClusterMap map = new();
        foreach (string line in nodes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 9 || !fields[2].Contains("master", StringComparison.Ordinal)) continue;
            ServerAddress? address = ServerAddress.TryParse(fields[1], asked);
            if (address is null) continue;
            int shard = map.Find(address);
            for (int i = 8; i < fields.Length; i++) map.AssignRange(fields[i], shard);
        }

        return map;
    }

    /// <summary>"5" or "0-5460"; "[5->-id" tells of a slot on its way and is not a range.</summary>
    private void AssignRange(string text, int shard)
    {
        string[] ends = text.Split('-');
        if (!int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last)) return;
        for (int slot = Math.Max(0, first); slot <= Math.Min(last, Crc16.HashSlots - 1); slot++) Assign(slot, shard);
    }
}
