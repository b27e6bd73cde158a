using System.Diagnostics;
using Anax.Engine;
using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// Clients on threads and connections of their own, each doing what its share of the seed says, until together they have
/// done enough. What they do hangs on the seed alone; when, on the machine.
/// </summary>
internal sealed class Recorder(ServerUnderTest server, int clients, int seed, Means allowed)
{
    private readonly List<Exception> _failures = [];
    private readonly long _origin = Stopwatch.GetTimestamp();
    private int _ids;
    private long _done;

    /// <summary>The means that the server knows and that are allowed here.</summary>
    internal Means Means { get; private set; }

    /// <summary>What the clients' connections do wrong.</summary>
    internal PlantedBugs Fault { get; init; }

    /// <summary>Records a history per workload, of so many operations in all or as many as the time allows.</summary>
    internal IReadOnlyList<RecordedHistory> Record(string prefix, int operations, TimeSpan time)
    {
        using (RespConnection connection = new(server.Port)) Means = Promises.KnownTo(connection) & allowed;
        Workload[] workloads = [.. Workload.All(server, prefix).Where(workload => (workload.Needs & ~Means) == 0)];
        var prepared = Prepare(workloads);
        var parts = new List<Operation>[clients][];
        Stopwatch clock = Stopwatch.StartNew();
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(i => new Thread(() => Guarded(() =>
            parts[i] = Play(workloads, new Random(unchecked(seed * 1_000_003 + i)), () => _done >= operations || clock.Elapsed > time))))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (_failures.Count != 0) throw new InvalidOperationException($"seed {seed}: {_failures[0].Message}", _failures[0]);
        return [.. workloads.Select((workload, i) => new RecordedHistory(workload, [.. prepared[i], .. parts.SelectMany(part => part[i])]))];
    }

    private List<Operation>[] Prepare(Workload[] workloads)
    {
        using RecordingClient client = Connect();
        return [.. workloads.Select(workload =>
        {
            List<Operation> operations = [];
            client.RecordInto(operations);
            workload.Prepare(client);
            return operations;
        })];
    }

    private List<Operation>[] Play(Workload[] workloads, Random random, Func<bool> isOver)
    {
        using RecordingClient client = Connect();
        List<Operation>[] histories = [.. workloads.Select(_ => new List<Operation>())];
        int weights = workloads.Sum(workload => workload.Weight);
        while (!isOver())
        {
            int chosen = -1;
            for (int rest = random.Next(weights); rest >= 0; rest -= workloads[chosen].Weight) chosen++;
            int before = histories[chosen].Count;
            client.RecordInto(histories[chosen]);
            workloads[chosen].Act(client, random);
            Interlocked.Add(ref _done, histories[chosen].Count - before);
        }
        return histories;
    }

    private RespConnection Connection() => Fault == PlantedBugs.None ? new RespConnection(server.Port) : new FaultyConnection(server.Port, Fault);

    private RecordingClient Connect() => new(Connection, Means, _origin, () => Interlocked.Increment(ref _ids));

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            lock (_failures) _failures.Add(e);
        }
    }
}

/// <summary>What one workload's clients did.</summary>
internal sealed record RecordedHistory(Workload Workload, IReadOnlyList<Operation> Operations)
{
    internal Verdict Check(TimeSpan bound) => Workload.Check(Operations, bound);

    public override string ToString() =>
        $"{Workload.Name}: {Operations.Count} operations, {History.Overlap(Operations):P0} overlap another on the same key";
}
