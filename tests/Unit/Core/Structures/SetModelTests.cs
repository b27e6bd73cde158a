using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Views and editors of sets against a naive model, across all encodings and their thresholds.</summary>
public sealed class SetModelTests
{
    private const long NowMs = 1_800_000_000_000;

    /// <summary>Small ones, so that random sets pass them.</summary>
    private static readonly SetLimits Limits = new(12, 9, 20);

    private static readonly string[] Odd = ["", "007", "+1", "-0", "9223372036854775808", "-9223372036854775808"];

    private static readonly Gen<string> Members = Gen.OneOf(
        Gen.Int[-40, 40].Select(i => i.ToString(CultureInfo.InvariantCulture)),
        Gen.Long.Select(i => i.ToString(CultureInfo.InvariantCulture)),
        Gen.Int[-70_000, 70_000].Select(i => i.ToString(CultureInfo.InvariantCulture)),
        Gen.Int[0, 30].Select(i => "m" + new string('x', i)),
        Gen.Int[0, 5].Select(i => Odd[i]));

    private static readonly Gen<(int Kind, string Member, int Number)[]> Steps =
        Gen.Select(Gen.Int[0, 11], Members, Gen.Int[0, 1000]).Array[1, 80];

    [Fact]
    public void SetsHoldWhatTheModelHolds() => Steps.Sample(steps => Run(steps, 64 << 20), iter: 3000);

    [Fact]
    public void ARefusedChangeLeavesTheSetAsItWas() => Steps.Sample(
        steps =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 2 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                Fill(keys, arena, free: steps[0].Number % 40);
                var model = new Model(keys, arena);
                foreach (var step in steps) model.Do(step);
                model.Check();
            }
        }, iter: 100);

    [Fact]
    public void PackedSetsBeyondARecordLieInBlocks()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var limits = new SetLimits(100_000, 100_000, 1000);
            Entry entry = default, texts = default;
            for (var i = 0; i < 6000; i++)
            {
                entry = Find(keys, "numbers"u8);
                Assert.Equal(SetChange.Done, new SetEditor(new ValueSlot(ref entry, keys.Entries, "numbers"u8), limits, NowMs).Add(Bytes($"{i * 7}"), 1));
                texts = Find(keys, "texts"u8);
                Assert.Equal(SetChange.Done, new SetEditor(new ValueSlot(ref texts, keys.Entries, "texts"u8), limits, NowMs).Add(Bytes($"member{i}"), 1));
                arena.Settle();
            }
            Assert.Equal(ValueEncoding.Block, entry.Encoding);
            Assert.Equal(ValueEncoding.Block, texts.Encoding);
            var numbers = new SetView(new ValueView(entry, keys.Entries), NowMs);
            var names = new SetView(new ValueView(texts, keys.Entries), NowMs);
            Assert.Equal(SetEncoding.Integers, numbers.Encoding);
            Assert.Equal(SetEncoding.Packed, names.Encoding);
            Assert.Equal(6000, numbers.Count);
            Assert.Equal(6000, names.Count);
            Assert.True(numbers.Contains("35"u8) && !numbers.Contains("36"u8));
            Assert.True(names.Contains("member5999"u8) && !names.Contains("member6000"u8));
            var take = new RandomTake(6000, 5990, 42);
            ulong position = 0;
            var reader = new Collector { Seen = [] };
            var editor = new SetEditor(new ValueSlot(ref texts, keys.Entries, "texts"u8), limits, NowMs);
            Assert.True(SetEditor.TryPopWalk(editor, ref position, 5, ref take, ref reader));
            Assert.Equal(5990, reader.Seen.Distinct().Count());
            Assert.Equal(10, new SetView(new ValueView(texts, keys.Entries), NowMs).Count);
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(130)]
    [InlineData(3000)]
    public void EveryMemberOfATableHasTheSameChance(int members)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var limits = new SetLimits(0, 0, 0);
        Entry entry = default;
        for (var i = 0; i < members; i++)
        {
            entry = Find(keys, "s"u8);
            _ = new SetEditor(new ValueSlot(ref entry, keys.Entries, "s"u8), limits, NowMs).Add(Bytes($"m{i}"), 1);
        }
        var set = new SetView(new ValueView(entry, keys.Entries), NowMs);
        Assert.Equal(SetEncoding.Table, set.Encoding);
        var draws = members * 200;
        var counts = new Dictionary<string, int>();
        ulong random = 12345;
        for (var i = 0; i < draws; i++)
        {
            Assert.True(set.TryRandom(SplitMix.Next(ref random), out var member));
            var text = Encoding.Latin1.GetString(member.Bytes);
            counts[text] = counts.GetValueOrDefault(text) + 1;
        }
        var expected = (double)draws / members;
        var chi = counts.Values.Sum(c => (c - expected) * (c - expected) / expected) + (members - counts.Count) * expected;
        var freedom = members - 1.0;
        // Six standard deviations above the mean.
        Assert.True(chi < freedom + 6 * Math.Sqrt(2 * freedom), $"chi-square {chi} for {freedom} degrees of freedom");
    }

    [Fact]
    public void ATakeChoosesEveryMemberWithTheSameChance()
    {
        const int Rounds = 20_000, Population = 20, Wanted = 7;
        var counts = new int[Population];
        ulong random = 7;
        for (var round = 0; round < Rounds; round++)
        {
            var take = new RandomTake(Population, Wanted, SplitMix.Next(ref random));
            for (var i = 0; i < Population; i++)
                if (take.Next()) counts[i]++;
            Assert.Equal(0, take.Wanted);
        }
        const double Expected = (double)Rounds * Wanted / Population;
        Assert.True(counts.Sum(c => (c - Expected) * (c - Expected) / Expected) < 60);
    }

    private static void Run((int Kind, string Member, int Number)[] steps, long reserve)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = reserve });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena);
            foreach (var step in steps) model.Do(step);
            model.Check();
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    /// <summary>Fills the arena with records, then frees so many of each kind.</summary>
    private static void Fill(KeyTable keys, Arena arena, int free)
    {
        var count = 0;
        foreach (var size in new[] { 16_000, 500, 60, 10 })
        {
            for (; ; count++)
            {
                var key = Bytes($"fill{count}");
                var entry = keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
                if (!keys.Entries.SetString(ref entry, key, new byte[size], 0)) break;
            }
        }
        for (var i = count - 1; i >= Math.Max(0, count - free); i--)
        {
            var entry = Find(keys, Bytes($"fill{i}"));
            if (entry.Exists) keys.Entries.Delete(ref entry);
        }
        arena.Settle();
    }

    private static Entry Find(KeyTable keys, ReadOnlySpan<byte> key) => keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private struct Collector : IMemberReader
    {
        public List<string> Seen;

        public readonly bool Visit(scoped PackedItem member, double score)
        {
            Assert.Equal(1, score);
            Seen.Add(Encoding.Latin1.GetString(member.Text(stackalloc byte[Numbers.LongTextMax])));
            return true;
        }
    }

    /// <summary>One set, and what it should hold: each member with its expiry, 0 for none.</summary>
    private sealed class Model(KeyTable keys, Arena arena)
    {
        private static readonly byte[] Key = "set"u8.ToArray();

        private readonly Dictionary<string, long> _expected = [];
        private SetEncoding _encoding = SetEncoding.Packed;

        public void Do((int Kind, string Member, int Number) step)
        {
            var entry = Find(keys, Key);
            var set = new SetEditor(new ValueSlot(ref entry, keys.Entries, Key), Limits, NowMs);
            var member = Bytes(step.Member);
            var isLive = _expected.TryGetValue(step.Member, out var expiry) && (expiry == 0 || expiry > NowMs);
            switch (step.Kind)
            {
                case <= 5:
                    Added(set.Add(member, step.Kind == 5 ? step.Number % 15 : 1), step.Member, isLive, 0);
                    break;
                case 6 or 7:
                    var removed = set.Remove(member);
                    Assert.True(removed == SetChange.Refused || removed == SetChange.Done == isLive);
                    if (removed == SetChange.Done) _expected.Remove(step.Member);
                    break;
                case 8 when step.Number % 3 == 0:
                    var expireAtMs = step.Number % 2 == 0 ? NowMs + 5000 : NowMs - 5000;
                    var keeps = step.Number % 5 == 0;
                    var change = set.AddExpiring(member, expireAtMs, keeps);
                    Added(change, step.Member, isLive, expireAtMs);
                    if (change == SetChange.None && isLive && !keeps) _expected[step.Member] = expireAtMs;
                    break;
                case 9:
                    var popped = new Collector { Seen = [] };
                    var pop = SetEditor.Pop(set, (ulong)step.Number * 0x9E3779B97F4A7C15, ref popped);
                    if (pop == SetChange.Refused) break;
                    Assert.Equal(Live().Count == 0 ? SetChange.None : SetChange.Done, pop);
                    Took(popped.Seen, pop == SetChange.Done ? 1 : 0);
                    break;
                case 10 when step.Number % 4 == 0 && set.View.Count != 0:
                    PopWalk(set, step.Number % 12, (ulong)step.Number);
                    break;
            }
            if (set.Count == 0 && entry.Exists)
            {
                keys.Entries.Delete(ref entry);
                _encoding = SetEncoding.Packed;
            }
            arena.Settle();
            Look();
        }

        public void Check()
        {
            keys.Entries.Verify(NowMs);
            Look();
        }

        private List<string> Live() => [.. _expected.Where(m => m.Value == 0 || m.Value > NowMs).Select(m => m.Key)];

        private void Added(SetChange change, string member, bool wasLive, long expireAtMs)
        {
            Assert.True(change == SetChange.Refused || change == SetChange.None == wasLive);
            if (change == SetChange.Done) _expected[member] = expireAtMs;
        }

        private void Took(List<string> members, int count)
        {
            Assert.Equal(count, members.Distinct().Count());
            Assert.Equal(count, members.Count);
            foreach (var member in members)
            {
                Assert.Contains(member, Live());
                _expected.Remove(member);
            }
        }

        private void PopWalk(SetEditor set, int wanted, ulong random)
        {
            var live = Live().Count;
            wanted = Math.Min(wanted, live);
            var take = new RandomTake(live, wanted, random);
            var popped = new Collector { Seen = [] };
            ulong position = 0;
            do
            {
                if (!SetEditor.TryPopWalk(set, ref position, 3, ref take, ref popped)) return;
            }
            while (position != 0);
            Took(popped.Seen, wanted);
        }

        private void Look()
        {
            var entry = Find(keys, Key);
            var set = new SetView(new ValueView(entry, keys.Entries), NowMs);
            var live = Live();
            // Members whose time has come may be counted.
            Assert.InRange(set.Count, live.Count, _expected.Count);
            if (!set.HasExpiring) Assert.Equal(live.Count, set.Count);
            var collector = new Collector { Seen = [] };
            for (ulong position = 0; ;)
            {
                position = set.Walk(position, 3, ref collector);
                if (position == 0) break;
            }
            Assert.Equal(live.Order(StringComparer.Ordinal), collector.Seen.Order(StringComparer.Ordinal));
            foreach (var (member, expiry) in _expected)
            {
                var isLive = expiry == 0 || expiry > NowMs;
                Assert.Equal(isLive, set.Contains(Bytes(member)));
                Assert.Equal(isLive ? expiry : -1, set.ExpiryOf(Bytes(member)));
            }
            Assert.False(set.Contains("not a member"u8));
            if (!entry.Exists) return;
            CheckEncoding(set);
            if (live.Count == 0) return;
            Assert.True(set.TryRandom((ulong)live.Count * 0x9E3779B97F4A7C15, out var one));
            Assert.Contains(Encoding.Latin1.GetString(one.Text(stackalloc byte[Numbers.LongTextMax])), live);
        }

        /// <summary>Never back to an encoding before, and within the limits of the one it has.</summary>
        private void CheckEncoding(SetView set)
        {
            if (set.Encoding == SetEncoding.Integers)
            {
                Assert.NotEqual(SetEncoding.Table, _encoding);
                Assert.InRange(set.Count, 1, Limits.IntegersMax);
                Assert.All(_expected.Keys, m => Assert.True(Numbers.TryParseLong(Bytes(m), out _)));
            }
            else if (set.Encoding == SetEncoding.Packed)
            {
                Assert.NotEqual(SetEncoding.Table, _encoding);
                Assert.InRange(set.Count, 1, Limits.ElementsMax);
                Assert.All(_expected.Keys, m => Assert.InRange(m.Length, 0, Limits.ElementBytesMax));
            }
            _encoding = set.Encoding;
        }
    }
}
