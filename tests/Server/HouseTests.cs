using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>The one entry, `./build`, as a newcomer meets it.</summary>
public sealed class HouseTests
{
    [Fact]
    public void RunNamesTheProcessThatHoldsThePort()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        int port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var (status, output) = Build("run", "--port", $"{port}");

        Assert.Equal(1, status);
        Assert.Contains($"port {port} is taken by", output);
        Assert.Contains($"(pid {Environment.ProcessId})", output);
    }

    [Fact]
    public void AnUnknownVerbListsTheKnownOnes()
    {
        var (status, output) = Build("brew");

        Assert.Equal(2, status);
        Assert.Contains("./build run", output);
    }

    private static (int Status, string Output) Build(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root(), "build"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Anax.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests stand outside of the repository");
    }
}
