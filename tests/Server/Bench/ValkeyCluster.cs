using System.Diagnostics;
using System.Globalization;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Bench;

/// <summary>Three nodes of Valkey that are one cluster, shared by the tests of a class.</summary>
public sealed class ValkeyCluster : IDisposable
{
    public const int NodeCount = 3;

    private readonly List<ServerProcess> _nodes = [];
    private readonly List<RespClient> _clients = [];

    public ValkeyCluster()
    {
        try
        {
            for (int i = 0; i < NodeCount; i++)
            {
                _nodes.Add(ServerProcess.ValkeyOn(TestEnvironment.FreeClusterPort(), "--cluster-enabled", "yes"));
                _clients.Add(_nodes[i].Connect());
            }

            Create();
            if (!BadInputTests.WaitUntil(() => _clients.TrueForAll(IsInOrder)))
                throw new TimeoutException("the cluster does not come about");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal RespClient Client(int node) => _clients[node];

    public int Port(int node) => _nodes[node].Port;

    public void Clear()
    {
        foreach (RespClient client in _clients) client.Call("FLUSHALL");
    }

    /// <summary>How many keys each node holds.</summary>
    public long[] Sizes() => [.. _clients.Select(client => client.Call("DBSIZE").Integer)];

    /// <summary>The node that answers for the key itself.</summary>
    public int OwnerOf(string key) => _clients.FindIndex(client => !client.Call("GET", key).IsError);

    public int HashSlotOf(string key) => (int)_clients[0].Call("CLUSTER", "KEYSLOT", key).Integer;

    /// <summary>How often the nodes have answered with this word.</summary>
    public long Refusals(string word) => _clients.Sum(client =>
    {
        string stats = client.Call("INFO", "errorstats").Text!;
        string name = $"errorstat_{word}:count=";
        int at = stats.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? 0 : long.Parse(stats[(at + name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    });

    /// <summary>Moves a hash slot with its keys, as a resharding does; it stays half moved for a while.</summary>
    public void Move(int hashSlot, int from, int to, int pauseMs)
    {
        string slot = $"{hashSlot}";
        string[] ids = [.. _clients.Select(client => client.Call("CLUSTER", "MYID").Text!)];
        Expect("+OK", _clients[to].Call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]));
        Expect("+OK", _clients[from].Call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]));
        Thread.Sleep(pauseMs);
        // Who reads a key that is gone from here is sent over there, where it may come into being: it is asked again.
        for (int round = 0; round < 100; round++)
        {
            RespValue keys = _clients[from].Call("CLUSTER", "GETKEYSINSLOT", slot, "100");
            if (keys.Items.Length == 0) break;
            string[] names = [.. keys.Items.Select(key => key.Text!)];
            _clients[from].Call(["MIGRATE", "127.0.0.1", $"{Port(to)}", "", "0", "5000", "REPLACE", "KEYS", .. names]);
        }

        Thread.Sleep(pauseMs);
        foreach (int node in (int[])[to, from, NodeCount - from - to])
            Expect("+OK", _clients[node].Call("CLUSTER", "SETSLOT", slot, "NODE", ids[to]));
    }

    public void Dispose()
    {
        foreach (RespClient client in _clients) client.Dispose();
        foreach (ServerProcess node in _nodes) node.Dispose();
    }

    private void Create()
    {
        string[] addresses = [.. _nodes.Select(node => $"127.0.0.1:{node.Port}")];
        var start = new ProcessStartInfo(
            Path.Combine(TestEnvironment.Valkey, "src", "valkey-cli"), ["--cluster", "create", .. addresses, "--cluster-yes"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"no cluster:\n{output}");
    }

    private static bool IsInOrder(RespClient client) =>
        client.Call("CLUSTER", "INFO").Text!.Contains("cluster_state:ok", StringComparison.Ordinal);

    private static void Expect(string expected, RespValue reply)
    {
        if (reply.ToString() != expected) throw new InvalidOperationException($"the cluster said {reply}");
    }
}
