using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Server.Harness;

/// <summary>A server in a process of its own, on a free port, ended with the test.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _folder;

    private ServerProcess(string binary, int port, string[] options)
    {
        Port = port;
        _folder = Directory.CreateTempSubdirectory("anax-test-").FullName;
        var start = new ProcessStartInfo(binary, options)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }
    public int Pid => _process.Id;
    public string Folder => _folder;

    /// <summary>What the server has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts anax with these options beside a port, and waits until it answers.</summary>
    public static ServerProcess Anax(params string[] options)
    {
        int port = TestEnvironment.FreePort();
        var server = new ServerProcess(TestEnvironment.Anax, port, ["--port", $"{port}", .. options]);
        server.WaitUntilReady();
        return server;
    }

    /// <summary>Starts anax with exactly these options and does not wait.</summary>
    public static ServerProcess AnaxAsGiven(int port, params string[] options) => new(TestEnvironment.Anax, port, options);

    /// <summary>Starts a program that starts the server.</summary>
    public static ServerProcess Wrapped(string program, int port, params string[] arguments) =>
        new(program, port, program == "sh" ? arguments : [TestEnvironment.Anax, .. arguments]);

    public static ServerProcess Valkey(params string[] options) => ValkeyOn(TestEnvironment.FreePort(), options);

    /// <summary>Starts Valkey on a port that the caller has found.</summary>
    public static ServerProcess ValkeyOn(int port, params string[] options)
    {
        var server = new ServerProcess(Path.Combine(TestEnvironment.Valkey, "src", "valkey-server"), port,
            ["--port", $"{port}", "--save", "", "--appendonly", "no", .. options]);
        server.WaitUntilReady();
        return server;
    }

    /// <summary>Starts memcached and waits until it answers.</summary>
    public static ServerProcess Memcached(params string[] options)
    {
        int port = TestEnvironment.FreePort();
        // It refuses to run as root, and leaves other users as they are.
        var server = new ServerProcess("memcached", port, ["-l", "127.0.0.1", "-p", $"{port}", "-u", "nobody", .. options]);
        server.WaitUntilReady("version\r\n");
        return server;
    }

    public RespClient Connect() => new(Port);

    /// <summary>Waits until the server answers to this line with anything.</summary>
    public void WaitUntilReady(string greeting = "PING\r\n")
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < StartMax)
        {
            if (_process.HasExited) throw new InvalidOperationException($"the server ended with {_process.ExitCode}:\n{Output}");
            try
            {
                using RespClient client = Connect();
                client.SendRaw(Encoding.ASCII.GetBytes(greeting));
                if (client.Socket.Receive(new byte[256]) != 0) return;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
        throw new TimeoutException($"the server does not answer:\n{Output}");
    }

    /// <summary>Sends a signal by its name, as kill(1) does.</summary>
    public void Signal(string name) => Process.Start("kill", ["-s", name, $"{Pid}"])!.WaitForExit();

    /// <summary>Waits for the end; its exit code.</summary>
    public int WaitForExit(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit)) throw new TimeoutException($"the server does not end:\n{Output}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_output) _output.AppendLine(line.Data);
    }
}
