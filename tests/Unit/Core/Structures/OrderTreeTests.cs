using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

public unsafe class OrderTreeTests
{
    private const uint WeightMax = 300;

    /// <summary>Largest first: what fills an arena to the last cell.</summary>
    private static readonly int[] BallastBytes = [32_768, 1024, 512, 384, 256, 128, 64, 40, 8];

    /// <summary>What is allocated beside each number, so that nodes and records lie strewn.</summary>
    private static readonly int[] StrewnBytes = [512, 384, 448, 128, 8, 8, 8, 8];

    private static readonly int[] Sizes = [0, 1, 5, 63, 64, 200, 3000, 20_000];

    /// <summary>Runs a test for random seeds and each size of tree; a failure names its seed.</summary>
    private static void Sample(Action<Random, int> test, int iterations = 3)
    {
        foreach (var size in Sizes)
            Gen.UInt.Sample(seed => test(new Random((int)seed), size), iter: size > 10_000 ? 1 : iterations, threads: 1);
    }

    [Fact]
    public void StructsHaveTheSizesThatTheirPicturesShow()
    {
        Assert.Equal(32, Unsafe.SizeOf<TreeHeader>());
        Assert.Equal(64, Unsafe.SizeOf<TreePath>());
        Assert.Equal(8, Unsafe.SizeOf<TreeSlot>());
        Assert.Equal(20, Unsafe.SizeOf<TreeChild>());
        Assert.Equal(512, TreeNode.CellBytesFor(0, TreeNode.LeafSlotsMax));
        Assert.Equal(1024, TreeNode.CellBytesFor(1, TreeNode.ChildrenMax));
        Assert.Equal(40, TreeNode.CellBytesFor(0, 1));
    }

    [Fact]
    public void AnEmptyTreeHasNothing()
    {
        using var model = new TreeModel<NumberOrder>();
        var tree = model.Tree;
        Assert.False(tree.Find(new TreeNumber(5), out var path));
        Assert.False(tree.FindFirst(new TreeNumber(5), out path));
        Assert.False(tree.FindRank(0, out path, out _));
        Assert.False(tree.FindStart(out path) || tree.FindLast(out path) || tree.Next(ref path) || tree.Previous(ref path));
        Assert.Equal(0, tree.RankOf(path));
        model.Check();
        model.Free();
    }

    // ---- by key ----

    [Fact]
    public void RandomOperationsByKeyAgreeWithTheModel() => Sample((random, size) =>
    {
        using var model = new TreeModel<NumberOrder>();
        // From all in one Key32 to hardly any two.
        var keys = new[] { 1u, 3u, (uint)(size / 40 + 1), uint.MaxValue }[random.Next(4)];
        for (var i = 0; model.Expected.Count < size; i++) InsertNumber(model, random, keys);
        model.Check();
        for (var i = 0; i < size + 50; i++) OperateByKey(model, random, keys);
        model.Check();
        // More go than come.
        while (model.Expected.Count > size / 50)
        {
            RemoveNumber(model, random);
            if (random.Next(4) == 0) InsertNumber(model, random, keys);
            if (random.Next(1 + size / 10) == 0) model.Tree.Verify();
        }
        model.Check();
        model.Free();
    });

    private static ulong RandomNumber(Random random, uint keys)
    {
        // The last key is the largest there is.
        var key32 = random.Next(20) == 0 ? uint.MaxValue : (uint)random.NextInt64(keys);
        return (ulong)key32 << 32 | (uint)random.Next();
    }

    private static int IndexOf(TreeModel<NumberOrder> model, ulong value, out bool exists)
    {
        var index = model.Expected.BinarySearch((value, 1));
        exists = index >= 0;
        return exists ? index : ~index;
    }

    private static bool InsertNumber(TreeModel<NumberOrder> model, Random random, uint keys)
    {
        var value = RandomNumber(random, keys);
        var index = IndexOf(model, value, out var exists);
        Assert.Equal(exists, model.Tree.Find(new TreeNumber(value), out var path));
        if (exists)
        {
            model.AssertAt(path, index);
            return true;
        }
        return model.Insert(index, ref path, value, (uint)(value >> 32));
    }

    private static void RemoveNumber(TreeModel<NumberOrder> model, Random random)
    {
        if (model.Expected.Count == 0) return;
        var index = random.Next(model.Expected.Count);
        Assert.True(model.Tree.Find(new TreeNumber(model.Expected[index].Value), out var path));
        Assert.Equal(index, model.Tree.RankOf(path));
        // Sometimes a few in a row, by the path that the removal leaves.
        for (var count = random.Next(8) == 0 ? 100 : 1; count > 0 && index < model.Expected.Count; count--)
            model.Remove(index, ref path);
    }

    private static void OperateByKey(TreeModel<NumberOrder> model, Random random, uint keys)
    {
        var count = model.Expected.Count;
        switch (random.Next(8))
        {
            case 0 or 1:
                RemoveNumber(model, random);
                break;
            case 2 or 3 or 4:
                InsertNumber(model, random, keys);
                break;
            case 5:
                SearchBounds(model, RandomNumber(random, keys), random.Next(40));
                break;
            case 6 when count > 0:
                var index = random.Next(count);
                var path = model.PathOf(index);
                model.Replace(index, ref path, model.Tree.At(path).Key32);
                break;
            case 7 when random.Next(1 + count / 20) == 0:
                var from = random.Next(count + 1);
                model.RemoveRange(from, Math.Min(count, from + random.Next(1 + count / 4)), 1 + random.Next(100));
                model.Tree.Verify();
                break;
        }
    }

    /// <summary>A key that equals many: those before it, and those not after it.</summary>
    private static void SearchBounds(TreeModel<NumberOrder> model, ulong value, int lowBits)
    {
        lowBits = Math.Min(lowBits, 32);
        var key = new TreeNumber(value, lowBits);
        var first = IndexOf(model, value >> lowBits << lowBits, out _);
        var after = IndexOf(model, value | ((1UL << lowBits) - 1), out var exists) + (exists ? 1 : 0);
        Assert.Equal(first < model.Expected.Count, model.Tree.FindFirst(key, out var path));
        model.AssertAt(path, first);
        Assert.Equal(first, model.Tree.RankOf(path));
        Assert.Equal(after < model.Expected.Count, model.Tree.FindAfter(key, out path));
        model.AssertAt(path, after);
        Assert.Equal(after, model.Tree.RankOf(path));
    }

    // ---- by position ----

    [Fact]
    public void RandomOperationsByPositionAgreeWithTheModel() => Sample((random, size) =>
    {
        using var model = new TreeModel<PlaceOrder>();
        ulong chunks = 0;
        while (model.Expected.Count < size) InsertChunk(model, random, ref chunks, random.Next(4) == 0);
        model.Check();
        for (var i = 0; i < Math.Min(size, 2000) + 50; i++) OperateByPosition(model, random, ref chunks);
        model.Check();
        while (model.Expected.Count > size / 50)
        {
            var from = random.NextInt64(model.Weight + 1);
            model.RemoveRange(from, from + WeightMax + random.NextInt64(1 + model.Weight / 8), 1 + random.Next(100));
            model.Tree.Verify();
            if (random.Next(4) == 0) InsertChunk(model, random, ref chunks, false);
        }
        model.Check();
        model.Free();
    }, iterations: 6);

    private static bool InsertChunk(TreeModel<PlaceOrder> model, Random random, ref ulong chunks, bool atEnd)
    {
        var count = model.Expected.Count;
        var index = atEnd ? random.Next(2) * count : random.Next(count + 1);
        var path = model.PathOf(index);
        var weight = 1 + (uint)random.Next((int)WeightMax);
        var after = index < count && random.Next(2) == 0;
        return model.Insert(after ? index + 1 : index, ref path, ++chunks, weight, after);
    }

    private static void OperateByPosition(TreeModel<PlaceOrder> model, Random random, ref ulong chunks)
    {
        var count = model.Expected.Count;
        var index = random.Next(count + 1);
        switch (random.Next(6))
        {
            case 0 or 1:
                InsertChunk(model, random, ref chunks, random.Next(3) == 0);
                break;
            case 2 when index < count:
                var path = model.PathOf(index);
                model.Remove(index, ref path);
                break;
            case 3 when index < count:
                path = model.PathOf(index);
                model.Replace(index, ref path, 1 + (uint)random.Next((int)WeightMax));
                break;
            case 4 when index < count:
                var within = (uint)random.Next((int)model.Expected[index].Weight);
                Assert.True(model.Tree.FindRank(model.RankOf(index) + within, out path, out var offset));
                Assert.Equal(within, offset);
                model.AssertAt(path, index);
                Assert.Equal(model.RankOf(index), model.Tree.RankOf(path));
                break;
            case 5 when random.Next(1 + count / 20) == 0:
                var from = random.NextInt64(model.Weight + 1);
                model.RemoveRange(from, from + random.NextInt64(1 + model.Weight / 4), 1 + random.Next(100));
                model.Verify();
                break;
        }
    }

    // ---- fill ----

    [Fact]
    public void InsertionAtAnEndFillsTheLeaves()
    {
        foreach (var atEnd in new[] { true, false })
        {
            using var model = new TreeModel<NumberOrder>();
            TreePath path = default;
            for (uint i = 0; i < 50_000; i++)
            {
                var slot = model.Arena.Allocate(sizeof(ulong));
                var value = atEnd ? i : 50_000 - i;
                *(ulong*)model.Arena.At(slot) = value;
                if (i == 0) model.Tree.FindEnd(out path);
                Assert.True(atEnd ? model.Tree.Append(ref path, new TreeSlot(0, slot)) : model.Tree.InsertBefore(ref path, new TreeSlot(0, slot)));
            }
            for (uint i = 0; i < 50_000; i++) model.Expected.Add((atEnd ? i : i + 1, 1));
            model.Check();
            // 512 bytes for 63 slots, and 20 for each leaf.
            Assert.InRange(model.Tree.NodeBytes / 50_000.0, 8, 8.6);
            model.Free();
        }
    }

    [Fact]
    public void RandomInsertionFillsNodesWellAndDeletionGivesThemBack()
    {
        using var model = new TreeModel<NumberOrder>();
        var random = new Random(7);
        while (model.Expected.Count < 30_000) InsertNumber(model, random, uint.MaxValue);
        Assert.InRange(model.Tree.NodeBytes / 30_000.0, 8, 10);
        while (model.Expected.Count > 15_000)
        {
            var index = random.Next(model.Expected.Count);
            var path = model.PathOf(index);
            model.Remove(index, ref path);
        }
        Assert.InRange(model.Tree.NodeBytes / 15_000.0, 8, 11);
        model.Check();
        model.Free();
    }

    [Fact]
    public void AQueueTakesAsManyNodesAsItNeeds()
    {
        using var model = new TreeModel<PlaceOrder>();
        ulong chunks = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var count = model.Expected.Count;
            model.Tree.FindEnd(out var path);
            Assert.True(model.Insert(count, ref path, ++chunks, 1 + (uint)(i % 3)));
            if (count < 1000) continue;
            Assert.True(model.Tree.FindStart(out path));
            model.Remove(0, ref path);
            if (i % 1000 == 0) model.Tree.Verify();
        }
        Assert.InRange(model.Tree.NodeBytes, 8000, 10_000);
        model.Check();
        model.Free();
    }

    // ---- memory ----

    [Fact]
    public void ARefusalChangesNothing() => Sample((random, size) =>
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20 });
        using var numbers = new TreeModel<NumberOrder>(arena);
        using var chunks = new TreeModel<PlaceOrder>(arena);
        ulong last = 0;
        while (numbers.Expected.Count < size / 2) InsertNumber(numbers, random, 100);
        while (chunks.Expected.Count < size / 2) InsertChunk(chunks, random, ref last, false);
        var ballast = new Stack<uint>();
        foreach (var bytes in BallastBytes)
            for (var cell = arena.Allocate(bytes); cell != 0; cell = arena.Allocate(bytes)) ballast.Push(cell);
        var refused = 0;
        for (var i = 0; i < size + 500; i++)
        {
            if (!InsertNumber(numbers, random, 100)) refused++;
            if (!InsertChunk(chunks, random, ref last, random.Next(2) == 0)) refused++;
            if (random.Next(3) == 0) RemoveNumber(numbers, random);
            if (random.Next(100) == 0) OperateByPosition(chunks, random, ref last);
            if (random.Next(20) == 0 && ballast.TryPop(out var freed)) arena.FreeNow(freed);
            if (random.Next(200) == 0) numbers.Tree.Verify(true);
        }
        Assert.InRange(refused, 1, int.MaxValue);
        numbers.Check();
        chunks.Check();
        while (ballast.TryPop(out var cell)) arena.FreeNow(cell);
        numbers.Free();
        chunks.Free();
        Assert.Equal(0, arena.UsedBytes);
    });

    [Fact]
    public void NodesAndRecordsMoveOffSparseExtents()
    {
        Gen.UInt.Sample(seed =>
        {
            var random = new Random((int)seed);
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
            using var model = new TreeModel<NumberOrder>(arena);
            // Nodes and records lie strewn among what goes soon.
            var ballast = new List<uint>();
            for (var i = 0; i < 20_000; i++)
            {
                InsertNumber(model, random, 1000);
                foreach (var bytes in StrewnBytes) ballast.Add(arena.Allocate(bytes));
            }
            foreach (var cell in ballast) arena.FreeNow(cell);
            var committed = arena.CommittedBytes;
            Assert.True(arena.BeginCompaction());
            long position = 0;
            var mover = new Mover { Arena = arena };
            while (true)
            {
                mover.Left = 1 + random.Next(300);
                if (model.Tree.MoveNodes(ref position, mover.Left, ref mover)) break;
                if (random.Next(3) == 0) model.Tree.Verify();
                // What comes in between is placed well already.
                if (random.Next(3) == 0) InsertNumber(model, random, 1000);
            }
            Assert.Equal(0, position);
            var (seen, moved) = (mover.Seen, mover.Moved);
            Assert.InRange(seen, 19_000, 21_000);
            Assert.InRange(moved, 1, seen);
            // Another round finds nothing left to move.
            mover.Left = int.MaxValue;
            var bytesOfNodes = model.Tree.NodeBytes;
            Assert.True(model.Tree.MoveNodes(ref position, int.MaxValue, ref mover));
            Assert.InRange(mover.Moved - moved, 0, 100);
            Assert.Equal(bytesOfNodes, model.Tree.NodeBytes);
            arena.EndCompaction();
            arena.ReleaseFreeExtents(1000);
            Assert.InRange(arena.CommittedBytes, 0, committed / 2);
            model.Check();
            model.Free();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 3, threads: 1);
    }

    private struct Mover : ITreeMover
    {
        public Arena Arena;
        public int Left;
        public int Seen, Moved;

        public uint Move(TreeSlot slot)
        {
            Assert.True(--Left >= 0, "a step beyond its budget");
            Seen++;
            if (!Arena.MustMove(slot.Handle)) return slot.Handle;
            Moved++;
            return Arena.Move(slot.Handle);
        }
    }
}
