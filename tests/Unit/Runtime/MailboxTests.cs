using System.Diagnostics;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Messages between loops: order, full rings, waking, and the stop.</summary>
public sealed class MailboxTests
{
    private const ushort Question = 1;
    private const ushort Reply = 2;
    private const ushort Note = 3;

    [Theory]
    [InlineData(2, 64, 100_000)]
    [InlineData(3, 64, 20_000)]
    [InlineData(5, 128, 5_000)]
    public void QuestionsAndAnswersKeepTheirOrderBetweenThreads(int count, int capacity, int questions)
    {
        using LoopGroup group = Threads(count, capacity);
        var askers = new Asker[count];
        for (int i = 0; i < count; i++) askers[i] = new Asker(group[i], questions);
        RunUntilDone(group, askers);
        foreach (Asker asker in askers)
        {
            Assert.Equal("", asker.Failure);
            Assert.Equal((long)questions * (count - 1), asker.AnswersSeen);
            Assert.Equal((long)questions * (count - 1), asker.QuestionsSeen);
        }
    }

    [Fact]
    public void RingsFullInBothDirectionsBlockNobody()
    {
        // Nobody heeds the throttle: everything is asked at once, a thousand times a ring's length.
        using LoopGroup group = Threads(2, 64);
        var askers = new[] { new Asker(group[0], 64_000, heedsThrottle: false), new Asker(group[1], 64_000, heedsThrottle: false) };
        RunUntilDone(group, askers);
        foreach (Asker asker in askers)
        {
            Assert.Equal("", asker.Failure);
            Assert.Equal(64_000, asker.AnswersSeen);
        }

        Assert.True(group[0].Statistics.MailboxesFull > 0);
    }

    [Fact]
    public void WhatWaitsForRoomSaysSoAndIsDeliveredInOrder()
    {
        using LoopRig rig = new(LoopBackend.Epoll, count: 2, mailboxCapacity: 64);
        List<long> seen = [];
        rig.Group[1].OnMessage(Note, (int from, in Message m) => seen.Add(m.A));
        bool accepted = true;
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(i < 64, accepted = rig.Loop.Post(1, new Message { Kind = Note, A = i }));
            Assert.Equal(!accepted, rig.Loop.Throttled);
        }

        Assert.Equal(936, rig.Loop.Statistics.MailboxesFull);
        rig.RunUntil(() => seen.Count == 1000);
        for (int i = 0; i < 1000; i++) Assert.Equal(i, seen[i]);
        Assert.False(rig.Loop.Throttled);
        Assert.True(rig.Loop.Post(1, new Message { Kind = Note, A = 1000 }));
    }

    [Fact]
    public void AThrottledLoopReadsNoSocketsAndGoesOnAfterwards()
    {
        using LoopRig rig = new(LoopBackend.Epoll, count: 2, mailboxCapacity: 64);
        int seen = 0;
        rig.Group[1].OnMessage(Note, (int from, in Message m) => seen++);
        TestConnection server = new();
        ListenSocket listener = rig.ListenTcp(() => server);
        System.Net.Sockets.Socket client = rig.Connect(listener);
        rig.RunUntil(() => server.Loop is not null);

        for (int i = 0; i < 65; i++) rig.Loop.Post(1, new Message { Kind = Note });
        client.Send("bytes"u8);
        // The other loop gets no turn, so its ring stays full.
        for (int i = 0; i < 50; i++) rig.Loop.RunTurn(mayBlock: false);
        Assert.Equal(0, server.Calls);
        rig.RunUntil(() => server.ReceivedCount == 5);
        Assert.Equal(65, seen);
    }

    [Theory]
    [InlineData(LoopBackend.Epoll, 200, 1_000_000)]
    [InlineData(LoopBackend.Uring, 200, 1_000_000)]
    [InlineData(LoopBackend.Epoll, 20_000, 0)]
    [InlineData(LoopBackend.Uring, 20_000, 0)]
    public void ASleepingLoopIsWokenByEachMessage(LoopBackend backend, int rounds, long pauseNs)
    {
        using LoopGroup group = Threads(2, 0, backend);
        using ManualResetEventSlim woken = new();
        PingPong first = new(group[0], rounds, pauseNs, onDone: woken.Set);
        PingPong second = new(group[1], rounds: int.MaxValue, pauseNs, onDone: null);
        group[0].Attach(first);
        group[1].Attach(second);
        group.Start();
        Assert.True(woken.Wait(10_000, TestContext.Current.CancellationToken), $"{first.Seen} of {rounds} round trips");
        group.Stop();
        group.Join();
        Assert.True(group[0].Statistics.Sleeps > rounds / 4);
    }

    [Fact]
    public void MessagesToOneselfArrive()
    {
        using LoopRig rig = new(LoopBackend.Epoll);
        List<long> seen = [];
        rig.Loop.OnMessage(Note, (int from, in Message m) => seen.Add(from * 100 + m.F));
        rig.Loop.Post(0, new Message { Kind = Note, F = 7 });
        rig.RunUntil(() => seen.Count == 1, limitMs: 1000);
        Assert.Equal(7, seen[0]);
    }

    [Fact]
    public void MoreLoopsThanBitsInAMailWord()
    {
        using LoopRig rig = new(LoopBackend.Epoll, count: 150);
        long[] sums = new long[150];
        for (int i = 0; i < 150; i++)
        {
            int self = i;
            rig.Group[i].OnMessage(Note, (int from, in Message m) =>
            {
                Assert.Equal(from, m.A);
                sums[self] += from;
            });
        }

        for (int from = 0; from < 150; from++)
        {
            for (int to = 0; to < 150; to++) rig.Group[from].Post(to, new Message { Kind = Note, A = from });
        }

        rig.RunUntil(() => Array.TrueForAll(sums, sum => sum == 149 * 150 / 2));
    }

    [Fact]
    public void StampsOnlyGoForwardAndCarryOver()
    {
        using LoopRig rig = new(LoopBackend.Epoll, count: 2);
        long received = 0;
        rig.Group[1].OnMessage(Note, (int from, in Message m) => received = m.Stamp);
        long sent = rig.Loop.NextStamp();
        for (int i = 0; i < 100_000_000 && sent < rig.Loop.NowNs + 1_000_000_000; i += 1_000_000) sent = rig.Loop.NextStamp() + i;
        rig.Loop.Post(1, new Message { Kind = Note });
        rig.RunUntil(() => received != 0);
        Assert.True(rig.Group[1].NextStamp() > received);
    }

    [Fact]
    public void AStopLeavesNoQuestionUnanswered()
    {
        for (int round = 0; round < 10; round++)
        {
            using LoopGroup group = Threads(3, 64);
            var askers = new Asker[3];
            for (int i = 0; i < 3; i++)
            {
                askers[i] = new Asker(group[i], int.MaxValue, endsOnStop: true);
                group[i].Attach(askers[i]);
            }

            group.Start();
            SpinWait.SpinUntil(() => askers[1].AnswersSeen > 1000, 5000);
            group.Stop();
            var clock = Stopwatch.StartNew();
            group.Join();
            Assert.InRange(clock.ElapsedMilliseconds, 0, 1000);
            long asked = 0, answered = 0;
            foreach (Asker asker in askers)
            {
                Assert.Equal("", asker.Failure);
                Assert.True(asker.HasStopped);
                asked += asker.Asked;
                answered += asker.AnswersSeen;
            }

            Assert.Equal(asked, answered);
        }
    }

    private static LoopGroup Threads(int count, int capacity, LoopBackend backend = LoopBackend.Epoll) =>
        LoopGroup.Create(new LoopGroupOptions { Backend = backend, Count = count, MailboxCapacity = capacity });

    private static void RunUntilDone(LoopGroup group, Asker[] askers)
    {
        for (int i = 0; i < askers.Length; i++) group[i].Attach(askers[i]);
        group.Start();
        bool isDone = SpinWait.SpinUntil(() => Array.TrueForAll(askers, a => a.IsDone || a.Failure.Length != 0), 20_000);
        group.Stop();
        group.Join();
        Assert.True(isDone, "the loops stand still");
    }

    /// <summary>Asks every other loop in turn and checks that both directions are seen in order.</summary>
    private sealed class Asker : BackgroundWork, ILoopEvents
    {
        private readonly EventLoop _loop;
        private readonly int _questions;
        private readonly bool _heedsThrottle;
        private readonly bool _endsOnStop;
        private readonly long[] _nextQuestion;
        private readonly long[] _nextAnswer;
        private int _sentPerPeer;
        private bool _isEnding;

        public Asker(EventLoop loop, int questions, bool heedsThrottle = true, bool endsOnStop = false)
        {
            (_loop, _questions, _heedsThrottle, _endsOnStop) = (loop, questions, heedsThrottle, endsOnStop);
            _nextQuestion = new long[loop.GroupCount];
            _nextAnswer = new long[loop.GroupCount];
            loop.OnMessage(Question, TakeQuestion);
            loop.OnMessage(Reply, TakeAnswer);
        }

        public string Failure { get; private set; } = "";
        public long Asked { get; private set; }
        public long QuestionsSeen { get; private set; }
        public long AnswersSeen { get; private set; }
        public bool HasStopped { get; private set; }

        public bool IsDone
        {
            get
            {
                long expected = (long)_questions * (_loop.GroupCount - 1);
                return AnswersSeen == expected && QuestionsSeen == expected;
            }
        }

        public override bool Run(long deadlineNs)
        {
            for (int i = 0; i < 500; i++)
            {
                if (_isEnding || _sentPerPeer == _questions || Failure.Length != 0) return false;
                if (_heedsThrottle && _loop.Throttled) return false;
                for (int to = 0; to < _loop.GroupCount; to++)
                {
                    if (to == _loop.Index) continue;
                    Asked++;
                    _loop.Ask(to, new Message { Kind = Question, A = _sentPerPeer, B = ~_sentPerPeer, E = 5, F = _sentPerPeer * 3 });
                }

                _sentPerPeer++;
            }

            return true;
        }

        public void OnStarted(EventLoop loop) => loop.AddBackground(this);

        public void OnTurn(EventLoop loop)
        {
            if (!loop.Throttled) Wake();
        }

        public void OnLongTurn(EventLoop loop, long ns)
        {
        }

        public void OnStopping(EventLoop loop) => _isEnding = _endsOnStop;

        public void OnStopped(EventLoop loop) => HasStopped = true;

        private void TakeQuestion(int from, in Message m)
        {
            if (m.A != _nextQuestion[from]++ || m.B != ~m.A || m.E != 5 || m.F != (int)m.A * 3)
                Failure = $"question {m.A} from {from}, expected {_nextQuestion[from] - 1}";
            QuestionsSeen++;
            _loop.Answer(from, new Message { Kind = Reply, A = m.A, C = m.A + from });
        }

        private void TakeAnswer(int from, in Message m)
        {
            if (m.A != _nextAnswer[from]++ || m.C != m.A + _loop.Index)
                Failure = $"answer {m.A} from {from}, expected {_nextAnswer[from] - 1}";
            AnswersSeen++;
        }
    }

    /// <summary>One message goes to and fro with a pause in between, so both loops sleep each time.</summary>
    private sealed class PingPong : LoopTimer, ILoopEvents
    {
        private readonly EventLoop _loop;
        private readonly int _rounds;
        private readonly long _pauseNs;
        private readonly Action? _onDone;

        public PingPong(EventLoop loop, int rounds, long pauseNs, Action? onDone)
        {
            (_loop, _rounds, _pauseNs, _onDone) = (loop, rounds, pauseNs, onDone);
            loop.OnMessage(Note, Take);
        }

        public int Seen { get; private set; }

        public override void OnTimer() => _loop.Post(1 - _loop.Index, new Message { Kind = Note });

        public void OnStarted(EventLoop loop)
        {
            if (loop.Index == 0) loop.Schedule(this, loop.NowNs + 10_000_000);
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

        private void Take(int from, in Message m)
        {
            if (++Seen == _rounds) _onDone?.Invoke();
            if (_loop.IsStopping || Seen >= _rounds) return;
            if (_loop.Index == 0 && _pauseNs != 0) _loop.Schedule(this, _loop.NowNs + _pauseNs);
            else OnTimer();
        }
    }
}
