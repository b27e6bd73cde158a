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
//
// Where keys lie on the own shard and one other, and the command asks that one only once, the own ones are locked first, if
// nothing conflicts, and the other shard runs its part when the question comes, as it would a command of its own, if no lock is
// in the way: one message instead of two. That is the instant at which all happens: until the own part has run, nobody sees its
// keys. Nothing is waited for with locks held; what is in the way anywhere is answered by giving back and asking as above.
//
// A script may need keys that it did not declare, after it has written. It takes the one token of the process before
// anything else, alone, and is then *dynamic*: what it needs it locks when it needs it, ahead of all who have not begun. Who
// would have to wait for it is refused, takes a share of the token before it asks again, and so holds nothing while it waits.

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

        /// <summary>It was refused because it would have waited for the dynamic transaction.</summary>
        internal bool MetDynamic;

        /// <summary>The shard has not answered yet: what is wanted is held by others.</summary>
        internal bool IsWaiting;

        /// <summary>Names the request to the shard; 0 when nothing is held there.</summary>
        internal int Request;

        /// <summary>The shard's clock when it granted.</summary>
        internal long ClockMs;
    }

    internal const int TokenShard = 0;

    /// <summary>How long who wants the token waits before it asks again, and who was turned out leaves it to who did it.</summary>
    private const long TokenRetryMs = 1;

    private readonly NativeList<LockWish> _wishes = new();
    private bool _wantsAll;
    private bool _releases;
    private bool _wantsToken;
    private bool _isDynamic;

    /// <summary>It has the token from its loop's line.</summary>
    private bool _hasToken;

    /// <summary>It has begun, and may wait for the token; and does.</summary>
    private bool _mayWait, _awaitsToken;

    /// <summary>The shard whose keys are not locked, because it is asked once and runs its part at once; -1: none.</summary>
    private int _unlocked = -1;
    private long _id;
    private ulong _more;

    /// <summary>Runs a command with the locks that its row asks for.</summary>
    internal static async Co<Nothing> RunLocked(Coordinator tx, CoordinatorHandler handler)
    {
        if ((tx.Command.Flags & CommandFlags.Global) != 0) tx.WishAll();
        else tx.WishKeys(tx.Command, tx.Args);
        if (!tx.Command.AsksOnce || !tx.TryLockHere()) await tx.Lock();
        if (tx.Loop.Has(PlantedBugs.EarlyRelease)) tx.Unlock();
        await handler(tx);
        tx.Unlock();
        return default;
    }

    /// <summary>Wants the keys of a command, as its row says. Their hashes are known; channels are no keys.</summary>
    internal void WishKeys(CommandSpec command, Arguments args)
    {
        foreach (KeySpec keys in command.Keys)
        {
            if ((keys.Access & KeyAccess.NotKey) != 0 || !keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                Wish(args.Slices[i].Hash, Dispatcher.ShardOf(args.Slices[i], Loop.Settings, Shards), CommandLocks.ModeOf(keys));
        }
    }

    internal void Wish(ulong fingerprint, int shard, LockMode mode)
    {
        if (_wishes.Count == 0 && !_parts[shard].Locks.IsWanted && Loop.Has(PlantedBugs.DroppedLock))
        {
            _wishes.Add(new LockWish(fingerprint, -1, mode));
            _parts[shard].Locks.IsWanted = true;
            return;
        }
        _wishes.Add(new LockWish(fingerprint, shard, mode));
        _parts[shard].Locks.IsWanted = true;
    }

    /// <summary>Wants what a shard's share of the round names.</summary>
    internal void WishShare(int shard) => _parts[shard].Locks.IsWanted = true;

    /// <summary>Wants everything: the command stands alone.</summary>
    internal void WishAll()
    {
        _wantsAll = true;
        for (int shard = 0; shard < Shards; shard++) _parts[shard].Locks.IsWanted = true;
    }

    /// <summary>It may need keys that it does not know yet: see <see cref="LockMore"/>.</summary>
    internal void WishToken() => _isDynamic = true;

    /// <summary>Gets all that is wanted, however long that takes. From then on the command has one "now" on every shard.</summary>
    internal async Co<Nothing> Lock()
    {
        if (!IsWanting() && !_isDynamic) return default;
        // Who holds everything asks for nothing more.
        _isDynamic &= !_wantsAll;
        Loop.Transactions.Scheduled++;
        while (true)
        {
            if (_isDynamic) await TakeToken();
            _id = Loop.NextTransactionId();
            if (_wantsToken && !_isDynamic) await HopBriefly(TokenShard, RequestToken);
            bool isTokenWished = IsRefused();
            if (!isTokenWished) await HopWanted();
            if (!IsRefused()) break;
            Loop.Transactions.Redrawn++;
            Unlock();
            // It left the token to one who has begun: it had it, and was turned out, or asked for a share.
            if (isTokenWished || _isDynamic && _wantsToken) await Sleep(TokenRetryMs);
        }
        long now = _context.NowMs;
        for (int shard = 0; shard < Shards; shard++) now = Math.Max(now, _parts[shard].Locks.ClockMs);
        _context.NowMs = now;
        _context.Traits |= ClientTraits.HoldsLocks;
        return default;
    }

    /// <summary>
    /// Where all keys lie on this shard and one other, or on one other alone: locks those here, if that can be done at once.
    /// <see cref="TryRunAtOnce"/> has to follow.
    /// </summary>
    internal bool TryLockHere()
    {
        if (_wantsAll || _isDynamic) return false;
        int other = -1;
        for (int shard = 0; shard < Shards; shard++)
        {
            if (shard == Loop.Index || !_parts[shard].Locks.IsWanted) continue;
            if (other >= 0) return false;
            other = shard;
        }
        if (other < 0) return false;
        if (_parts[Loop.Index].Locks.IsWanted && !TryLockOwn()) return false;
        _unlocked = other;
        // What has expired by this shard's clock may be gone, so the command's "now" must not be before it.
        _context.NowMs = Math.Max(_context.NowMs, Loop.Shard.NowMs);
        return true;
    }

    private bool TryLockOwn()
    {
        LockTable table = Loop.Shard.Locks;
        _id = Loop.NextTransactionId();
        int request = table.Open(_id, Owner);
        if (!TryAdd(table, request, Loop.Index) || !table.IsGranted(request))
        {
            table.MetDynamic = false;
            Loop.Grants.Release(request);
            return false;
        }
        _parts[Loop.Index].Locks.Request = request;
        return true;
    }

    /// <summary>
    /// Runs the only callback on the other shard, unless a lock is in its way there, and then on this one, whose locks go. False
    /// where that could not be, or where all is locked in the usual way: then it is now.
    /// </summary>
    internal async Co<bool> TryRunAtOnce(HopCallback callback, bool isBrief)
    {
        if (_unlocked < 0) return false;
        int other = _unlocked;
        Begin(callback);
        Send(other, isBrief);
        await new Hop(this);
        _unlocked = -1;
        if (_parts[other].Locks.IsRefused)
        {
            Unlock();
            await Lock();
            return false;
        }
        // What lies on the other shard alone was as a batch there.
        if (_parts[Loop.Index].Locks.Request != 0) Loop.Transactions.Scheduled++;
        _context.NowMs = _parts[other].Context.NowMs;
        _context.Traits |= ClientTraits.HoldsLocks;
        _releases = true;
        RunOn(Loop);
        return true;
    }

    /// <summary>Is a lock in the way of what is wanted on a shard that was not asked for locks? On that shard's loop.</summary>
    private bool IsBlockedOn(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        if (table.Count == 0) return false;
        if (table.BlocksShard) return true;
        foreach (ref readonly LockWish wish in _wishes.Span)
            if (wish.Shard == loop.Index && table.Blocks(wish.Fingerprint, wish.Mode)) return true;
        return false;
    }

    /// <summary>Gives back what the last hops have not.</summary>
    internal void Unlock()
    {
        bool wasRefused = false;
        for (int shard = 0; shard < Shards; shard++)
        {
            ref PartLocks locks = ref _parts[shard].Locks;
            wasRefused |= locks.IsRefused;
            locks.IsRefused = locks.MetDynamic = false;
            UnlockOn(shard);
        }
        if (!_hasToken) return;
        _hasToken = false;
        // Who turned it out takes the token now.
        Loop.Token.Leave(handsOn: !wasRefused);
    }

    private void UnlockOn(int shard)
    {
        ref int request = ref _parts[shard].Locks.Request;
        if (request == 0) return;
        if (shard == Loop.Index) Loop.Grants.Release(request);
        else _ = Loop.Events.Post(shard, new Runtime.Message { Kind = (ushort)MessageKind.Release, A = request }, isBrief: true);
        request = 0;
    }

    /// <summary>Takes the token before anything else, in the line of those of this loop who want it.</summary>
    private async Co<Nothing> TakeToken()
    {
        TokenLine line = Loop.Token;
        if (!line.TryEnter(this))
        {
            _outstanding++;
            await new Hop(this);
        }
        while (!line.IsHeld)
        {
            _id = Loop.NextTransactionId();
            await HopBriefly(TokenShard, RequestToken);
            if (!TakeIsRefused(TokenShard)) line.Hold(ref _parts[TokenShard].Locks.Request);
            else if (TakeMetDynamic()) await Sleep(TokenRetryMs);
        }
        _hasToken = true;
        return default;
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

    /// <summary>A shard has turned out what waited there for the dynamic transaction; on that shard's loop.</summary>
    internal void TakeRefusal(EngineLoop loop)
    {
        ref PartLocks locks = ref _parts[loop.Index].Locks;
        locks.IsWaiting = false;
        locks.IsRefused = locks.MetDynamic = true;
        locks.Request = 0;
    }

    /// <summary>Holds what a command on this key needs: nobody else can change it, or where it may be written, read it.</summary>
    internal bool Covers(ulong fingerprint, LockMode mode)
    {
        if (_wantsAll) return true;
        foreach (ref readonly LockWish wish in _wishes.Span)
            if (wish.Fingerprint == fingerprint && wish.Mode >= mode) return true;
        return false;
    }

    /// <summary>Holds every key of every shard.</summary>
    internal bool CoversAll => _wantsAll;

    /// <summary>It holds the token, so it may ask for more.</summary>
    internal bool IsDynamic => _isDynamic;

    /// <summary>Locks one key more, for a transaction that holds the token.</summary>
    internal async Co<Nothing> LockMore(ulong fingerprint, int shard)
    {
        Invariant.Holds(_isDynamic, "who asks for more holds the token");
        _more = fingerprint;
        await HopBriefly(shard, RequestMore);
        _wishes.Add(new LockWish(fingerprint, shard, LockMode.Exclusive));
        return default;
    }

    /// <summary>
    /// Locks the keys of a command whose keys all lie on this shard, for a transaction that holds the token; on the shard's loop.
    /// False where it would have to wait: then it has done nothing.
    /// </summary>
    private bool TryLockMore(EngineLoop loop, CommandSpec spec, Arguments args)
    {
        Invariant.Holds(_isDynamic, "who asks for more holds the token");
        LockTable table = loop.Shard.Locks;
        ref int request = ref _parts[loop.Index].Locks.Request;
        if (table.Count != 0)
        {
            if (table.BlocksShard) return false;
            foreach (KeySpec keys in spec.Keys)
            {
                if (!keys.TryFind(args, out int first, out int last)) continue;
                for (int i = first; i <= last; i += keys.Step)
                    if (!Covers(args.Slices[i].Hash, LockMode.Exclusive) && table.Blocks(args.Slices[i].Hash, LockMode.Exclusive, but: request)) return false;
            }
        }
        if (request == 0) request = table.Open(_id, Owner, isDynamic: true);
        table.AddShardAhead(request, LockMode.Shared);
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                if (Covers(args.Slices[i].Hash, LockMode.Exclusive)) continue;
                table.AddAhead(request, args.Slices[i].Hash, LockMode.Exclusive);
                _wishes.Add(new LockWish(args.Slices[i].Hash, loop.Index, LockMode.Exclusive));
            }
        }
        Invariant.Holds(table.IsGranted(request), "nobody who has begun is in the way");
        loop.Grants.TurnOut();
        return true;
    }

    /// <summary>Locks all of every shard, for a transaction that holds the token.</summary>
    internal async Co<Nothing> LockAllMore()
    {
        Invariant.Holds(_isDynamic, "who asks for more holds the token");
        _more = 0;
        for (int shard = 0; shard < Shards; shard++) Address(shard);
        await HopAddressed(RequestMore);
        _wantsAll = true;
        return default;
    }

    /// <summary>
    /// Takes the token for a transaction that has begun. It waits for the token while another has it, if it may. Where that one
    /// waits for what this one holds, it is turned out, if it has not begun; else this is false, as where it may not wait.
    /// </summary>
    internal async Co<bool> TryBecomeDynamic(bool mayWait)
    {
        _mayWait = mayWait;
        while (true)
        {
            await HopBriefly(TokenShard, TryTakeToken);
            if (!TakeIsRefused(TokenShard)) break;
            if (!mayWait) return false;
            if (await HoldsUpDynamic())
            {
                await HopBriefly(TokenShard, ForgetToken);
                return false;
            }
            await Sleep(TakeMetDynamic() ? 0 : TokenRetryMs);
        }
        _isDynamic = true;
        AddressHeld();
        await HopAddressed(MakeDynamic);
        return true;
    }

    private async Co<bool> HoldsUpDynamic()
    {
        for (int shard = 0; shard < Shards; shard++) Address(shard);
        await HopAddressed(LookForDynamic);
        bool holdsUp = false;
        for (int shard = 0; shard < Shards; shard++)
            holdsUp |= TakeIsRefused(shard);
        return holdsUp;
    }

    /// <summary>Has somebody been turned out for this transaction?</summary>
    private bool TakeMetDynamic()
    {
        bool hasMet = false;
        for (int shard = 0; shard < Shards; shard++)
        {
            hasMet |= _parts[shard].Locks.MetDynamic;
            _parts[shard].Locks.MetDynamic = false;
        }
        return hasMet;
    }

    private void AddressHeld()
    {
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.Request != 0) Address(shard);
    }

    private bool TakeIsRefused(int shard)
    {
        bool isRefused = _parts[shard].Locks.IsRefused;
        _parts[shard].Locks.IsRefused = false;
        return isRefused;
    }

    /// <summary>
    /// Locks keys of the own shard that this command has touched already, in this very turn, ahead of all who have not begun:
    /// from now on it may go on beyond the turn.
    /// </summary>
    internal void Adopt(ReadOnlySpan<LockedKey> touched)
    {
        LockTable table = Loop.Shard.Locks;
        _id = Loop.NextTransactionId();
        Loop.Transactions.Scheduled++;
        int request = _parts[Loop.Index].Locks.Request;
        if (request == 0) request = table.Open(_id, Owner);
        table.AddShardAhead(request, LockMode.Shared);
        foreach (ref readonly LockedKey key in touched)
        {
            table.AddAhead(request, key.Fingerprint, key.Mode);
            _wishes.Add(new LockWish(key.Fingerprint, Loop.Index, key.Mode));
        }
        Invariant.Holds(table.IsGranted(request), "a command touches no key that somebody else holds");
        _parts[Loop.Index].Locks.Request = request;
        _context.Traits |= ClientTraits.HoldsLocks;
    }

    /// <summary>To ask for one lock is so brief that a loop which sleeps needs not be woken for it.</summary>
    private Hop HopBriefly(int shard, HopCallback callback)
    {
        Begin(callback);
        Send(shard, isBrief: true);
        return new Hop(this);
    }

    private Hop HopWanted()
    {
        Begin(RequestLocks);
        bool isBrief = Joint is null && _wishes.Count <= BriefArgumentsMax;
        for (int shard = 0; shard < Shards; shard++)
            if (shard != Loop.Index && _parts[shard].Locks.IsWanted) Send(shard, isBrief || Joint is { } round && round.Shares[shard].IsBrief);
        if (_parts[Loop.Index].Locks.IsWanted) Send(Loop.Index);
        return new Hop(this);
    }

    private static void RequestLocks(ShardScope shard, ref HopFrame hop) => hop.Coordinator.Request(shard.Loop);

    private static void RequestToken(ShardScope shard, ref HopFrame hop) => hop.Coordinator.RequestToken(shard.Loop);

    private static void RequestMore(ShardScope shard, ref HopFrame hop) => hop.Coordinator.RequestMore(shard.Loop);

    private static void TryTakeToken(ShardScope shard, ref HopFrame hop) => hop.Coordinator.TryTakeToken(shard.Loop);

    private static void ForgetToken(ShardScope shard, ref HopFrame hop) => hop.Coordinator.AwaitToken(shard.Loop, isAwaited: false);

    private static void LookForDynamic(ShardScope shard, ref HopFrame hop)
    {
        ref PartLocks locks = ref hop.Coordinator._parts[shard.Id].Locks;
        locks.IsRefused = locks.Request != 0 && shard.Shard.Locks.HoldsUpDynamic(locks.Request);
        shard.Shard.Locks.TurnOutSharers();
        locks.MetDynamic = shard.Shard.Locks.TurnedOut.Count != 0;
        shard.Loop.Grants.TurnOut();
    }

    private static void MakeDynamic(ShardScope shard, ref HopFrame hop)
    {
        shard.Shard.Locks.MakeDynamic(hop.Coordinator._parts[shard.Id].Locks.Request);
        shard.Loop.Grants.TurnOut();
    }

    private LockOwner Owner => new(LockOwnerKind.Coordinator, Loop.Index, Index);

    private void RequestToken(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        if (table.TokenWishes != 0)
        {
            ref PartLocks locks = ref _parts[loop.Index].Locks;
            locks.IsRefused = locks.MetDynamic = true;
            return;
        }
        int request = table.Open(_id, Owner, _isDynamic, sharesToken: !_isDynamic);
        // No share of the shard: the token is no key, and who owns the shard needs not wait for it.
        Settle(loop, request, table.TryAdd(request, LockTable.Token, _isDynamic ? LockMode.Exclusive : LockMode.Shared));
    }

    private void Request(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        int request = _parts[loop.Index].Locks.Request;
        if (request == 0) request = table.Open(_id, Owner, _isDynamic, sharesToken: _wantsToken && !_isDynamic);
        Settle(loop, request, TryAdd(table, request, loop.Index));
    }

    private void RequestMore(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        int request = _parts[loop.Index].Locks.Request;
        if (request == 0) request = table.Open(_id, Owner, isDynamic: true);
        if (_more == 0) table.AddShardAhead(request, LockMode.Exclusive);
        else
        {
            table.AddShardAhead(request, LockMode.Shared);
            table.AddAhead(request, _more, LockMode.Exclusive);
        }
        loop.Grants.TurnOut();
        Settle(loop, request, isAdded: true);
    }

    private void TryTakeToken(EngineLoop loop)
    {
        LockTable table = loop.Shard.Locks;
        ref PartLocks locks = ref _parts[loop.Index].Locks;
        locks.IsRefused = table.Blocks(LockTable.Token, LockMode.Exclusive, but: locks.Request);
        AwaitToken(loop, isAwaited: locks.IsRefused && _mayWait);
        if (locks.IsRefused) return;
        if (locks.Request == 0) locks.Request = table.Open(_id, Owner);
        table.AddAhead(locks.Request, LockTable.Token, LockMode.Exclusive);
    }

    /// <summary>Who has begun and waits for the token has it before all who have not; on the token's shard.</summary>
    private void AwaitToken(EngineLoop loop, bool isAwaited)
    {
        if (_awaitsToken == isAwaited) return;
        _awaitsToken = isAwaited;
        loop.Shard.Locks.TokenWishes += isAwaited ? 1 : -1;
    }

    private void Settle(EngineLoop loop, int request, bool isAdded)
    {
        LockTable table = loop.Shard.Locks;
        ref PartLocks locks = ref _parts[loop.Index].Locks;
        locks.IsRefused = !isAdded;
        if (!isAdded)
        {
            locks.MetDynamic = table.MetDynamic;
            table.MetDynamic = false;
            locks.Request = 0;
            loop.Grants.Release(request);
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
        if (Joint is { } round) return table.TryAddShard(request, LockMode.Shared) && JointRounds.TryAdd(Loop, table, request, round, shard);
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
        bool isRefused = false;
        for (int shard = 0; shard < Shards; shard++)
        {
            ref PartLocks locks = ref _parts[shard].Locks;
            isRefused |= locks.IsRefused;
            _wantsToken |= locks.IsRefused && locks.MetDynamic;
        }
        return isRefused;
    }

    private static void ReleaseOn(EngineLoop loop, ref PartLocks locks)
    {
        if (locks.Request == 0) return;
        loop.Grants.Release(locks.Request);
        locks.Request = 0;
    }

    /// <summary>Wants nothing any more, to begin anew with other wishes.</summary>
    internal void ForgetLocks()
    {
        Invariant.Holds(!HoldsLocks(), "a command that ends has given its locks back");
        _wishes.Clear();
        _wantsAll = _wantsToken = _isDynamic = false;
        _unlocked = -1;
    }

    /// <summary>
    /// From here on the command takes part in no transaction, until it locks again. What it holds on the shards of its keys goes with
    /// the next hop there; a share of the token may lie elsewhere.
    /// </summary>
    private void EndLocks()
    {
        if (!OwnsKeys(TokenShard)) UnlockOn(TokenShard);
        _wantsToken = false;
        _wishes.Clear();
        for (int shard = 0; shard < Shards; shard++) _parts[shard].Locks.IsWanted = false;
        _context.Traits &= ~ClientTraits.HoldsLocks;
        _context.NowMs = Loop.Events.NowMs;
    }

    private bool IsWanting()
    {
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.IsWanted) return true;
        return false;
    }

    private bool HoldsLocks()
    {
        if (_hasToken) return true;
        for (int shard = 0; shard < Shards; shard++)
            if (_parts[shard].Locks.Request != 0) return true;
        return false;
    }
}
