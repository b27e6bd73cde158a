using System.Diagnostics;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>
/// What simulation cannot shake, because there one thread does all: the memory ordering between real threads. Loops with
/// tiny rings ask, answer and post in bursts that overflow them, sleep, wake, and visit each other, all mixed by chance.
/// </summary>
public sealed class MailboxStressTests
{
    private const ushort Question = 1;
    private const ushort Reply = 2;
    private const ushort Note = 3;

    [Theory]
    [InlineData(2, 8, LoopBackend.Epoll, 1)]
    [InlineData(2, 8, LoopBackend.Uring, 2)]
    [InlineData(3, 2, LoopBackend.Epoll, 3)]
    public void NothingIsLostReorderedOrSeenHalfWritten(int loops, int capacity, LoopBackend backend, int seed)
    {
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Count = loops, MailboxCapacity = capacity, Backend = backend });
        var talkers = new Talker[loops];
        for (int i = 0; i < loops; i++)
        {
            talkers[i] = new Talker(group[i], talkers, new Random(seed * 100 + i));
            group[i].Attach(talkers[i]);
        }

        group.Start();
        RunFor(1500, () => !Array.Exists(talkers, talker => talker.Failure.Length != 0));
        foreach (Talker talker in talkers) talker.Finish();
        RunFor(10_000, () => !Array.TrueForAll(talkers, talker => talker.IsThrough));
        group.Stop();
        group.Join();

        long full = 0, wakes = 0, visits = 0, sleeps = 0;
        for (int i = 0; i < loops; i++)
        {
            Assert.True(talkers[i].Failure.Length == 0, $"seed {seed}, loop {i}: {talkers[i].Failure}");
            Assert.True(talkers[i].IsThrough, $"seed {seed}, loop {i}: {talkers[i].Open} questions were never answered");
            for (int to = 0; to < loops; to++) Assert.Equal(talkers[i].NotesTo(to), talkers[to].NotesFrom(i));
            ref LoopStatistics statistics = ref group[i].Statistics;
            full += statistics.MailboxesFull;
            wakes += statistics.Wakes;
            visits += statistics.Visits;
            sleeps += statistics.Sleeps;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{full} full rings, {wakes} wakes, {visits} visits, {sleeps} sleeps");
        Assert.True(full > 0 && wakes > 0 && visits > 0 && sleeps > 0, $"{full} full rings, {wakes} wakes, {visits} visits, {sleeps} sleeps");
    }

    private static void RunFor(int ms, Func<bool> goesOn)
    {
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < ms && goesOn()) Thread.Sleep(1);
    }

    /// <summary>
    /// One loop's part. A question is a place in an array of the asker's, written without any precaution before it is
    /// sent; who serves it, the other loop or a visitor in its name, reads it and writes the answer over it.
    /// </summary>
    private sealed class Talker : LoopTimer, ILoopEvents
    {
        private const int Places = 1024;

        private readonly EventLoop _loop;
        private readonly Talker[] _all;
        private readonly Random _random;
        private readonly long[] _places = new long[Places];
        private readonly Peer[] _peers;
        private long _counter;
        private int _inside;
        private volatile bool _isFinishing;
        private volatile int _open;
        private volatile string _failure = "";

        public Talker(EventLoop loop, Talker[] all, Random random)
        {
            (_loop, _all, _random) = (loop, all, random);
            _peers = new Peer[all.Length];
            loop.OnMessage(Question, Serve);
            loop.OnMessage(Reply, TakeReply);
            loop.OnMessage(Note, TakeNote);
        }

        public string Failure => _failure;
        public int Open => _open;
        public bool IsThrough => _isFinishing && _open == 0 && _failure.Length == 0 && Array.TrueForAll(_all, IsInStepWith);

        public long NotesTo(int to) => _peers[to].NotesSent;

        public long NotesFrom(int from) => _peers[from].NotesSeen;

        public void Finish() => _isFinishing = true;

        public void OnStarted(EventLoop loop) => loop.Schedule(this, loop.NowNs + 1_000_000);

        public override void OnTimer()
        {
            Speak();
            // Long enough to fall asleep, or not at all.
            _loop.Schedule(this, _loop.NowNs + (_random.Next(4) == 0 ? 0 : _random.Next(100_000)));
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

        private bool IsInStepWith(Talker other) =>
            Volatile.Read(ref other._peers[_loop.Index].NotesSeen) == Volatile.Read(ref _peers[other._loop.Index].NotesSent);

        private void Speak()
        {
            if (_isFinishing || _failure.Length != 0) return;
            // A brief question by itself is worth a visit, a burst is not.
            bool isBrief = _random.Next(50) != 0;
            int count = isBrief ? 1 + _random.Next(2) : _random.Next(50);
            for (; count > 0; count--)
            {
                int to = _random.Next(_all.Length - 1);
                if (to >= _loop.Index) to++;
                if (!isBrief && _random.Next(4) == 0) Tell(to);
                else if (_open < Places) Ask(to, isBrief);
            }
        }

        private void Tell(int to)
        {
            long number = _peers[to].NotesSent;
            _loop.Post(to, new Message { Kind = Note, A = number, F = ~number });
            Volatile.Write(ref _peers[to].NotesSent, number + 1);
        }

        private void Ask(int to, bool isBrief)
        {
            // Answers of one loop come in order, those of two do not: a free place is looked for.
            int place = (int)(_counter % Places);
            while (_places[place] != 0) place = (place + 1) % Places;
            _places[place] = ++_counter;
            _open++;
            _loop.Ask(to, new Message { Kind = Question, A = place, B = _peers[to].Asked++, C = _counter }, isBrief);
        }

        private void Serve(int from, in Message message)
        {
            if (Interlocked.Exchange(ref _inside, 1) != 0) _failure = "two threads at once";
            ref Peer peer = ref _peers[from];
            if (message.B != peer.Served++) _failure = $"question {message.B} of {from} in the place of {peer.Served - 1}";
            ref long place = ref _all[from]._places[message.A];
            if (place != message.C) _failure = $"the place of question {message.B} of {from} held {place} instead of {message.C}";
            place = -message.C;
            _loop.Answer(from, new Message { Kind = Reply, A = message.A, B = message.B, C = message.C });
            Volatile.Write(ref _inside, 0);
        }

        private void TakeReply(int from, in Message message)
        {
            ref Peer peer = ref _peers[from];
            if (message.B != peer.Answered++) _failure = $"answer {message.B} of {from} in the place of {peer.Answered - 1}";
            if (_places[message.A] != -message.C) _failure = $"the place of answer {message.B} of {from} held {_places[message.A]}";
            _places[message.A] = 0;
            _open--;
        }

        private void TakeNote(int from, in Message message)
        {
            long seen = _peers[from].NotesSeen;
            if (message.A != seen || message.F != ~seen) _failure = $"note {message.A} of {from} in the place of {seen}";
            Volatile.Write(ref _peers[from].NotesSeen, seen + 1);
        }

        private struct Peer
        {
            public long Asked;
            public long Served;
            public long Answered;
            public long NotesSent;
            public long NotesSeen;
        }
    }
}
