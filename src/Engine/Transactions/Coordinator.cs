using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>What a coordinator has run on a shard: static code; its state is the frame's.</summary>
public delegate void HopCallback(ShardScope shard, ref HopFrame hop);

/// <summary>What a hop's callback sees of its coordinator: the arguments, this shard's part of the reply, this shard's state.</summary>
public readonly ref struct HopFrame
{
    private readonly Coordinator _tx;
    private readonly ref Coordinator.Part _part;
    private readonly EngineLoop _loop;

    internal HopFrame(Coordinator tx, ref Coordinator.Part part, EngineLoop loop, int argument = 0, bool isLook = false)
    {
        Argument = argument;
        IsLook = isLook;
        _tx = tx;
        _part = ref part;
        _loop = loop;
    }

    public Arguments Args => _tx.Args;
    public CommandSpec Command => _tx.Command;
    internal Coordinator Coordinator => _tx;

    /// <summary>The argument that names the key which a waiting command is to be served from.</summary>
    public int Argument { get; }

    /// <summary>
    /// Nothing is taken yet: a command that waits for keys of several shards is only <see cref="WaitResult.Claimed"/> where the key
    /// has something for it, and tries all of them in their order then.
    /// </summary>
    public bool IsLook { get; }

    /// <summary>A command that waits for keys tries for the first time: it answers for what it finds, as one that does not wait.</summary>
    public bool IsFirstTry => !_tx.Stands;
    internal ref readonly CommandContext Context => ref _part.Context;
    internal ref ReplyStream Replies => ref _part.Replies;

    /// <summary>A number that the callback leaves for the coordinator, one per shard.</summary>
    public ref long Value => ref _part.Value;

    /// <summary>State of this shard's part across hops; 32 bytes, zeroed when the command begins.</summary>
    public ref T State<T>() where T : unmanaged => ref _part.StateAs<T>();

    /// <summary>The managed object that the coordinator shares with its hops, to be read only.</summary>
    public object? Payload => _tx.Payload;

    /// <summary>A writer for this shard's part of the reply. Must be flushed.</summary>
    public ReplyWriter Writer() => new(ref _part.Replies, _loop.Events.Chunks, _tx.Resp);

    /// <summary>What a look at the waiting command's key comes to, of one that takes values of a type.</summary>
    public WaitResult Look(ShardScope shard, Core.Structures.ValueType type)
    {
        Entry entry = shard.Peek(Args.Key(Argument));
        if (!entry.Exists) return WaitResult.Empty;
        return entry.Type == type ? WaitResult.Claimed : WaitResult.NotForThis;
    }

    /// <summary>The callback is a slice of a command and is to run again, see <see cref="Coordinator.InSlices"/>; false before each.</summary>
    public bool GoesOn
    {
        get => _part.GoesOn;
        set => _part.GoesOn = value;
    }

    /// <summary>Does this shard own the key at an argument's index?</summary>
    public bool Owns(int argument) => _tx.ShardOf(argument) == _loop.Index;
}

/// <summary>
/// The connection's side of a command that runs on several shards: owns the arguments, asks shards by hops, joins
/// their answers into the reply. Pooled per loop; its handler is an async method that is resumed only by this loop.
/// </summary>
public sealed partial class Coordinator : Waiter
{
    internal const int StateBytes = 32;

    /// <summary>Of a command with more, a loop that sleeps is worth waking.</summary>
    private const int BriefArgumentsMax = 16;

    /// <summary>One shard's side of the command.</summary>
    internal struct Part
    {
        internal ReplyStream Replies;
        internal long Value;
        internal CommandContext Context;
        internal PartLocks Locks;

        /// <summary>The next hop to chosen shards goes there.</summary>
        internal bool IsAddressed;

        /// <summary>The callback is to run again.</summary>
        internal bool GoesOn;
        private StateWords _state;

        [UnscopedRef]
        internal ref T StateAs<T>() where T : unmanaged => ref NativeCast.As<StateWords, T>(ref _state, StateBytes);

        /// <summary>Takes another part's state over, of which only what never changes while the command waits is to be looked at.</summary>
        internal void TakeState(ref readonly Part other) => _state = other._state;
    }

    [InlineArray(StateBytes / sizeof(long))]
    private struct StateWords
    {
        private long _first;
    }

    private readonly NativeArray<Part> _parts;
    private readonly YieldTimer _timer;
    private ReplyStream _replies;
    private ReplyStream _joined;
    private BatchBlock _block;
    private CommandContext _context;
    private HopCallback? _callback;
    private Waiter? _waiter;
    private int _outstanding;
    private int _requestBytes;
    private long _begunNs;
    private long _outputBefore;
    private bool _failed;
    private bool _rejected;

    /// <summary>The callback under way goes through the command's keys.</summary>
    private bool _prefetches;
    private ReplyStream.Mark _mark;

    internal Coordinator(EngineLoop loop, int index)
    {
        Loop = loop;
        Index = index;
        _parts = new NativeArray<Part>(loop.Peers.Length);
        _timer = new YieldTimer(this);
        _waitTimer = new WaitTimer(this);
    }

    public EngineLoop Loop { get; }
    public Session Session { get; private set; } = null!;
    public CommandSpec Command { get; private set; } = null!;

    /// <summary>EXEC or the script that this command is part of: it holds the locks and gets the reply.</summary>
    internal Coordinator? Parent { get; private set; }

    /// <summary>Who holds the locks.</summary>
    internal Coordinator Root => Parent?.Root ?? this;

    /// <summary>The parked batch whose suspended command this is the rest of; -1 where it is a client's command.</summary>
    internal int Hosting { get; private set; } = -1;

    /// <summary>Where the command's reply goes.</summary>
    public ref ReplyStream Output => ref Parent is null && Hosting < 0 ? ref Session.Output : ref _replies;

    /// <summary>The replies of inner commands, until the command answers as a whole.</summary>
    internal ref ReplyStream Gathered => ref _replies;

    internal bool IsRejected => _rejected;

    /// <summary>It has answered with an error.</summary>
    internal bool HasFailed => _failed;
    internal CoordinatorHandler Handler => Command.AsCoordinator ?? Spreads.For(Command.Spread);
    public RespVersion Resp => _context.Resp;
    public int Database => _context.Database;
    public long NowMs => _context.NowMs;
    public int Shards => _parts.Length;
    public Arguments Args => new(_block.Arguments);

    public ulong NextRandom() => Loop.Events.NextRandom();

    /// <summary>An object that callbacks on other loops may read while this coordinator waits for them.</summary>
    public object? Payload { get; set; }

    internal int Index { get; }
    internal Coordinator? NextFree { get; set; }

    /// <summary>Who gets the token behind this one, see <see cref="TokenLine"/>.</summary>
    internal Coordinator? NextInLine { get; set; }
    internal BatchBlock Block => _block;

    /// <summary>The round that this runs as one transaction; null where it runs a command.</summary>
    internal Round? Joint { get; set; }

    /// <summary>The handler under way, once it had to wait.</summary>
    internal Co<Nothing>.Awaiter Running { get; set; }

    /// <summary>Without a command it is the engine's own work for the session, which nobody counts.</summary>
    internal void Begin(Session session, CommandSpec? command, BatchBlock block, in CommandContext context, int requestBytes)
    {
        Session = session;
        Command = command!;
        _block = block;
        _context = context;
        _requestBytes = requestBytes;
        _begunNs = Loop.Events.MonotonicNs();
        _mark = Output.Save();
        _outputBefore = Output.Length;
        _failed = _rejected = false;
    }

    /// <summary>Goes on with a command that was suspended in a batch, and with the locks that it ran under there, if any.</summary>
    internal void BeginHosted(Session session, CommandSpec? command, BatchBlock block, in CommandContext context, int batch, int request)
    {
        Hosting = batch;
        Begin(session, command, block, in context, 0);
        _parts[Loop.Index].Locks.Request = request;
        if (request != 0) Loop.Shard.Locks.Entrust(request, Owner);
    }

    /// <summary>A writer for the client's reply. Must be closed with <see cref="Close"/> before the next await.</summary>
    public ReplyWriter Writer() => new(ref Output, Loop.Events.Chunks, Resp);

    /// <summary>
    /// A writer for a part of the reply that is gathered across awaits: what stands in the client's stream may be sent
    /// before the rest is there. Must be flushed.
    /// </summary>
    public ReplyWriter PartWriter(int shard) => new(ref _parts[shard].Replies, Loop.Events.Chunks, Resp);

    /// <summary>What is joined of several shards' parts, across awaits, before the reply begins.</summary>
    public ref ReplyStream Joined => ref _joined;

    /// <summary>A writer for <see cref="Joined"/>. Must be flushed.</summary>
    public ReplyWriter JoinWriter() => new(ref _joined, Loop.Events.Chunks, Resp);

    /// <summary>Flushes a writer of the client's reply and notes whether it wrote an error.</summary>
    public void Close(ref ReplyWriter writer)
    {
        if (writer.HasError)
        {
            _failed = true;
            Loop.Statistics.Error(writer.ErrorCode);
        }
        writer.Flush();
    }

    /// <summary>Notes that the reply is an error, which comes from elsewhere.</summary>
    internal void Failed() => _failed = true;

    /// <summary>If what a shard's callbacks have written is an error, it is the reply.</summary>
    public bool PassError(int shard)
    {
        ref ReplyStream part = ref PartOf(shard);
        if (!Spreads.IsError(ref part)) return false;
        Failed();
        Spreads.CountError(Loop, ref part);
        part.MoveTo(ref Output, Loop.Events.Chunks, part.Length);
        return true;
    }

    /// <summary>Answers with an error.</summary>
    public void Fail(ErrorReply error)
    {
        ReplyWriter writer = Writer();
        writer.Error(error);
        Close(ref writer);
    }

    public void Fail(Outcome outcome) => Fail(Errors.For(outcome));

    /// <summary>Answers with an error before the command has begun.</summary>
    public void Reject(ErrorReply error)
    {
        Fail(error);
        _rejected = true;
    }

    public void Reject(ErrorTemplate error, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        ReplyWriter writer = Writer();
        writer.Error(error, first, second);
        Close(ref writer);
        _rejected = true;
    }

    /// <summary>The command has ended: statistics, logs, replies that the client does not want.</summary>
    internal void Account()
    {
        if (Command is null) return;
        long ns = Loop.Events.MonotonicNs() - _begunNs;
        int us = (int)Math.Min(ns / 1000, int.MaxValue);
        if (_rejected) Loop.Statistics[Command.Index].Rejected++;
        else Loop.Statistics.Timed(Command.Index, ns);
        if (!_rejected) Loop.NoteLatency(Command, ns);
        if (_failed && !_rejected) Loop.Statistics[Command.Index].Failed++;
        if (Session.Gone) return;
        long replyBytes = Output.Length - _outputBefore;
        if (Loop.Logs.WorthLogging(us, _requestBytes, replyBytes))
            Loop.Logs.Log(Session, Command.Index, Args, us, _requestBytes, replyBytes);
        if (Parent is null) Loop.Dispatcher.DropUnwanted(Session, _mark);
    }

    /// <summary>The shard that owns the key at an argument's index.</summary>
    public int ShardOf(int argument) => ShardOf(in _block.Arguments[argument]);

    internal int ShardOf(in ArgumentSlice key) => Dispatcher.ShardOf(in key, Loop.Settings, Shards);

    /// <summary>As <see cref="ShardOf(int)"/>, for an argument that the command's row does not declare as a key.</summary>
    public int Locate(int argument)
    {
        ref ArgumentSlice key = ref _block.Arguments[argument];
        key.Hash = Loop.Settings.HashKey.Hash(key.Span);
        return ShardOf(argument);
    }

    /// <summary>What a shard's callback left in <see cref="HopFrame.Value"/>.</summary>
    public long ValueOf(int shard) => _parts[shard].Value;

    /// <summary>State of a shard's part, as its callbacks see it.</summary>
    public ref T StateOf<T>(int shard) where T : unmanaged => ref _parts[shard].StateAs<T>();

    /// <summary>What a shard's callbacks have written.</summary>
    public ref ReplyStream PartOf(int shard) => ref _parts[shard].Replies;

    /// <summary>Runs a callback on one shard.</summary>
    /// <remarks><paramref name="releases"/>: it is the last on these shards, whose locks go with it.</remarks>
    public Hop Hop(int shard, HopCallback callback, bool releases = false)
    {
        Begin(callback, releases);
        Send(shard, IsBrief);
        return new Hop(this);
    }

    /// <summary>Runs a callback on every shard at once.</summary>
    public Hop HopAll(HopCallback callback, bool releases = false)
    {
        Begin(callback, releases);
        for (int shard = 0; shard < Shards; shard++)
            if (shard != Loop.Index) Send(shard);
        Send(Loop.Index);
        return new Hop(this);
    }

    /// <summary>Runs a callback on the shards that own the command's keys.</summary>
    public Hop HopKeys(HopCallback callback, bool releases = false)
    {
        Begin(callback, releases);
        for (int shard = 0; shard < Shards; shard++)
            if (shard != Loop.Index && OwnsKeys(shard)) Send(shard, IsBrief);
        if (OwnsKeys(Loop.Index)) Send(Loop.Index);
        return new Hop(this);
    }

    /// <summary>
    /// Runs a callback on one shard as long as it says that it goes on (<see cref="HopFrame.GoesOn"/>), in one turn of the loop after the
    /// other. Who changes a value pauses its edit until the last slice commits it: the key is locked.
    /// </summary>
    public async Co<Nothing> InSlices(int shard, HopCallback slice)
    {
        await Hop(shard, slice);
        while (GoesOn(shard))
        {
            await Yield();
            await Hop(shard, slice);
        }
        return default;
    }

    private bool GoesOn(int shard) => _parts[shard].GoesOn;

    /// <summary>Runs the command's only callback on the shards that own its keys, whose locks go with it: see <see cref="CommandSpec.AsksOnce"/>.</summary>
    public async Co<Nothing> RunOnKeys(HopCallback callback)
    {
        _prefetches = true;
        if (!await TryRunAtOnce(callback, IsBrief)) await HopKeys(callback, releases: true);
        _prefetches = false;
        return default;
    }

    /// <summary>The next <see cref="HopAddressed"/> goes to this shard, among others.</summary>
    internal void Address(int shard) => _parts[shard].IsAddressed = true;

    /// <summary>Runs a callback on the shards that were addressed since the last such hop.</summary>
    internal Hop HopAddressed(HopCallback callback, bool releases = false, bool isBrief = false)
    {
        Begin(callback, releases);
        for (int shard = 0; shard < Shards; shard++)
            if (shard != Loop.Index && TakeAddress(shard)) Send(shard, isBrief);
        if (TakeAddress(Loop.Index)) Send(Loop.Index);
        return new Hop(this);
    }

    /// <summary>Gives the loop back until its next turn: between the slices of a long command.</summary>
    public Hop Yield() => Sleep(0);

    public Hop Sleep(long ms)
    {
        _outstanding++;
        Loop.Events.Schedule(_timer, Loop.Events.NowNs + ms * 1_000_000);
        return new Hop(this);
    }

    internal bool HopDone => _outstanding == 0;

    internal void Wait(Waiter waiter) => _waiter = waiter;

    internal void Answered()
    {
        if (--_outstanding != 0) return;
        Waiter? waiter = _waiter;
        _waiter = null;
        waiter?.Resume();
    }

    /// <summary>Runs the current callback on a loop, which is the caller's own.</summary>
    internal void RunOn(EngineLoop loop)
    {
        ref Part part = ref _parts[loop.Index];
        if (_unlocked == loop.Index && (Joint is { } round ? JointRounds.IsBlocked(loop, round) : IsBlockedOn(loop)))
        {
            part.Locks.IsRefused = true;
            return;
        }
        part.Context = _context;
        loop.Shard.Advance(ref part.Context);
        if (_prefetches) Prefetch(loop);
        part.GoesOn = false;
        var frame = new HopFrame(this, ref part, loop);
        _callback!(new ShardScope(loop, in part.Context), ref frame);
        if ((part.Context.Traits & ClientTraits.Tracks) != 0 && Command is not null) NoteReads(loop, in part.Context);
        loop.Shard.Arena.Settle();
        loop.Shard.AssertNoOpenEdit();
        if (_releases) ReleaseOn(loop, ref part.Locks);
        if ((loop.Shard.Counters.Care & ShardCare.ReadyKeys) != 0) loop.Waits.Serve();
    }

    /// <summary>Notes what was read for who tracks. Hops that ask for locks have read nothing: an expired key may still go before it is.</summary>
    private void NoteReads(EngineLoop loop, in CommandContext context)
    {
        if (_unlocked == loop.Index || (context.Traits & ClientTraits.HoldsLocks) != 0) loop.Tracked.Note(in context, Command, Args);
    }

    /// <summary>Brings the first keys that are locked on a shard into the cache: waiting for one after the other is most of what they cost.</summary>
    private void Prefetch(EngineLoop loop)
    {
        const int KeysMax = 32;
        if (loop.Shard.Table(Database) is not { } table) return;
        Span<ulong> hashes = stackalloc ulong[KeysMax];
        int count = 0;
        foreach (ref readonly LockWish wish in _wishes.Span)
            if (wish.Shard == loop.Index && count < KeysMax) hashes[count++] = wish.Fingerprint;
        if (count > 1) table.Entries.Prefetch(hashes[..count], (Command.Flags & CommandFlags.Write) != 0);
    }

    /// <summary>The handler has ended: the session goes on.</summary>
    internal override void Resume()
    {
        if (Joint is { } round)
        {
            Loop.Dispatcher.Joint.Ended(this, round);
            return;
        }
        if (Hosting < 0)
        {
            Loop.Dispatcher.Barriers.CoordinatorEnded(this);
            return;
        }
        Running.GetResult();
        Loop.Parked.Ended(this);
    }

    internal void End()
    {
        for (int i = 0; i < _parts.Length; i++) _parts[i].Replies.Free(Loop.Events.Chunks);
        _replies.Free(Loop.Events.Chunks);
        _joined.Free(Loop.Events.Chunks);
        Parent = null;
        Hosting = -1;
        ForgetLocks();
        _parts.Span.Clear();
        Loop.Batches.Return(_block);
        _block = default;
        Payload = null;
        Joint = null;
        _callback = null;
        Running = default;
        Session = null!;
        Command = null!;
    }

    internal void Dispose()
    {
        _parts.Dispose();
        _wishes.Dispose();
        _innerArguments.Dispose();
        if (!_wait.IsNull) _wait.Free();
    }

    private bool TakeAddress(int shard)
    {
        bool isAddressed = _parts[shard].IsAddressed;
        _parts[shard].IsAddressed = false;
        return isAddressed;
    }

    private bool IsBrief => Command is { IsBrief: true } && _block.Arguments.Length <= BriefArgumentsMax;

    private bool OwnsKeys(int shard)
    {
        foreach (KeySpec keys in Command.Keys)
        {
            if (!keys.TryFind(Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (ShardOf(i) == shard) return true;
        }
        return false;
    }

    private void Begin(HopCallback callback, bool releases = false)
    {
        Invariant.Holds(_outstanding == 0, "a coordinator awaits each hop before the next");
        _callback = callback;
        _releases = releases;
        _outstanding = _ends;
        _ends = 0;
        Loop.Transactions.Hops++;
    }

    private void Send(int shard, bool isBrief = false)
    {
        if (shard == Loop.Index)
        {
            RunOn(Loop);
            if (_parts[shard].Locks.IsWaiting) _outstanding++;
            return;
        }
        _outstanding++;
        Loop.Events.Ask(shard, new Message { Kind = (ushort)MessageKind.Hop, A = Index }, isBrief);
    }

    private sealed class YieldTimer(Coordinator tx) : LoopTimer
    {
        public override void OnTimer() => tx.Answered();
    }
}

/// <summary>What a coordinator awaits: all answers of its last hop. Complete at once when every shard was the own one.</summary>
public readonly struct Hop : ILoopAwaiter
{
    private readonly Coordinator _tx;

    internal Hop(Coordinator tx) => _tx = tx;

    public EngineLoop Loop => _tx.Loop;
    public bool IsCompleted => _tx.HopDone;

    public Hop GetAwaiter() => this;

    public void GetResult() => Invariant.Holds(_tx.HopDone, "a hop's result is there when it is taken");

    public void Attach(Waiter waiter) => _tx.Wait(waiter);

    public void OnCompleted(Action continuation) => throw CoBox.NotByAction();

    public void UnsafeOnCompleted(Action continuation) => throw CoBox.NotByAction();
}

/// <summary>A loop's coordinators. Their indexes name them in messages; other loops reach a waiting one through its owner.</summary>
internal sealed class CoordinatorPool(EngineLoop loop)
{
    private Coordinator[] _all = [];
    private Coordinator? _free;

    internal Coordinator this[int index] => _all[index];

    internal Coordinator Rent()
    {
        if (_free is { } tx)
        {
            _free = tx.NextFree;
            return tx;
        }
        tx = new Coordinator(loop, _all.Length);
        _all = [.. _all, tx];
        return tx;
    }

    internal void Return(Coordinator tx)
    {
        tx.End();
        tx.NextFree = _free;
        _free = tx;
    }

    /// <summary>Another loop's coordinator asks this one. It waits meanwhile, so what it holds may be read.</summary>
    internal void Serve(int from, in Message message)
    {
        Coordinator tx = loop.Peers[from].Coordinators._all[(int)message.A];
        long before = tx.PartOf(loop.Index).PoolBytes;
        tx.RunOn(loop);
        if (tx.IsWaitingOn(loop.Index)) return;
        long grown = tx.PartOf(loop.Index).PoolBytes - before;
        loop.Events.Chunks.HandOver(grown);
        loop.Events.Answer(from, new Message { Kind = (ushort)MessageKind.HopDone, A = message.A, B = grown });
    }

    internal void Served(int _, in Message message)
    {
        loop.Events.Chunks.TakeOver(message.B);
        _all[(int)message.A].Answered();
    }

    internal void Dispose()
    {
        foreach (Coordinator tx in _all) tx.Dispose();
    }
}
