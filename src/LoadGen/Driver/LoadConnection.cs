using Anax.Core.Buffers;
using Anax.LoadGen.Cluster;
using Anax.LoadGen.Options;
using Anax.LoadGen.Replies;
using Anax.LoadGen.Workload;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>
/// One connection to the server: composes requests into the socket's own stream, reads the replies in place, and
/// decides when the next requests are due.
/// </summary>
/// <remarks>
/// The clock is read once when bytes come, which is the time of all replies in them and of the batch that they give
/// rise to, and once when a timer fires. A batch leaves at once, not at the end of the turn: otherwise the composing of
/// the others' batches would be part of its latency.
/// </remarks>
internal sealed class LoadConnection : SocketEvents
{
    /// <summary>More unanswered requests on one connection would be a client that only fills memory.</summary>
    private const int PendingMax = 4_000_000;

    private const int BurstMax = 256;

    private readonly LoadThread _thread;
    private readonly LoadPlan _plan;
    private readonly RequestComposer _composer;
    private readonly ReplyReader _reader;
    private readonly ValueVerifier? _verifier;
    private readonly PendingRing _pending = new();
    private readonly CallTimer _timer;
    private readonly bool _isSender;
    private readonly bool _tracksKeys;
    private int _setupAnswers;
    private bool _isReady;
    private bool _isEnded;
    private bool _isAdopted;
    private bool _isHeldBack;
    private bool _isDrained;
    private long _toSend;
    private double _place;
    private long _batch;
    private long _lastSentNs;
    private int _repliesTaken;
    private int _runCount;
    private int _runReads;
    private int _runHits;

    public LoadConnection(LoadThread thread, ServerAddress address, RequestComposer composer, bool isSender)
    {
        (_thread, Address, _composer, _isSender) = (thread, address, composer, isSender);
        _plan = thread.Plan;
        BenchOptions options = thread.Options;
        _tracksKeys = options.Verify || composer.IsClustered;
        _reader = options.Protocol == BenchProtocol.MemcacheText
            ? new MemcacheReplyReader { HandsOutValues = options.Verify }
            : new RespReplyReader { HandsOutValues = options.Verify };
        if (options.Verify) _verifier = new ValueVerifier(options, _plan.Values);
        _timer = new CallTimer(OnTick);
    }

    public ServerAddress Address { get; }

    /// <summary>Why it is dialled, to stand before what went wrong with it.</summary>
    public string Reason => _isSender ? "" : "redirected: ";

    private int Pipeline => _thread.Options.Pipeline;

    // ---- before the load ----

    /// <summary>Sends what stands before the load; the socket keeps it until the connection stands.</summary>
    public void Greet()
    {
        _isAdopted = true;
        _setupAnswers = _thread.Setup.Names.Count;
        if (_setupAnswers != 0) Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, _thread.Setup.Bytes);
    }

    public void LookWhetherConnected()
    {
        if (_isAdopted && !_isReady && ClientSocket.IsConnected(Loop.DescriptorOf(Handle))) BecomeReady();
    }

    public void End()
    {
        _isEnded = true;
        if (!_isAdopted) return;
        Loop.Cancel(_timer);
        Loop.Abort(Handle);
    }

    // ---- phases ----

    /// <summary>The place is where between two batches of a schedule this connection sends, 0 to below 1.</summary>
    public void StartPhase(double place)
    {
        _toSend = _thread.Phase.Requests == 0 ? long.MaxValue : _thread.Phase.Requests;
        (_place, _batch, _isHeldBack) = (place, 0, false);
        if (_thread.Schedule is { } schedule)
            Loop.Schedule(_timer, schedule.IntendedNs(_place, 0));
        else
            Continue(Loop.MonotonicNs());
    }

    /// <summary>Sends a request that another server has redirected here.</summary>
    public void SendAgain(in Pending request, bool isAsk)
    {
        // It could not be dialled, which has ended the run.
        if (!_isAdopted) return;
        ref ReplyStream output = ref Loop.OutputOf(Handle);
        if (isAsk)
        {
            output.AppendCopy(Loop.Chunks, "*1\r\n$6\r\nASKING\r\n"u8);
            Pending asking = request;
            asking.Command = -1;
            _pending.Add(asking, mayJoin: false);
        }

        Span<byte> room = output.GetSpan(Loop.Chunks, _plan.RequestBytesMax);
        output.Advance(_composer.Compose(_plan.Template(request.Command), request.Key, room));
        _pending.Add(request, mayJoin: false);
    }

    // ---- events of the socket ----

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        long nowNs = Loop.MonotonicNs();
        int answered = 0;
        int before = _pending.Count;
        if (_setupAnswers == 0) _thread.Recorder.Received(bytes.Length);
        for (int at = 0; ;)
        {
            ReplyKind kind = _reader.Next(bytes, ref at);
            if (kind == ReplyKind.Incomplete) break;
            switch (kind)
            {
                case ReplyKind.Piece:
                    if (_plan.HasNoReply) answered += PassNoReplies(nowNs);
                    if (_setupAnswers == 0 && _pending.Count != 0)
                        _verifier?.Take(_pending.First.Key, _reader.ValueLength, bytes[_reader.Piece]);
                    continue;
                case ReplyKind.Push:
                    continue;
                case ReplyKind.Broken:
                    _thread.Fail($"{Address} sent what is no answer: '{_reader.ShownText}'");
                    return;
            }

            if (_setupAnswers != 0)
            {
                TakeSetup(kind);
                continue;
            }

            if (_pending.Count == 0)
            {
                string what = kind == ReplyKind.Error ? $"'{_reader.ShownText}'" : "an answer";
                _thread.Fail($"{Address} sent {what}, which no request asked for");
                return;
            }

            if (_plan.HasSequences && TakeEarly(kind)) continue;
            answered += Complete(kind, nowNs);
        }

        if (_isDrained) answered += PassNoReplies(nowNs);
        if (_runCount != 0) RecordRun(nowNs);
        if (answered != 0) _thread.Answered(answered, nowNs);
        // What was redirected is answered elsewhere and makes room here all the same.
        if (_isSender && _pending.Count < before) Continue(nowNs);
    }

    /// <summary>Requests that are not answered are over when the kernel has taken them.</summary>
    public override void OnDrained()
    {
        if (!_plan.HasNoReply || _pending.Count == 0) return;
        _isDrained = true;
        long nowNs = Loop.MonotonicNs();
        int answered = PassNoReplies(nowNs);
        if (answered == 0) return;
        _thread.Answered(answered, nowNs);
        Continue(nowNs);
    }

    public override void OnClosed(int errno)
    {
        _thread.Recorder.Disconnected();
        if (_isEnded || _thread.IsEnding) return;
        _isEnded = true;
        if (!_isReady && errno != 0)
            _thread.Fail($"{Reason}{Address}: connect: {ClientSocket.ErrorText(errno)}");
        else if (!_isReady)
            _thread.Fail($"{Reason}{Address} closed the connection before it answered");
        else
            _thread.Fail($"{Address} closed the connection with {_pending.Count} requests unanswered");
    }

    // ---- replies ----

    /// <summary>A reply of a request of several commands; false where it is its last, which answers it.</summary>
    private bool TakeEarly(ReplyKind kind)
    {
        ref Pending first = ref _pending.First;
        if (first.Command < 0 || ++_repliesTaken == _plan.Template(first.Command).Replies)
        {
            _repliesTaken = 0;
            return false;
        }

        if (kind == ReplyKind.Error) _thread.Recorder.Refused(_reader.Text);
        return true;
    }

    /// <summary>Takes one reply; returns how many requests are over by it.</summary>
    private int Complete(ReplyKind kind, long nowNs)
    {
        int passed = _plan.HasNoReply ? PassNoReplies(nowNs) : 0;
        if (_pending.Count == 0)
        {
            // Only errors are answered where no answer was asked for.
            _thread.Recorder.Refused(_reader.Text);
            return passed;
        }

        ref Pending first = ref _pending.First;
        if (kind == ReplyKind.Error || first.Command < 0) return passed + CompleteUnusual(nowNs);
        if (kind >= ReplyKind.Null)
        {
            _runReads++;
            if (kind == ReplyKind.Value)
            {
                _runHits++;
                _verifier?.End(first.Key, _reader.ValueLength, _thread.Recorder);
            }
        }

        _runCount++;
        if (first.Count == 1) RecordRun(nowNs);
        _pending.TakeOne();
        return passed + 1;
    }

    /// <summary>An error, or the answer to ASKING.</summary>
    private int CompleteUnusual(long nowNs)
    {
        Pending request = _pending.First;
        if (_runCount != 0) RecordRun(nowNs);
        if (request.Command < 0)
        {
            _pending.TakeOne();
            return 0;
        }

        if (_composer.IsClustered && _thread.Redirect(_reader.Text, request, Address))
        {
            _pending.TakeOne();
            return 0;
        }

        _runCount = 1;
        RecordRun(nowNs);
        _thread.Recorder.Refused(_reader.Text);
        _pending.TakeOne();
        return 1;
    }

    private int PassNoReplies(long nowNs)
    {
        int passed = 0;
        while (_pending.Count != 0 && _pending.First.IsNoReply)
        {
            _runCount++;
            if (_pending.First.Count == 1) RecordRun(nowNs);
            _pending.TakeOne();
            passed++;
        }

        return passed;
    }

    /// <summary>Replies to requests of one time that came at one time are recorded together.</summary>
    private void RecordRun(long nowNs)
    {
        ref Pending first = ref _pending.First;
        _thread.Recorder.Replies(nowNs, first.GeneratedNs, first.IntendedNs, _runCount, _runReads, _runHits);
        _runCount = _runReads = _runHits = 0;
    }

    private void TakeSetup(ReplyKind kind)
    {
        string name = _thread.Setup.Names[^_setupAnswers];
        _setupAnswers--;
        if (kind == ReplyKind.Error)
        {
            _thread.Fail($"{Reason}{Address}: {name}: {_reader.ShownText}");
            return;
        }

        if (_setupAnswers == 0) BecomeReady();
    }

    private void BecomeReady()
    {
        _isReady = true;
        if (_isSender) _thread.ConnectionReady();
    }

    // ---- requests ----

    /// <summary>Sends what is due after answers.</summary>
    private void Continue(long nowNs)
    {
        if (!_thread.IsSending || _toSend == 0) return;
        int window = _thread.Options.Window;
        if (_thread.Schedule is not null)
        {
            if (_isHeldBack && _pending.Count <= 2 * Pipeline) Tick(nowNs);
        }
        else if (window != 0)
        {
            if (_pending.Count < window) SendBatch(window - _pending.Count, nowNs, nowNs);
        }
        else if (_pending.Count == 0)
        {
            SendBatch(Pipeline, nowNs, nowNs);
        }
    }

    private void OnTick() => Tick(Loop.MonotonicNs());

    private void Tick(long nowNs)
    {
        _isHeldBack = false;
        for (int burst = 0; _thread.IsSending && _toSend != 0; burst++)
        {
            Schedule schedule = _thread.Schedule!;
            long intendedNs = schedule.IntendedNs(_place, _batch);
            if (intendedNs >= _thread.EndNs) return;
            long dueNs = schedule.DueNs(intendedNs, _lastSentNs);
            if (dueNs > nowNs || burst == BurstMax)
            {
                Loop.Schedule(_timer, dueNs);
                return;
            }

            if (schedule.IsThrottled && _pending.Count > 2 * Pipeline)
            {
                _isHeldBack = true;
                return;
            }

            SendBatch(Pipeline, nowNs, intendedNs);
            _lastSentNs = nowNs;
            _batch++;
        }
    }

    private void SendBatch(int count, long generatedNs, long intendedNs)
    {
        count = (int)Math.Min(count, _toSend);
        if (_pending.Count + count > PendingMax)
        {
            _thread.Fail($"{Address} leaves more than {PendingMax} requests of one connection unanswered");
            return;
        }

        ref ReplyStream output = ref Loop.OutputOf(Handle);
        Pending request = new() { GeneratedNs = generatedNs, IntendedNs = intendedNs, Count = 1 };
        int bytes = 0;
        for (int left = count; left != 0;)
        {
            Span<byte> room = output.GetSpan(Loop.Chunks, _plan.RequestBytesMax);
            int used = 0;
            do
            {
                request.Command = (short)_composer.NextCommand();
                CommandTemplate template = _plan.Template(request.Command);
                request.Key = _composer.NextKey(template);
                if (request.Key == ClusterKeys.None)
                {
                    _thread.Fail($"no key of the range lies in the hash slots of {Address}");
                    return;
                }

                used += _composer.Compose(template, request.Key, room[used..]);
                request.IsNoReply = template.IsNoReply;
                _pending.Add(request, mayJoin: !_tracksKeys);
                left--;
            }
            while (left != 0 && room.Length - used >= _plan.RequestBytesMax);
            output.Advance(used);
            bytes += used;
        }

        _toSend -= count;
        _thread.Recorder.Sent(count, bytes);
        _thread.Sent(count, generatedNs);
        _thread.BatchesSent++;
        if (_toSend == 0) _thread.SenderFinished();
        // Unanswered requests wait for the kernel to take them, which it must not report from in here.
        _isDrained = false;
        if (!_plan.HasNoReply) Loop.FlushNow(Handle);
    }
}
