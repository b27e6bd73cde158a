using System.Diagnostics;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Brief questions to a loop that sleeps are served by the asker's thread, in the sleeper's name.</summary>
public sealed class VisitTests
{
    private const ushort Question = 1;
    private const ushort Reply = 2;

    [Theory]
    [InlineData(LoopBackend.Epoll)]
    [InlineData(LoopBackend.Uring)]
    public void ABriefQuestionToASleepingLoopWakesNobody(LoopBackend backend)
    {
        using LoopGroup group = Group(2, backend);
        Host[] hosts = Run(group, questions: 200, pauseNs: 500_000, isBrief: true, askers: 1);
        ref LoopStatistics asker = ref group[0].Statistics;
        Assert.Equal(200, hosts[0].Answers);
        // Whatever else wakes a loop on a busy machine, most questions find it asleep.
        Assert.InRange(asker.Visits, 100, 200);
        Assert.True(asker.Wakes <= 200 - asker.Visits + 2, $"{asker.Wakes} wakes, {asker.Visits} visits");
        Assert.True(hosts[1].ServedByOthers >= asker.Visits, $"{hosts[1].ServedByOthers} served by the asker's thread");
    }

    [Fact]
    public void OtherQuestionsWakeIt()
    {
        using LoopGroup group = Group(2, LoopBackend.Epoll);
        Host[] hosts = Run(group, questions: 50, pauseNs: 500_000, isBrief: false, askers: 1);
        Assert.Equal(50, hosts[0].Answers);
        Assert.Equal(0, group[0].Statistics.Visits);
        Assert.Equal(0, hosts[1].ServedByOthers);
    }

    [Theory]
    [InlineData(2, LoopBackend.Epoll)]
    [InlineData(2, LoopBackend.Uring)]
    [InlineData(5, LoopBackend.Epoll)]
    public void AVisitorIsAloneWithWhatItVisits(int loops, LoopBackend backend)
    {
        // Everybody asks everybody and sleeps in between; each host counts without any precaution.
        using LoopGroup group = Group(loops, backend);
        const int Questions = 3000;
        Host[] hosts = Run(group, Questions, pauseNs: 20_000, isBrief: true, askers: loops);
        long visits = 0;
        foreach (Host host in hosts)
        {
            Assert.Equal("", host.Failure);
            Assert.Equal(Questions * (loops - 1), host.Answers);
            Assert.Equal(Questions * (loops - 1), host.Served);
            visits += group[host.Index].Statistics.Visits;
        }

        Assert.True(visits > 100, $"{visits} visits");
    }

    [Theory]
    [InlineData(LoopBackend.Epoll)]
    [InlineData(LoopBackend.Uring)]
    public void WhatAVisitLeavesForTheHostWakesIt(LoopBackend backend)
    {
        using LoopGroup group = Group(2, backend);
        Host[] hosts = Run(group, questions: 50, pauseNs: 500_000, isBrief: true, askers: 1, leavesWork: true);
        Assert.Equal(50, hosts[0].Answers);
        // The work was done by the host's own thread, each time.
        Assert.True(SpinWait.SpinUntil(() => hosts[1].WorkDone > 0, 1000));
        Assert.Equal(0, hosts[1].WorkDoneByOthers);
        Assert.Equal("", hosts[1].Failure);
    }

    [Fact]
    public void SimulatedLoopsVisitEachOther()
    {
        using SimulatedNetwork network = new(new SimulationOptions());
        using var group = LoopGroup.Create(new LoopGroupOptions { Count = 2, Network = network });
        Host[] hosts = Hosts(group, questions: 100, pauseNs: 1_000_000, isBrief: true, askers: 1, leavesWork: false);
        group.Start();
        Assert.True(network.RunUntil(() => hosts[0].Answers == 100));
        group.Stop();
        group.Join();
        // Now and then chance gives the other one its turn first.
        Assert.InRange(group[0].Statistics.Visits, 90, 100);
        Assert.True(group[0].Statistics.Wakes <= 100 - group[0].Statistics.Visits);
    }

    private static LoopGroup Group(int count, LoopBackend backend) =>
        LoopGroup.Create(new LoopGroupOptions { Backend = backend, Count = count });

    private static Host[] Hosts(LoopGroup group, int questions, long pauseNs, bool isBrief, int askers, bool leavesWork)
    {
        var hosts = new Host[group.Count];
        for (int i = 0; i < hosts.Length; i++)
        {
            hosts[i] = new Host(group[i], i < askers ? questions : 0, pauseNs, isBrief, leavesWork);
            group[i].Attach(hosts[i]);
        }

        return hosts;
    }

    private static Host[] Run(
        LoopGroup group, int questions, long pauseNs, bool isBrief, int askers, bool leavesWork = false)
    {
        Host[] hosts = Hosts(group, questions, pauseNs, isBrief, askers, leavesWork);
        group.Start();
        var clock = Stopwatch.StartNew();
        while (!Array.TrueForAll(hosts, host => host.IsDone) && clock.ElapsedMilliseconds < 20_000) Thread.Sleep(1);
        group.Stop();
        group.Join();
        Assert.True(Array.TrueForAll(hosts, host => host.IsDone), "a question was not answered");
        return hosts;
    }

    /// <summary>Asks every other loop once per pause, and answers what it is asked.</summary>
    private sealed class Host : LoopTimer, ILoopEvents
    {
        private readonly EventLoop _loop;
        private readonly int _questions;
        private readonly long _pauseNs;
        private readonly bool _isBrief;
        private readonly Work? _work;
        private readonly long[] _next;
        private int _thread;
        private int _asked;
        private int _inside;

        public Host(EventLoop loop, int questions, long pauseNs, bool isBrief, bool leavesWork)
        {
            (_loop, _questions, _pauseNs, _isBrief) = (loop, questions, pauseNs, isBrief);
            _next = new long[loop.GroupCount];
            _work = leavesWork ? new Work(this) : null;
            loop.OnMessage(Question, Serve);
            loop.OnMessage(Reply, (int from, in Message m) => Answers++);
        }

        public int Index => _loop.Index;
        public string Failure { get; private set; } = "";
        public int Answers { get; private set; }
        public int Served { get; private set; }
        public int ServedByOthers { get; private set; }
        public int WorkDone { get; private set; }
        public int WorkDoneByOthers { get; private set; }
        public bool IsDone => Answers == _questions * (_loop.GroupCount - 1);

        public void OnStarted(EventLoop loop)
        {
            _thread = Environment.CurrentManagedThreadId;
            if (_questions != 0) loop.Schedule(this, loop.NowNs + 10_000_000);
        }

        public override void OnTimer()
        {
            for (int to = 0; to < _loop.GroupCount; to++)
            {
                if (to != _loop.Index) _loop.Ask(to, new Message { Kind = Question, A = _asked }, _isBrief);
            }

            if (++_asked < _questions) _loop.Schedule(this, _loop.NowNs + _pauseNs);
        }

        public void OnTurn(EventLoop loop)
        {
        }

        public void OnLongTurn(EventLoop loop, long ns)
        {
        }

        public void OnStopping(EventLoop loop) => loop.Cancel(this);

        public void OnStopped(EventLoop loop)
        {
        }

        private void Serve(int from, in Message message)
        {
            if (_inside++ != 0) Failure = "two threads at once";
            if (!_loop.IsRunningHere) Failure = "not in the host's name";
            if (message.A != _next[from]++) Failure = $"question {message.A} of {from} out of order";
            if (Environment.CurrentManagedThreadId != _thread) ServedByOthers++;
            Served++;
            _work?.Wake();
            _loop.Answer(from, new Message { Kind = Reply, A = message.A });
            _inside--;
        }

        private sealed class Work : BackgroundWork
        {
            private readonly Host _host;

            public Work(Host host)
            {
                _host = host;
                host._loop.AddBackground(this);
            }

            public override bool Run(long deadlineNs)
            {
                if (_host._thread == Environment.CurrentManagedThreadId) _host.WorkDone++;
                else _host.WorkDoneByOthers++;
                return false;
            }
        }
    }
}
