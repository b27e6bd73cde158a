using System.Diagnostics;
using System.Globalization;
using System.Text;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// What small entries, collections, idle connections and a large value cost a fresh server. Throws <see cref="ServerException"/>,
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

    /// <summary>How many collections of how many elements there are, where they are small.</summary>
    public const int SmallCollections = 1_000_000, SmallElements = 10;

    /// <summary>After what changes memory, before it is looked at.</summary>
    public const int SettleMs = 500;

    /// <summary>So many are let in: those that wait, and a few that ask.</summary>
    private const int ConnectionsMax = IdleConnections + 2000;

    private const long SmallEntriesStep = SmallEntriesMin / SmallEntriesSizes;
    private const int WarmUpEntries = 1000;
    private const int ChunkBytes = 1 << 20;
    private const string LargeKey = "large";

    private const string CollectionKey = "collection";

    private static readonly ServerOptions AsItShips = new();

    /// <summary>Of a large collection, ascending.</summary>
    public static IReadOnlyList<long> LargeSizes { get; } = [700_000, 1_000_000, 1_400_000];

    public GrowthFigures MeasureSmallEntries(PlannedMeasurement step, Peer peer)
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
        return new GrowthFigures { StartBytes = startBytes, Entries = entries, ResidentBytes = bytes };

        void Write(long first, long count) =>
            clients.Run(server.Port, ClientArguments.SmallEntries(first, count, step.Round, clients.Cpus.Count));
    }

    /// <summary>Elements of one collection by commands of one each, or many collections of few elements, on one thread.</summary>
    public GrowthFigures MeasureCollections(PlannedMeasurement step, Peer peer)
    {
        Collection type = step.Cell.Collection;
        bool isLarge = step.Cell.Kind == CellKind.LargeCollection;
        using ServerProcess server = Start(peer, new ServerOptions { Threads = step.Cell.Threads });
        using PinnedThread pinned = new(settings.ClientCpus);
        using RespConnection connection = new(server.Port);
        CollectionWriter writer = new(connection, new Random(step.Round), stop);
        // The same connection, at whose largest it already is.
        Write(0, WarmUpEntries);
        long startBytes = Settled(server), startUsedBytes = ServerConnection.UsedBytes(server.Port);
        List<long> entries = [], bytes = [], usedBytes = [];
        foreach (long size in isLarge ? LargeSizes : [SmallCollections])
        {
            long before = entries.LastOrDefault();
            Write(WarmUpEntries + before, size - before);
            entries.Add(size);
            bytes.Add(Settled(server));
            if (startUsedBytes != 0) usedBytes.Add(ServerConnection.UsedBytes(server.Port));
        }

        string answer = connection.Ask(isLarge ? CollectionWriter.CountWords(type, CollectionKey) : ["DBSIZE"]);
        string expected = string.Create(CultureInfo.InvariantCulture, $":{WarmUpEntries + entries[^1]}");
        Require(answer == expected, $"{expected[1..]} were written, the server says {answer}");
        return new GrowthFigures
        {
            StartBytes = startBytes,
            Entries = entries,
            ResidentBytes = bytes,
            StartUsedBytes = startUsedBytes,
            UsedBytes = usedBytes,
        };

        void Write(long first, long count)
        {
            if (isLarge) writer.AddElements(type, CollectionKey, count);
            else writer.AddSmall(type, first, count, SmallElements);
        }
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
