using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>A running anax-bench and, when it has ended, what it found.</summary>
internal sealed class ClientProcess : IDisposable
{
    private const string StoppedOnPurpose = "ended by SIGTERM";

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task<string> _output;
    private readonly string _reportPath;

    /// <param name="path">The binary.</param>
    /// <param name="cpus">Null does not pin it.</param>
    /// <param name="port">Of the server.</param>
    /// <param name="arguments">All but the port and the report.</param>
    /// <param name="reportPath">A file that may be overwritten.</param>
    public ClientProcess(string path, CpuList? cpus, int port, IReadOnlyList<string> arguments, string reportPath)
    {
        File.Delete(reportPath);
        List<string> words =
        [
            Path.GetFullPath(path), .. arguments,
            "-p", port.ToString(CultureInfo.InvariantCulture), "--json_out_file", reportPath,
        ];
        if (cpus is not null) words.InsertRange(0, ["taskset", "-c", cpus.ToString()]);
        _reportPath = reportPath;
        _process = Process.Start(new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
        _output = _process.StandardOutput.ReadToEndAsync();
    }

    public void WaitForExit(CancellationToken stop) => _process.WaitForExitAsync(stop).GetAwaiter().GetResult();

    /// <summary>True where it ended within the time.</summary>
    public bool WaitForExit(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Asks it to end now and to report what it has.</summary>
    public void Stop()
    {
        using Process kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id} 2>/dev/null"]);
        kill.WaitForExit();
    }

    /// <summary>Of one that has ended; throws <see cref="ClientException"/> where something was wrong.</summary>
    public ClientReport Report(bool wasStopped = false)
    {
        _process.WaitForExit();
        string errors = _errors.Result.Trim();
        _ = _output.Result;
        ClientReport? report = ReadReport();
        bool isStopped = wasStopped && report?.Failure == StoppedOnPurpose;
        if (report is { Errors: > 0 }) throw new ClientException($"{report.Errors} errors, as: {report.Error}");
        if (_process.ExitCode != 0 && !isStopped)
            throw new ClientException($"the client ended with {_process.ExitCode}: {LastLine(errors)}");
        if (report is null) throw new ClientException("the client wrote no report");
        if (report.Replies == 0) throw new ClientException("no replies");
        return report;
    }

    /// <summary>Of one that only connected: throws where it could not.</summary>
    public void RequireSuccess()
    {
        if (_process.ExitCode != 0)
            throw new ClientException($"the client ended with {_process.ExitCode}: {LastLine(_errors.Result)}");
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_reportPath);
    }

    private ClientReport? ReadReport()
    {
        if (!File.Exists(_reportPath)) return null;
        try
        {
            return ClientReport.Parse(File.ReadAllText(_reportPath));
        }
        // What a client that was killed left behind, or one that only connected: no file, half of one, or one without steps.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static string LastLine(string text) => text.Length == 0 ? "it said nothing" : text.Trim().Split('\n')[^1];
}

/// <summary>A measurement failed at the client: the message says why.</summary>
internal sealed class ClientException(string message) : Exception(message);
