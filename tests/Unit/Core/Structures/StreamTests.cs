using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Streams and their groups, against a naive model.</summary>
public sealed class StreamTests
{
    private static readonly Gen<(int Kind, int At, int Count, int Size, int Seed)> Steps =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 100_000], Gen.OneOf(Gen.Const(1), Gen.Int[1, 5], Gen.Int[1, 120]),
            Gen.Frequency((8, Gen.Int[0, 12]), (4, Gen.Int[0, 90]), (2, Gen.Int[100, 3000]), (1, Gen.Int[10_000, 40_000])), Gen.Int[0, 40]);

    private static readonly StreamLimits[] LimitChoices =
        [StreamLimits.Default, StreamLimits.Default, new(0, 10), new(64, 0), new(0, 0), new(100_000, 3)];

    private static readonly Gen<StreamLimits> Limits = Gen.Int[0, LimitChoices.Length - 1].Select(i => LimitChoices[i]);

    [Fact]
    public void StreamsAreWhatWasDoneToThem() => Gen.Select(Limits, Steps.Array[1, 60]).Sample(
        (limits, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 512 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new StreamModel(keys, arena, limits);
                model.Add(new StreamId(5, 0), [1], [2]);
                arena.Settle();
                var without = arena.UsedBytes - model.View().Store.UsedBytes;
                foreach (var step in steps)
                {
                    model.Do(step);
                    model.CheckBytes(without);
                }
                model.CheckWhole();
            }
            AssertFreed(arena);
        }, iter: 300);

    /// <summary>In an arena that is nearly full, what is refused leaves the stream as it was.</summary>
    [Fact]
    public void RefusedChangesChangeNothing() => Gen.Select(Limits, Steps.Array[60, 200]).Sample(
        (limits, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new StreamModel(keys, arena, limits) { MayRefuse = true };
                // Much is added, and little of it taken away.
                foreach (var step in steps)
                    model.Do(step with { Kind = step.Kind is 4 or 5 && step.Seed != 0 ? 0 : step.Kind, Size = Math.Min(step.Size, 15_000) });
                model.CheckWhole();
            }
            AssertFreed(arena);
        }, iter: 60);

    [Fact]
    public void WholeStreamsAreCopiedAndFlattened() => Gen.Select(Limits, Steps.Array[1, 40]).Sample(
        (limits, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 512 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new StreamModel(keys, arena, limits);
                foreach (var step in steps) model.Do(step);
                model.CheckCopies();
            }
            AssertFreed(arena);
        }, iter: 100);

    /// <summary>Nodes, pending entries and the nodes of all trees leave the extents that are emptied.</summary>
    [Fact]
    public void SweepsMoveStreamsTogether()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 512 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var models = Enumerable.Range(0, 8).Select(i => new StreamModel(keys, arena, StreamLimits.Default) { Name = [(byte)i, 1] }).ToArray();
        foreach (var model in models) model.Add(1, 8, 1);
        for (var i = 0; i < 3; i++)
            foreach (var model in models) MakeGroup(model, i);
        for (var i = 0; i < 60; i++)
            foreach (var model in models)
                for (var j = 0; j < 500; j++) model.Add(i * 500 + j, 30, 2);
        for (var i = 0; i < 40; i++)
            foreach (var model in models) model.Do((9, i * 211, 100, 5, 0));
        foreach (var model in models[1..7]) model.Drop();
        while (arena.FreeDoomed(KeyTableModel.HashKey, 1000)) { }
        arena.Settle();
        Assert.True(arena.BeginCompaction());
        var sweep = new RootSweep();
        sweep.Begin(arena);
        var visitor = new Visitor();
        while (!sweep.Step(arena, KeyTableModel.HashKey, 0, 64, ref visitor)) { }
        var state = new SweepState();
        while (!keys.Entries.Sweep(ref state, 0, 64, ref visitor)) { }
        arena.EndCompaction();
        models[0].CheckWhole();
        models[7].CheckWhole();
        Assert.True(arena.ReleaseFreeExtents(1000) > 5);
        Assert.False(arena.BeginCompaction());
    }

    private static void MakeGroup(StreamModel model, int number)
    {
        model.Do((6, number, 1, 1, number));
        for (var i = 0; i < 3; i++) model.Do((8, number, i, 7, 1));
    }

    /// <summary>No more than in Valkey, which takes 41.5 bytes with nodes of 4096 bytes.</summary>
    [Fact]
    public void EntriesOfThreeShortValuesTake41Bytes()
    {
        const int Count = 300_000;
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var model = new StreamModel(keys, arena, StreamLimits.Default);
        var random = new Random(1);
        var values = new byte[3][];
        for (var i = 0; i < 3; i++) values[i] = new byte[8];
        for (var i = 0; i < Count; i++)
        {
            foreach (var value in values) random.NextBytes(value);
            model.Add(new StreamId(1_700_000_000_000 + (ulong)i / 3, (ulong)i % 3), "f1"u8.ToArray(), values[0], "f2"u8.ToArray(), values[1],
                "f3"u8.ToArray(), values[2]);
            arena.Settle();
        }
        Assert.InRange((double)arena.UsedBytes / Count, 30, 41.5);
    }

    [Fact]
    public void IdsStandInOneOrderWithTheirShortForms() => Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 63], Gen.Int[0, 63]).Sample(
        (a, b, shiftA, shiftB) =>
        {
            var (left, right) = (new StreamId(a >> shiftA, b), new StreamId(b >> shiftB, a));
            if (left > right) (left, right) = (right, left);
            Assert.True(left.Key32 <= right.Key32);
            if (left.TryNext(out var next)) Assert.True(next > left && next.TryPrevious(out var back) && back == left);
        });

    private static void AssertFreed(Arena arena)
    {
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    private struct Visitor : IMemberVisitor, IExpiryVisitor
    {
        public void Expired(ref Entry entry) => Assert.Fail("nothing expires");

        public void Expired(in LargeValue value, ref Entry member) => Assert.Fail("nothing expires");

        public void Leave(in LargeValue value) { }
    }
}
