using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Random arguments for every command that the server itself lists, over a socket to a server of its own:
/// each request gets exactly one reply that can be read, and the server lives. Spoilt requests may cost their
/// connection and nothing else.
/// </summary>
internal sealed class CommandFuzzer : IFuzzRounds
{
    private const int BatchMax = 30;

    /// <summary>What would end the server or make it wait, or answers more or less than once.</summary>
    private static readonly string[] LeftOut =
    [
        "shutdown", "debug", "monitor", "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe",
        "client", "reset", "quit", "multi",
        "sync", "psync", "wait", "waitaof", "config", "pfselftest",
    ];

    private readonly Process _server;
    private readonly int _port = FreePort();
    private readonly string[] _names;
    private TcpClient _client;
    private ReplyReader _replies;

    public CommandFuzzer()
    {
        string binary = Environment.GetEnvironmentVariable("ANAX_BINARY") ?? Built();
        string[] options = ["--port", $"{_port}", "--proactor_threads", "2", "--maxmemory", "256mb"];
        _server = Process.Start(new ProcessStartInfo(binary, options)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        (_client, _replies) = Connect();
        _names = [.. Names().Except(LeftOut)];
    }

    public void Round(Random random)
    {
        var requests = Enumerable.Range(0, random.Next(1, BatchMax)).Select(_ => Command(random)).ToList();
        bool isSpoilt = random.Next(10) == 0;
        byte[] bytes = [.. requests.SelectMany(RequestText.Encode)];
        _client.GetStream().Write(isSpoilt ? RequestText.Spoil(bytes, random) : bytes);
        if (isSpoilt)
        {
            // How many commands that makes nobody knows; the server must go on with others.
            _client.Dispose();
            (_client, _replies) = Connect();
        }
        else
        {
            foreach (byte[][] request in requests)
                Expect(_replies.Read(), Encoding.Latin1.GetString(request[0]));
        }
        _client.GetStream().Write("*1\r\n$4\r\nPING\r\n"u8);
        string? pong = _replies.Read();
        if (pong != "+PONG")
            throw new InvalidDataException($"PING answered {pong ?? "by closing"}");
        if (random.Next(200) == 0)
            Send("FLUSHALL");
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Kill();
        _server.WaitForExit();
        _server.Dispose();
    }

    /// <summary>out/anax of the repository that this was built in.</summary>
    private static string Built()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Anax.slnx")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? ".", "out", "anax");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void Expect(string? reply, string command)
    {
        if (_server.HasExited)
            throw new InvalidDataException($"the server ended with {_server.ExitCode} under {command}");
        if (reply is null)
            throw new InvalidDataException($"{command} closed the connection");
    }

    private byte[][] Command(Random random)
    {
        int at = random.Next(_names.Length);
        byte[] name = Encoding.Latin1.GetBytes(_names[at]);
        byte[][] arguments = RequestText.Arguments(random.Next(0, 7), random);
        // Who waits for a key waits for a short time.
        return _names[at] switch
        {
            "blpop" or "brpop" or "bzpopmin" or "bzpopmax" or "blmove" or "brpoplpush" => [name, .. arguments, "0.001"u8.ToArray()],
            "blmpop" or "bzmpop" => [name, "0.001"u8.ToArray(), .. arguments],
            _ => [name, .. arguments],
        };
    }

    /// <summary>
    /// The commands that the server lists; names have no line ends, so the lines of the array do.
    /// </summary>
    private List<string> Names()
    {
        using var client = new TcpClient("127.0.0.1", _port);
        client.GetStream().Write("COMMAND LIST\r\nPING\r\n"u8);
        using var reader = new StreamReader(client.GetStream());
        var names = new List<string>();
        while (reader.ReadLine() is { } line && line != "+PONG")
        {
            if (line.Length > 0 && line[0] is not ('$' or '*'))
                names.Add(line);
        }
        return names;
    }

    private void Send(string name, params string[] arguments)
    {
        byte[][] command = [.. arguments.Prepend(name).Select(Encoding.Latin1.GetBytes)];
        _client.GetStream().Write(RequestText.Encode(command));
        Expect(_replies.Read(), name);
    }

    private (TcpClient Client, ReplyReader Replies) Connect()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var client = new TcpClient("127.0.0.1", _port) { ReceiveTimeout = 20_000 };
                return (client, new ReplyReader(client.GetStream()));
            }
            catch (SocketException) when (clock.ElapsedMilliseconds < 5000 && !_server.HasExited)
            {
                Thread.Sleep(10);
            }
        }
    }
}
