using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

/// <summary>
/// Joins the replies of a round that was a transaction, in command order, and counts and logs its commands. Neighbours that one
/// shard has answered move together.
/// </summary>
internal ref struct JointReplies(Coordinator tx, Round round, long nsOfEach)
{
    private readonly Coordinator _tx = tx;
    private readonly EngineLoop _loop = tx.Loop;
    private readonly Round _round = round;
    private readonly int _us = (int)Math.Min(nsOfEach / 1000, int.MaxValue);
    private int _key;

    /// <summary>A shard's replies that are to be moved.</summary>
    private int _shard;
    private long _bytes;

    internal void Join()
    {
        if (_loop.Has(PlantedBugs.ReplyOutOfOrder)) RoundExchange.ChangePlaces(_round.Commands.Span);
        ReadOnlySpan<BatchCommand> commands = Dispatcher.WithoutFault(_round.Commands.Span);
        for (int i = 0; i < commands.Length; i++)
        {
            ref readonly BatchCommand command = ref commands[i];
            if (command.Shard == Round.Several) JoinParts(in command, i);
            else JoinOne(in command);
        }
        Move();
    }

    private void JoinOne(in BatchCommand command)
    {
        int shard = command.Shard < 0 ? _loop.Index : command.Shard;
        if (shard != _shard) Move();
        _shard = shard;
        var block = BatchBlock.From(_round.Shares[shard].Block);
        int at = _round.Shares[shard].Joined;
        long bytes = Take(shard, block);
        _bytes += bytes;
        if (command.Fault == (short)Fault.Replies) Count(command.Spec);
        // The own ones were logged where they ran.
        if (shard == _loop.Index || !_loop.Logs.WorthLogging(block.Results[at].DurationUs, command.RequestBytes, bytes)) return;
        BatchCommand there = block.Commands[at];
        var args = new Arguments(block.Arguments.Slice(there.FirstArgument, there.ArgumentCount));
        _loop.Logs.Log(_tx.Session, command.Spec, args, block.Results[at].DurationUs, command.RequestBytes, bytes);
    }

    private void JoinParts(in BatchCommand whole, int place)
    {
        Move();
        CommandSpec spec = _loop.Commands[whole.Spec];
        int keys = (whole.ArgumentCount - spec.Keys[0].BeginIndex) / spec.Keys[0].Step;
        ReadOnlySpan<short> owners = _round.Owners.Span.Slice(_key, keys);
        _key += keys;
        long before = _tx.Session.Output.Length;
        switch (spec.Spread)
        {
            case Spread.Sum:
                Sum(whole.Spec, place);
                break;
            case Spread.Elements:
                Elements(place, owners);
                break;
            default:
                Status(whole.Spec, place);
                break;
        }
        Count(whole.Spec);
        long bytes = _tx.Session.Output.Length - before;
        if (_loop.Logs.WorthLogging(_us, whole.RequestBytes, bytes)) Log(in whole, spec.Keys[0], place, owners, bytes);
    }

    private readonly void Count(int command)
    {
        _loop.Statistics.Timed(command, nsOfEach);
        _loop.NoteLatency(_loop.Commands[command], nsOfEach);
    }

    /// <summary>Moves what has been taken of one shard.</summary>
    private void Move()
    {
        if (_bytes != 0) _tx.PartOf(_shard).MoveTo(ref _tx.Session.Output, _loop.Events.Chunks, _bytes);
        _bytes = 0;
    }

    /// <summary>Bytes of a shard's next reply.</summary>
    private readonly long Take(int shard, BatchBlock block)
    {
        int at = _round.Shares[shard].Joined++;
        return block.Results[at].ReplyEnd - (at == 0 ? 0 : block.Results[at - 1].ReplyEnd);
    }

    // ---- of parts ----

    private readonly bool HasPart(int shard, int place, out BatchBlock block)
    {
        block = BatchBlock.From(_round.Shares[shard].Block);
        if (block.IsNull || _round.Shares[shard].Joined == block.Commands.Length) return false;
        BatchCommand next = block.Commands[_round.Shares[shard].Joined];
        return next.Fault == (short)Fault.Part && next.Shard == place;
    }

    /// <summary>The first error, or else what the others say too.</summary>
    private readonly void Status(int command, int place)
    {
        ChunkPool chunks = _loop.Events.Chunks;
        bool isAnswered = false;
        long ok = 0;
        int okShard = 0;
        for (int shard = 0; shard < _tx.Shards; shard++)
        {
            if (!HasPart(shard, place, out BatchBlock block)) continue;
            long bytes = Take(shard, block);
            ref ReplyStream part = ref _tx.PartOf(shard);
            if (Spreads.IsError(ref part))
            {
                AnswerError(command, ref part, bytes, ref isAnswered);
                continue;
            }
            if (ok != 0) _tx.PartOf(okShard).Consume(chunks, ok);
            (ok, okShard) = (bytes, shard);
        }
        if (isAnswered) _tx.PartOf(okShard).Consume(chunks, ok);
        else _tx.PartOf(okShard).MoveTo(ref _tx.Session.Output, chunks, ok);
    }

    private readonly void Sum(int command, int place)
    {
        bool isAnswered = false;
        long sum = 0;
        for (int shard = 0; shard < _tx.Shards; shard++)
        {
            if (!HasPart(shard, place, out BatchBlock block)) continue;
            long bytes = Take(shard, block);
            ref ReplyStream part = ref _tx.PartOf(shard);
            if (Spreads.IsError(ref part))
            {
                AnswerError(command, ref part, bytes, ref isAnswered);
                continue;
            }
            sum += Spreads.IntegerOf(ref part);
            part.Consume(_loop.Events.Chunks, bytes);
        }
        if (isAnswered) return;
        var reply = new ReplyWriter(ref _tx.Session.Output, _loop.Events.Chunks, _tx.Resp);
        reply.Integer(sum);
        reply.Flush();
    }

    private readonly void Elements(int place, ReadOnlySpan<short> owners)
    {
        ChunkPool chunks = _loop.Events.Chunks;
        for (int shard = 0; shard < _tx.Shards; shard++)
        {
            if (!HasPart(shard, place, out BatchBlock block)) continue;
            _ = Take(shard, block);
            _tx.PartOf(shard).Consume(chunks, Spreads.LineLength(ref _tx.PartOf(shard)));
        }
        var reply = new ReplyWriter(ref _tx.Session.Output, chunks, _tx.Resp);
        reply.Array(owners.Length);
        reply.Flush();
        foreach (short owner in owners)
        {
            ref ReplyStream part = ref _tx.PartOf(owner);
            part.MoveTo(ref _tx.Session.Output, chunks, Spreads.ElementLength(ref part));
        }
    }

    /// <summary>The first part that is an error is the reply.</summary>
    private readonly void AnswerError(int command, ref ReplyStream part, long bytes, ref bool isAnswered)
    {
        if (isAnswered)
        {
            part.Consume(_loop.Events.Chunks, bytes);
            return;
        }
        isAnswered = true;
        _loop.Statistics[command].Failed++;
        Spreads.CountError(_loop, ref part);
        part.MoveTo(ref _tx.Session.Output, _loop.Events.Chunks, bytes);
    }

    /// <summary>Puts the arguments together again from those of the parts.</summary>
    private readonly void Log(in BatchCommand whole, KeySpec keys, int place, ReadOnlySpan<short> owners, long bytes)
    {
        NativeList<ArgumentSlice> all = _loop.Scratch;
        all.Clear();
        Span<int> next = stackalloc int[_tx.Shards];
        foreach (short owner in owners)
        {
            var block = BatchBlock.From(_round.Shares[owner].Block);
            BatchCommand part = block.Commands[_round.Shares[owner].Joined - 1];
            ReadOnlySpan<ArgumentSlice> args = block.Arguments.Slice(part.FirstArgument, part.ArgumentCount);
            for (int i = 0; all.Count < keys.BeginIndex; i++) all.Add(in args[i]);
            for (int i = 0; i < keys.Step; i++) all.Add(in args[keys.BeginIndex + next[owner]++]);
        }
        _loop.Logs.Log(_tx.Session, whole.Spec, new Arguments(all.Span), _us, whole.RequestBytes, bytes);
    }
}
