using System.Globalization;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Where keys lie on a server that keeps those of one hash tag together: tags of two shards, and the number of the first one,
/// which is that of its thread. A server with one thread has two tags all the same.
/// </summary>
internal readonly record struct ShardTags(string Busy, string Other, int BusyShard)
{
    private const string FirstTag = "{a}";
    private const int TriesMax = 26, ProbeBytes = 4 << 20;

    /// <summary>A shard is known by whose memory grows; throws <see cref="ServerException"/> where nobody's does.</summary>
    public static ShardTags Find(RespConnection connection)
    {
        int threads = Memory(connection).Length;
        if (threads < 2) return new ShardTags(FirstTag, "{b}", 0);
        int first = ShardOf(connection, FirstTag);
        for (int letter = 1; letter < TriesMax; letter++)
        {
            string tag = $"{{{(char)('a' + letter)}}}";
            if (ShardOf(connection, tag) != first) return new ShardTags(FirstTag, tag, first);
        }

        throw new ServerException("all hash tags lie on one shard");
    }

    private static int ShardOf(RespConnection connection, string tag)
    {
        double[] before = Memory(connection);
        connection.Ask("SET", $"{tag}probe", new string('x', ProbeBytes));
        double[] growth = [.. Memory(connection).Zip(before, (after, earlier) => after - earlier)];
        connection.Ask("DEL", $"{tag}probe");
        int shard = Array.IndexOf(growth, growth.Max());
        return growth[shard] >= ProbeBytes / 2.0
            ? shard
            : throw new ServerException(string.Create(CultureInfo.InvariantCulture, $"{ProbeBytes} bytes are in no thread's used_memory"));
    }

    private static double[] Memory(RespConnection connection) =>
        [.. LoopCounts.Threads(connection.Ask("INFO", "threads")).Select(thread => thread.GetValueOrDefault("used_memory"))];
}
