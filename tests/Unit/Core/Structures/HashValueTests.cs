using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A hash beside the naive model of it, across the thresholds between packed and table.</summary>
public sealed class HashValueTests
{
    private const long Now = KeyTableModel.Now;

    private static readonly byte[] Key = "hash"u8.ToArray();

    private static readonly Gen<(int Kind, int Field, string Value, int Lifetime)> Steps = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 40],
        Gen.OneOf(
            Gen.Int.Select(i => i.ToString(CultureInfo.InvariantCulture)), Gen.Const(""), Gen.Const("007"), Gen.Long.Select(l => $"{l}"),
            Gen.String[Gen.Char['a', 'z'], 0, 30], Gen.Const(new string('x', 70)), Gen.Const(new string('y', 20_000))),
        Gen.Int[-500, 1000]);

    [Theory]
    [InlineData(8, 64)]
    [InlineData(1000, 64)]
    [InlineData(1000, 100_000)]
    public void FieldsAreAsTheyWereSet(int entriesMax, int bytesMax) => Steps.Array[1, 200].Sample(
        steps =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, new PackedLimits(entriesMax, bytesMax));
                foreach (var step in steps) model.Do(step);
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 150);

    [Fact]
    public void ARefusedChangeLeavesTheFieldsAsTheyWere()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20, ReserveBytesMin = 4 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var model = new Model(keys, arena, new PackedLimits(100, 64));
        var refused = 0;
        for (var i = 0; refused < 200 && i < 100_000; i++)
            if (!model.TrySet(i, new string((char)('a' + i % 26), i % 900), i % 3 == 0 ? Now + 1000 : 0)) refused++;
        Assert.Equal(200, refused);
        model.Check();
        // There is no room for an expiry either, and none is needed to lose one.
        for (var i = 0; i < 200; i++) model.Do((4, i, "", 500));
        for (var i = 0; i < 200; i++) model.Do((5, i, "", 0));
        model.Check();
    }

    [Fact]
    public void EachFieldIsDrawnAsOftenAsAnyOther()
    {
        foreach (var (fields, limits) in new[] { (40, new PackedLimits(100, 64)), (40, new PackedLimits(1, 64)), (3000, new PackedLimits(1, 64)) })
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using var keys = new KeyTable(arena, KeyTableModel.HashKey);
            var model = new Model(keys, arena, limits);
            for (var i = 0; i < fields; i++) Assert.True(model.TrySet(i, "v", 0));
            var counts = model.Draw(fields * 100);
            Assert.Equal(fields, counts.Count);
            // Chi-square with its mean and standard deviation; six of them are never met by chance.
            var square = counts.Values.Sum(count => (count - 100.0) * (count - 100.0) / 100);
            var tolerance = fields > 1000 ? 0.15 * fields : 0;
            Assert.InRange(square, fields - 6 * Math.Sqrt(2 * fields), fields + 6 * Math.Sqrt(2 * fields) + tolerance);
        }
    }

    [Fact]
    public void ASampleHasNoFieldTwice()
    {
        foreach (var limits in new[] { new PackedLimits(10_000, 64), new PackedLimits(1, 64) })
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using var keys = new KeyTable(arena, KeyTableModel.HashKey);
            var model = new Model(keys, arena, limits);
            for (var i = 0; i < 1000; i++) Assert.True(model.TrySet(i, "v", limits.EntriesMax == 1 && i % 10 == 0 ? Now - 1 : 0));
            var live = limits.EntriesMax == 1 ? 900 : 1000;
            foreach (var wanted in new[] { 1, 2, 10, 299, 301, 899, 900, 1000, 5000 })
                Assert.Equal(Math.Min(wanted, live), model.Sample(wanted, wanted * 77));
        }
    }

    private sealed class Model(KeyTable keys, Arena arena, PackedLimits limits)
    {
        private readonly Dictionary<string, (string Value, long ExpireAtMs)> _expected = [];
        private bool _hasTable;

        public void Do((int Kind, int Field, string Value, int Lifetime) step)
        {
            var expireAtMs = Now + step.Lifetime;
            switch (step.Kind)
            {
                case 0 or 1 or 2:
                    Assert.True(TrySet(step.Field, step.Value, 0));
                    break;
                case 3:
                    Assert.True(TrySet(step.Field, step.Value, expireAtMs));
                    break;
                case 4:
                    TrySetExpiry(step.Field, expireAtMs);
                    break;
                case 5:
                    TrySetExpiry(step.Field, 0);
                    break;
                case 6:
                    Assert.True(TrySet(step.Field, step.Value, HashEditor.KeepExpiry));
                    break;
                case 7 or 8:
                    Delete(step.Field);
                    break;
                default:
                    Check();
                    break;
            }
            arena.Settle();
        }

        public bool TrySet(int number, string value, long expireAtMs)
        {
            var field = Field(number);
            var was = !_expected.TryGetValue(field, out var old) ? FieldState.Missing : IsLive(old.ExpireAtMs) ? FieldState.Live : FieldState.Expired;
            var entry = Find();
            var editor = new HashEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, Now);
            var isSet = editor.Set(Bytes(field), Bytes(value), expireAtMs, default, out var before);
            arena.Settle();
            if (!isSet) return false;
            Assert.Equal(was, before);
            if (expireAtMs == HashEditor.KeepExpiry) expireAtMs = was == FieldState.Live ? old.ExpireAtMs : 0;
            _expected[field] = (value, expireAtMs);
            _hasTable |= _expected.Count > limits.EntriesMax || Math.Max(field.Length, value.Length) > limits.BytesMax || expireAtMs != 0;
            return true;
        }

        public void Check()
        {
            keys.Entries.Verify(Now);
            var entry = Find();
            var view = new HashView(new ValueView(entry, keys.Entries));
            Assert.Equal(_expected.Count, view.Count);
            if (_expected.Count != 0)
            {
                Assert.Equal(ValueType.Hash, entry.Type);
                Assert.Equal(_hasTable, view.HasTable);
            }
            Assert.Equal(_expected.Values.Count(f => f.ExpireAtMs != 0), view.ExpiringCount);
            Span<byte> scratch = stackalloc byte[20];
            foreach (var (field, (value, expireAtMs)) in _expected)
            {
                Assert.Equal(IsLive(expireAtMs), view.TryGet(Bytes(field), Now, out _));
                Assert.True(view.TryGet(Bytes(field), 0, out var found));
                Assert.Equal(value, Encoding.Latin1.GetString(found.Item.Text(scratch)));
                Assert.Equal(expireAtMs, found.ExpireAtMs);
            }
            Assert.False(view.TryGet("none"u8, 0, out _));
            var seen = new Collector();
            ulong position = 0;
            do position = view.Walk(position, Now, ref seen);
            while (position != 0);
            var live = _expected.Where(f => IsLive(f.Value.ExpireAtMs)).Select(f => $"{f.Key}={f.Value.Value}");
            Assert.Equal(live.Order(StringComparer.Ordinal), seen.Fields.Order(StringComparer.Ordinal));
        }

        public Dictionary<string, int> Draw(int draws)
        {
            var view = new HashView(new ValueView(Find(), keys.Entries));
            var seen = new Collector();
            ulong random = 42;
            Assert.Equal(draws, view.Draw(draws, ref random, Now, ref seen));
            return seen.Fields.GroupBy(f => f).ToDictionary(g => g.Key, g => g.Count());
        }

        public int Sample(int wanted, int seed)
        {
            var view = new HashView(new ValueView(Find(), keys.Entries));
            var seen = new Collector();
            Assert.Equal(seen.Fields.Count, (int)view.Sample(0, (ulong)seed, Now, ref seen));
            Assert.Equal(view.Sample(wanted, (ulong)seed, Now, ref seen), seen.Fields.Count);
            Assert.Equal(seen.Fields.Count, seen.Fields.Distinct().Count());
            return seen.Fields.Count;
        }

        private void TrySetExpiry(int number, long expireAtMs)
        {
            var field = Field(number);
            if (!_expected.TryGetValue(field, out var old)) return;
            var entry = Find();
            var editor = new HashEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, Now);
            var isSet = editor.SetExpiry(Bytes(field), expireAtMs);
            Assert.True(isSet || expireAtMs != 0);
            if (!isSet) return;
            _expected[field] = (old.Value, expireAtMs);
            _hasTable |= expireAtMs != 0;
        }

        private void Delete(int number)
        {
            var field = Field(number);
            var entry = Find();
            var wasThere = _expected.TryGetValue(field, out var old) && IsLive(old.ExpireAtMs);
            if (!entry.Exists) return;
            var editor = new HashEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, Now);
            Assert.Equal(wasThere, editor.Delete(Bytes(field)));
            if (wasThere) _expected.Remove(field);
            if (_expected.Count != 0) return;
            keys.Entries.Delete(ref entry);
            _hasTable = false;
        }

        private Entry Find() => keys.Entries.Find(KeyTableModel.HashKey.Hash(Key), Key);

        private static bool IsLive(long expireAtMs) => expireAtMs == 0 || expireAtMs > Now;

        private static string Field(int number) => number % 3 == 0 ? number.ToString(CultureInfo.InvariantCulture) : $"field:{number}";

        private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
    }

    private readonly struct Collector() : IFieldVisitor
    {
        public List<string> Fields { get; } = [];

        public void Visit(scoped PackedItem field, scoped in FieldValue value)
        {
            Span<byte> scratch = stackalloc byte[20];
            var name = Encoding.Latin1.GetString(field.Text(scratch));
            Fields.Add($"{name}={Encoding.Latin1.GetString(value.Item.Text(scratch))}");
        }
    }
}
