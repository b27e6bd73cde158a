using System.Diagnostics;
using System.Net.Sockets;

namespace Anax.Conformance;

/// <summary>A fresh server for one external unit, on a free port, in its own folder.</summary>
internal sealed class PeerServer : IDisposable
{
    private readonly Process _process;

    public int Port { get; } = UnitRun.FreePort();

    public PeerServer(RunSettings settings, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        string log = Path.Combine(folder, "log");
        string[] options =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", folder, "--logfile", log, "--save", "",
            "--enable-debug-command", "yes", "--enable-protected-configs", "yes", .. settings.ServerOptions,
        ];
        _process = Process.Start(new ProcessStartInfo(settings.Server, options)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, e) => Error ??= e.Data;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (WhyNotUp() is not { } reason)
            return;
        Dispose();
        throw new ServerDownException(reason);
    }

    private string? Error { get; set; }

    /// <summary>How the server ended, if it did so by itself.</summary>
    public string? End => _process.HasExited ? $"exit code {_process.ExitCode} {Error}".TrimEnd() : null;

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private string? WhyNotUp()
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            if (_process.HasExited)
                return $"the server did not start: {End}";
            try
            {
                using var client = new TcpClient("127.0.0.1", Port);
                return null;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
        return "the server did not open its port within ten seconds";
    }
}

internal sealed class ServerDownException(string message) : Exception(message);
