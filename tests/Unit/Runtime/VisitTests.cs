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
    [InlineData(LoopBackend.Epoll, Chore.Background)]
    [InlineData(LoopBackend.Uring, Chore.Background)]
    [InlineData(LoopBackend.Epoll, Chore.Timer)]
    [InlineData(LoopBackend.Uring, Chore.Timer)]
    public void WhatAVisitLeavesForTheHostWakesIt(LoopBackend backend, Chore chore)
    {
        // The answer comes only from the chore, which the host's own turn alone does.
        using LoopGroup group = Group(2, backend);
        Host[] hosts = Run(group, questions: 50, pauseNs: 2_000_000, isBrief: true, askers: 1, chore);
        Assert.Equal(50, hosts[0].Answers);
        Assert.True(group[0].Statistics.Visits > 10, $"{group[0].Statistics.Visits} visits");
        Assert.Equal(50, hosts[1].ChoresDone);
        Assert.Equal("", hosts[1].Failure);
    }

    [Fact]
    public void ManyQuestionsAreWorthAWake()
    {
        using SimulatedNetwork network = new(new SimulationOptions { MailboxCapacity = 64 });
        using var group = LoopGroup.Create(new LoopGroupOptions { Count = 2, Network = network });
        Host[] hosts = Hosts(group, questions: 20, pauseNs: 1_000_000, isBrief: true, askers: 1, Chore.None);
        hosts[0].AtOnce = 17;
        group.Start();
        Assert.True(network.RunUntil(() => hosts[0].Answers == 20 * 17));
        Assert.Equal(0, group[0].Statistics.Visits);
        hosts[0].AskAgain(questions: 20, atOnce: 16);
        Assert.True(network.RunUntil(() => hosts[0].Answers == 20 * 33));
        Assert.InRange(group[0].Statistics.Visits, 15, 20);
        group.Stop();
        group.Join();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnswersThatFindNoRoomAreNotLost(ulong seed)
    {
        // Rings of four: a visitor that comes twice before it looks for answers leaves more of them than fit, in the
        // list of a host that nothing else will wake.
        using SimulatedNetwork network = new(new SimulationOptions { Seed = seed, MailboxCapacity = 4 });
        using var group = LoopGroup.Create(new LoopGroupOptions { Count = 2, Network = network });
        Host[] hosts = Hosts(group, questions: 200, pauseNs: 100_000, isBrief: true, askers: 1, Chore.None);
        (hosts[0].AtOnce, hosts[0].AsksInTurns) = (3, true);
        group.Start();
        Assert.True(network.RunUntil(() => hosts[0].Answers == hosts[0].Asked && hosts[0].IsThrough), $"seed {seed}");
        Assert.True(group[0].Statistics.Visits > 0);
        group.Stop();
        group.Join();
    }

    [Fact]
    public void SimulatedLoopsVisitEachOther()
    {
        using SimulatedNetwork network = new(new SimulationOptions());
        using var group = LoopGroup.Create(new LoopGroupOptions { Count = 2, Network = network });
        Host[] hosts = Hosts(group, questions: 100, pauseNs: 1_000_000, isBrief: true, askers: 1, Chore.None);
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

    private static Host[] Hosts(LoopGroup group, int questions, long pauseNs, bool isBrief, int askers, Chore chore)
    {
        var hosts = new Host[group.Count];
        for (int i = 0; i < hosts.Length; i++)
        {
            hosts[i] = new Host(group[i], i < askers ? questions : 0, pauseNs, isBrief, chore);
            group[i].Attach(hosts[i]);
        }

        return hosts;
    }

    private static Host[] Run(
        LoopGroup group, int questions, long pauseNs, bool isBrief, int askers, Chore chore = Chore.None)
    {
        Host[] hosts = Hosts(group, questions, pauseNs, isBrief, askers, chore);
        group.Start();
        var clock = Stopwatch.StartNew();
        while (!Array.TrueForAll(hosts, host => host.IsDone) && clock.ElapsedMilliseconds < 20_000) Thread.Sleep(1);
        group.Stop();
        group.Join();
        Assert.True(Array.TrueForAll(hosts, host => host.IsDone), "a question was not answered");
        return hosts;
    }

    /// <summary>What a question makes the host do after it, and answer from there.</summary>
    public enum Chore
    {
        None,
        Background,
        Timer,
    }

    /// <summary>Asks every other loop once per pause, and answers what it is asked.</summary>
    private sealed class Host : LoopTimer, ILoopEvents
    {
        private readonly EventLoop _loop;
        private readonly long _pauseNs;
        private readonly bool _isBrief;
        private readonly Chore _chore;
        private readonly ChoreWork _work;
        private readonly ChoreTimer _timer;
        private readonly long[] _next;
        private int _questions;
        private int _left;
        private int _thread;
        private int _inside;
        private long _dueNs = long.MaxValue;
        private readonly Queue<(int From, long Number)> _open = [];

        public Host(EventLoop loop, int questions, long pauseNs, bool isBrief, Chore chore)
        {
            (_loop, _questions, _pauseNs, _isBrief, _chore) = (loop, questions, pauseNs, isBrief, chore);
            _left = questions;
            _next = new long[loop.GroupCount];
            _work = new ChoreWork(this);
            _timer = new ChoreTimer(this);
            loop.OnMessage(Question, Serve);
            loop.OnMessage(Reply, (int from, in Message m) => Answers++);
        }

        public int Index => _loop.Index;
        public string Failure { get; private set; } = "";

        /// <summary>Questions to each other loop at a time.</summary>
        public int AtOnce { get; set; } = 1;

        /// <summary>Asks in the turn's own step, too, just before the timer: so two visits come before the answers are taken.</summary>
        public bool AsksInTurns { get; set; }

        public int Asked { get; private set; }
        public int Answers { get; private set; }
        public int Served { get; private set; }
        public int ServedByOthers { get; private set; }
        public int ChoresDone { get; private set; }
        public bool IsDone => Answers == _questions * (_loop.GroupCount - 1) * AtOnce;
        public bool IsThrough => _left == 0;

        public void OnStarted(EventLoop loop)
        {
            _thread = Environment.CurrentManagedThreadId;
            if (_chore == Chore.Background) loop.AddBackground(_work);
            if (_left != 0) ScheduleIn(10_000_000);
        }

        public void AskAgain(int questions, int atOnce)
        {
            (_questions, _left, AtOnce) = (questions, questions, atOnce);
            ScheduleIn(_pauseNs);
        }

        public override void OnTimer()
        {
            Ask();
            _dueNs = long.MaxValue;
            if (--_left > 0) ScheduleIn(_pauseNs);
        }

        public void OnTurn(EventLoop loop)
        {
            if (AsksInTurns && loop.NowNs >= _dueNs) Ask();
        }

        public void OnLongTurn(EventLoop loop, long ns)
        {
        }

        public void OnStopping(EventLoop loop) => loop.Cancel(this);

        public void OnStopped(EventLoop loop)
        {
        }

        private void ScheduleIn(long ns)
        {
            _dueNs = _loop.NowNs + ns;
            _loop.Schedule(this, _dueNs);
        }

        private void Ask()
        {
            for (int i = 0; i < AtOnce; i++)
            {
                for (int to = 0; to < _loop.GroupCount; to++)
                {
                    if (to == _loop.Index) continue;
                    _loop.Ask(to, new Message { Kind = Question, A = Asked / (_loop.GroupCount - 1) }, _isBrief);
                    Asked++;
                }
            }
        }

        private void Serve(int from, in Message message)
        {
            if (_inside++ != 0) Failure = "two threads at once";
            if (!_loop.IsRunningHere) Failure = "not in the host's name";
            if (message.A != _next[from]++) Failure = $"question {message.A} of {from} out of order";
            if (Environment.CurrentManagedThreadId != _thread) ServedByOthers++;
            Served++;
            if (_chore == Chore.None)
            {
                _loop.Answer(from, new Message { Kind = Reply, A = message.A });
            }
            else
            {
                _open.Enqueue((from, message.A));
                if (_chore == Chore.Background) _work.Wake();
                else _loop.Schedule(_timer, _loop.NowNs + 100_000);
            }

            _inside--;
        }

        private void DoChore()
        {
            if (_thread != Environment.CurrentManagedThreadId) Failure = "a chore was done by another loop's thread";
            // A host that comes to it late finds several questions.
            while (_open.TryDequeue(out (int From, long Number) question))
            {
                ChoresDone++;
                _loop.Answer(question.From, new Message { Kind = Reply, A = question.Number });
            }
        }

        private sealed class ChoreWork(Host host) : BackgroundWork
        {
            public override bool Run(long deadlineNs)
            {
                host.DoChore();
                return false;
            }
        }

        private sealed class ChoreTimer(Host host) : LoopTimer
        {
            public override void OnTimer() => host.DoChore();
        }
    }
}
