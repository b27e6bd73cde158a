// Instructions per command of one thread at a pipeline of 32, counted by callgrind: unlike time they are nearly the same in
// each run and on each machine, so a difference of half a percent is seen. Counted is what 2,500 batches take more than 500.
// usage: dotnet run bench/Macro/instructions.cs [BINARY-OR-COMMIT ...]     (default: out/anax; the first is compared with)
// Files for callgrind_annotate stay in out/instructions; addresses less 0x108000 are those of artifacts/publish/anax/anax.dbg.
#:property InvariantGlobalization=true
#:property RestorePackagesWithLockFile=false
#:property RunAnalyzers=false
#:property GenerateDocumentationFile=false

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

const string Folder = "out/instructions";
const int FewBatches = 500, ManyBatches = 2500, Commands = 32;
string[] workloads = ["SET", "GET", "SET and GET"];
string[] names = args.Length == 0 ? ["out/anax"] : args;

Directory.CreateDirectory(Folder);
if (!TryRun("valgrind", "--version") && !TryRun("apt-get", "install", "-y", "-q", "--no-install-recommends", "valgrind"))
    throw new InvalidOperationException("valgrind is missing. On Debian or Ubuntu run:  sudo apt-get install -y valgrind");
double[]? first = null;
Console.WriteLine("instructions per command" + string.Concat(workloads.Select(w => $"{w,26}")));
foreach (string name in names)
{
    string binary = File.Exists(name) ? name : Build(name);
    double[] each = [.. workloads.Select(w => (double)(Count(binary, w, ManyBatches) - Count(binary, w, FewBatches))
        / ((ManyBatches - FewBatches) * Commands))];
    first ??= each;
    Console.WriteLine($"{name,-24}" + string.Concat(each.Zip(first, (n, from) => $"{n,16:F1} {(n / from - 1) * 100,7:+0.00;-0.00} %")));
}

// The server of a commit, built once.
static string Build(string commit)
{
    string tree = Path.Combine(Path.GetTempPath(), $"anax-{Guid.NewGuid():N}"), binary = Path.GetFullPath($"{Folder}/anax-{commit}");
    if (File.Exists(binary)) return binary;
    Console.Error.WriteLine($"building {commit} ...");
    Run("git", "worktree", "add", "--detach", tree, commit);
    try
    {
        Run(Path.Combine(tree, "build"));
        File.Copy(Path.Combine(tree, "out", "anax"), binary);
    }
    finally
    {
        Run("git", "worktree", "remove", "--force", tree);
    }
    return binary;
}

// Instructions of a server from its start to its end, with so many batches in between.
static long Count(string binary, string workload, int batches)
{
    string profile = $"{Folder}/{Path.GetFileName(binary)}.{workload.Replace(' ', '-')}.{batches}.callgrind";
    int port = FreePort();
    using Process server = Process.Start(new ProcessStartInfo("valgrind",
        ["--tool=callgrind", $"--callgrind-out-file={profile}", binary, "--port", $"{port}", "--proactor_threads", "1",
            "--force_epoll", "--hash-seed", "42", "--maxmemory", "1gb"])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
    server.BeginOutputReadLine();
    server.BeginErrorReadLine();
    using Socket socket = Connect(port);
    var request = new StringBuilder();
    int replyBytes = 0;
    for (int i = 0; i < Commands; i++)
    {
        bool isPair = workload.Contains(' ', StringComparison.Ordinal), isSet = isPair ? i % 2 == 0 : workload == "SET";
        string key = $"key:{(isPair ? i / 2 : i):D8}";
        request.Append(isSet ? $"*3\r\n$3\r\nSET\r\n$12\r\n{key}\r\n$32\r\n{key}{key}{key[..8]}\r\n" : $"*2\r\n$3\r\nGET\r\n$12\r\n{key}\r\n");
        replyBytes += isSet ? "+OK\r\n".Length : "$32\r\n\r\n".Length + 32;
    }
    // What GET reads is written first, once.
    if (workload == "GET") Exchange(socket, request.ToString().Replace("*2\r\n$3\r\nGET", "*3\r\n$3\r\nSET", StringComparison.Ordinal)
        .Replace("\r\n*", "\r\n$32\r\n0123456789abcdef0123456789abcdef\r\n*", StringComparison.Ordinal) + "$32\r\n0123456789abcdef0123456789abcdef\r\n",
        Commands * "+OK\r\n".Length);
    for (int i = 0; i < batches; i++) Exchange(socket, request.ToString(), replyBytes);
    socket.Send("*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n"u8);
    server.WaitForExit();
    string total = File.ReadLines(profile).Last(line => line.StartsWith("totals:", StringComparison.Ordinal));
    return long.Parse(total["totals:".Length..], CultureInfo.InvariantCulture);
}

// One write, and then exactly its replies.
static void Exchange(Socket socket, string request, int replyBytes)
{
    byte[] bytes = Encoding.ASCII.GetBytes(request), replies = new byte[replyBytes];
    if (socket.Send(bytes) != bytes.Length) throw new InvalidOperationException("the batch did not fit into the socket");
    for (int read = 0; read < replyBytes;)
    {
        int more = socket.Receive(replies.AsSpan(read));
        if (more == 0 || replies.AsSpan(0, read + more).Contains((byte)'-'))
            throw new InvalidOperationException($"unexpected: {Encoding.ASCII.GetString(replies)}");
        read += more;
    }
    if (socket.Available != 0) throw new InvalidOperationException("more replies than commands");
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
        catch (SocketException) when (attempt < 600)
        {
            socket.Dispose();
            Thread.Sleep(50);
        }
    }
}

static void Run(string program, params string[] words)
{
    if (!TryRun(program, words)) throw new InvalidOperationException($"{program} {string.Join(' ', words)} failed");
}

static bool TryRun(string program, params string[] words)
{
    try
    {
        using Process process = Process.Start(new ProcessStartInfo(program, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = program.EndsWith("build", StringComparison.Ordinal) ? Path.GetDirectoryName(program)! : "",
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
    catch (System.ComponentModel.Win32Exception)
    {
        return false;
    }
}
