using System.Diagnostics;
using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// A running server, pinned to its CPUs. It ends with this object, and where util-linux's setpriv is there also with
/// this process, however that ends.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    private const int StartMs = 30_000;
    private const int AskAgainMs = 20;
    private const int LogLinesMax = 20;

    private static readonly string[] DescriptorLimit = ["prlimit", "--nofile=16384:16384"];

    private readonly Process _process;
    private readonly List<string> _log = [];

    private ServerProcess(Peer peer, ProcessStartInfo start, int port)
    {
        (Name, Port) = (peer.Name, port);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Null until it is asked where keys lie.</summary>
    public ShardTags? Tags { get; set; }

    /// <summary>taskset, setpriv and prlimit become the server, so this is its process too.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts it and waits until it answers; throws <see cref="ServerException"/>.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="cpus">Where it may run.</param>
    /// <param name="options">Wherein it is not started as it ships.</param>
    /// <param name="folder">What it writes comes there.</param>
    /// <param name="stop">Gives up.</param>
    public static ServerProcess Start(Peer peer, CpuList cpus, ServerOptions options, string folder, CancellationToken stop)
    {
        int port = ServerConnection.FreePort();
        Directory.CreateDirectory(folder);
        List<string> words =
        [
            "taskset", "-c", cpus.ToString(), .. options.ConnectionsMax == 0 ? [] : DescriptorLimit, peer.Path,
            .. PeerCommands.Arguments(
                peer.Name, options.Threads == 0 ? cpus.Count : options.Threads, port.ToString(CultureInfo.InvariantCulture)),
            .. options.ConnectionsMax == 0 ? [] : PeerCommands.ConnectionArguments(peer.Name, options.ConnectionsMax),
            .. options.KeepsTagsTogether ? PeerCommands.TagArguments(peer.Name) : [],
        ];
        if (Tools.Has("setpriv")) words.InsertRange(0, ["setpriv", "--pdeathsig", "KILL"]);
        ProcessStartInfo start = new(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ServerProcess server = new(peer, start, port);
        try
        {
            server.WaitUntilItAnswers(stop);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>How it ended, if it did; else empty.</summary>
    public string End()
    {
        if (!_process.HasExited) return "";
        string lastLine;
        lock (_log) lastLine = _log.LastOrDefault(line => line.Trim().Length != 0)?.Trim() ?? "it said nothing";
        return $"the server ended with {_process.ExitCode}: {lastLine}";
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void WaitUntilItAnswers(CancellationToken stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < StartMs)
        {
            stop.ThrowIfCancellationRequested();
            if (End() is { Length: > 0 } end) throw new ServerException(end);
            if (ServerConnection.AnswersPing(Port)) return;
            Thread.Sleep(AskAgainMs);
        }

        throw new ServerException($"the server does not answer PING within {StartMs / 1000} seconds");
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            if (_log.Count == LogLinesMax) _log.RemoveAt(0);
            _log.Add(line);
        }
    }
}

/// <summary>Wherein a server is not started as all measurements of its layout have it; 0 changes nothing.</summary>
internal sealed record ServerOptions
{
    /// <summary>Instead of one for each CPU.</summary>
    public int Threads { get; init; }

    /// <summary>How many clients are let in, where as it ships these may be fewer; descriptors for them too.</summary>
    public int ConnectionsMax { get; init; }

    /// <summary>Keys of one hash tag lie on one shard.</summary>
    public bool KeepsTagsTogether { get; init; }
}

/// <summary>A server does not run: the message says why.</summary>
internal sealed class ServerException(string message) : Exception(message);
