using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Anax.Conformance;

internal sealed record UnitReport(
    SuiteUnit Unit, List<TestResult> Tests, List<string> Breaks, TimeSpan Elapsed);

internal sealed record RunSettings(
    string Valkey, string Server, bool ServerIsValkey, string WorkFolder, string[] ServerOptions);

/// <summary>
/// Runs one unit to its end. The suite goes on after a failed test by itself (--durable), but not after one
/// that hangs or ends the server: such a test is counted as failed and the unit starts again without it,
/// against a fresh server.
/// </summary>
internal sealed class UnitRun(SuiteUnit unit, RunSettings settings)
{
    private const int RestartsMax = 12;
    private const int StuckAfterSeconds = 40;

    private readonly string _folder = Path.Combine(settings.WorkFolder, unit.Name.Replace('/', '-'));
    private readonly List<TestResult> _culprits = [];

    public UnitReport Execute(IEnumerable<string> skipped)
    {
        var clock = Stopwatch.StartNew();
        string[] skips = [.. skipped];
        var output = Attempt(skips);
        while (Culprit(output) is { } culprit && _culprits.Count < RestartsMax)
        {
            _culprits.Add(culprit);
            output = Attempt(skips);
        }
        var tests = output.Tests.Where(t => _culprits.All(c => c.Name != t.Name)).Concat(_culprits);
        return new UnitReport(unit, [.. tests], output.Breaks, clock.Elapsed);
    }

    private string? _serverEnd;

    private SuiteOutput Attempt(string[] skips)
    {
        var tree = new SuiteTree(Path.Combine(_folder, "tree"), settings);
        string serverFolder = Path.Combine(_folder, "server");
        try
        {
            using var server = unit.IsLocal ? null : new PeerServer(settings, serverFolder);
            var output = SuiteOutput.Parse(RunSuite(tree, server?.Port ?? 0, skips));
            _serverEnd = server?.End;
            return output;
        }
        catch (ServerDownException e)
        {
            return SuiteOutput.Parse([$"[exception]: {e.Message}"]);
        }
    }

    /// <summary>The test to leave out next time: it hung, or the server ended under it.</summary>
    private TestResult? Culprit(SuiteOutput output)
    {
        if (output.Stuck is { } stuck)
            return new TestResult(stuck, TestState.Failed, $"hung for {StuckAfterSeconds} s");
        if (_serverEnd is { } end && output.Tests.FirstOrDefault(IsLostConnection) is { } victim)
            return victim with { Detail = $"the server ended: {end}" };
        return null;
    }

    private static bool IsLostConnection(TestResult test) =>
        test.State == TestState.Failed
        && (test.Detail.Contains("I/O error") || test.Detail.Contains("connection refused")
            || test.Detail.Contains("broken pipe") || test.Detail.Contains("reset by peer"));

    private List<string> RunSuite(SuiteTree tree, int port, string[] skips)
    {
        var start = new ProcessStartInfo(Path.Combine(tree.Folder, "runtest"))
        {
            WorkingDirectory = tree.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "dumb";
        // Below the ports that the kernel gives to outgoing connections: the suite takes such a one for free.
        int basePort = Random.Shared.Next(21_000, 31_000);
        string[] arguments =
        [
            "--single", unit.Name, "--durable", "--clients", "1", "--timeout", $"{StuckAfterSeconds}",
            "--baseport", $"{basePort}", "--portcount", "100",
            // Replicas come with replication.
            "--tags", "-needs:repl",
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (!unit.IsLocal)
        {
            foreach (string argument in (string[])["--host", "127.0.0.1", "--port", $"{port}"])
                start.ArgumentList.Add(argument);
        }
        foreach (string name in skips.Concat(_culprits.Select(c => c.Name)))
        {
            start.ArgumentList.Add("--skiptest");
            start.ArgumentList.Add(name);
        }

        var lines = new List<string>();
        using var suite = Process.Start(start)!;
        suite.OutputDataReceived += (_, e) => Keep(lines, e.Data);
        suite.ErrorDataReceived += (_, e) => Keep(lines, e.Data);
        suite.BeginOutputReadLine();
        suite.BeginErrorReadLine();
        if (!suite.WaitForExit(TimeSpan.FromSeconds(unit.SecondsMax)))
        {
            suite.Kill(entireProcessTree: true);
            Keep(lines, $"[exception]: the unit took longer than {unit.SecondsMax} s");
        }
        else
        {
            suite.WaitForExit();                // until both streams are read to the end
        }
        lock (lines)
        {
            File.WriteAllLines(Path.Combine(_folder, $"output.{_culprits.Count}.log"), lines);
            return [.. lines];
        }
    }

    private static void Keep(List<string> lines, string? line)
    {
        lock (lines)
        {
            if (line is not null)
                lines.Add(line);
        }
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
