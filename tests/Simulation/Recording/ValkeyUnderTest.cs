using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// A Valkey in a process of its own. It does one thing after another, so its histories are right: what clients record
/// of it must be accepted, whatever they do.
/// </summary>
internal sealed class ValkeyUnderTest : ServerUnderTest
{
    private const int StartMaxMs = 20_000;

    private readonly Process _process;

    internal ValkeyUnderTest()
    {
        using (TcpListener probe = new(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        ProcessStartInfo start = new(Binary, ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--daemonize", "no", "--logfile", "/dev/null"]);
        _process = Process.Start(start)!;
        WaitUntilReady();
    }

    /// <summary>Whether there is one: ANAX_VALKEY, else where eng/conformance keeps it.</summary>
    internal static bool Exists => File.Exists(Binary);

    internal override int Port { get; }

    private static string Binary => Path.Combine(
        Environment.GetEnvironmentVariable("ANAX_VALKEY") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "anax-peers", "valkey"),
        "src", "valkey-server");

    internal override string[] KeysOverShards(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => $"{prefix}{i}")];

    public override void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void WaitUntilReady()
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                new RespConnection(Port).Dispose();
                return;
            }
            catch (SocketException) when (clock.ElapsedMilliseconds < StartMaxMs && !_process.HasExited)
            {
                Thread.Sleep(20);
            }
        }
    }
}
