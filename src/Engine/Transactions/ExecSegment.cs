using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;

namespace Anax.Engine.Transactions;

/// <summary>
/// Commands of a transaction that run at once on all their shards: each has its keys on one shard, and under the locks of
/// the transaction nobody can tell in which order shards work. Grouped by shard; the replies are joined in command order.
/// </summary>
internal sealed class ExecSegment : IDisposable
{
    /// <summary>A shard's commands among the grouped ones, and how many of their replies have been joined.</summary>
    private struct Share
    {
        internal int First, Count, Joined;
    }

    private const int BriefCommandsMax = 16, BriefArgumentsMax = 8;

    private readonly NativeList<BatchCommand> _grouped = new();
    private readonly NativeList<BatchResult> _results = new();
    private MultiState _multi = null!;
    private int _from, _end;

    internal ExecSegment? NextFree { get; set; }

    /// <summary>So short that a loop which sleeps needs not be woken for it.</summary>
    internal bool IsBrief { get; private set; }

    /// <summary>The place behind the segment.</summary>
    internal int End => _end;

    /// <summary>
    /// Gathers from a place in the queue on what can run at once, and addresses its shards; nothing where a command must
    /// run alone.
    /// </summary>
    internal bool TryGather(Coordinator tx, MultiState multi, int from)
    {
        (_multi, _from, _end) = (multi, from, from);
        ReadOnlySpan<BatchCommand> all = multi.Commands.Span;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<Share>(shard) = default;
        for (; _end < all.Length && all[_end].Shard >= 0; _end++) tx.StateOf<Share>(all[_end].Shard).Count++;
        int count = _end - from, next = 0;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Share share = ref tx.StateOf<Share>(shard);
            share.First = next;
            next += share.Count;
            if (share.Count == 0) continue;
            tx.Address(shard);
            share.Count = 0;
        }
        Span<BatchCommand> grouped = _grouped.Resize(count);
        _ = _results.Resize(count);
        IsBrief = count <= BriefCommandsMax;
        foreach (ref readonly BatchCommand command in all[from.._end])
        {
            IsBrief &= tx.Loop.Commands[command.Spec].IsBrief && command.ArgumentCount <= BriefArgumentsMax;
            ref Share share = ref tx.StateOf<Share>(command.Shard);
            grouped[share.First + share.Count++] = command;
        }
        return count != 0;
    }

    /// <summary>Runs a shard's commands under the transaction's locks.</summary>
    internal void RunOn(EngineLoop loop, ref HopFrame hop)
    {
        ref Share share = ref hop.State<Share>();
        if (share.Count == 0) return;
        CommandContext context = hop.Context;
        context.Traits |= ClientTraits.HoldsLocks | ClientTraits.Inner;
        BatchRunner.Run(loop, null, ref context, _grouped.Span.Slice(share.First, share.Count), _multi.Arguments.Slices,
            ref hop.Replies, _results.Span.Slice(share.First, share.Count));
    }

    /// <summary>Moves the replies behind those of the commands before, in command order.</summary>
    internal void Join(Coordinator tx)
    {
        EngineLoop loop = tx.Loop;
        for (int i = _from; i < _end; i++)
        {
            BatchCommand command = _multi.Commands[i];
            ref Share share = ref tx.StateOf<Share>(command.Shard);
            int at = share.First + share.Joined;
            long bytes = _results[at].ReplyEnd - (share.Joined++ == 0 ? 0 : _results[at - 1].ReplyEnd);
            tx.PartOf(command.Shard).MoveTo(ref tx.Gathered, loop.Events.Chunks, bytes);
            int us = _results[at].DurationUs;
            if (!loop.Logs.WorthLogging(us, command.RequestBytes, bytes)) continue;
            var args = new Arguments(_multi.Arguments.Slices.Slice(command.FirstArgument, command.ArgumentCount));
            loop.Logs.Log(tx.Session, command.Spec, args, us, command.RequestBytes, bytes);
        }
    }

    public void Dispose()
    {
        _grouped.Dispose();
        _results.Dispose();
    }
}

/// <summary>A loop's segments for EXECs that are under way.</summary>
internal sealed class ExecSegments : IDisposable
{
    private readonly List<ExecSegment> _all = [];
    private ExecSegment? _free;

    internal ExecSegment Rent()
    {
        if (_free is { } segment)
        {
            _free = segment.NextFree;
            return segment;
        }
        segment = new ExecSegment();
        _all.Add(segment);
        return segment;
    }

    internal void Return(ExecSegment segment)
    {
        segment.NextFree = _free;
        _free = segment;
    }

    public void Dispose()
    {
        foreach (ExecSegment segment in _all) segment.Dispose();
    }
}
