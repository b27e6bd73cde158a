using System.Runtime.InteropServices;
using System.Text;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Very many keys that expire at one instant must not hold the loop up.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class MassExpiryTests
{
    private const int Keys = 100_000;
    private const int FillMs = 1500;
    private const int AttemptsMax = 8;
    private const long TurnNsMax = 5_000_000;

    [Fact]
    public void NoTurnTakesLong()
    {
        using var server = new TestServer(1, "--enable-debug-command", "yes");
        // The first time much of the code is compiled, which a published server is spared.
        ExpireAll(server);
        List<long> turns = ExpireAll(server);
        // What a virtual machine's host takes from a turn counts as the thread's time; it does not hit two turns each time.
        for (int again = 1; again < AttemptsMax && Second(turns) >= TurnNsMax; again++) turns = ExpireAll(server);
        turns.Sort();
        string longest = string.Join(' ', turns.TakeLast(10).Select(ns => ns / 1000));
        // A collection of the test's own process may fall into one turn.
        Assert.True(Second(turns) < TurnNsMax, $"the longest turns, in microseconds: {longest}");
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    /// <summary>The longest but one.</summary>
    private static long Second(List<long> turns) => turns.Order().ElementAt(turns.Count - 2);

    /// <summary>What the turns took, by the thread's own time, which other processes on a busy machine do not stretch.</summary>
    private static List<long> ExpireAll(TestServer server)
    {
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        long at = Now + FillMs;
        Fill(server, at);
        while (Now <= at) server.Turn();
        // What was set later than that never came to be; what is there has expired, but nobody has looked at it.
        long left = server.Ask("DBSIZE").Integer, until = server.Expired + left;
        Assert.True(left > Keys / 10);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "1");

        var turns = new List<long>();
        while (server.Expired < until)
        {
            long before = ThreadNs();
            server.Turn();
            turns.Add(ThreadNs() - before);
        }
        return turns;
    }

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static void Fill(TestServer server, long at)
    {
        const int Pipeline = 1000;
        for (int first = 0; first < Keys; first += Pipeline)
        {
            var commands = new StringBuilder();
            for (int i = first; i < first + Pipeline; i++) commands.Append($"SET key:{i:d9} {new string('x', 64)} PXAT {at}\r\n");
            server.Client.SendRaw(commands.ToString());
            for (int i = 0; i < Pipeline; i++) server.Client.Receive();
        }
    }

    private static long ThreadNs()
    {
        const int ThreadClock = 3;
        _ = GetTime(ThreadClock, out Moment moment);
        return moment.Seconds * 1_000_000_000 + moment.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Moment moment);

    private struct Moment
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
