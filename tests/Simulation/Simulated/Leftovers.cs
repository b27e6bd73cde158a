using System.Globalization;
using Anax.Engine;
using Anax.Scripting;
using Anax.Server;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// What a server without clients and without keys still holds: nothing beyond what it held at first, and what its pools
/// keep for later.
/// </summary>
internal static class Leftovers
{
    /// <summary>Bytes of each shard, to be compared with those of later.</summary>
    public static long[] UsedBytes(AnaxServer server)
    {
        var used = new long[server.Engine.Loops.Length];
        for (int i = 0; i < used.Length; i++) used[i] = server.Engine.Loops[i].Shard.UsedBytes;
        return used;
    }

    /// <summary>What was not given back, or null.</summary>
    public static string? Find(AnaxServer server, long[] usedAtFirst)
    {
        List<string> found = [];
        long chunks = 0;
        foreach (EngineLoop loop in server.Engine.Loops)
        {
            Note(loop, "bytes of its shard", loop.Shard.UsedBytes - usedAtFirst[loop.Index]);
            Note(loop, "bytes of batches", loop.Batches.AllocatedBytes - loop.Batches.KeptBytes);
            Note(loop, "bytes of clients' input", loop.ClientBytes - loop.Multis.KeptBytes);
            Note(loop, "sockets", loop.Events.SocketCount);
            Note(loop, "requests for locks", loop.Shard.Locks.Count);
            Note(loop, "watched keys", loop.Shard.Watches.Count);
            Note(loop, "places in lines for keys", loop.Shard.Waits.Count);
            Note(loop, "scripts under way", ScriptHost.Of(loop).RunsUnderWay);
            Note(loop, "Lua states", ScriptHost.Of(loop).StatesInUse);
            Note(loop, "states of MULTI", loop.Multis.InUse);
            // A chunk may end in another loop's pool than it came from; the sum is exact.
            chunks += loop.Events.Chunks.AllocatedBytes - loop.Events.Chunks.KeptBytes;
        }

        if (chunks != 0) found.Add(string.Create(CultureInfo.InvariantCulture, $"{chunks} bytes of reply chunks"));
        return found.Count == 0 ? null : $"without clients and keys there remain {string.Join(", ", found)}";

        void Note(EngineLoop loop, string what, long count)
        {
            if (count != 0) found.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {what} on loop {loop.Index}"));
        }
    }
}
