using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

// How a command over several shards becomes atomic: it first asks all of them for its locks, in one round, under an id that
// it draws; each shard answers when it has granted them. Then it holds them all, runs, and gives each shard's back with its
// last hop there. A shard where a conflicting greater id was faster refuses: then all are given back, and asked for again
// under a new id. See LockTable for why nobody waits in a circle.

public sealed partial class Coordinator
{
    /// <summary>A key that is to be locked.</summary>
    private readonly record struct LockWish(ulong Fingerprint, int Shard, LockMode Mode);

    /// <summary>One shard's locks.</summary>
    internal struct PartLocks
    {
        internal bool IsWanted;
        internal bool IsRefused;

        /// <summary>A key that EXEC's client watches there had expired when the locks were granted.</summary>
        internal bool HasExpired;

        /// <summary>The shard has not answered yet: what is wanted is held by others.</summary>
        internal bool IsWaiting;

        /// <summary>Names the request to the shard; 0 when nothing is held there.</summary>
        internal int Request;

        /// <summary>The shard's clock when it granted.</summary>
        internal long ClockMs;
    }

    private readonly NativeList<LockWish> _wishes = new();
    private bool _wantsAll;
    private bool _releases;
    private long _id;

    /// <summary>Runs a command with the locks that its row asks for.</summary>
    internal static async Co<Nothing> RunLocked(Coordinator tx, CoordinatorHandler handler)
    {
        if ((tx.Command.Flags & CommandFlags.Global) != 0) tx.WishAll();
        else tx.WishKeys(tx.Command, tx.Args);
        await tx.Lock();
        await handler(tx);
        tx.Unlock();
        return default;
    }

    /// <summary>Wants the keys of a command, as its row says. Their hashes are known.</summary>
    internal void WishKeys(CommandSpec command, Arguments args)
    {
        foreach (KeySpec keys in command.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                Wish(args.Slices[i].Hash, Dispatcher.ShardOf(args.Slices[i], Loop.Settings, Shards), CommandLocks.ModeOf(keys));
        }
    }

    internal void Wish(ulong fingerprint, int shard, LockMode mode)
    {
        _wishes.Add(new LockWish(fingerprint, shard, mode));
        _parts[shard].Locks.IsWanted = true;
    }

    /// <summary>Wants everything: the command stands alone.</summary>
    internal void WishAll()
    {
        _wantsAll = true;
        for (int shard = 0; shard < Shards; shard++) _parts[shard].Locks.IsWanted = true;
    }

    /// <summary>Gets all that is wanted, however long that takes. From then on the command has one "now" on every shard.</summary>
    internal async Co<Nothing> Lock()
    {
        if (!IsWanting()) return default;
        Loop.Transactions.Scheduled++;
        while (true)
        {
            _id = Loop.NextTransactionId();
            await HopWanted();
            if (!IsRefused()) break;
            Loop.Transactions.Redrawn++;
            Unlock();
        }
        long now = _context.NowMs;
        for (int shard = 0; shard < Shards; shard++) now = Math.Max(now, _parts[shard].Locks.ClockMs);
        _context.NowMs = now;
        _context.Traits |= ClientTraits.HoldsLocks;
        return default;
    }

    /// <summary>Gives back what the last hops have not.</summary>
    internal void Unlock()
    {
        for (int shard = 0; shard < Shards; shard++)
        {
            ref PartLocks locks = ref _parts[shard].Locks;
            if (locks.Request == 0) continue;
            if (shard == Loop.Index) Loop.Grants.Release(locks.Request);
            else _ = Loop.Events.Post(shard, new Runtime.Message { Kind = (ushort)MessageKind.Release, A = locks.Request });
            locks.Request = 0;
        }
    }

    /// <summary>A key that EXEC's client watches had expired when all was granted.</summary>
    internal bool HasExpired
    {
        get
        {
            for (int shard = 0; shard < Shards; shard++)
                if (_parts[shard].Locks.HasExpired) return true;
            return false;
        }
    }

    internal bool IsWaitingOn(int shard) => _parts[shard].Locks.IsWaiting;

    /// <summary>A shard has granted what it could not grant at once; on that shard's loop.</summary>
    internal void TakeGrant(EngineLoop loop)
    {
        _parts[loop.Index].Locks.IsWaiting = false;
        Granted(loop);
    }

    private Hop HopWanted()
    {
        Begin(RequestLocks);
        for (int shard = 0; shard < Shards; shard++)
            if (shard != Loop.Index && _parts[shard].Locks.IsWanted) Send(shard, isBrief: _wishes.Count <= BriefArgumentsMax);
        if (_parts[Loop.Index].Locks.IsWanted) Send(Loop.Index);
        return new Hop(this);
    }

    private static void RequestLocks(ShardScope shard, ref HopFrame hop) => hop.Coordinator.Request(shard.Loop);

    private void Request(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        int request = table.Open(_id, new LockOwner(LockOwnerKind.Coordinator, Loop.Index, Index));
        ref PartLocks locks = ref _parts[loop.Index].Locks;
        locks.IsRefused = !TryAdd(table, request, loop.Index);
        if (locks.IsRefused)
        {
            table.Close(request);
            return;
        }
        locks.Request = request;
        locks.IsWaiting = !table.IsGranted(request);
        if (locks.IsWaiting) loop.Transactions.Waits++;
        else Granted(loop);
    }

    private void Granted(EngineLoop loop)
    {
        ref Part part = ref _parts[loop.Index];
        part.Locks.ClockMs = loop.Shard.NowMs;
        part.Context.NowMs = loop.Shard.NowMs;
        if (Session.Multi is { IsOpen: true } multi && multi.Watched.Count != 0)
            part.Locks.HasExpired = MultiExec.HasExpired(new ShardScope(loop, in part.Context), multi);
    }

    private bool TryAdd(LockTable table, int request, int shard)
    {
        if (_wantsAll) return table.TryAddShard(request, LockMode.Exclusive);
        return table.TryAddShard(request, LockMode.Shared)
            && TryAdd(table, request, shard, LockMode.Exclusive)
            && TryAdd(table, request, shard, LockMode.Shared);
    }

    private bool TryAdd(LockTable table, int request, int shard, LockMode mode)
    {
        foreach (ref readonly LockWish wish in _wishes.Span)
            if (wish.Shard == shard && wish.Mode == mode && !table.TryAdd(request, wish.Fingerprint, mode)) return false;
        return true;
    }

    private bool IsRefused()
    {
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.IsRefused) return true;
        return false;
    }

    private static void ReleaseOn(EngineLoop loop, ref PartLocks locks)
    {
        if (locks.Request == 0) return;
        loop.Grants.Release(locks.Request);
        locks.Request = 0;
    }

    private void ForgetLocks()
    {
        Invariant.Holds(!HoldsLocks(), "a command that ends has given its locks back");
        _wishes.Clear();
        _wantsAll = false;
    }

    private bool IsWanting()
    {
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.IsWanted) return true;
        return false;
    }

    private bool HoldsLocks()
    {
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.Request != 0) return true;
        return false;
    }
}
