using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Runtime;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>
/// One loop's figures for INFO. Written by the loop, when it is asked and once a second; read by the asking loop after
/// the answer, so they are at most newer than asked for.
/// </summary>
internal sealed class LoopFigures(ServerLoop host)
{
    /// <summary>What CONFIG RESETSTAT counts from.</summary>
    private LoopStatistics _base;
    private long _freedBefore;
    private long _commandsBefore, _receivedBefore, _sentBefore, _turnsBefore;

    internal long UsedBytes { get; private set; }
    internal long IndexBytes { get; private set; }
    internal long ClientBytes { get; private set; }
    internal long Clients { get; private set; }
    internal long Paused { get; private set; }

    /// <summary>Clients that wait for keys, and this shard's keys that somebody waits for.</summary>
    internal long Blocked { get; private set; }
    internal long WaitedKeys { get; private set; }
    internal long LossWaitedKeys { get; private set; }
    internal long WatchingClients { get; private set; }
    internal long WatchedKeys { get; private set; }
    internal long Subscribers { get; private set; }
    internal (int Keys, int Items) Tracked { get; private set; }
    internal long LargestInput { get; private set; }
    internal long LargestOutput { get; private set; }
    internal long InputLimitClosings { get; set; }
    internal long OutputLimitClosings { get; set; }
    internal long[] Keys { get; private set; } = [];
    internal long[] Expiring { get; private set; } = [];
    internal long[] Volatile { get; private set; } = [];
    internal LoopStatistics Loop { get; private set; }

    /// <summary>Values and flushed databases that wait to be freed, and large values that were.</summary>
    internal long FreePending { get; private set; }
    internal long FreedInSteps { get; private set; }

    internal long CommandsPerSecond { get; private set; }
    internal long ReceivedPerSecond { get; private set; }
    internal long SentPerSecond { get; private set; }
    internal long TurnsPerSecond { get; private set; }

    /// <summary>Brings all up to date; on the loop's own thread.</summary>
    internal void Gather(ShardScope shard)
    {
        if (Keys.Length == 0)
        {
            Keys = new long[shard.Settings.Databases];
            Expiring = new long[shard.Settings.Databases];
            Volatile = new long[shard.Settings.Databases];
        }
        UsedBytes = host.Engine.UsedBytes;
        IndexBytes = 0;
        for (int db = 0; db < Keys.Length; db++)
        {
            Keys[db] = shard.CountKeys(db);
            Expiring[db] = shard.CountExpiring(db);
            Volatile[db] = shard.CountVolatile(db);
            IndexBytes += shard.TableIn(db)?.Entries.UsedBytes ?? 0;
        }
        Blocked = host.Engine.Transactions.Blocked;
        WaitedKeys = shard.Loop.Counters.WaitedKeys;
        LossWaitedKeys = shard.Loop.Counters.LossWaitedKeys;
        WatchingClients = WatchedKeys = 0;
        Clients = host.Connections.Count;
        ClientBytes = LargestInput = LargestOutput = Subscribers = 0;
        for (int i = 0; i < host.Connections.Count; i++)
        {
            Connection connection = host.Connections[i];
            ClientBytes += ClientLine.MemoryOf(connection);
            int watched = connection.Session.WatchedKeys;
            WatchedKeys += watched;
            if (watched != 0) WatchingClients++;
            if (connection.Session.IsSubscriber) Subscribers++;
            LargestInput = Math.Max(LargestInput, connection.InputCapacity);
            LargestOutput = Math.Max(LargestOutput, connection.PendingSendBytes);
        }
        Paused = host.Engine.Pauses.Sessions;
        Tracked = host.Engine.TrackedCounts;
        FreePending = host.Engine.FreePending;
        FreedInSteps = host.Engine.FreedInSteps - _freedBefore;
        Loop = Since(host.Engine.Events.Statistics, _base);
    }

    /// <summary>CONFIG RESETSTAT: counts from now on.</summary>
    internal void Reset()
    {
        _base = host.Engine.Events.Statistics;
        _freedBefore = host.Engine.FreedInSteps;
        host.Engine.Events.Statistics.LongestTurnNs = 0;
        _commandsBefore = 0;
        InputLimitClosings = OutputLimitClosings = 0;
    }

    internal void OnSecond()
    {
        ref LoopStatistics now = ref host.Engine.Events.Statistics;
        long commands = TotalCommands(host.Engine.Statistics, host.Engine.Commands.All.Length);
        CommandsPerSecond = Math.Max(0, commands - _commandsBefore);
        ReceivedPerSecond = now.BytesReceived - _receivedBefore;
        SentPerSecond = now.BytesSent - _sentBefore;
        TurnsPerSecond = now.Turns - _turnsBefore;
        (_commandsBefore, _receivedBefore, _sentBefore, _turnsBefore) = (commands, now.BytesReceived, now.BytesSent, now.Turns);
    }

    internal static long TotalCommands(CommandStatistics statistics, int commands)
    {
        long total = 0;
        for (int i = 0; i < commands; i++) total += statistics[i].Calls;
        return total;
    }

    private static LoopStatistics Since(LoopStatistics now, in LoopStatistics start)
    {
        now.Turns -= start.Turns;
        now.BusyNs -= start.BusyNs;
        now.LongTurns -= start.LongTurns;
        now.Sleeps -= start.Sleeps;
        now.Wakes -= start.Wakes;
        now.SystemCalls -= start.SystemCalls;
        now.Asked -= start.Asked;
        now.Answered -= start.Answered;
        now.Posted -= start.Posted;
        now.Received -= start.Received;
        now.MailboxesFull -= start.MailboxesFull;
        now.BytesReceived -= start.BytesReceived;
        now.BytesSent -= start.BytesSent;
        now.Reads -= start.Reads;
        now.Writes -= start.Writes;
        now.SocketsAccepted -= start.SocketsAccepted;
        now.SocketsOpened -= start.SocketsOpened;
        now.SocketsClosed -= start.SocketsClosed;
        return now;
    }
}
