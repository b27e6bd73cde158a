using System.Text;
using Anax.Engine;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Unit.Commands;

/// <summary>Keys of which it is known on which shard they lie.</summary>
internal static class KeyPairs
{
    internal static int ShardOf(this TestServer server, string key)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(key);
        EngineSettings settings = server.Loops[0].Settings;
        return ShardId.Of(bytes, settings.HashKey.Hash(bytes), settings, server.Loops.Length);
    }

    /// <summary>The n-th key of a shard.</summary>
    internal static string KeyOf(this TestServer server, int shard, int n = 0)
    {
        for (int i = 0; ; i++)
        {
            if (server.ShardOf($"key:{i}") == shard && n-- == 0) return $"key:{i}";
        }
    }
}
