using System.Net.Sockets;
using Anax.Core.Memory;
using Anax.Runtime;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>
/// Random treatment of connections on the real back ends: pauses, direct targets, aborts, peers that vanish.
/// Whatever is echoed must be what was sent, and every socket ends exactly once.
/// </summary>
public sealed class SocketStormTests
{
    [Theory]
    [InlineData(LoopBackend.Epoll)]
    [InlineData(LoopBackend.Uring)]
    public void BytesKeepTheirOrderUnderPausesAndDirectTargets(LoopBackend backend)
    {
        Gen.Int.Sample(seed => Storm(backend, seed), iter: 6, threads: 1);
    }

    private static void Storm(LoopBackend backend, int seed)
    {
        Random random = new(seed);
        using LoopRig rig = new(backend);
        List<StormConnection> servers = [];
        ListenSocket listener = rig.ListenTcp(() =>
        {
            StormConnection server = new(random);
            servers.Add(server);
            return server;
        });
        var clients = new StormClient[6];
        for (int i = 0; i < clients.Length; i++) clients[i] = new StormClient(rig.Connect(listener), random);
        rig.RunUntil(() => servers.Count == clients.Length);

        rig.RunUntil(
            () =>
            {
                bool isDone = true;
                foreach (StormClient client in clients) isDone &= client.Step(random);
                if (random.Next(3) == 0) servers[random.Next(servers.Count)].TogglePause();
                return isDone;
            },
            limitMs: 20_000);
        foreach (StormClient client in clients) client.Check();

        foreach (StormConnection server in servers) server.ResumeForEver();
        foreach (StormClient client in clients) client.Leave(random);
        for (int i = 0; i < servers.Count; i += 2) rig.Loop.Abort(servers[i].Handle);
        rig.RunUntil(() => rig.Loop.SocketCount == 0);
        foreach (StormConnection server in servers) Assert.Equal(1, server.Closes);
    }

    /// <summary>
    /// Echoes; from time to time it asks for the next bytes in memory of its own and echoes them from there.
    /// </summary>
    private sealed class StormConnection(Random random) : SocketEvents
    {
        private NativeBlock _target;
        private int _wanted;
        private int _filled;
        private bool _isPaused;
        private bool _isLeaving;

        public int Closes { get; private set; }

        public override Span<byte> DirectTarget => _wanted == 0 ? default : _target.Bytes[_filled.._wanted];

        public override void OnBytes(ReadOnlySpan<byte> bytes)
        {
            Assert.True(_wanted == 0, "bytes went past a direct target");
            Assert.False(_isPaused, "bytes came although the socket is paused");
            Echo(bytes);
            if (random.Next(4) != 0) return;
            _wanted = random.Next(2) == 0 ? random.Next(1, 1000) : random.Next(32_000, 300_000);
            _filled = 0;
            _target = NativeBlock.Allocate(_wanted);
        }

        public override void OnDirectBytes(int count)
        {
            Echo(_target.Bytes.Slice(_filled, count));
            _filled += count;
            if (_filled < _wanted) return;
            _wanted = 0;
            _target.Release();
            _target = default;
        }

        public override void OnClosed(int errno)
        {
            Closes++;
            if (!_target.IsNull) _target.Release();
        }

        public void TogglePause()
        {
            if (_isLeaving) return;
            _isPaused = !_isPaused;
            if (_isPaused) Loop.PauseReading(Handle);
            else Loop.ResumeReading(Handle);
        }

        public void ResumeForEver()
        {
            if (_isPaused) TogglePause();
            _isLeaving = true;
        }

        private void Echo(ReadOnlySpan<byte> bytes) => Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, bytes);
    }

    private sealed class StormClient
    {
        private readonly Socket _socket;
        private readonly byte[] _sent;
        private readonly byte[] _received;
        private int _sentCount;
        private int _receivedCount;

        public StormClient(Socket socket, Random random)
        {
            _socket = socket;
            _socket.Blocking = false;
            _sent = new byte[random.Next(1, 600_000)];
            _received = new byte[_sent.Length];
            random.NextBytes(_sent);
        }

        public bool Step(Random random)
        {
            int count = Math.Min(_sent.Length - _sentCount, random.Next(5) == 0 ? 200_000 : random.Next(1, 5000));
            if (count > 0)
            {
                _sentCount += _socket.Send(_sent, _sentCount, count, SocketFlags.None, out SocketError error);
                Assert.True(error is SocketError.Success or SocketError.WouldBlock);
            }

            if (random.Next(2) == 0 && _socket.Available > 0)
                _receivedCount += _socket.Receive(_received, _receivedCount, _received.Length - _receivedCount, SocketFlags.None);
            return _receivedCount == _sent.Length;
        }

        public void Check() => Assert.True(_sent.AsSpan().SequenceEqual(_received));

        public void Leave(Random random)
        {
            if (random.Next(3) == 0) _socket.LingerState = new LingerOption(true, 0);
            _socket.Close();
        }
    }
}
