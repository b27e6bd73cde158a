using Anax.Core.Memory;
using Anax.Core.Structures;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A tree beside the naive list of it; every operation is done on both and compared.</summary>
internal sealed unsafe class TreeModel<TOrder> : IDisposable where TOrder : struct, ITreeOrder
{
    /// <summary>The header lies within a larger one, as a user's does.</summary>
    private const int HeaderOffset = 24;

    private readonly bool _ownsArena;
    private readonly uint _cell;
    private bool _wasRefused;

    public TreeModel(Arena? arena = null)
    {
        _ownsArena = arena == null;
        Arena = arena ?? new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        _cell = Arena.AllocateIndex(HeaderOffset + TreeHeader.SizeBytes);
        Assert.NotEqual(0u, _cell);
        *(TreeHeader*)(Arena.At(_cell) + HeaderOffset) = default;
    }

    public Arena Arena { get; }

    public OrderTree<TOrder> Tree => new(Arena, _cell, HeaderOffset);

    /// <summary>What the records say, and the weights, in their order.</summary>
    public List<(ulong Value, uint Weight)> Expected { get; } = [];

    public long Weight => Expected.Sum(e => (long)e.Weight);

    public long RankOf(int index)
    {
        if (!TOrder.IsWeighted) return index;
        long rank = 0;
        for (var i = 0; i < index; i++) rank += Expected[i].Weight;
        return rank;
    }

    public TreePath PathOf(int index)
    {
        Assert.Equal(index < Expected.Count, Tree.FindRank(RankOf(index), out var path, out var offset));
        Assert.Equal(0u, offset);
        return path;
    }

    /// <summary>False when memory was refused; that nothing has changed is checked.</summary>
    public bool Insert(int index, ref TreePath path, ulong value, uint key32, bool after = false)
    {
        var used = Arena.UsedBytes;
        var (nodeBytes, slots, weight) = (Tree.NodeBytes, Tree.Slots, Tree.Weight);
        var record = Arena.Allocate(sizeof(ulong));
        var isInserted = false;
        if (record != 0)
        {
            *(ulong*)Arena.At(record) = value;
            var slot = new TreeSlot(key32, record);
            isInserted = after ? Tree.InsertAfter(ref path, slot) : Tree.InsertBefore(ref path, slot);
            if (!isInserted) Arena.FreeNow(record);
        }
        if (!isInserted)
        {
            _wasRefused = true;
            Assert.Equal((used, nodeBytes, slots, weight), (Arena.UsedBytes, Tree.NodeBytes, Tree.Slots, Tree.Weight));
            return false;
        }
        Expected.Insert(index, (value, TOrder.IsWeighted ? key32 : 1));
        AssertAt(path, index);
        return true;
    }

    public void Remove(int index, ref TreePath path)
    {
        AssertAt(path, index);
        Arena.FreeNow(Tree.At(path).Handle);
        Expected.RemoveAt(index);
        Assert.Equal(index < Expected.Count, Tree.Remove(ref path));
        AssertAt(path, index);
    }

    /// <summary>The record goes to another cell, and perhaps has another weight.</summary>
    public void Replace(int index, ref TreePath path, uint key32)
    {
        var (value, _) = Expected[index];
        var record = Arena.Allocate(sizeof(ulong));
        if (record == 0) return;
        *(ulong*)Arena.At(record) = value;
        Arena.FreeNow(Tree.At(path).Handle);
        Tree.Replace(ref path, new TreeSlot(key32, record));
        Expected[index] = (value, TOrder.IsWeighted ? key32 : 1);
        AssertAt(path, index);
    }

    /// <summary>Removes what lies wholly between two ranks, in steps of a budget.</summary>
    public void RemoveRange(long from, long to, int budget)
    {
        var first = 0;
        long rank = 0;
        for (; first < Expected.Count && rank < from; first++) rank += Expected[first].Weight;
        var end = first;
        for (; end < Expected.Count && rank + Expected[end].Weight <= to; end++) rank += Expected[end].Weight;
        var freer = new Freer { Arena = Arena, Values = Expected[first..end].Select(e => e.Value).ToArray() };
        for (var steps = 0; ; steps++)
        {
            freer.Left = budget;
            if (Tree.RemoveRange(from, ref to, budget, ref freer)) break;
            Assert.True(steps <= freer.Values.Length / budget, "a step did nothing");
        }
        Assert.Equal(freer.Values.Length, freer.Seen);
        Expected.RemoveRange(first, end - first);
    }

    public void AssertAt(in TreePath path, int index)
    {
        var tree = Tree;
        if (index == Expected.Count)
        {
            Assert.Equal(0, tree.RunAt(path).Length);
            return;
        }
        Assert.Equal(Expected[index].Value, TreeNumber.ValueOf(Arena, tree.At(path)));
    }

    /// <summary>The tree alone; its nodes may be sparse once memory was refused.</summary>
    public void Verify() => Tree.Verify(_wasRefused);

    /// <summary>The whole structure, and all slots forwards, backwards, and leaf by leaf.</summary>
    public void Check()
    {
        var tree = Tree;
        Verify();
        Assert.Equal((Expected.Count, Weight), (tree.Slots, tree.Weight));
        var any = tree.FindStart(out var path);
        Assert.Equal(Expected.Count > 0, any);
        long rank = 0;
        for (var i = 0; i < Expected.Count; i++)
        {
            AssertAt(path, i);
            if (i % 97 == 0) Assert.Equal(rank, tree.RankOf(path));
            rank += Expected[i].Weight;
            Assert.Equal(i + 1 < Expected.Count, tree.Next(ref path));
        }
        Assert.Equal(rank, tree.RankOf(path));
        Assert.Equal(any, tree.FindLast(out path));
        for (var i = Expected.Count - 1; i >= 0; i--)
        {
            AssertAt(path, i);
            Assert.Equal(i > 0, tree.Previous(ref path));
        }
        var at = 0;
        for (any = tree.FindStart(out path); any; any = tree.NextRun(ref path))
            foreach (var slot in tree.RunAt(path)) Assert.Equal(Expected[at++].Value, TreeNumber.ValueOf(Arena, slot));
        Assert.Equal(Expected.Count, at);
    }

    /// <summary>Frees the tree in steps; then an arena of its own is as it was before.</summary>
    public void Free()
    {
        var random = new Random(Expected.Count);
        var freer = new Freer { Arena = Arena, Values = Expected.Select(e => e.Value).ToArray(), Backwards = true };
        while (!Tree.FreeStep(freer.Left = 1 + random.Next(200), ref freer))
        {
            if (random.Next(10) == 0) Verify();
        }
        Assert.Equal(Expected.Count, freer.Seen);
        Assert.Equal(0, Tree.NodeBytes);
        Tree.Verify();
        Arena.FreeNow(_cell);
        if (_ownsArena) Assert.Equal(0, Arena.UsedBytes);
    }

    public void Dispose()
    {
        if (_ownsArena) Arena.Dispose();
    }

    private struct Freer : ITreeVisitor
    {
        public Arena Arena;
        public ulong[] Values;
        public bool Backwards;
        public int Left, Seen;
        private readonly HashSet<ulong> _seen = [];

        public Freer()
        {
            Arena = null!;
            Values = [];
        }

        public void Visit(TreeSlot slot)
        {
            Assert.True(--Left >= 0, "a step beyond its budget");
            var value = TreeNumber.ValueOf(Arena, slot);
            // Backwards leaf by leaf, but forwards within each step's run.
            if (!Backwards) Assert.Equal(Values[Seen], value);
            Seen++;
            Arena.FreeNow(slot.Handle);
            Assert.True(_seen.Add(slot.Handle) || !Backwards, "a slot was given twice");
        }
    }
}
