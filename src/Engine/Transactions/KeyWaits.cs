using Anax.Core.Memory;
using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>What a shard's attempt to serve a waiting command came to.</summary>
public enum WaitResult
{
    /// <summary>The key has nothing for anybody.</summary>
    Empty,

    /// <summary>It has nothing for this command, but may have for others (a stream, and somebody who waits for a list).</summary>
    NotForThis,

    /// <summary>The reply has been written.</summary>
    Served,

    /// <summary>More shards are needed: the command must run as a transaction now, and nobody behind it comes before it.</summary>
    Claimed,
}

/// <summary>Serves the commands that wait on this shard, when a command that changed their keys is over.</summary>
internal sealed class KeyWaits(EngineLoop loop)
{
    private WaitTable Table => loop.Shard.Waits;

    /// <summary>Keys that are locked are looked at again when their locks go.</summary>
    internal void Serve()
    {
        LockTable locks = loop.Shard.Locks;
        for (int i = 0; i < Table.ReadyCount;)
        {
            int first = Table.FirstOf(i, out ulong fingerprint);
            if (locks.Count != 0 && (locks.BlocksShard || locks.Blocks(fingerprint, LockMode.Exclusive)))
            {
                i++;
                continue;
            }
            // Before the line is served: what is changed by serving it makes it ready once more.
            ServeLine(first, Table.TakeReady(i));
        }
    }

    /// <summary>
    /// Serves those that stand before a waiting command, which has locked the key. False where one of them must lock it, too: the
    /// key is left to that one.
    /// </summary>
    internal bool ServeBefore(ulong fingerprint, int database, NativeState state)
    {
        for (int place = Table.FirstOf(fingerprint, database); place != WaitTable.None; place = Table[place].Next)
        {
            WaitTable.Waiter waiter = Table[place];
            if (waiter.State == state) return true;
            Coordinator tx = loop.Peers[waiter.Loop].Coordinators[waiter.Coordinator];
            if (tx.Spans)
            {
                bool isLive = (WaitState)waiter.State.Value is WaitState.Waiting or WaitState.Claimed;
                if (!isLive || !waiter.IsPending && tx.LookOn(loop, waiter.Argument) != WaitResult.Claimed) continue;
                Table.Signal(fingerprint, database);
                return false;
            }
            if (!TryClaim(waiter.State, out bool isOver)) return false;
            if (isOver) continue;
            if (TryServe(tx, place) == WaitResult.Claimed) return false;
        }
        return true;
    }

    /// <summary>Serves a waiter that has been claimed here.</summary>
    private WaitResult TryServe(Coordinator tx, int place)
    {
        WaitTable.Waiter waiter = Table[place];
        WaitResult result = tx.Spans ? WaitResult.Claimed : tx.ServeOn(loop, waiter.Argument);
        switch (result)
        {
            case WaitResult.Served:
                waiter.State.Set((int)WaitState.Served);
                Wake(tx, WaitEnd.Served, waiter.Argument, tx.PartOf(loop.Index).PoolBytes);
                break;
            case WaitResult.Claimed:
                Table[place].IsPending = true;
                Table[place].Round = tx.WaitRound;
                Wake(tx, WaitEnd.Claimed, waiter.Argument, 0);
                break;
            default:
                waiter.State.Set((int)WaitState.Waiting);
                break;
        }
        return result;
    }

    private void ServeLine(int first, int skipped)
    {
        bool isEmpty = false;
        for (int place = first; place != WaitTable.None; place = Table[place].Next)
        {
            if (place == skipped) continue;
            WaitTable.Waiter waiter = Table[place];
            // Behind those for whom there is nothing at all only they are tried who hear of that, too.
            if (isEmpty && !waiter.HearsLoss) continue;
            Coordinator tx = loop.Peers[waiter.Loop].Coordinators[waiter.Coordinator];
            WaitResult result = WaitResult.Claimed;
            if (tx.Spans && !waiter.IsPending)
            {
                // Others learn of every claim: none is made for nothing.
                result = tx.LookOn(loop, waiter.Argument);
                if (result == WaitResult.NotForThis) continue;
            }
            if (result != WaitResult.Empty)
            {
                if (waiter.IsPending || !TryClaim(waiter.State, out bool isOver))
                {
                    // Another shard has claimed it: whether those behind it come first is seen when it leaves or is given back.
                    if (!waiter.IsPending) Table[place].Round = 0;
                    Table[place].IsPending = Table[place].IsMissed = true;
                    return;
                }
                if (isOver) continue;
                result = TryServe(tx, place);
            }
            if (result == WaitResult.Claimed || result == WaitResult.Empty && !Table.HearsLoss(waiter.Line)) return;
            isEmpty |= result == WaitResult.Empty;
        }
    }

    /// <summary>Claims who waits; false where somebody else has. Over is what was served, timed out or killed, and still stands here.</summary>
    private static bool TryClaim(NativeState state, out bool isOver)
    {
        while (!state.TryChange((int)WaitState.Waiting, (int)WaitState.Claimed))
        {
            var now = (WaitState)state.Value;
            isOver = now is not WaitState.Waiting and not WaitState.Claimed;
            if (now != WaitState.Waiting) return isOver;
        }
        isOver = false;
        return true;
    }

    /// <summary>
    /// Tells a waiting coordinator what has ended its waiting, from this shard, which has claimed it; with so many bytes of
    /// reply that the pools have not accounted for yet.
    /// </summary>
    internal void Wake(Coordinator tx, WaitEnd end, int argument, long bytes)
    {
        tx.TakeEnd(end, argument);
        if (tx.Loop == loop)
        {
            loop.Grants.Tell(new LockOwner(LockOwnerKind.Coordinator, loop.Index, tx.Index));
            return;
        }
        loop.Events.Chunks.HandOver(bytes);
        _ = loop.Events.Post(tx.Loop.Index, new Message { Kind = (ushort)MessageKind.Woken, A = tx.Index, B = bytes });
    }
}
