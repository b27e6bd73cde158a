// What others feel of a script that loops for two seconds: latencies of GET at a fixed rate, of keys on another shard than the
// script's key, without the script and with it, in turn; from the intended times. Anax has two threads; then Valkey, if given.
// usage: dotnet run bench/Macro/long-script.cs [ROUNDS] [VALKEY-SERVER]     (default 5 rounds; out/anax and out/anax-bench)
#:property InvariantGlobalization=true
#:property RestorePackagesWithLockFile=false
#:property RunAnalyzers=false
#:property GenerateDocumentationFile=false

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

const int Keys = 10_000, Connections = 20, PerConnection = 100, LoadSeconds = 3, ScriptSeconds = 2;
const string Loop = "for i = 1, tonumber(ARGV[1]) do end return redis.call('get', KEYS[1])";
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;

Console.WriteLine($"GET at {Connections * PerConnection} per second, {LoadSeconds} s; the script loops for about {ScriptSeconds} s of them");
Console.WriteLine("server  round  script       P50 us     P99 us   P99.9 us     max us");
Measure("Anax", "out/anax", ["--proactor_threads", "2", "--hash-seed", "42", "--shard_on_hashtags"], port => FindTags(port));
// On one thread it does not matter where keys lie.
if (args.Length > 1) Measure("Valkey", args[1], ["--save", "", "--appendonly", "no"], _ => ("{a}", "{b}"));

void Measure(string name, string binary, string[] options, Func<int, (string Script, string Keys)> tags)
{
    int port = FreePort();
    using Process server = Start(binary, ["--port", $"{port}", .. options]);
    try
    {
        using (Connect(port))
        {
        }

        (string scriptTag, string keyTag) = tags(port);
        Bench(port, "--qps=0", "-c", "10", "-n", $"{Keys / 10}", "--pipeline", "50", "--key_prefix", $"{keyTag}key:", "--key_minimum", "0",
            "--key_maximum", $"{Keys - 1}", "--key_dist", "S", "--command", "set __key__ __data__");
        using Socket socket = Connect(port);
        long steps = StepsOf(socket, scriptTag);
        List<double> ratios = [];
        for (int round = 1; round <= rounds; round++)
        {
            double without = Show(round, "no"), with = 0;
            // The load stands before the script begins, and is still there when it ends.
            var script = Task.Run(() =>
            {
                Thread.Sleep(500);
                var clock = Stopwatch.StartNew();
                Ask(socket, "EVAL", Loop, "1", $"{scriptTag}key", $"{steps}");
                return clock.Elapsed.TotalSeconds;
            });
            with = Show(round, "looping");
            ratios.Add(with / without);
            if (script.Result is < ScriptSeconds * 0.5 or > LoadSeconds - 0.5) Console.WriteLine($"  the script took {script.Result:F1} s");
        }
        ratios.Sort();
        Console.WriteLine($"{name}: P99.9 with the script to that without: {ratios[ratios.Count / 2]:F2} ({ratios[0]:F2}…{ratios[^1]:F2})");

        double Show(int round, string script)
        {
            string file = Path.GetTempFileName();
            Bench(port, $"--qps=-{PerConnection}", "-c", $"{Connections}", "--test_time", $"{LoadSeconds}", "--key_prefix", $"{keyTag}key:",
                "--key_minimum", "0", "--key_maximum", $"{Keys - 1}", "--ratio", "0:1", "--json_out_file", file);
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
            File.Delete(file);
            JsonElement us = report.RootElement.GetProperty("anax-bench").GetProperty("steps")[0].GetProperty("intended_latency_us");
            double[] shown = [.. ((string[])["p50", "p99", "p99.9", "max"]).Select(one => us.GetProperty(one).GetDouble())];
            Console.WriteLine($"{name,-6} {round,6}  {script,-8}" + string.Concat(shown.Select(one => $"{one,11:F0}")));
            return shown[2];
        }
    }
    finally
    {
        server.Kill();
    }
}

// Two hash tags whose keys lie on different shards: for those of one the connection's loop asks the other, for the other's not.
static (string Here, string There) FindTags(int port)
{
    const int Asked = 200;
    using Socket socket = Connect(port);
    string? here = null, there = null;
    long each = -(Hops() - Hops());
    for (char letter = 'a'; here is null || there is null; letter++)
    {
        long before = Hops();
        for (int i = 0; i < Asked; i++) Ask(socket, "GET", $"{{{letter}}}{i}");
        if (Hops() - before - each >= Asked / 2) there ??= $"{{{letter}}}";
        else here ??= $"{{{letter}}}";
    }
    return (here, there);

    long Hops() => Ask(socket, "INFO", "threads").Split(",hops=").Skip(1)
        .Sum(part => long.Parse(part.Split(',')[0], CultureInfo.InvariantCulture));
}

// How many steps the loop takes in the time.
static long StepsOf(Socket socket, string tag)
{
    const int Tried = 20_000_000;
    Ask(socket, "EVAL", Loop, "1", $"{tag}key", "1");
    var clock = Stopwatch.StartNew();
    Ask(socket, "EVAL", Loop, "1", $"{tag}key", $"{Tried}");
    return (long)(Tried * ScriptSeconds / clock.Elapsed.TotalSeconds);
}

static void Bench(int port, params string[] options)
{
    using Process client = Start("out/anax-bench", ["-p", $"{port}", "--threads", "1", .. options]);
    client.WaitForExit();
    if (client.ExitCode != 0) throw new InvalidOperationException("anax-bench failed");
}

static Process Start(string program, string[] options)
{
    Process process = Process.Start(new ProcessStartInfo(program, options) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    process.OutputDataReceived += (_, _) => { };
    process.ErrorDataReceived += (_, _) => { };
    process.BeginOutputReadLine();
    process.BeginErrorReadLine();
    return process;
}

// Sends one command and reads its reply, which is one line or one bulk string.
static string Ask(Socket socket, params string[] words)
{
    var request = new StringBuilder($"*{words.Length}\r\n");
    foreach (string word in words) request.Append($"${word.Length}\r\n{word}\r\n");
    socket.Send(Encoding.ASCII.GetBytes(request.ToString()));
    var reply = new StringBuilder();
    byte[] buffer = new byte[1 << 16];
    while (true)
    {
        int read = socket.Receive(buffer);
        if (read == 0) throw new IOException("the server closed the connection");
        reply.Append(Encoding.ASCII.GetString(buffer, 0, read));
        string text = reply.ToString();
        if (text[0] == '-') throw new InvalidOperationException(text);
        int line = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        if (line == 0) continue;
        long wanted = text[0] == '$' && text[1] != '-' ? line + long.Parse(text[1..(line - 2)], CultureInfo.InvariantCulture) + 2 : line;
        if (text.Length >= wanted) return text;
    }
}

static int FreePort()
{
    var probe = new TcpListener(IPAddress.Loopback, 0);
    probe.Start();
    int port = ((IPEndPoint)probe.LocalEndpoint).Port;
    probe.Stop();
    return port;
}

static Socket Connect(int port)
{
    for (int attempt = 0; ; attempt++)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return socket;
        }
        catch (SocketException) when (attempt < 100)
        {
            socket.Dispose();
            Thread.Sleep(50);
        }
    }
}
