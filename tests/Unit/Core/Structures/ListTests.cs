using System.Globalization;
using System.Text;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Lists, packed and in chunks, against a list of arrays.</summary>
public sealed class ListTests
{
    private static readonly byte[] Key = "list"u8.ToArray();

    /// <summary>What is done, to which end or place, with how many values, of what size, of how many different ones.</summary>
    private static readonly Gen<(int Kind, int At, int Count, int Size, int Seed)> Steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 100_000], Gen.OneOf(Gen.Const(1), Gen.Int[1, 5], Gen.Int[1, 300]),
            Gen.Frequency((6, Gen.Int[0, 12]), (6, Gen.Int[0, 80]), (2, Gen.Int[100, 3000]), (1, Gen.Int[4000, 9000]), (1, Gen.Int[16_000, 100_000])),
            Gen.Int[0, 40]);

    private static readonly int[] FillChoices = [-2, -2, -1, -5, 0, 3, 128, 100_000];
    private static readonly Gen<int> Fills = Gen.Int[0, 7].Select(i => FillChoices[i]);

    [Fact]
    public void ListsAreWhatWasDoneToThem() => Gen.Select(Fills, Steps.Array[1, 80]).Sample(
        (fill, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, fill);
                foreach (var step in steps) model.Do(step);
                model.CheckWhole();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 400);

    /// <summary>In an arena that is nearly full, what is refused leaves the list as it was.</summary>
    [Fact]
    public void RefusedChangesChangeNothing() => Gen.Select(Fills, Steps.Array[60, 200]).Sample(
        (fill, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, fill) { MayRefuse = true };
                foreach (var step in steps) model.Do(step with { Kind = step.Kind is 2 or 6 or 7 or 8 ? 0 : step.Kind, Size = Math.Min(step.Size, 15_000) });
                model.CheckWhole();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMillionElementsTakeLittleMoreThanTheirBytes(bool last)
    {
        const int Count = 1_000_000, Bytes = 32;
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena, -2);
            for (var i = 0; i < Count; i++) model.PushOnly(last, Encoding.ASCII.GetBytes(i.ToString("x32", CultureInfo.InvariantCulture)));
            var perElement = (double)arena.UsedBytes / Count;
            Assert.InRange(perElement, Bytes, 34.4);
            model.Verify();
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 1000)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    /// <summary>Chunks and nodes leave the extents that are emptied, and the elements stay.</summary>
    [Fact]
    public void SweepsMoveListsTogether()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 512 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var models = Enumerable.Range(0, 8).Select(i => new Model(keys, arena, -2) { Name = Encoding.ASCII.GetBytes($"list{i}") }).ToArray();
        for (var i = 0; i < 240_000; i++)
            foreach (var model in models) model.Push(i % 3 != 0, Encoding.ASCII.GetBytes($"element {i} of the list"));
        foreach (var model in models[..7]) model.Delete();
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
        models[7].CheckWhole();
        Assert.True(arena.ReleaseFreeExtents(1000) > 20);
        Assert.False(arena.BeginCompaction());
    }

    [Fact]
    public void WholeListsAreCopiedAndFlattened() => Gen.Select(Fills, Steps.Array[1, 30]).Sample(
        (fill, steps) =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, fill);
                foreach (var step in steps) model.Do(step);
                model.CheckCopies();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 100);

    private struct Visitor : IMemberVisitor, IExpiryVisitor
    {
        public void Expired(ref Entry entry) => Assert.Fail("nothing expires");

        public void Expired(in LargeValue value, ref Entry member) => Assert.Fail("nothing expires");

        public void Leave(in LargeValue value) { }
    }

    private sealed class Model(KeyTable keys, Arena arena, int fill)
    {
        private readonly List<byte[]> _expected = [];
        private readonly ListLimit _limit = new(fill);

        public byte[] Name { get; init; } = Key;

        public bool MayRefuse { get; init; }

        public void Do((int Kind, int At, int Count, int Size, int Seed) step)
        {
            var last = step.At % 2 == 0;
            switch (step.Kind)
            {
                case 0 or 1:
                    PushMany(last, [.. Enumerable.Range(step.Seed, step.Count).Select(i => Value(step.Size, i % 40))]);
                    break;
                case 2:
                    Pop(last, step.Count);
                    break;
                case 3 or 4 when _expected.Count > 0:
                    Insert(_expected[step.At % _expected.Count], step.Seed % 2 == 0, Value(step.Size, step.Seed));
                    break;
                case 5 when _expected.Count > 0:
                    Set(step.At % _expected.Count, Value(step.Size, step.Seed));
                    break;
                case 6:
                    Remove(Value(step.Size, step.Seed), step.Count, last);
                    break;
                case 7 when _expected.Count > 0:
                    Remove(_expected[step.At % _expected.Count], step.Seed < 10 ? long.MaxValue : step.Count, last);
                    break;
                case 8 when _expected.Count > 0:
                    Trim(step.At % _expected.Count, step.Count * 10);
                    break;
                default:
                    CheckFrom(step.At, last);
                    break;
            }
            arena.Settle();
            Check();
        }

        /// <summary>The same value for the same size and number, sometimes a whole number.</summary>
        private static byte[] Value(int size, int seed)
        {
            if (size < 12) return Encoding.ASCII.GetBytes((seed * Math.Pow(size, 8) - seed).ToString("0", CultureInfo.InvariantCulture));
            return [.. Enumerable.Range(0, size).Select(i => (byte)(i == 0 ? seed : i * 7))];
        }

        public void PushOnly(bool last, byte[] value)
        {
            var entry = Find();
            Assert.True(new ListEditor(Slot(ref entry), _limit).Push(last, value, default));
            arena.Settle();
        }

        public void Push(bool last, byte[] value)
        {
            PushOnly(last, value);
            if (last) _expected.Add(value);
            else _expected.Insert(0, value);
        }

        private void PushMany(bool last, byte[][] values)
        {
            var pinned = GC.AllocateUninitializedArray<byte>(values.Sum(v => v.Length), pinned: true);
            var slices = new ArgumentSlice[values.Length];
            for (int i = 0, at = 0; i < values.Length; at += values[i++].Length)
            {
                values[i].CopyTo(pinned, at);
                slices[i] = ArgumentSlice.From(pinned.AsSpan(at, values[i].Length));
            }
            var entry = Find();
            var wasThere = entry.Exists;
            var isDone = new ListEditor(Slot(ref entry), _limit).Push(last, new Arguments(slices));
            Judge(isDone);
            if (!isDone)
            {
                if (!wasThere && entry.Exists) keys.Entries.Delete(ref entry);
                return;
            }
            if (last) _expected.AddRange(values);
            else _expected.InsertRange(0, values.Reverse());
        }

        private void Judge(bool isDone) => Assert.True(isDone || MayRefuse);

        private void Pop(bool last, int count)
        {
            count = Math.Min(count, _expected.Count);
            if (count == 0) return;
            var entry = Find();
            if (count == _expected.Count) keys.Entries.Delete(ref entry);
            else new ListEditor(Slot(ref entry), _limit).Pop(last, count);
            _expected.RemoveRange(last ? _expected.Count - count : 0, count);
        }

        private void Insert(byte[] pivot, bool after, byte[] value)
        {
            var entry = Find();
            var isDone = new ListEditor(Slot(ref entry), _limit).Insert(pivot, after, value, default, out var isFound);
            Judge(isDone);
            if (!isDone) return;
            Assert.True(isFound);
            _expected.Insert(_expected.FindIndex(v => v.AsSpan().SequenceEqual(pivot)) + (after ? 1 : 0), value);
        }

        private void Set(int index, byte[] value)
        {
            var entry = Find();
            var isDone = new ListEditor(Slot(ref entry), _limit).Set(index, value, default);
            Judge(isDone);
            if (isDone) _expected[index] = value;
        }

        private void Remove(byte[] text, long most, bool lastFirst)
        {
            if (_expected.Count == 0) return;
            var entry = Find();
            var removed = new ListEditor(Slot(ref entry), _limit).Remove(text, most, lastFirst);
            var places = Enumerable.Range(0, _expected.Count).Where(i => _expected[i].AsSpan().SequenceEqual(text)).ToList();
            if (lastFirst) places.Reverse();
            places = [.. places.Take((int)Math.Min(most, int.MaxValue)).OrderDescending()];
            Assert.Equal(places.Count, removed);
            foreach (var place in places) _expected.RemoveAt(place);
            if (_expected.Count == 0) keys.Entries.Delete(ref entry);
        }

        private void Trim(int first, int count)
        {
            count = Math.Min(count, _expected.Count - first);
            var entry = Find();
            new ListEditor(Slot(ref entry), _limit).Trim(first, first + count - 1);
            var kept = _expected.GetRange(first, count);
            _expected.Clear();
            _expected.AddRange(kept);
        }

        public void Delete()
        {
            var entry = Find();
            keys.Entries.Delete(ref entry);
            _expected.Clear();
        }

        public void Verify() => View().Verify();

        private void Check()
        {
            var view = View();
            view.Verify();
            Assert.Equal(_expected.Count, view.Count);
            if (_expected.Count == 0) return;
            Assert.Equal(_expected[0], Text(view.Edge(false)));
            Assert.Equal(_expected[^1], Text(view.Edge(true)));
        }

        public void CheckWhole()
        {
            Check();
            CheckFrom(0, false);
            CheckFrom(_expected.Count - 1, true);
        }

        private void CheckFrom(int index, bool backwards)
        {
            if (_expected.Count == 0) return;
            index %= _expected.Count;
            var walk = View().Walk(index, backwards);
            var at = index;
            for (; walk.Next(out var item); at += backwards ? -1 : 1) Assert.Equal(_expected[at], Text(item));
            Assert.Equal(backwards ? -1 : _expected.Count, at);
        }

        public void CheckCopies()
        {
            if (_expected.Count == 0 || !View().IsLarge) return;
            var other = "copy"u8.ToArray();
            var copy = keys.Entries.Find(KeyTableModel.HashKey.Hash(other), other);
            ValueCopyTests.Copy(keys, Name, ref copy, other);
            Check(new ListView(new ValueView(copy, keys.Entries)).Chain);
            keys.Entries.Delete(ref copy);
            var flat = new byte[_expected.Sum(e => Packed.SizeOf(e))];
            var length = 0;
            foreach (var element in _expected) length += Packed.Write(flat.AsSpan(length), element);
            var filled = ValueRoots.MakeWithList(arena, _limit);
            Assert.True(new ListChain(arena, filled).AppendAll(flat, _limit));
            Check(new ListChain(arena, filled));
            ValueRoots.Discard(arena, filled, KeyTableModel.HashKey);
        }

        private void Check(ListChain chain)
        {
            chain.Verify();
            Assert.Equal(_expected.Count, chain.Count);
            for (var i = 0; i < _expected.Count; i++)
            {
                chain.Find(i, out var place, out var offset);
                var chunk = chain.Chunk(place.Chunk);
                Assert.Equal(_expected[i], Text(chunk.Read(chunk.PositionOf(offset))));
            }
        }

        private ListView View()
        {
            var entry = Find();
            return new ListView(new ValueView(entry, keys.Entries));
        }

        private Entry Find() => keys.Entries.Find(KeyTableModel.HashKey.Hash(Name), Name);

        private ValueSlot Slot(ref Entry entry) => new(ref entry, keys.Entries, Name);

        private static byte[] Text(ListItem item) => item.Item.Text(stackalloc byte[32]).ToArray();
    }
}
