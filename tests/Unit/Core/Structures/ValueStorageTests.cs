using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Values that are no strings, in a table of keys: packed ones changed in place, and those behind a root.</summary>
public sealed class ValueStorageTests
{
    private static readonly Gen<(int Kind, int Key, int Size, int At, int Removed, byte Fill)> Steps =
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 40], Gen.OneOf(Gen.Int[0, 60], Gen.Int[0, 400], Gen.Int[15_000, 40_000]), Gen.Int[0, 50_000],
            Gen.Int[0, 500], Gen.Byte);

    [Fact]
    public void ValuesKeepWhatWasWritten() => Steps.Array[1, 120].Sample(
        steps =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena);
                foreach (var step in steps) model.Do(step);
                model.Check();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 300);

    [Fact]
    public void RefusedChangesChangeNothing()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var value = Enumerable.Range(0, 9000).Select(i => (byte)i).ToArray();
        var count = 0;
        for (; ; count++)
        {
            var key = Key(count);
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
            if (!keys.Entries.SetPacked(ref entry, key, ValueType.List, value, 0)) break;
        }
        Assert.True(count > 100);
        for (var i = 0; i < count; i++)
        {
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key(i)), Key(i));
            Assert.False(keys.Entries.Splice(ref entry, 10, 0, 1000, out _));
            Assert.True(entry.Bytes.SequenceEqual(value));
        }
        // Getting shorter is never refused, though there is no smaller cell.
        for (var i = 0; i < count; i++)
        {
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key(i)), Key(i));
            Assert.True(keys.Entries.Splice(ref entry, 1, 8900, 2, out var bytes));
            bytes[1] = bytes[2] = 7;
            Assert.Equal(value.Take(1).Concat([(byte)7, (byte)7]).Concat(value.Skip(8901)).ToArray(), entry.Bytes.ToArray());
        }
        for (var i = 0; i < count; i++)
        {
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key(i)), Key(i));
            keys.Entries.Delete(ref entry);
        }
    }

    [Fact]
    public void ARootIsFoundByItsKeysHash()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var model = new Model(keys, arena);
        for (var i = 0; i < 500; i++) model.Do((5, i, 20, 0, 0, 1));
        for (var i = 0; i < 500; i++)
        {
            var hash = KeyTableModel.HashKey.Hash(Key(i));
            var root = keys.Entries.Find(hash, Key(i)).Root;
            Assert.Equal(Key(i), keys.Entries.FindRoot(hash, root).Key.ToArray());
        }
        Assert.False(keys.Entries.FindRoot(KeyTableModel.HashKey.Hash(Key(1)), 12345).Exists);
    }

    [Fact]
    public void ARootMovesToAnotherKeyOfAnotherTable()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        using (var others = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena);
            for (var i = 0; i < 100; i++) model.Do((5, i, 30, 0, 0, 1));
            for (var i = 0; i < 100; i++)
            {
                var source = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key(i)), Key(i));
                var root = source.Root;
                var target = others.Entries.Find(KeyTableModel.HashKey.Hash(Key(i + 1)), Key(i + 1));
                Assert.True(others.Entries.TakeRoot(ref target, Key(i + 1), keys.Entries, ref source));
                Assert.Equal((ValueType.Set, root), (target.Type, target.Root));
                Assert.Equal(2_000_000_000_000, target.ExpireAtMs);
                Assert.Equal(Key(i + 1), others.Entries.FindRoot(KeyTableModel.HashKey.Hash(Key(i + 1)), root).Key.ToArray());
                arena.Settle();
            }
            Assert.False(arena.HasDoomed);
            Assert.Equal((0, 100), (keys.Entries.Count, others.Entries.Count));
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
        Assert.Equal(0, arena.UsedBytes);
    }

    private static byte[] Key(int number) => Encoding.Latin1.GetBytes("key:" + number.ToString(CultureInfo.InvariantCulture));

    private sealed class Model(KeyTable keys, Arena arena)
    {
        private readonly Dictionary<int, (ValueType Type, byte[]? Bytes, int Members)> _expected = [];

        public void Do((int Kind, int Key, int Size, int At, int Removed, byte Fill) step)
        {
            var key = Key(step.Key);
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
            var exists = _expected.TryGetValue(step.Key, out var expected);
            Assert.Equal(exists, entry.Exists);
            var expireAtMs = step.Fill % 2 == 0 ? 0 : 2_000_000_000_000;
            switch (step.Kind)
            {
                case 0:
                    var value = Filled(step.Size, step.Fill);
                    Assert.True(keys.Entries.SetPacked(ref entry, key, ValueType.Hash, value, expireAtMs));
                    _expected[step.Key] = (ValueType.Hash, value, 0);
                    break;
                case 1 or 2 when exists && expected.Bytes is { } old && expected.Type != ValueType.String:
                    Splice(ref entry, step, old, expected.Type);
                    break;
                case 3:
                    Assert.True(keys.Entries.SetString(ref entry, key, Filled(step.Size, step.Fill), expireAtMs));
                    _expected[step.Key] = (ValueType.String, Filled(step.Size, step.Fill), 0);
                    break;
                case 4 when exists:
                    keys.Entries.Delete(ref entry);
                    _expected.Remove(step.Key);
                    break;
                case 5:
                    SetRoot(ref entry, key, Math.Min(step.Size, 300), expireAtMs);
                    _expected[step.Key] = (ValueType.Set, null, Math.Min(step.Size, 300));
                    break;
                case 6 when exists:
                    Assert.True(keys.Entries.SetExpiry(ref entry, expireAtMs));
                    Assert.Equal(expireAtMs, entry.ExpireAtMs);
                    break;
            }
            arena.Settle();
        }

        public void Check()
        {
            keys.Entries.Verify(1_800_000_000_000);
            foreach (var (number, expected) in _expected)
            {
                var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key(number)), Key(number));
                Assert.Equal(expected.Type, entry.Type);
                if (expected.Bytes is { } bytes) Assert.Equal(bytes, entry.Bytes.ToArray());
                else Assert.Equal(expected.Members, keys.Entries.MembersOf(entry.Root).Count);
            }
        }

        private void Splice(
            ref Entry entry, (int Kind, int Key, int Size, int At, int Removed, byte Fill) step, byte[] old, ValueType type)
        {
            var at = step.At % (old.Length + 1);
            var removed = Math.Min(step.Removed, old.Length - at);
            Assert.True(keys.Entries.Splice(ref entry, at, removed, step.Size, out var bytes));
            var added = Filled(step.Size, step.Fill);
            added.CopyTo(bytes[at..]);
            byte[] expected = [.. old[..at], .. added, .. old[(at + removed)..]];
            Assert.Equal(expected, bytes.ToArray());
            Assert.Equal(expected, entry.Bytes.ToArray());
            _expected[step.Key] = (type, expected, 0);
        }

        private void SetRoot(ref Entry entry, byte[] key, int members, long expireAtMs)
        {
            var root = ValueRoots.MakeWithTable(arena, ValueType.Set);
            var table = keys.Entries.MembersOf(root);
            for (var i = 0; i < members; i++)
            {
                var member = table.Find(KeyTableModel.HashKey.Hash(Key(i)), Key(i));
                Assert.True(table.SetString(ref member, Key(i), default, 0));
            }
            Assert.True(keys.Entries.SetRoot(ref entry, key, ValueType.Set, root, expireAtMs));
        }

        private static byte[] Filled(int length, byte fill) => [.. Enumerable.Range(0, length).Select(i => (byte)(fill + i))];
    }
}
