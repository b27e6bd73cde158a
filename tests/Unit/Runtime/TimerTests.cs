using Anax.Runtime;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>The timer heap against a sorted list, and timers and background work on a real loop.</summary>
public sealed class TimerTests
{
    [Fact]
    public void HeapFiresInOrderOfDueTimeAndScheduling()
    {
        Gen.Select(Gen.Int[0, 39], Gen.Int[0, 60], Gen.Int[0, 3]).Array[0, 300].Sample(operations =>
        {
            TimerHeap heap = new();
            var timers = new TestTimer[40];
            for (int i = 0; i < timers.Length; i++) timers[i] = new TestTimer(i);
            List<(long Due, ulong Order, int Id)> model = [];
            ulong order = 0;
            foreach ((int id, int due, int kind) in operations)
            {
                switch (kind)
                {
                    case 0 or 1:
                        heap.Schedule(timers[id], due);
                        model.RemoveAll(m => m.Id == id);
                        model.Add((due, order++, id));
                        break;
                    case 2:
                        heap.Cancel(timers[id]);
                        model.RemoveAll(m => m.Id == id);
                        break;
                    case 3:
                        model.Sort();
                        LoopTimer? fired = heap.TakeDue(due);
                        bool isDue = model.Count != 0 && model[0].Due <= due;
                        Assert.Equal(isDue ? model[0].Id : -1, fired is TestTimer t ? t.Id : -1);
                        if (isDue) model.RemoveAt(0);
                        break;
                }

                model.Sort();
                Assert.Equal(model.Count, heap.Count);
                Assert.Equal(model.Count == 0 ? long.MaxValue : model[0].Due, heap.FirstDueNs);
                foreach (TestTimer timer in timers) Assert.Equal(model.Exists(m => m.Id == timer.Id), timer.IsScheduled);
            }
        });
    }

    [Fact]
    public void TimersFireWhenTheyAreDueAndNotBefore()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        TestTimer timer = new(0);
        long due = rig.Loop.MonotonicNs() + 40_000_000;
        rig.Loop.Schedule(timer, due);
        while (timer.Fired == 0) rig.Loop.RunTurn(mayBlock: true);
        Assert.InRange(rig.Loop.NowNs - due, 0, 25_000_000);
        Assert.False(timer.IsScheduled);
        rig.Loop.Schedule(timer, rig.Loop.NowNs + 10_000_000);
        rig.Loop.Cancel(timer);
        rig.RunFor(30);
        Assert.Equal(1, timer.Fired);
    }

    [Fact]
    public void ATimerThatReschedulesItselfForThePastDoesNotHoldTheTurn()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        TestTimer timer = new(0), another = new(1), later = new(2);
        timer.Reacts = () => rig.Loop.Schedule(timer, rig.Loop.NowNs - 1);
        another.Reacts = () => rig.Loop.Schedule(another, rig.Loop.NowNs);
        rig.Loop.Schedule(timer, 0);
        rig.Loop.Schedule(another, 0);
        rig.Loop.Schedule(later, long.MaxValue);
        for (int turn = 1; turn <= 3; turn++)
        {
            rig.Loop.RunTurn(mayBlock: true);
            Assert.Equal((turn, turn, 0), (timer.Fired, another.Fired, later.Fired));
        }
    }

    [Fact]
    public void BackgroundWorkTakesTurnsAndLetsTheLoopSleepAfterwards()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        Counter first = new(5), second = new(9);
        rig.Loop.AddBackground(first);
        rig.Loop.AddBackground(second);
        rig.Loop.AddBackground(second);
        for (int i = 0; i < 14; i++) rig.Loop.RunTurn(mayBlock: true);
        Assert.Equal((5, 9), (first.Runs, second.Runs));
        Assert.InRange(first.LastSliceNs, 1, 500_000);
        long turns = rig.Loop.Statistics.Turns;
        rig.RunFor(60);
        Assert.InRange(rig.Loop.Statistics.Turns - turns, 1, 10);
        first.Left = 1;
        first.Wake();
        rig.Loop.RunTurn(mayBlock: true);
        Assert.Equal(6, first.Runs);
    }

    [Fact]
    public void EndlessBackgroundWorkDoesNotStarveSockets()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        (_, System.Net.Sockets.Socket client) = rig.Pair(new TestConnection(echoes: true));
        rig.Loop.AddBackground(new Greedy(rig.Loop));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 100; i++)
        {
            client.Send("x"u8);
            rig.Read(client, 1);
        }

        Assert.InRange(clock.ElapsedMilliseconds, 0, 1000);
    }

    [Fact]
    public void ALongTurnIsReported()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        Watcher watcher = new();
        rig.Loop.Attach(watcher);
        rig.Loop.LongTurnNs = 20_000_000;
        rig.Loop.RunTurn(mayBlock: false);
        Assert.Equal(0, watcher.LongestNs);
        TestTimer slow = new(0) { Reacts = () => SpinFor(30) };
        rig.Loop.Schedule(slow, 0);
        rig.Loop.RunTurn(mayBlock: false);
        Assert.InRange(watcher.LongestNs, 30_000_000, 1_000_000_000);
        Assert.Equal(1, rig.Loop.Statistics.LongTurns);
        Assert.InRange(rig.Loop.Statistics.LongestTurnNs, 30_000_000, 1_000_000_000);
    }

    private static void SpinFor(int ms)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds <= ms)
        {
        }
    }

    private sealed class TestTimer(int id) : LoopTimer
    {
        public int Id => id;
        public int Fired { get; private set; }
        public Action? Reacts { get; set; }

        public override void OnTimer()
        {
            Fired++;
            Reacts?.Invoke();
        }
    }

    private sealed class Counter(int left) : BackgroundWork
    {
        public int Left { get; set; } = left;
        public int Runs { get; private set; }
        public long LastSliceNs { get; private set; }

        public override bool Run(long deadlineNs)
        {
            Runs++;
            LastSliceNs = deadlineNs - Loop!.MonotonicNs();
            return --Left > 0;
        }
    }

    private sealed class Greedy(EventLoop loop) : BackgroundWork
    {
        public override bool Run(long deadlineNs)
        {
            while (loop.MonotonicNs() < deadlineNs)
            {
            }

            return true;
        }
    }

    private sealed class Watcher : ILoopEvents
    {
        public long LongestNs { get; private set; }

        public void OnStarted(EventLoop loop)
        {
        }

        public void OnTurn(EventLoop loop)
        {
        }

        public void OnLongTurn(EventLoop loop, long ns) => LongestNs = Math.Max(LongestNs, ns);

        public void OnStopping(EventLoop loop)
        {
        }

        public void OnStopped(EventLoop loop)
        {
        }
    }
}
