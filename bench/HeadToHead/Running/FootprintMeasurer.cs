using System.Diagnostics;
using System.Globalization;
using System.Text;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// What small entries, idle connections and a large value cost a fresh server. Throws <see cref="ServerException"/>,
/// <see cref="ClientException"/> or, where the harness is the client itself, what <see cref="RespConnection"/> throws.
/// </summary>
internal sealed class FootprintMeasurer(RunSettings settings, RunFolder folder, CancellationToken stop)
{
    /// <summary>Sizes of the table from this on, evenly, until just before twice as much.</summary>
    public const long SmallEntriesMin = 2_000_000;

    public const int SmallEntriesSizes = 8;

    public const int IdleConnections = 10_000;

    /// <summary>The largest that Valkey takes as it ships.</summary>
    public const long LargeValueBytes = 512L << 20;

    /// <summary>After what changes memory, before it is looked at.</summary>
    public const int SettleMs = 500;

    /// <summary>So many are let in: those that wait, and a few that ask.</summary>
    private const int ConnectionsMax = IdleConnections + 2000;

    private const long SmallEntriesStep = SmallEntriesMin / SmallEntriesSizes;
    private const int WarmUpEntries = 1000;
    private const int ChunkBytes = 1 << 20;
    private const string LargeKey = "large";

    private static readonly ServerOptions AsItShips = new();

    public SmallEntriesFigures MeasureSmallEntries(PlannedMeasurement step, Peer peer)
    {
        using ServerProcess server = Start(peer, AsItShips);
        ClientRunner clients = new(settings, Layout.Split, folder, stop);
        Write(0, WarmUpEntries);
        long startBytes = Settled(server);
        List<long> entries = [], bytes = [];
        for (int i = 0; i < SmallEntriesSizes; i++)
        {
            long before = i == 0 ? 0 : entries[^1], count = i == 0 ? SmallEntriesMin : SmallEntriesStep;
            Write(before, count);
            entries.Add(before + count);
            bytes.Add(Settled(server));
        }

        long found = ServerConnection.CountKeys(server.Port);
        if (found != entries[^1]) throw new ClientException($"{entries[^1]} entries were written, {found} are there");
        return new SmallEntriesFigures { StartBytes = startBytes, Entries = entries, ResidentBytes = bytes };

        void Write(long first, long count) =>
            clients.Run(server.Port, ClientArguments.SmallEntries(first, count, step.Round, clients.Cpus.Count));
    }

    /// <summary>Each has asked once: what a server keeps for a connection that speaks, it keeps from then on.</summary>
    public IdleConnectionsFigures MeasureIdleConnections(Peer peer)
    {
        using ServerProcess server = Start(peer, new ServerOptions { ConnectionsMax = ConnectionsMax });
        Require(ServerConnection.AnswersPing(server.Port), "no answer to PING");
        long startBytes = Settled(server);
        List<RespConnection> connections = new(IdleConnections);
        try
        {
            for (int i = 0; i < IdleConnections; i++)
            {
                stop.ThrowIfCancellationRequested();
                connections.Add(new RespConnection(server.Port));
                string answer = connections[^1].Ask("PING");
                Require(answer.StartsWith('+'), $"connection {i + 1} is answered: {answer}");
            }

            return new IdleConnectionsFigures
            {
                Connections = IdleConnections,
                StartBytes = startBytes,
                ResidentBytes = Settled(server),
            };
        }
        finally
        {
            foreach (RespConnection connection in connections) connection.Dispose();
        }
    }

    public LargeValueFigures MeasureLargeValue(PlannedMeasurement step, Peer peer)
    {
        using ServerProcess server = Start(peer, AsItShips);
        using PinnedThread pinned = new(settings.ClientCpus);
        using RespConnection connection = new(server.Port);
        byte[] chunk = new byte[ChunkBytes];
        new Random(step.Round).NextBytes(chunk);
        connection.Ask("PING");
        Settled(server);

        CpuClock.ResetPeak(server.Pid);
        double setSeconds = Seconds(() => Set(connection, chunk));
        long setPeakBytes = CpuClock.PeakBytes(server.Pid), getStartBytes = Settled(server);
        CpuClock.ResetPeak(server.Pid);
        double getSeconds = Seconds(() => Get(connection));
        return new LargeValueFigures
        {
            ValueBytes = LargeValueBytes,
            SetSeconds = setSeconds,
            GetSeconds = getSeconds,
            SetPeakBytes = setPeakBytes,
            GetStartBytes = getStartBytes,
            GetPeakBytes = CpuClock.PeakBytes(server.Pid),
        };
    }

    private void Set(RespConnection connection, byte[] chunk)
    {
        connection.Send(Text($"*3\r\n$3\r\nSET\r\n${LargeKey.Length}\r\n{LargeKey}\r\n${LargeValueBytes}\r\n"));
        for (long sent = 0; sent < LargeValueBytes; sent += chunk.Length)
        {
            stop.ThrowIfCancellationRequested();
            connection.Send(chunk);
        }

        connection.Send("\r\n"u8);
        string answer = connection.ReadLine();
        Require(answer == "+OK", $"SET is answered: {answer}");
    }

    private static void Get(RespConnection connection)
    {
        connection.Send(Text($"*2\r\n$3\r\nGET\r\n${LargeKey.Length}\r\n{LargeKey}\r\n"));
        long length = connection.SkipBulk();
        Require(length == LargeValueBytes, $"{LargeValueBytes} bytes were written, {length} are read");
    }

    private ServerProcess Start(Peer peer, ServerOptions options) =>
        ServerProcess.Start(peer, settings.ServerCpus, options, folder.OfServer(peer.Name), stop);

    private static long Settled(ServerProcess server)
    {
        Thread.Sleep(SettleMs);
        return server.End() is { Length: > 0 } end ? throw new ServerException(end) : CpuClock.ResidentBytes(server.Pid);
    }

    private static double Seconds(Action action)
    {
        Stopwatch clock = Stopwatch.StartNew();
        action();
        return Math.Round(clock.Elapsed.TotalSeconds, 6);
    }

    private static byte[] Text(FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture));

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new ClientException(message);
    }
}
