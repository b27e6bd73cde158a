using System.Buffers.Text;
using System.Text;
using Anax.LoadGen.Cluster;

namespace Anax.LoadGen.Driver;

/// <summary>
/// Follows MOVED and ASK for one thread: learns who owns a slot now, and sends the request again there. Its times stay
/// those of the first sending: the detour is part of the latency.
/// </summary>
internal sealed class Redirector(LoadThread thread, ClusterMap map, List<LoadConnection> connections)
{
    private const int RedirectionsMax = 16;

    public bool Follow(ReadOnlySpan<byte> text, in Pending request, ServerAddress from)
    {
        bool isAsk = text.StartsWith("ASK "u8);
        if ((!isAsk && !text.StartsWith("MOVED "u8)) || request.Redirections >= RedirectionsMax) return false;
        ReadOnlySpan<byte> rest = text[(text.IndexOf((byte)' ') + 1)..];
        int space = rest.IndexOf((byte)' ');
        if (space < 0 || !Utf8Parser.TryParse(rest, out int hashSlot, out int used) || used != space) return false;
        if ((uint)hashSlot >= Core.Text.Crc16.HashSlots) return false;
        string address = Encoding.Latin1.GetString(rest[(space + 1)..]);
        if (ServerAddress.TryParse(address, from) is not { } target) return false;

        int shard = map.Find(target);
        if (!isAsk) map.Assign(hashSlot, shard);
        Pending again = request;
        again.Count = 1;
        again.Redirections++;
        ConnectionTo(target, shard).SendAgain(again, isAsk);
        return true;
    }

    private LoadConnection ConnectionTo(ServerAddress target, int shard)
    {
        foreach (LoadConnection connection in connections)
        {
            if (connection.Address == target) return connection;
        }

        LoadConnection made = thread.MakeConnection(target, shard, connections.Count, isSender: false);
        if (!thread.TryDial(made)) thread.Fail($"{made.Reason}{target}: connect: the server's queue is full");
        return made;
    }
}
