using System.Diagnostics;
using System.Text.Json;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Bench;

/// <summary>The load generator in a process of its own, ended with the test.</summary>
internal sealed class BenchRun : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly string _jsonFile = Path.Combine(Path.GetTempPath(), $"anax-bench-{Guid.NewGuid():N}.json");

    private BenchRun(string[] before, string[] arguments)
    {
        string[] all = [TestEnvironment.Bench, "--json_out_file", _jsonFile, .. arguments];
        all = [.. before, .. all];
        var start = new ProcessStartInfo(all[0], all[1..]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it and does not wait.</summary>
    public static BenchRun Start(params string[] arguments) => new([], arguments);

    /// <summary>Runs it to its end.</summary>
    public static BenchResult Run(params string[] arguments) => RunBehind([], arguments);

    /// <summary>Runs it by a program that runs programs, as taskset does.</summary>
    public static BenchResult RunBehind(string[] before, params string[] arguments)
    {
        using BenchRun run = new(before, arguments);
        return run.Wait();
    }

    /// <summary>Runs it as a line without quotes says.</summary>
    public static BenchResult RunLine(string line) => Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public void Signal(string name) => Process.Start("kill", ["-s", name, $"{_process.Id}"])!.WaitForExit();

    public BenchResult Wait()
    {
        if (!_process.WaitForExit(Limit))
        {
            _process.Kill();
            throw new TimeoutException($"the load generator does not end:\n{_output.Result}\n{_errors.Result}");
        }

        JsonDocument? json = File.Exists(_jsonFile) ? JsonDocument.Parse(File.ReadAllText(_jsonFile)) : null;
        return new BenchResult(_process.ExitCode, _output.Result, _errors.Result, json?.RootElement);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        File.Delete(_jsonFile);
    }
}
