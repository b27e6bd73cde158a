using Anax.Core.Buffers;
using Anax.Runtime;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Batches between loops: what a round has for other shards leaves as one block each; what other loops send runs here;
/// the replies that come home are joined in command order.
/// </summary>
internal sealed class RoundExchange(EngineLoop loop)
{
    private readonly EngineLoop _loop = loop;

    /// <summary>What the header of a batch says of where it comes from.</summary>
    private struct BatchHeader
    {
        internal CommandContext Context;
        internal ReplyStream Replies;
        internal int Round;
    }

    /// <summary>Batches that went to other shards.</summary>
    internal long BatchesSent { get; private set; }

    internal void Send(Session session, Round round, int shard)
    {
        BatchesSent++;
        BatchBlock block = Rent(session, round, shard);
        foreach (ref readonly BatchCommand command in round.Commands.Span)
            if (command.Shard == shard) block.Add(command, round.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        _loop.Events.Ask(shard, new Message { Kind = (ushort)MessageKind.Batch, A = block.Address, Lines = block.LinesWith(0) },
            round.Shares[shard].IsBrief);
    }

    internal BatchBlock Rent(Session session, Round round, int shard)
    {
        ref Round.Share share = ref round.Shares[shard];
        BatchBlock block = _loop.Batches.Rent(share.Commands, share.Arguments, share.Bytes);
        ref BatchHeader header = ref block.Header<BatchHeader>();
        header.Context = _loop.Dispatcher.ContextOf(session);
        header.Round = round.Index;
        share.Block = block.Address;
        round.Outstanding++;
        return block;
    }

    /// <summary>The rest of a round's own commands waits for a lock: it must outlive the turn.</summary>
    internal void ParkOwn(Round round, in CommandContext context, ReadOnlySpan<BatchCommand> rest, int firstResult)
    {
        round.Outstanding++;
        _loop.Parked.Park(round, Pack(round, rest), in context, firstResult);
    }

    /// <summary>Commands of a round with copies of their arguments, in one block.</summary>
    internal BatchBlock Pack(Round round, ReadOnlySpan<BatchCommand> commands)
    {
        int arguments = 0;
        long bytes = 0;
        foreach (ref readonly BatchCommand command in commands)
        {
            arguments += command.ArgumentCount;
            foreach (ref readonly ArgumentSlice arg in round.Arguments.Slice(command.FirstArgument, command.ArgumentCount))
                if (!arg.IsBlock) bytes += arg.Length;
        }
        BatchBlock block = _loop.Batches.Rent(commands.Length, arguments, bytes);
        foreach (ref readonly BatchCommand command in commands)
            block.Add(command, round.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        return block;
    }

    /// <summary>Another loop's batch: its keys are ours.</summary>
    internal void Serve(int from, in Message message)
    {
        BatchBlock block = BatchBlock.From((nint)message.A);
        ref BatchHeader header = ref block.Header<BatchHeader>();
        header.Replies = ReplyStream.Embedded(block.Tail);
        int done = BatchRunner.Run(_loop, null, ref header.Context, block.Commands, block.Arguments, ref header.Replies, block.Results);
        if (done == block.Commands.Length) Answer(from, block);
        else _loop.Parked.Park(from, block, in header.Context, done);
    }

    /// <summary>Another loop's batch has been executed.</summary>
    internal void Answer(int from, BatchBlock block)
    {
        ref ReplyStream replies = ref RepliesOf(block);
        _loop.Events.Chunks.HandOver(replies.PoolBytes);
        byte lines = block.LinesWith(replies.Length);
        _loop.Events.Answer(from, new Message { Kind = (ushort)MessageKind.BatchDone, A = block.Address, Lines = lines });
    }

    internal static ref ReplyStream RepliesOf(BatchBlock block) => ref block.Header<BatchHeader>().Replies;

    /// <summary>One of our batches has come home.</summary>
    internal void Served(int _, in Message message)
    {
        ref BatchHeader header = ref BatchBlock.From((nint)message.A).Header<BatchHeader>();
        _loop.Events.Chunks.TakeOver(header.Replies.PoolBytes);
        PartDone(_loop.Dispatcher.RoundAt(header.Round));
    }

    /// <summary>One shard's part of a round has been executed; with the last one its replies are joined.</summary>
    internal void PartDone(Round round)
    {
        if (--round.Outstanding != 0) return;
        Join(round.Session, round);
        _loop.Dispatcher.Answered(round.Session, round);
    }

    /// <summary>Puts the replies of all shards into the session's output, in command order.</summary>
    private void Join(Session session, Round round)
    {
        ChunkPool chunks = _loop.Events.Chunks;
        ReplyStream.Mark mark = session.Output.Save();
        int own = 0;
        long ownStart = 0;
        if (_loop.Has(PlantedBugs.ReplyOutOfOrder)) ChangePlaces(round.Commands.Span);
        foreach (ref readonly BatchCommand command in round.Commands.Span)
        {
            if (command.Shard < 0 || command.Shard == _loop.Index)
            {
                if (command.Fault == (short)Fault.Protocol) continue;
                long end = round.LocalResults[own++].ReplyEnd;
                round.LocalReplies.MoveTo(ref session.Output, chunks, end - ownStart);
                ownStart = end;
                continue;
            }
            ref Round.Share share = ref round.Shares[command.Shard];
            BatchBlock block = BatchBlock.From(share.Block);
            long start = share.Joined == 0 ? 0 : block.Results[share.Joined - 1].ReplyEnd;
            JoinRemote(session, block, share.Joined++, start, chunks);
        }
        _loop.Dispatcher.DropUnwanted(session, mark);
        round.LocalReplies.Free(chunks);
        for (int shard = 0; shard < _loop.Peers.Length; shard++)
        {
            if (round.Shares[shard].Block == 0) continue;
            BatchBlock block = BatchBlock.From(round.Shares[shard].Block);
            block.Header<BatchHeader>().Replies.Free(chunks);
            _loop.Batches.Return(block);
        }
    }

    /// <summary>The fault of that name: the first two neighbours of different shards are answered in the wrong order.</summary>
    internal static void ChangePlaces(Span<BatchCommand> commands)
    {
        for (int i = 1; i < commands.Length; i++)
        {
            if (commands[i].Shard == commands[i - 1].Shard || commands[i].Fault != 0 || commands[i - 1].Fault != 0) continue;
            if (commands[i].Shard == Round.Several || commands[i - 1].Shard == Round.Several) continue;
            (commands[i], commands[i - 1]) = (commands[i - 1], commands[i]);
            return;
        }
    }

    private void JoinRemote(Session session, BatchBlock block, int index, long start, ChunkPool chunks)
    {
        BatchResult result = block.Results[index];
        BatchCommand command = block.Commands[index];
        long bytes = result.ReplyEnd - start;
        block.Header<BatchHeader>().Replies.MoveTo(ref session.Output, chunks, bytes);
        if (command.Fault != 0 || !_loop.Logs.WorthLogging(result.DurationUs, command.RequestBytes, bytes)) return;
        var args = new Arguments(block.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        _loop.Logs.Log(session, command.Spec, args, result.DurationUs, command.RequestBytes, bytes);
    }
}
