using Anax.Core.Memory;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Locks that a transaction takes after it has begun.</summary>
public sealed class DynamicLocksTests : IDisposable
{
    private const ulong A = 1UL << 32, B = 2UL << 32;

    private readonly NativeArray<ShardCounters> _counters = new(1);
    private readonly LockTable _table;
    private long _id;

    public DynamicLocksTests() => _table = new LockTable(_counters);

    [Fact]
    public void WhatIsAskedForLaterComesBeforeThoseWhoHaveNotBegun()
    {
        int holder = Open(false, (A, LockMode.Exclusive));
        int waiting = Open(false, (B, LockMode.Exclusive), (A, LockMode.Exclusive));
        int dynamic = Open(true);
        Assert.False(_table.IsGranted(waiting));
        // B is granted to one that waits for A, so it has not begun.
        Assert.False(_table.Blocks(B, LockMode.Exclusive));
        _table.AddAhead(dynamic, B, LockMode.Exclusive);
        Assert.True(_table.IsGranted(dynamic));
        Assert.True(_table.Blocks(B, LockMode.Shared));
        Assert.Equal([waiting], _table.TurnedOut.Span.ToArray());
        _table.Close(waiting);
        _table.Close(holder);
        Assert.Equal(0, _table.Granted.Count);
    }

    [Fact]
    public void ItWaitsForThoseWhoMayHaveBegun()
    {
        int reader = Open(false, (A, LockMode.Shared));
        int other = Open(false, (A, LockMode.Shared));
        int dynamic = Open(true, (B, LockMode.Exclusive));
        _table.AddAhead(dynamic, A, LockMode.Exclusive);
        Assert.False(_table.IsGranted(dynamic));
        Assert.Equal(0, _table.TurnedOut.Count);
        // What it holds already is held all the same.
        Assert.True(_table.Blocks(B, LockMode.Shared));
        _table.Close(reader);
        Assert.False(_table.IsGranted(dynamic));
        _table.Close(other);
        Assert.Equal([dynamic], _table.Granted.Span.ToArray());
        Assert.True(_table.IsGranted(dynamic));
    }

    [Fact]
    public void WhoHoldsWhatItWaitsForCanFindOut()
    {
        int holder = Open(false, (A, LockMode.Exclusive));
        int other = Open(false, (B, LockMode.Exclusive));
        int dynamic = Open(true);
        Assert.False(_table.HoldsUpDynamic(holder));
        _table.AddAhead(dynamic, A, LockMode.Exclusive);
        Assert.True(_table.HoldsUpDynamic(holder));
        Assert.False(_table.HoldsUpDynamic(other));
        _table.Close(holder);
        _table.AddShardAhead(dynamic, LockMode.Exclusive);
        Assert.True(_table.HoldsUpDynamic(other));
    }

    [Fact]
    public void WhatOneHoldsItselfCanBeLeftOutOfWhatIsInItsWay()
    {
        int sharer = Open(false, (A, LockMode.Shared));
        Assert.True(_table.Blocks(A, LockMode.Exclusive));
        Assert.False(_table.Blocks(A, LockMode.Exclusive, but: sharer));
        int other = Open(false, (A, LockMode.Shared));
        Assert.True(_table.Blocks(A, LockMode.Exclusive, but: sharer));
        _table.Close(other);
        Assert.False(_table.Blocks(A, LockMode.Exclusive, but: sharer));
    }

    [Fact]
    public void WhoHoldsTheTokenAndHasNotBegunIsTurnedOutByWhoHas()
    {
        int holder = Open(false, (A, LockMode.Exclusive));
        int dynamic = Open(true, (A, LockMode.Exclusive));
        Assert.False(_table.HoldsUpDynamic(holder));
        Assert.Equal([dynamic], _table.TurnedOut.Span.ToArray());
    }

    [Fact]
    public void WhoSharesTheTokenAndWaitsIsTurnedOutAlsoWhereItWaitsForAnother()
    {
        int holder = Open(false, (A, LockMode.Exclusive));
        int between = Open(false, (B, LockMode.Exclusive), (A, LockMode.Exclusive));
        int sharer = _table.Open(++_id, new LockOwner(LockOwnerKind.Coordinator, 0, 0), sharesToken: true);
        Assert.True(_table.TryAddShard(sharer, LockMode.Shared) && _table.TryAdd(sharer, B, LockMode.Exclusive));
        int begun = _table.Open(++_id, new LockOwner(LockOwnerKind.Coordinator, 0, 0), sharesToken: true);
        Assert.True(_table.TryAddShard(begun, LockMode.Shared));
        Assert.False(_table.HoldsUpDynamic(holder));
        _table.TurnOutSharers();
        Assert.Equal([sharer], _table.TurnedOut.Span.ToArray());
        _table.TurnedOut.Clear();
        _table.Close(sharer);
        _table.TurnOutSharers();
        Assert.Equal(0, _table.TurnedOut.Count);
        Assert.False(_table.IsGranted(between));
    }

    [Fact]
    public void NoTransactionWaitsForIt()
    {
        int dynamic = Open(true, (A, LockMode.Exclusive));
        int late = _table.Open(++_id, new LockOwner(LockOwnerKind.Coordinator, 0, 0));
        Assert.True(_table.TryAddShard(late, LockMode.Shared));
        Assert.False(_table.TryAdd(late, A, LockMode.Exclusive));
        Assert.True(_table.MetDynamic);
        _table.Close(late);
        // A batch holds nothing while it waits, so it may.
        int batch = _table.Open(++_id, new LockOwner(LockOwnerKind.Batch, 0, 0));
        Assert.True(_table.TryAddShard(batch, LockMode.Shared) && _table.TryAdd(batch, A, LockMode.Exclusive));
        _table.Close(dynamic);
        Assert.Equal([batch], _table.Granted.Span.ToArray());
    }

    [Fact]
    public void WhoBecomesDynamicTurnsOutThoseWhoWait()
    {
        int holder = Open(false, (A, LockMode.Exclusive), (B, LockMode.Exclusive));
        int waiting = Open(false, (B, LockMode.Exclusive), (A, LockMode.Exclusive));
        _table.MakeDynamic(holder);
        Assert.Equal([waiting], _table.TurnedOut.Span.ToArray());
    }

    [Fact]
    public void TheWholeShardCanBeAskedForLater()
    {
        int reader = Open(false, (A, LockMode.Shared));
        int dynamic = Open(true, (B, LockMode.Exclusive));
        _table.AddShardAhead(dynamic, LockMode.Exclusive);
        Assert.False(_table.IsGranted(dynamic));
        _table.Close(reader);
        Assert.Equal([dynamic], _table.Granted.Span.ToArray());
        Assert.True(_table.BlocksShard);
        _table.Close(dynamic);
        Assert.False(_table.BlocksShard);
        Assert.Equal((0, 0L), (_table.Count, _table.Keys));
    }

    [Fact]
    public void OneThatHasBegunPassesOthersWithoutTurningThemOut()
    {
        int holder = Open(false, (A, LockMode.Exclusive));
        int waiting = Open(false, (B, LockMode.Exclusive), (A, LockMode.Exclusive));
        int begun = Open(false);
        _table.AddAhead(begun, B, LockMode.Exclusive);
        Assert.True(_table.IsGranted(begun));
        Assert.Equal(0, _table.TurnedOut.Count);
        _table.Close(holder);
        Assert.False(_table.IsGranted(waiting));
        _table.Close(begun);
        Assert.Equal([waiting], _table.Granted.Span.ToArray());
    }

    public void Dispose()
    {
        _table.Dispose();
        _counters.Dispose();
    }

    private int Open(bool isDynamic, params (ulong Key, LockMode Mode)[] keys)
    {
        int request = _table.Open(++_id, new LockOwner(LockOwnerKind.Coordinator, 0, 0), isDynamic);
        Assert.True(_table.TryAddShard(request, LockMode.Shared));
        foreach ((ulong key, LockMode mode) in keys) Assert.True(_table.TryAdd(request, key, mode));
        return request;
    }
}
