using Anax.Core.Memory;
using Anax.Core.Structures;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>
/// A sorted set's tree: numbers without order, each in a record of its own, whose upper halves lie in the slots. So a lookup
/// reads the nodes and one record.
/// </summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public unsafe class OrderTreeBenchmarks : IDisposable
{
    /// <summary>Prime, so that every number has its turn.</summary>
    private const long Stride = 7919;

    private Arena _arena = null!;
    private uint _header;
    private long _oldest;
    private long _at;
    private TreePath _walk;
    private uint _queue;

    /// <summary>The first fits the processor's cache, the second does not.</summary>
    [Params(10_000, 1_000_000)]
    public int Entries { get; set; }

    private OrderTree<NumberOrder> Tree => new(_arena, _header, 0);

    private OrderTree<NumberOrder> Queue => new(_arena, _queue, 0);

    [GlobalSetup]
    public void Fill()
    {
        _arena = new Arena(new ArenaOptions());
        _header = NewHeader();
        _queue = NewHeader();
        for (int i = 0; i < Entries; i++) Insert(i, _arena.Allocate(sizeof(ulong)));
        Queue.FindEnd(out TreePath end);
        for (int i = 0; i < Entries; i++) Queue.Append(ref end, new TreeSlot(0, 1));
        Tree.FindStart(out _walk);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool FindHit() => Tree.Find(new NumberKey(NumberOf(NextPresent())), out _);

    [Benchmark]
    public bool FindFirst() => Tree.FindFirst(new NumberKey(NumberOf(NextPresent() + Entries)), out _);

    /// <summary>The slot at a random rank.</summary>
    [Benchmark]
    public uint FindRank()
    {
        Tree.FindRank((long)(NumberOf(NextPresent()) % (ulong)Entries), out TreePath path, out _);
        return Tree.At(path).Handle;
    }

    /// <summary>What ZRANK takes of the tree: the rank of a number.</summary>
    [Benchmark]
    public long FindAndRankOf()
    {
        Tree.Find(new NumberKey(NumberOf(NextPresent())), out TreePath path);
        return Tree.RankOf(path);
    }

    /// <summary>One step of a walk from the start to the end, and again.</summary>
    [Benchmark]
    public uint Next()
    {
        // Another benchmark may have changed the tree since.
        if (_walk.Version != Version || !Tree.Next(ref _walk)) Tree.FindStart(out _walk);
        return Tree.At(_walk).Handle;
    }

    /// <summary>A tree of constant size: one number comes, the one that came longest ago goes.</summary>
    [Benchmark]
    public bool InsertAndRemove()
    {
        Tree.Find(new NumberKey(NumberOf(_oldest)), out TreePath path);
        uint record = Tree.At(path).Handle;
        Tree.Remove(ref path);
        return Insert(_oldest++ + Entries, record);
    }

    /// <summary>A queue of constant size: a slot goes at the start, and comes again at the end.</summary>
    [Benchmark]
    public bool TakeFirstAndAppend()
    {
        Queue.FindStart(out TreePath path);
        TreeSlot slot = Queue.At(path);
        Queue.Remove(ref path);
        Queue.FindEnd(out path);
        return Queue.Append(ref path, slot);
    }

    private ushort Version => ((TreeHeader*)_arena.At(_header))->Version;

    private uint NewHeader()
    {
        uint header = _arena.AllocateIndex(TreeHeader.SizeBytes);
        *(TreeHeader*)_arena.At(header) = default;
        return header;
    }

    private bool Insert(long index, uint record)
    {
        ulong number = NumberOf(index);
        *(ulong*)_arena.At(record) = number;
        Tree.Find(new NumberKey(number), out TreePath path);
        return Tree.InsertBefore(ref path, new TreeSlot((uint)(number >> 32), record));
    }

    private long NextPresent()
    {
        _at = (_at + Stride) % Entries;
        return _oldest + _at;
    }

    /// <summary>Distinct for distinct indexes, without any order.</summary>
    private static ulong NumberOf(long index)
    {
        ulong z = (ulong)index * 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private readonly struct NumberOrder : ITreeOrder
    {
        public static bool IsWeighted => false;

        public static uint WeightOf(TreeSlot slot) => 1;

        public static int Compare(Arena arena, TreeSlot left, TreeSlot right) =>
            (*(ulong*)arena.At(left.Handle)).CompareTo(*(ulong*)arena.At(right.Handle));
    }

    private readonly struct NumberKey(ulong number) : ITreeKey<NumberKey>
    {
        private readonly ulong _number = number;

        public static uint Key32Of(scoped in NumberKey key) => (uint)(key._number >> 32);

        public static int Compare(Arena arena, scoped in NumberKey key, TreeSlot slot) =>
            key._number.CompareTo(*(ulong*)arena.At(slot.Handle));
    }
}
