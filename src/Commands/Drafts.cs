using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>The end of a set or sorted set in the making: a key takes it, or nobody does.</summary>
internal static class Drafts
{
    internal static void Drop(ShardScope shard, ref ulong number)
    {
        if (number == 0) return;
        Draft draft = shard.Draft(ref number);
        draft.Delete();
        number = 0;
    }

    /// <summary>
    /// Gives a draft to a key in place of whatever was there; an empty one deletes the key. The count of members, or -1 where
    /// memory is refused: then the draft is gone and the key as it was.
    /// </summary>
    internal static long Store(ShardScope shard, ref ulong number, Key key, EventClass eventClass, ReadOnlySpan<byte> name)
    {
        scoped Edit edit = new Edit(shard, key);
        scoped Draft draft = number == 0 ? default : shard.Draft(ref number);
        number = 0;
        long count = CountOf(draft.View, draft.Exists, shard.NowMs);
        if (count != 0)
        {
            if (edit.SetDraft(ref draft) == Outcome.Ok)
            {
                edit.Commit(eventClass, name, Effect.State);
                return count;
            }
            draft.Delete();
            edit.Abandon();
            return -1;
        }
        if (edit.Exists)
        {
            edit.Delete();
            edit.Commit(EventClass.Generic, "del"u8, Effect.Deleted);
        }
        else edit.Abandon();
        return 0;
    }

    private static long CountOf(ValueView view, bool exists, long nowMs)
    {
        if (!exists) return 0;
        return view.Type == ValueType.SortedSet ? new SortedSetView(view, 0).Count : new SetView(view, nowMs).Count;
    }
}
