using System.Text;
using Anax.Engine;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Anax.Tests.Unit.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anax.Tests.Unit.Engine;

/// <summary>A whole server on a simulated network: its clock goes as far as the test says, at no cost.</summary>
internal sealed class SimulatedServer : IAcceptEvents, IDisposable
{
    private readonly LoopGroup _group;
    private readonly SimulatedClient _client;
    private readonly ListenSocket _listener;
    private readonly List<byte> _received = [];

    internal SimulatedServer(ulong seed, int shards, params string[] options)
    {
        StartOptions start = StartOptions.Read(["--port", "0", .. options], Stream.Null, "test");
        Network = new SimulatedNetwork(new SimulationOptions { Seed = seed });
        _group = LoopGroup.Create(new LoopGroupOptions { Count = shards, Network = Network });
        Server = new AnaxServer(start.Settings!, null, new ServerLog(NullLogger.Instance), _group);
        _listener = Network.Listen("127.0.0.1", 0);
        Server.Start();
        _group[0].Listen(_listener, this);
        _client = Network.Connect(_listener.Port);
    }

    internal SimulatedNetwork Network { get; }
    internal AnaxServer Server { get; }
    internal ReadOnlySpan<EngineLoop> Loops => Server.Engine.Loops;

    internal string Run(params string[] arguments) => Ask(arguments).Text;

    internal Reply Ask(params string[] arguments)
    {
        _client.Send(Encoding.Latin1.GetBytes(
            $"*{arguments.Length}\r\n" + string.Concat(arguments.Select(a => $"${a.Length}\r\n{a}\r\n"))));
        Reply? reply = null;
        if (!Network.RunUntil(() => (reply = Next()) is not null)) throw new TimeoutException("no reply");
        return reply!;
    }

    internal void RunForMs(long ms) => Network.RunFor(ms * 1_000_000);

    public void OnAccepted(ListenSocket listener, int descriptor) => Server.Loops[0].Adopt(descriptor, 1, isUnix: true);

    public void OnAcceptFailed(ListenSocket listener, int errno) => throw new IOException($"errno {errno}");

    public void Dispose()
    {
        Server.Stop("test");
        Server.Dispose();
        Network.Dispose();
    }

    private Reply? Next()
    {
        Span<byte> buffer = stackalloc byte[4096];
        for (int got = 1; got > 0;)
        {
            got = _client.Read(buffer);
            _received.AddRange(buffer[..got]);
        }
        Reply? reply = Reply.TryParse(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received), out int length);
        _received.RemoveRange(0, length);
        return reply;
    }
}
