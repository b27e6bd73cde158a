using System.Diagnostics;
using Anax.Runtime;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>
/// Groups of loops: the back end that is taken, pinned threads, many loops on few processors, the stop. Alone, because what other
/// tests allocate would count for theirs.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class LoopGroupTests
{
    [Fact]
    public void TheBackEndThatWasTakenIsSaidWithItsReason()
    {
        using LoopGroup epoll = LoopGroup.Create(new LoopGroupOptions { Backend = LoopBackend.Epoll });
        Assert.Equal((LoopBackend.Epoll, "asked for"), (epoll.Backend, epoll.BackendReason));
        using LoopGroup auto = LoopGroup.Create(new LoopGroupOptions());
        Assert.NotEqual(LoopBackend.Auto, auto.Backend);
        Assert.NotEqual("", auto.BackendReason);
    }

    [Fact]
    public void ThreadsArePinnedInsideTheMask()
    {
        IReadOnlyList<int> cpus = CpuTopology.Detect().Cpus;
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Count = 3, PinnedCpus = cpus });
        var seen = new Observer[3];
        for (int i = 0; i < 3; i++) group[i].Attach(seen[i] = new Observer());
        group.Start();
        group.Stop();
        group.Join();
        for (int i = 0; i < 3; i++) Assert.Equal([cpus[i % cpus.Count]], seen[i].Cpus);
    }

    [Theory]
    [InlineData(LoopBackend.Epoll)]
    [InlineData(LoopBackend.Uring)]
    public void SixtyFourLoopsAreQuickCheapAndQuiet(LoopBackend backend)
    {
        long residentBefore = SystemMemory.ResidentBytes();
        var clock = Stopwatch.StartNew();
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Backend = backend, Count = 64 });
        int started = 0;
        for (int i = 0; i < 64; i++) group[i].Attach(new Observer { OnStart = () => Interlocked.Increment(ref started) });
        group.Start();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref started) == 64, 5000));
        long startedMs = clock.ElapsedMilliseconds;

        Thread.Sleep(50);
        long turns = Turns(group);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        Thread.Sleep(300);
        long idleTurns = Turns(group) - turns;
        double cpuMs = (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds;
        long resident = SystemMemory.ResidentBytes() - residentBefore;
        group.Stop();
        group.Join();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{backend}: start {startedMs} ms, resident {resident >> 10} KiB, idle {idleTurns} turns, {cpuMs:F1} ms");

        Assert.Equal(0, idleTurns);
        Assert.InRange(resident, long.MinValue, 64 << 20);
        // Generous, because the other tests run at the same time.
        Assert.InRange(startedMs, 0, 3000);
    }

    [Fact]
    public void AStopEndsEveryThreadAlsoWithClientsThatStay()
    {
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Count = 2 });
        using ListenSocket listener = ListenSocket.Tcp("127.0.0.1", 0, 16);
        using LoopRig clients = new(LoopBackend.Epoll);
        TestConnection server = new();
        Observer observer = new();
        group[0].Attach(observer);
        group[0].Listen(listener, new LoopRig.Acceptor(group[0], () => server));
        group.Start();
        clients.Connect(listener).Send("x"u8);
        Assert.True(SpinWait.SpinUntil(() => server.ReceivedCount == 1, 5000));
        var clock = Stopwatch.StartNew();
        group.Stop();
        group.Join();
        Assert.InRange(clock.ElapsedMilliseconds, 0, 1000);
        Assert.Equal(1, server.Closes);
        Assert.Equal(1, observer.Stops);
    }

    private static long Turns(LoopGroup group)
    {
        long turns = 0;
        for (int i = 0; i < group.Count; i++) turns += Volatile.Read(ref group[i].Statistics.Turns);
        return turns;
    }

    private sealed class Observer : ILoopEvents
    {
        public Action? OnStart { get; init; }
        public IReadOnlyList<int> Cpus { get; private set; } = [];
        public int Stops { get; private set; }

        public void OnStarted(EventLoop loop)
        {
            Cpus = CpuTopology.Detect().Cpus;
            OnStart?.Invoke();
        }

        public void OnTurn(EventLoop loop)
        {
        }

        public void OnLongTurn(EventLoop loop, long ns)
        {
        }

        public void OnStopping(EventLoop loop)
        {
        }

        public void OnStopped(EventLoop loop) => Stops++;
    }
}
