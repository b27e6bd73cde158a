using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Where keys lie on a server that keeps those of one hash tag together: tags of two shards, and the number of the first one,
/// which is that of its thread. A server with one thread has two tags all the same.
/// </summary>
internal sealed record ShardTags(string Busy, string Other, int BusyShard)
{
    private const string FirstTag = "{a}";
    private const int TriesMax = 25, ProbeBytes = 1 << 20, ConnectionsMax = 20;

    /// <summary>Of a server that does nothing else: a shard is known by whose memory grows. Throws <see cref="ServerException"/> where nobody's does.</summary>
    public static ShardTags Find(RespConnection connection)
    {
        int threads = Memory(connection).Length;
        if (threads < 2) return new ShardTags(FirstTag, "{b}", 0);
        List<string> probes = [];
        int first = ShardOf(FirstTag);
        string other = Enumerable.Range(1, TriesMax).Select(letter => $"{{{(char)('a' + letter)}}}").FirstOrDefault(tag => ShardOf(tag) != first)
            ?? throw new ServerException("all hash tags lie on one shard");
        connection.Ask(["DEL", .. probes]);
        return new ShardTags(FirstTag, other, first);

        int ShardOf(string tag)
        {
            double[] before = Memory(connection);
            probes.Add($"{tag}probe");
            connection.Ask("SET", probes[^1], new string('x', ProbeBytes));
            double[] growth = [.. Memory(connection).Zip(before, (after, earlier) => after - earlier)];
            int shard = Array.IndexOf(growth, growth.Max());
            return growth[shard] >= ProbeBytes / 2.0 ? shard : throw new ServerException("a large value is in no thread's used_memory");
        }
    }

    /// <summary>A connection of the loop that has the first tag's shard. Those of others stay meanwhile: the next one may go where there are fewest.</summary>
    public RespConnection Connect(int port)
    {
        List<RespConnection> others = [new RespConnection(port)];
        try
        {
            while (others.Count < ConnectionsMax)
            {
                double[] before = Each(others[0], "connections");
                RespConnection connection = new(port);
                connection.Ask("PING");
                if (before.Length < 2 || Each(others[0], "connections")[BusyShard] > before[BusyShard]) return connection;
                others.Add(connection);
            }
        }
        finally
        {
            foreach (RespConnection other in others) other.Dispose();
        }

        throw new ServerException("no connection comes to the loop of the first shard");
    }

    private static double[] Memory(RespConnection connection) => Each(connection, "used_memory");

    private static double[] Each(RespConnection connection, string name) =>
        [.. LoopCounts.Threads(connection.Ask("INFO", "threads")).Select(thread => thread.GetValueOrDefault(name))];
}
