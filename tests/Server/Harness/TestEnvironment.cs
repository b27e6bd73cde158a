using System.Net;
using System.Net.Sockets;

namespace Anax.Tests.Server.Harness;

/// <summary>Where the binaries under test lie, and what is free on this machine.</summary>
internal static class TestEnvironment
{
    public static string Root { get; } = FindRoot();

    /// <summary>The server under test: ANAX_BINARY, else out/anax.</summary>
    public static string Anax { get; } = Existing(Environment.GetEnvironmentVariable("ANAX_BINARY")
        ?? Path.Combine(Root, "out", "anax"), "run ./build first, or ./build test");

    /// <summary>The load generator under test: ANAX_BENCH, else out/anax-bench.</summary>
    public static string Bench { get; } = Existing(Environment.GetEnvironmentVariable("ANAX_BENCH")
        ?? Path.Combine(Root, "out", "anax-bench"), "run ./build first, or ./build test");

    /// <summary>The folder of a built Valkey: ANAX_VALKEY, else where eng/conformance keeps it.</summary>
    public static string Valkey { get; } = Existing(
        Environment.GetEnvironmentVariable("ANAX_VALKEY") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "anax-peers", "valkey"),
        "run eng/conformance/get-valkey.sh first");

    /// <summary>The seed of everything random in a run: ANAX_SEED, else the clock.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("ANAX_SEED"), out int seed)
        ? seed
        : Environment.TickCount & 0xFFFFFF;

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>A free port whose cluster bus, ten thousand above it, is free as well.</summary>
    public static int FreeClusterPort()
    {
        const int BusDistance = 10_000;
        while (true)
        {
            int port = Random.Shared.Next(BusDistance, 32_000);
            if (IsFree(port) && IsFree(port + BusDistance)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Existing(string path, string otherwise) =>
        File.Exists(path) || Directory.Exists(path) ? path : throw new InvalidOperationException($"{path} does not exist: {otherwise}");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Anax.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests stand outside of the repository");
    }
}
