using System.Text;
using Anax.Engine;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Anax.Tests.Unit.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anax.Tests.Fuzz.Models;

/// <summary>
/// A whole server in this thread, whose clock stands still while it answers: what it says of times can be said exactly.
/// </summary>
internal sealed class ModelServer : IAcceptEvents, IDisposable
{
    private const long MillisecondNs = 1_000_000;

    /// <summary>What a batch of commands may take of its millisecond: looks at the clock move it a little.</summary>
    private const long StartNsMax = MillisecondNs / 4;

    private readonly SimulatedNetwork _network;
    private readonly LoopGroup _group;
    private readonly AnaxServer _server;
    private readonly SimulatedClient _client;
    private byte[] _received = new byte[1 << 16];
    private int _count;

    public ModelServer(ulong seed, int shards)
    {
        StartOptions start = StartOptions.Read(["--port", "0"], Stream.Null, "model");
        _network = new SimulatedNetwork(new SimulationOptions { Seed = seed, LatencyNsMax = 0, TurnNsMax = 1, PipeBytes = 1 << 20 });
        _group = LoopGroup.Create(new LoopGroupOptions { Count = shards, Network = _network });
        _server = new AnaxServer(start.Settings!, null, new ServerLog(NullLogger.Instance), _group);
        ListenSocket listener = _network.Listen("127.0.0.1", 0);
        _server.Start();
        _group[0].Listen(listener, this);
        _client = _network.Connect(listener.Port);
    }

    public long NowMs => _network.NowMs;

    /// <summary>What keys and their values take on all shards, in bytes.</summary>
    public long UsedBytes
    {
        get
        {
            long bytes = 0;
            foreach (EngineLoop loop in _server.Engine.Loops) bytes += loop.Shard.UsedBytes;
            return bytes;
        }
    }

    public string Run(params string[] command) => Ask([command])[0].Text;

    /// <summary>The replies to a pipeline, all given within the same millisecond: <see cref="NowMs"/> before and after.</summary>
    public List<Reply> Ask(IReadOnlyList<string[]> commands)
    {
        foreach (string[] command in commands)
            _client.Send(Encoding.Latin1.GetBytes($"*{command.Length}\r\n" + string.Concat(command.Select(a => $"${a.Length}\r\n{a}\r\n"))));
        var replies = new List<Reply>(commands.Count);
        if (!_network.RunUntil(() => Take(replies, commands.Count))) throw new TimeoutException($"{replies.Count} of {commands.Count} replies");
        return replies;
    }

    /// <summary>Goes on to a moment from which the next commands are within one millisecond.</summary>
    public void Settle()
    {
        long intoNs = _network.NowNs % MillisecondNs;
        if (intoNs > StartNsMax) _network.RunFor(MillisecondNs - intoNs);
    }

    public void RunForMs(long ms) => _network.RunFor(ms * MillisecondNs);

    public void OnAccepted(ListenSocket listener, int descriptor) => _server.Loops[0].Adopt(descriptor, 1, isUnix: true);

    public void OnAcceptFailed(ListenSocket listener, int errno) => throw new IOException($"errno {errno}");

    public void Dispose()
    {
        _server.Stop("model");
        _server.Dispose();
        _network.Dispose();
    }

    private bool Take(List<Reply> replies, int wanted)
    {
        while (true)
        {
            if (_count == _received.Length) Array.Resize(ref _received, _received.Length * 2);
            int got = _client.Read(_received.AsSpan(_count));
            if (got == 0) break;
            _count += got;
        }
        int at = 0;
        while (replies.Count < wanted && Reply.TryParse(_received.AsSpan(at, _count - at), out int length) is { } reply)
        {
            replies.Add(reply);
            at += length;
        }
        _received.AsSpan(at, _count - at).CopyTo(_received);
        _count -= at;
        return replies.Count == wanted;
    }
}
