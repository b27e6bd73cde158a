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
            Table.TakeReady(i);
            ServeLine(first);
        }
    }

    private void ServeLine(int first)
    {
        bool isEmpty = false;
        for (int place = first; place != WaitTable.None; place = Table[place].Next)
        {
            WaitTable.Waiter waiter = Table[place];
            if (waiter.IsPending) return;
            if (isEmpty && !waiter.HearsLoss || !waiter.State.TryChange((int)WaitState.Waiting, (int)WaitState.Claimed)) continue;
            Coordinator tx = loop.Peers[waiter.Loop].Coordinators[waiter.Coordinator];
            WaitResult result = tx.ServeOn(loop, waiter.Argument);
            switch (result)
            {
                case WaitResult.Served:
                    Wake(tx, WaitEnd.Served, waiter.Argument, tx.PartOf(loop.Index).PoolBytes);
                    break;
                case WaitResult.Claimed:
                    Table[place].IsPending = true;
                    Wake(tx, WaitEnd.Claimed, waiter.Argument, 0);
                    return;
                default:
                    waiter.State.Set((int)WaitState.Waiting);
                    isEmpty |= result == WaitResult.Empty;
                    if (isEmpty && !Table.HearsLoss(waiter.Line)) return;
                    break;
            }
        }
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
