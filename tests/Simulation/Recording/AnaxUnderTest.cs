using System.Text;
using Anax.Engine;
using Anax.Runtime;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anax.Tests.Simulation.Recording;

/// <summary>A whole server in this process, with threads and a port of its own, and faults if a test wants them.</summary>
internal sealed class AnaxUnderTest : ServerUnderTest
{
    private readonly AnaxServer _server;
    private readonly int _shards;

    internal AnaxUnderTest(int shards, PlantedBugs bugs = PlantedBugs.None, int mailboxCapacity = 0)
    {
        // Port -1: the kernel chooses one.
        StartOptions start = StartOptions.Read(["--port", "-1", "--bind", "127.0.0.1"], Stream.Null, "test");
        ServerSettings settings = start.Settings ?? throw new ArgumentException(start.Error);
        LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Count = shards, MailboxCapacity = mailboxCapacity });
        _server = new AnaxServer(settings, null, new ServerLog(NullLogger.Instance), group);
        foreach (EngineLoop loop in _server.Engine.Loops) loop.Apply(loop.Settings with { PlantedBugs = bugs });
        _shards = shards;
        _server.Start();
    }

    internal override int Port => _server.Port;

    /// <summary>Messages that found the receiver's ring full.</summary>
    internal long MailboxesFull
    {
        get
        {
            long sum = 0;
            foreach (EngineLoop loop in _server.Engine.Loops) sum += loop.Events.Statistics.MailboxesFull;
            return sum;
        }
    }

    internal override string[] KeysOverShards(string prefix, int count)
    {
        var keys = new string[count];
        for (int i = 0, number = 0; i < count; number++)
        {
            string key = $"{prefix}{number}";
            if (ShardOf(key) == i % _shards) keys[i++] = key;
        }
        return keys;
    }

    public override void Dispose()
    {
        _server.Stop("the test ends");
        _server.Join();
        _server.Dispose();
    }

    private int ShardOf(string key)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(key);
        EngineSettings settings = _server.Engine.Loops[0].Settings;
        return ShardId.Of(bytes, settings.HashKey.Hash(bytes), settings, _shards);
    }
}
