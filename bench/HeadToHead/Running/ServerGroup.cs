using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// The servers of one layout, started together and filled with the keys that are read; all but one of them are idle at
/// any time. One that cannot be had does not keep the others from being measured.
/// </summary>
internal sealed class ServerGroup : IDisposable
{
    /// <summary>So many, so often, show what one connection costs in spite of the clock's ticks.</summary>
    private const int ConnectionsOfCost = 1000;

    /// <summary>So long a server may go on with connections that have ended.</summary>
    private const int ClosingMs = 50;

    private readonly Dictionary<string, ServerProcess> _servers = [];
    private readonly Dictionary<string, string> _failures = [];
    private readonly RunSettings _settings;
    private readonly RunFolder _folder;
    private readonly ClientRunner _clients;
    private readonly CancellationToken _stop;

    public ServerGroup(Layout layout, RunSettings settings, RunFolder folder, CancellationToken stop)
    {
        (Layout, _settings, _folder, _stop) = (layout, settings, folder, stop);
        _clients = new ClientRunner(settings, layout, folder, stop);
    }

    public Layout Layout { get; }

    /// <summary>Starts and fills one more server; null where that failed, which its measurements then tell.</summary>
    public Preparation? Add(Peer peer)
    {
        try
        {
            CpuList cpus = _settings.ServerCpusOf(Layout);
            ServerProcess server = ServerProcess.Start(peer, cpus, _folder.OfServer(peer.Name), _stop);
            _servers.Add(peer.Name, server);
            return Prepare(server);
        }
        catch (Exception e) when (e is ServerException or ClientException)
        {
            // It must not go on beside the others, whatever it does.
            if (_servers.Remove(peer.Name, out ServerProcess? server)) server.Dispose();
            _failures.Add(peer.Name, $"not prepared: {e.Message}");
            return null;
        }
    }

    /// <summary>The running server; throws <see cref="ServerException"/> where it is not.</summary>
    public ServerProcess Find(string name)
    {
        if (_failures.TryGetValue(name, out string? failure)) throw new ServerException(failure);
        ServerProcess server = _servers[name];
        return server.End() is { Length: > 0 } end ? throw new ServerException(end) : server;
    }

    public void Dispose()
    {
        foreach (ServerProcess server in _servers.Values) server.Dispose();
    }

    /// <summary>Both workloads run once before they count: what is compiled or allocated at first use is.</summary>
    private Preparation Prepare(ServerProcess server)
    {
        _clients.Run(server.Port, ClientArguments.Fill(RunSettings.Keys, 0, _clients.Cpus.Count));
        foreach (Workload workload in Enum.GetValues<Workload>())
        {
            Cell cell = Cell.Maximum(Layout, workload, 1, MeasurementPlan.Connections);
            _clients.Run(server.Port, ClientArguments.Load(cell, 0, _clients.Cpus.Count, PlanTime.WarmUpSeconds, 0));
        }

        CpuTimes before = CpuClock.OfProcess(server.Pid);
        for (int i = 0; i < PlanTime.ConnectRuns; i++) _clients.Connect(server.Port, ConnectionsOfCost);
        Thread.Sleep(ClosingMs);
        CpuTimes spent = CpuClock.OfProcess(server.Pid) - before;
        return new Preparation
        {
            Layout = Layout,
            Server = server.Name,
            Time = DateTimeOffset.Now,
            ConnectionNs = spent.TotalNs / (PlanTime.ConnectRuns * ConnectionsOfCost),
        };
    }
}
