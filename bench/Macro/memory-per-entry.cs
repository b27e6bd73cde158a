// Resident memory of a running server per entry, at each million of a doubling; after two thirds of the keys were
// overwritten with other sizes and a third deleted; and after FLUSHALL.
// usage: dotnet run bench/Macro/memory-per-entry.cs [ttl|plain] [from] [to]     (millions; default ttl 5 10)
#:property InvariantGlobalization=true
#:property RestorePackagesWithLockFile=false
#:property RunAnalyzers=false
#:property GenerateDocumentationFile=false

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

const int KeySpace = 200_000_000, ValueBytes = 64, Pipeline = 1000;
bool ttl = args is not ["plain", ..];
int from = args.Length > 1 ? int.Parse(args[1]) : 5, to = args.Length > 2 ? int.Parse(args[2]) : 10;

var probe = new TcpListener(IPAddress.Loopback, 0);
probe.Start();
int port = ((IPEndPoint)probe.LocalEndpoint).Port;
probe.Stop();
using Process server = Process.Start(new ProcessStartInfo("out/anax", ["--port", $"{port}", "--proactor_threads", "2"])
{
    RedirectStandardOutput = true,
})!;
server.BeginOutputReadLine();
try
{
    using Socket socket = Connect(port);
    var random = new Random(1);
    var value = new byte[255];
    var request = new MemoryStream();
    Set(random.Next(KeySpace), ValueBytes);
    Flush();
    long start = Resident(server.Id), usedStart = Used();
    Console.WriteLine($"{(ttl ? "SETEX" : "SET")}, 9-digit keys, {ValueBytes} random bytes, 2 shards; {start / 1048576.0:F1} MiB before");
    double sum = 0, worst = 0;
    var seed = new Random(2);
    long sent = 0;
    for (int million = from; million <= to; million++)
    {
        for (long have = Size(); have < million * 1_000_000L; have = Size())
            for (long i = Math.Max(Pipeline, (million * 1_000_000L - have) / Pipeline * Pipeline); i > 0; i -= Pipeline)
            {
                for (int j = 0; j < Pipeline; j++) Set(seed.Next(KeySpace), ValueBytes);
                Flush();
                sent += Pipeline;
            }
        Thread.Sleep(300);
        long entries = Size(), grown = Resident(server.Id) - start;
        double each = (double)grown / entries;
        sum += each;
        worst = Math.Max(worst, each);
        Console.WriteLine($"{entries,10} entries  {each:F2} bytes each  used_memory/RSS growth {(double)(Used() - usedStart) / grown:F3}");
    }
    Console.WriteLine($"mean {sum / (to - from + 1):F2}, worst {worst:F2}");

    // The same keys again, in the same order: two of three overwritten, one deleted.
    seed = new Random(2);
    for (long i = 0; i < sent; i += Pipeline)
    {
        for (int j = 0; j < Pipeline; j++)
        {
            int key = seed.Next(KeySpace);
            if (j % 3 == 2) Command("DEL", $"key:{key}");
            else Set(key, random.Next(16, 256));
        }
        Flush();
    }
    var clock = Stopwatch.StartNew();
    double ratio;
    do
    {
        Thread.Sleep(250);
        ratio = (double)(Resident(server.Id) - start) / (Used() - usedStart);
    }
    while (ratio > 1.15 && clock.Elapsed.TotalSeconds < 30);
    Console.WriteLine($"overwritten and deleted: RSS growth / used {ratio:F3} after {clock.Elapsed.TotalSeconds:F1} s");
    long full = Resident(server.Id) - start;
    Command("FLUSHALL");
    Flush();
    clock.Restart();
    double left;
    do
    {
        Thread.Sleep(100);
        left = (double)(Resident(server.Id) - start) / full;
    }
    while (left > 0.1 && clock.Elapsed.TotalSeconds < 30);
    Console.WriteLine($"FLUSHALL: {100 - left * 100:F1} % back after {clock.Elapsed.TotalSeconds:F1} s");
    Command("INFO", "threads");
    Console.WriteLine(string.Join('\n', Ask().Split('\n').Where(l => l.Contains("longest", StringComparison.Ordinal)).Select(l => l.Trim())));

    void Set(int key, int length)
    {
        random.NextBytes(value);
        int keyLength = 4 + Digits(key);
        if (ttl) Write($"*4\r\n$5\r\nSETEX\r\n${keyLength}\r\nkey:{key}\r\n$6\r\n100000\r\n${length}\r\n");
        else Write($"*3\r\n$3\r\nSET\r\n${keyLength}\r\nkey:{key}\r\n${length}\r\n");
        request.Write(value, 0, length);
        Write("\r\n");
        expected++;
    }

    void Command(params string[] words)
    {
        Write($"*{words.Length}\r\n");
        foreach (string word in words) Write($"${word.Length}\r\n{word}\r\n");
        expected++;
    }

    void Write(string text)
    {
        Span<byte> bytes = stackalloc byte[128];
        request.Write(bytes[..Encoding.ASCII.GetBytes(text, bytes)]);
    }

    // Sends what was written and reads one line for each command.
    void Flush()
    {
        ReadOnlySpan<byte> bytes = request.GetBuffer().AsSpan(0, (int)request.Length);
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
        request.SetLength(0);
        while (expected > 0)
        {
            int read = socket.Receive(receive);
            for (int i = 0; i < read; i++)
            {
                if (receive[i] == '-') throw new InvalidOperationException(Encoding.ASCII.GetString(receive, i, read - i));
                if (receive[i] == '\n') expected--;
            }
        }
    }

    // Sends what was written, one command with a bulk reply, and reads it.
    string Ask()
    {
        ReadOnlySpan<byte> bytes = request.GetBuffer().AsSpan(0, (int)request.Length);
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
        request.SetLength(0);
        expected = 0;
        Thread.Sleep(100);
        return Encoding.ASCII.GetString(receive, 0, socket.Receive(receive));
    }

    long Size()
    {
        Command("DBSIZE");
        return long.Parse(Ask().Trim()[1..], CultureInfo.InvariantCulture);
    }

    long Used()
    {
        Command("INFO", "memory");
        string line = Ask().Split('\n').First(l => l.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.Trim()["used_memory:".Length..], CultureInfo.InvariantCulture);
    }
}
finally
{
    server.Kill();
}

static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

static long Resident(int pid) =>
    long.Parse(File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

static Socket Connect(int port)
{
    for (int attempt = 0; ; attempt++)
    {
        try
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            return socket;
        }
        catch (SocketException) when (attempt < 100)
        {
            Thread.Sleep(50);
        }
    }
}

internal static partial class Program
{
    private static readonly byte[] receive = new byte[1 << 20];
    private static int expected;
}
