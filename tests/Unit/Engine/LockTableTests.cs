using Anax.Core.Memory;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>The lock table against a list of requests that is searched from the front.</summary>
public class LockTableTests
{
    private const int KeysMax = 6;

    private sealed record Want(int Key, bool IsExclusive);

    private sealed class ModelRequest(long id, int handle, List<Want> wants)
    {
        internal long Id => id;
        internal int Handle => handle;
        internal List<Want> Wants => wants;

        internal bool Conflicts(ModelRequest other) => wants.Exists(w => other.Wants.Exists(o => w.Key == o.Key && (w.IsExclusive || o.IsExclusive)));
    }

    private enum Kind { Open, Close, Look }

    private static readonly Gen<(Kind, long, List<Want>, int)[]> Operations = Gen.Select(
        Gen.Int[0, 3].Select(i => (Kind)(i % 3)), Gen.Long[0, 5],
        Gen.Select(Gen.Int[1, KeysMax], Gen.Bool, (key, exclusive) => new Want(key, exclusive)).List[0, 4], Gen.Int[0, 1000]).Array[1, 200];

    [Fact]
    public void AgreesWithTheModel() => Operations.Sample(operations =>
    {
        using var counters = new NativeArray<ShardCounters>(1);
        using var table = new LockTable(counters);
        var model = new List<ModelRequest>();
        var granted = new HashSet<int>();
        long clock = 10;
        foreach ((Kind kind, long late, List<Want> wants, int pick) in operations)
        {
            // Ids come nearly in order, as between threads.
            if (kind == Kind.Open) Open(table, model, granted, clock++ - late, wants.Count == 0 ? [new Want(0, true)] : wants);
            else if (kind == Kind.Close && model.Count != 0) Close(table, model, granted, pick % model.Count);
            else if (kind == Kind.Look) Look(table, model, pick);
            Compare(table, model, granted);
        }
    }, iter: 3000);

    /// <summary>Key 0 is the whole shard: exclusive by itself, shared beside others.</summary>
    private static void Open(LockTable table, List<ModelRequest> model, HashSet<int> granted, long id, List<Want> wants)
    {
        // The ids of a table are unique.
        while (model.Exists(r => r.Id == id)) id++;
        var all = new List<Want>(wants.Where(w => w.IsExclusive).Concat(wants.Where(w => !w.IsExclusive)).DistinctBy(w => w.Key));
        if (!all.Exists(w => w.Key == 0)) all.Insert(0, new Want(0, false));
        int handle = table.Open(id, new LockOwner(LockOwnerKind.Coordinator, 0, 0));
        var request = new ModelRequest(id, handle, all);
        bool isLate = false;
        foreach (Want want in all)
        {
            LockMode mode = want.IsExclusive ? LockMode.Exclusive : LockMode.Shared;
            isLate = !(want.Key == 0 ? table.TryAddShard(handle, mode) : table.TryAdd(handle, (ulong)want.Key << 32, mode));
            if (isLate) break;
        }
        // It may be refused for one that has gone meanwhile, but is never let in behind a greater id.
        bool mustRefuse = model.Exists(r => r.Id > id && r.Conflicts(request));
        Assert.True(isLate || !mustRefuse);
        if (isLate)
        {
            table.Close(handle);
            Assert.Equal(0, table.Granted.Count);
            return;
        }
        model.Add(request);
        if (table.IsGranted(handle)) granted.Add(handle);
    }

    private static void Close(LockTable table, List<ModelRequest> model, HashSet<int> granted, int index)
    {
        ModelRequest request = model[index];
        model.RemoveAt(index);
        granted.Remove(request.Handle);
        table.Close(request.Handle);
        foreach (int handle in table.Granted.Span) Assert.True(granted.Add(handle), "told twice");
        table.Granted.Clear();
    }

    private static void Look(LockTable table, List<ModelRequest> model, int pick)
    {
        var wanted = new ModelRequest(0, 0, [new Want(1 + pick % KeysMax, pick % 2 == 0)]);
        bool isBlocked = Running(model).Exists(r => r.Conflicts(wanted));
        Assert.Equal(isBlocked, table.Blocks((ulong)wanted.Wants[0].Key << 32, pick % 2 == 0 ? LockMode.Exclusive : LockMode.Shared));
        Assert.Equal(Running(model).Exists(r => r.Wants[0] == new Want(0, true)), table.BlocksShard);
    }

    private static void Compare(LockTable table, List<ModelRequest> model, HashSet<int> granted)
    {
        Assert.Equal(Running(model).Select(r => r.Handle).Order(), granted.Order());
        foreach (ModelRequest request in model) Assert.Equal(granted.Contains(request.Handle), table.IsGranted(request.Handle));
        Assert.Equal(model.Count, table.Count);
        Assert.Equal(model.SelectMany(r => r.Wants).Where(w => w.Key != 0).Select(w => w.Key).Distinct().Count(), (int)table.Keys);
    }

    /// <summary>Those before whom nobody stands who conflicts.</summary>
    private static List<ModelRequest> Running(List<ModelRequest> model) =>
        [.. model.Where((r, i) => !model.Take(i).Any(earlier => earlier.Conflicts(r)))];
}
