using System.Globalization;
using System.Net.Sockets;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Servers that are measured in rotation, started together and filled with the keys that are read; all but one of them
/// are idle at any time. One that cannot be had does not keep the others from being measured.
/// </summary>
internal sealed class ServerGroup(string name, RunSettings settings, RunFolder folder, CancellationToken stop) : IDisposable
{
    /// <summary>So many, so often, show what one connection costs in spite of the clock's ticks.</summary>
    private const int ConnectionsOfCost = 1000;

    /// <summary>So long a server may go on with connections that have ended.</summary>
    private const int ClosingMs = 50;

    private readonly Dictionary<(string Server, int Threads), ServerProcess> _servers = [];
    private readonly Dictionary<(string Server, int Threads), string> _failures = [];

    public string Name => name;

    /// <summary>
    /// Starts and fills one more server as the cell wants it; null where that failed, which its measurements then tell, and
    /// where nothing was learnt by it.
    /// </summary>
    public Preparation? Add(Peer peer, Cell cell)
    {
        (string, int) key = (peer.Name, cell.Threads);
        try
        {
            string ownFolder = folder.OfServer(string.Create(CultureInfo.InvariantCulture, $"{peer.Name}-{cell.Threads}"));
            ServerOptions options = new() { Threads = cell.Threads, KeepsTagsTogether = cell.Kind == CellKind.LongCommand };
            ServerProcess server = ServerProcess.Start(peer, settings.ServerCpusOf(cell.Layout), options, ownFolder, stop);
            _servers.Add(key, server);
            if (cell.Kind == CellKind.LongCommand) LongCommandMeasurer.Prepare(server, new ClientRunner(settings, cell.Layout, folder, stop), stop);
            // What rows of types need is written before each of them.
            else if (cell.Kind != CellKind.TypeSpeed) Prepare(server, cell);
            return cell.Kind is CellKind.Maximum or CellKind.Rate ? MeasureConnections(server, cell.Layout) : null;
        }
        catch (Exception e) when (e is ServerException or ClientException or SocketException or IOException)
        {
            // It must not go on beside the others, whatever it does.
            if (_servers.Remove(key, out ServerProcess? server)) server.Dispose();
            _failures.Add(key, $"not prepared: {e.Message}");
            return null;
        }
    }

    /// <summary>The running server; throws <see cref="ServerException"/> where it is not.</summary>
    public ServerProcess Find(PlannedMeasurement step)
    {
        (string, int) key = (step.Server, step.Cell.Threads);
        if (_failures.TryGetValue(key, out string? failure)) throw new ServerException(failure);
        ServerProcess server = _servers[key];
        return server.End() is { Length: > 0 } end ? throw new ServerException(end) : server;
    }

    public void Dispose()
    {
        foreach (ServerProcess server in _servers.Values) server.Dispose();
    }

    /// <summary>All workloads run once before they count: what is compiled or allocated at first use is.</summary>
    private void Prepare(ServerProcess server, Cell cell)
    {
        ClientRunner clients = new(settings, cell.Layout, folder, stop);
        // The floor keeps nothing.
        if (server.Name != ServerNames.Floor) clients.Run(server.Port, ClientArguments.Fill(cell.Keys, 0, clients.Cpus.Count));
        foreach (Workload workload in MeasurementPlan.WorkloadsBeside(cell))
        {
            Cell warmUp = Cell.Maximum(cell.Layout, workload, 1, MeasurementPlan.Connections) with { Keys = cell.Keys };
            // What Anax learns of such a script by its first calls it may learn from one client: of many some would get an error.
            if (workload == Workload.Queue) Run(warmUp with { Connections = 1 });
            Run(warmUp);
        }

        void Run(Cell warmUp) =>
            clients.Run(server.Port, ClientArguments.Load(warmUp, 0, clients.Cpus.Count, PlanTime.WarmUpSeconds, 0));
    }

    private Preparation MeasureConnections(ServerProcess server, Layout layout)
    {
        ClientRunner clients = new(settings, layout, folder, stop);
        CpuTimes before = CpuClock.OfProcess(server.Pid);
        for (int i = 0; i < PlanTime.ConnectRuns; i++) clients.Connect(server.Port, ConnectionsOfCost);
        Thread.Sleep(ClosingMs);
        CpuTimes spent = CpuClock.OfProcess(server.Pid) - before;
        return new Preparation
        {
            Layout = layout,
            Server = server.Name,
            Time = DateTimeOffset.Now,
            ConnectionNs = spent.TotalNs / (PlanTime.ConnectRuns * ConnectionsOfCost),
        };
    }
}
