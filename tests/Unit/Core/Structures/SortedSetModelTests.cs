using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A sorted set beside a naive list that is sorted anew, across the threshold between packed and tree.</summary>
public sealed class SortedSetModelTests
{
    private static readonly byte[] Key = "sorted"u8.ToArray();

    /// <summary>Few different ones, so that many members tie; and those at which the order of bits is no order of numbers.</summary>
    private static readonly double[] Scores =
    [
        0, -0.0, 1, -1, 1.5, -1.5, 2, 1e300, -1e300, 1e-300, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon,
        4611686018427387904, 9007199254740993, 0.1, 1.0000000000000002, 1.0000000000000004, -1.0000000000000002,
    ];

    private static readonly Gen<double> AnyScore = Gen.OneOf(
        Gen.Int[0, Scores.Length - 1].Select(i => Scores[i]), Gen.Int[-3, 3].Select(i => (double)i), Gen.Double[-1, 1]);

    private static readonly Gen<(int Kind, int Member, double Score, int Number)> Steps =
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 60], AnyScore, Gen.Int[0, 255]);

    [Theory]
    [InlineData(8, 64)]
    [InlineData(1000, 64)]
    [InlineData(1000, 100_000)]
    [InlineData(0, 64)]
    public void MembersStandInTheirOrder(int entriesMax, int bytesMax) => Steps.Array[1, 150].Sample(
        steps =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, new PackedLimits(entriesMax, bytesMax));
                foreach (var step in steps) model.Do(step);
                model.Check();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 300);

    [Theory]
    [InlineData(100_000)]
    [InlineData(8)]
    public void ARefusedChangeLeavesTheSetAsItWas(int entriesMax)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20, ReserveBytesMin = 4 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var model = new Model(keys, arena, new PackedLimits(entriesMax, 100));
        var random = new Random(entriesMax);
        int refused = 0, full = 0;
        for (var i = 0; refused < 200 && i < 300_000; i++)
        {
            // Where nothing more can be added, scores go on changing: that asks for nodes only.
            var member = refused == 0 ? i : random.Next(2 * full);
            if (refused == 0) full = i;
            if (model.TrySet(Model.Name(member), random.NextDouble(), ScoreRule.None) == ScoreChange.Refused) refused++;
            if (entriesMax > 8 && i > 3000) break;
        }
        if (entriesMax == 8) Assert.Equal(200, refused);
        model.Check();
    }

    [Fact]
    public void RecordsAndNodesLeaveExtentsThatAreEmptied()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena, new PackedLimits(0, 64));
            var random = new Random(7);
            for (var i = 0; i < 400_000; i++) model.TrySet(Model.Name(i), random.Next(1000), ScoreRule.None);
            for (var i = 0; i < 400_000; i++)
                if (i % 10 != 0) model.Remove(Model.Name(i));
            Assert.True(arena.BeginCompaction());
            var sweep = default(RootSweep);
            for (var round = 0; round < 2; round++)
            {
                sweep.Begin(arena);
                var visitor = default(Nobody);
                while (!sweep.Step(arena, KeyTableModel.HashKey, 0, 64, ref visitor)) { }
            }
            arena.EndCompaction();
            model.Check();
            Assert.InRange(arena.ReleaseFreeExtents(100), 2, 100);
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    /// <summary>What docs/design/sorted-sets.md says of memory.</summary>
    [Theory]
    [InlineData(700_000)]
    [InlineData(1_000_000)]
    [InlineData(1_400_000)]
    public void AMemberTakesFewBytes(int members)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 1L << 30 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var random = new Random(members);
        var member = new byte[16];
        var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(Key), Key);
        var editor = new SortedSetEditor(new ValueSlot(ref entry, keys.Entries, Key), new PackedLimits(128, 64), 0);
        for (var i = 0; i < members; i++)
        {
            random.NextBytes(member);
            var score = random.NextDouble();
            Assert.Equal(ScoreChange.Added, editor.Set(member, ref score, ScoreRule.None));
            if (i % 1000 == 0) arena.Settle();
        }
        arena.Settle();
        var bytes = arena.UsedBytes / (double)members;
        TestContext.Current.SendDiagnosticMessage($"{members} members: {bytes:F1} bytes each");
        Assert.InRange(bytes, 20, 56.6);
    }

    [Fact]
    public void ASmallSetTakesFewBytes()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 1L << 30 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var random = new Random(1);
        const int Sets = 200_000, Members = 10;
        var member = new byte[8];
        for (var i = 0; i < Sets; i++)
        {
            var key = Encoding.Latin1.GetBytes($"key:{i:d12}");
            var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
            var editor = new SortedSetEditor(new ValueSlot(ref entry, keys.Entries, key), new PackedLimits(128, 64), 0);
            for (var j = 0; j < Members; j++)
            {
                random.NextBytes(member);
                double score = random.Next(100);
                Assert.Equal(ScoreChange.Added, editor.Set(member, ref score, ScoreRule.None));
            }
            arena.Settle();
        }
        var bytes = arena.UsedBytes / (double)Sets;
        TestContext.Current.SendDiagnosticMessage($"{bytes:F1} bytes for a key with {Members} members");
        Assert.InRange(bytes, 120, 190);
    }

    private sealed class Model(KeyTable keys, Arena arena, PackedLimits limits)
    {
        private readonly Dictionary<string, double> _expected = [];
        private bool _hasTree;

        public static string Name(int number) => (number % 4) switch
        {
            0 => number.ToString(CultureInfo.InvariantCulture),
            1 => $"m{number}",
            2 => $"\xff{number}",
            _ => new string('x', number % 70),
        };

        public void Do((int Kind, int Member, double Score, int Number) step)
        {
            var name = Name(step.Member);
            switch (step.Kind)
            {
                case <= 3:
                    TrySet(name, step.Score, ScoreRule.None);
                    break;
                case <= 6:
                    TrySet(name, step.Score, (ScoreRule)step.Number);
                    break;
                case 7:
                    Remove(name);
                    break;
                case 8:
                    RemoveRange(step.Member % 20, step.Number % 7, 1 + step.Number % 3);
                    break;
                case 9:
                    CheckRanges(step.Score, Scores[step.Number % Scores.Length], step.Number);
                    break;
                case 10:
                    CheckLex(name, Name(step.Number % 61), step.Number);
                    break;
                default:
                    Check();
                    break;
            }
            arena.Settle();
        }

        public ScoreChange TrySet(string name, double score, ScoreRule rule)
        {
            var entry = Find();
            var editor = new SortedSetEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, 0);
            var given = score;
            var wasThere = _expected.TryGetValue(name, out var before);
            var change = editor.Set(Bytes(name), ref score, rule);
            arena.Settle();
            if (change == ScoreChange.Refused) return change;
            Assert.Equal(Expected(wasThere, before, ref given, rule), change);
            if (change is ScoreChange.Added or ScoreChange.Updated)
            {
                Assert.Equal(given, score);
                _expected[name] = score;
            }
            _hasTree |= change == ScoreChange.Added && (_expected.Count > limits.EntriesMax || name.Length > limits.BytesMax);
            return change;
        }

        private static ScoreChange Expected(bool wasThere, double before, ref double score, ScoreRule rule)
        {
            bool Has(ScoreRule each) => (rule & each) != 0;
            if (!wasThere) return Has(ScoreRule.IfPresent) ? ScoreChange.Forbidden : ScoreChange.Added;
            if (Has(ScoreRule.IfMissing)) return ScoreChange.Forbidden;
            if (Has(ScoreRule.Add) || Has(ScoreRule.Sum))
            {
                score += before;
                if (double.IsNaN(score) && Has(ScoreRule.Add)) return ScoreChange.NotANumber;
                if (double.IsNaN(score)) score = 0;
            }
            else if (Has(ScoreRule.Min)) score = Math.Min(score, before);
            else if (Has(ScoreRule.Max)) score = Math.Max(score, before);
            if (Has(ScoreRule.IfLess) && score >= before || Has(ScoreRule.IfGreater) && score <= before) return ScoreChange.Forbidden;
            return score == before ? ScoreChange.None : ScoreChange.Updated;
        }

        public void Remove(string name)
        {
            var entry = Find();
            if (!entry.Exists) return;
            var editor = new SortedSetEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, 0);
            Assert.Equal(_expected.Remove(name), editor.Remove(Bytes(name)));
            DropIfEmpty(ref entry);
            arena.Settle();
        }

        private void RemoveRange(int first, int count, int budget)
        {
            var entry = Find();
            if (!entry.Exists) return;
            var editor = new SortedSetEditor(new ValueSlot(ref entry, keys.Entries, Key), limits, 0);
            var removed = 0L;
            for (var left = (long)count; left > 0;)
            {
                var step = editor.RemoveRange(new RankRange(first, first + left), budget);
                if (step == 0) break;
                removed += step;
                left -= step;
            }
            var gone = Sorted().Skip(first).Take(count).ToArray();
            Assert.Equal(gone.Length, removed);
            foreach (var (name, _) in gone) _expected.Remove(name);
            DropIfEmpty(ref entry);
        }

        private void DropIfEmpty(ref Entry entry)
        {
            if (_expected.Count != 0) return;
            keys.Entries.Delete(ref entry);
            _hasTree = false;
        }

        public void Check()
        {
            keys.Entries.Verify(KeyTableModel.Now);
            var entry = Find();
            var view = new SortedSetView(new ValueView(entry, keys.Entries), 0);
            var sorted = Sorted();
            Assert.Equal(sorted.Length, view.Count);
            if (sorted.Length != 0) Assert.Equal(_hasTree, view.HasTree);
            foreach (var backwards in new[] { false, true })
            {
                var seen = new Collector();
                view.Walk(backwards ? sorted.Length - 1 : 0, long.MaxValue, backwards, ref seen);
                Assert.Equal(backwards ? [.. sorted.Reverse()] : sorted, seen.Members);
            }
            for (var rank = 0; rank < sorted.Length; rank += Math.Max(1, sorted.Length / 50))
            {
                Assert.True(view.TryGetRank(Bytes(sorted[rank].Name), out var found, out var score));
                Assert.Equal((rank, sorted[rank].Score), (found, score));
                Assert.True(view.TryGetScore(Bytes(sorted[rank].Name), out score));
                Assert.Equal(sorted[rank].Score, score);
                var part = new Collector();
                view.Walk(rank, 3, false, ref part);
                Assert.Equal(sorted.Skip(rank).Take(3), part.Members);
            }
            Assert.False(view.TryGetRank("none"u8, out _, out _));
            var scanned = new Collector();
            ulong position = 0;
            do position = view.Scan(position, 5, ref scanned);
            while (position != 0);
            Assert.Equal(sorted.Select(m => m.Name).Order(StringComparer.Ordinal), scanned.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
        }

        private void CheckRanges(double min, double max, int number)
        {
            bool minIsOpen = number % 2 == 0, maxIsOpen = number % 3 == 0;
            var view = new SortedSetView(new ValueView(Find(), keys.Entries), 0);
            var expected = Sorted().Count(m => (minIsOpen ? m.Score > min : m.Score >= min) && (maxIsOpen ? m.Score < max : m.Score <= max));
            var range = view.RangeOf(new ScoreRange(min, minIsOpen, max, maxIsOpen));
            Assert.Equal(expected, range.Count);
            if (expected != 0) Assert.Equal(Sorted().Count(m => minIsOpen ? m.Score <= min : m.Score < min), range.First);
        }

        /// <summary>Ranges of members mean something only where scores are the same.</summary>
        private void CheckLex(string min, string max, int number)
        {
            if (_expected.Values.Distinct().Count() != 1) return;
            var view = new SortedSetView(new ValueView(Find(), keys.Entries), 0);
            bool minIsOpen = number % 2 == 0, maxIsOpen = number % 3 == 0;
            var range = new LexRange
            {
                Min = Bytes(min),
                MinEnd = minIsOpen ? LexEnd.Open : LexEnd.Closed,
                Max = Bytes(max),
                MaxEnd = maxIsOpen ? LexEnd.Open : LexEnd.Closed,
            };
            var expected = Sorted().Count(m =>
                string.CompareOrdinal(m.Name, min) >= (minIsOpen ? 1 : 0) && string.CompareOrdinal(m.Name, max) <= (maxIsOpen ? -1 : 0));
            Assert.Equal(expected, view.RangeOf(in range, backwards: false).Count);
            Assert.Equal(expected, view.RangeOf(in range, backwards: true).Count);
        }

        private (string Name, double Score)[] Sorted() =>
            [.. _expected.Select(m => (m.Key, m.Value + 0.0)).OrderBy(m => m.Item2).ThenBy(m => m.Key, StringComparer.Ordinal)];

        private Entry Find() => keys.Entries.Find(KeyTableModel.HashKey.Hash(Key), Key);

        private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
    }

    private readonly struct Collector() : IMemberReader
    {
        public List<(string Name, double Score)> Members { get; } = [];

        public bool Visit(scoped PackedItem member, double score)
        {
            Span<byte> scratch = stackalloc byte[20];
            Members.Add((Encoding.Latin1.GetString(member.Text(scratch)), score + 0.0));
            return true;
        }
    }

    private struct Nobody : IMemberVisitor
    {
        public readonly void Expired(in LargeValue value, ref Entry member) => Assert.Fail("nothing expires");

        public readonly void Leave(in LargeValue value)
        {
        }
    }
}
