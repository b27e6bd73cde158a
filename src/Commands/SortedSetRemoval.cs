using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Removes a range of a sorted set: at once where it is short, else in slices under the key's lock.</summary>
internal sealed class SortedSetRemoval(RangeKind kind, string eventName)
{
    private readonly byte[] _eventName = System.Text.Encoding.ASCII.GetBytes(eventName);

    /// <summary>A removal under way: plain data, the state of a hop.</summary>
    private struct Part
    {
        internal long First, Left, Removed;
        internal bool IsBegun, HasWrongType;
    }

    internal void RunHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SortedSetRange.TryReadPlain(args, kind, ref reply, out SortedSetRange range)) return;
        Entry entry = shard.Peek(args.Key(1));
        if (entry.Exists && entry.Type != Core.Structures.ValueType.SortedSet)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        SortedSetView view = SortedSetValue.ViewOf(shard, in entry);
        RankRange ranks = range.Find(view, args, ref reply);
        if (ranks.Count > SortedSetValue.AtOnceMax || ranks.Count != 0 && view.HasDue)
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (ranks.Count != 0)
        {
            Edit edit = new Edit(shard, args.Key(1));
            _ = SortedSetValue.Editor(shard, edit.Slot).RemoveRange(ranks, int.MaxValue);
            SortedSetValue.CommitRemoval(ref edit, _eventName, Effect.Command);
        }
        reply.Integer(ranks.Count);
    }

    internal async Co<Nothing> RunLong(Coordinator tx)
    {
        if (!TryCheck(tx)) return default;
        tx.Payload = this;
        int shard = tx.ShardOf(1);
        await tx.InSlices(shard, Slice);
        if (tx.StateOf<Part>(shard).HasWrongType) tx.Fail(Outcome.WrongType);
        else tx.Answer(tx.StateOf<Part>(shard).Removed);
        return default;
    }

    private bool TryCheck(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = SortedSetRange.TryReadPlain(tx.Args, kind, ref reply, out _);
        tx.Close(ref reply);
        return ok;
    }

    private static void Slice(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        var removal = (SortedSetRemoval)hop.Payload!;
        // Ranks are found when nothing is left whose time has come.
        hop.GoesOn = !part.IsBegun && !shard.RemoveDue(hop.Args.Key(1));
        if (hop.GoesOn) return;
        Edit edit = new Edit(shard, hop.Args.Key(1));
        if (!part.IsBegun) removal.Begin(shard, ref edit, ref hop, ref part);
        if (part.Left == 0)
        {
            edit.Abandon();
            return;
        }
        SortedSetEditor set = SortedSetValue.Editor(shard, edit.Slot);
        var slice = new WorkSlice(shard);
        do
        {
            long removed = set.RemoveRange(new RankRange(part.First, part.First + part.Left), SortedSetValue.MembersPerStep);
            part.Removed += removed;
            part.Left -= removed;
        }
        while (part.Left > 0 && slice.MayGoOn(shard));
        hop.GoesOn = part.Left > 0;
        if (hop.GoesOn) edit.Pause();
        else SortedSetValue.CommitRemoval(ref edit, removal._eventName, Effect.Command);
    }

    private void Begin(ShardScope shard, scoped ref Edit edit, scoped ref HopFrame hop, ref Part part)
    {
        part.IsBegun = true;
        part.HasWrongType = edit.Exists && edit.Type != Core.Structures.ValueType.SortedSet;
        if (part.HasWrongType) return;
        ReplyWriter reply = hop.Writer();
        _ = SortedSetRange.TryReadPlain(hop.Args, kind, ref reply, out SortedSetRange range);
        RankRange ranks = range.Find(new SortedSetView(shard.View(edit.Entry), shard.NowMs), hop.Args, ref reply);
        reply.Flush();
        (part.First, part.Left) = (ranks.First, ranks.Count);
    }
}
