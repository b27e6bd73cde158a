namespace Anax.Engine.Transactions;

/// <summary>What one loop's transactions did, in native memory: written by the loop, summed by whoever asks.</summary>
public struct TransactionCounters
{
    /// <summary>Transactions that this loop scheduled over shards.</summary>
    public long Scheduled;

    /// <summary>Of these, how often one came too late for its id and drew another.</summary>
    public long Redrawn;

    /// <summary>Requests for locks that this shard could not grant at once.</summary>
    public long Waits;

    /// <summary>Batches that met a lock on this shard and were parked.</summary>
    public long Parked;

    /// <summary>Commands of this loop's clients that wait for keys now.</summary>
    public long Blocked;

    /// <summary>Rounds of messages in which this loop's coordinators asked shards, those to its own included.</summary>
    public long Hops;
}
