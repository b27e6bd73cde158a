using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>Runs anax-bench against a server as the layout wants it.</summary>
internal sealed class ClientRunner(RunSettings settings, Layout layout, RunFolder folder, CancellationToken stop)
{
    public CpuList Cpus => settings.ClientCpusOf(layout);

    /// <summary>Until it has ended; throws <see cref="ClientException"/> where something was wrong.</summary>
    public ClientReport Run(int port, IReadOnlyList<string> arguments)
    {
        using ClientProcess client = Start(port, arguments, folder.ClientReport);
        client.WaitForExit(stop);
        return client.Report();
    }

    public void Connect(int port, int connections)
    {
        using ClientProcess client = Start(port, ClientArguments.ConnectOnly(connections, Cpus.Count), folder.ClientReport);
        client.WaitForExit(stop);
        client.RequireSuccess();
    }

    public ClientProcess Start(int port, IReadOnlyList<string> arguments) => Start(port, arguments, folder.ClientReport);

    public ClientProcess StartProbe(int port, IReadOnlyList<string> arguments) => Start(port, arguments, folder.ProbeReport);

    private ClientProcess Start(int port, IReadOnlyList<string> arguments, string reportPath) =>
        new(settings.BenchPath, Cpus, port, arguments, reportPath);
}
