using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A sorted set whose members expire beside a naive one: the two trees, the table, and what is due name the same members.</summary>
public sealed class SortedSetExpiryModelTests
{
    private const long Start = 1_900_000_000_000;

    private static readonly byte[] Key = "sorted"u8.ToArray(), Other = "other"u8.ToArray();

    /// <summary>Times that many members share, some within a half second, some beyond what slots tell apart.</summary>
    private static readonly Gen<long> AnyTime = Gen.OneOf(
        Gen.Int[1, 40].Select(i => Start + i * 100L), Gen.Int[1, 3000].Select(i => Start + i), Gen.Int[0, 3].Select(i => Start + (i << 20)),
        Gen.Int[0, 2].Select(i => (1L << 47) + i), Gen.Int[0, 1].Select(i => (1L << 48) - 1 + i));

    private static readonly Gen<(int Kind, int Member, int Score, long Time, int Number)> Steps =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 80], Gen.Int[-4, 4], AnyTime, Gen.Int[0, 255]);

    [Theory]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(0)]
    public void MembersAreThereUntilTheirTime(int entriesMax) => Steps.Array[1, 250].Sample(
        steps =>
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
            using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
            {
                var model = new Model(keys, arena, new PackedLimits(entriesMax, 64));
                foreach (var step in steps) model.Do(step);
                model.Check();
            }
            while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
            arena.Settle();
            Assert.Equal(0, arena.UsedBytes);
        }, iter: 300);

    [Fact]
    public void ARefusedExpiryLeavesTheSetAsItWas()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20, ReserveBytesMin = 4 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena, new PackedLimits(0, 64));
            var random = new Random(5);
            var members = 0;
            for (; members < 300_000; members++)
                if (!model.TrySet(members, random.Next(1000), ScoreRule.None, keepsExpiry: true)) break;
            var refused = 0;
            for (var i = 0; i < 20_000; i++)
                if (!model.TryExpire(random.Next(members), Start + random.Next(1, 100_000))) refused++;
            Assert.InRange(refused, 100, 20_000);
            model.Check(mayBeSparse: true);
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    [Fact]
    public void RecordsThatMoveAreFoundByTheirTime()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            var model = new Model(keys, arena, new PackedLimits(0, 64));
            var random = new Random(7);
            const int Members = 300_000;
            for (var i = 0; i < Members; i++)
            {
                Assert.True(model.TrySet(i, random.Next(1000), ScoreRule.None, keepsExpiry: true));
                if (i % 3 != 0) Assert.True(model.TryExpire(i, Start + random.Next(1, 1000)));
            }
            for (var i = 0; i < Members; i++)
                if (i % 10 != 0) model.Remove(i);
            Assert.True(arena.BeginCompaction());
            for (var round = 0; round < 2; round++) model.Sweep();
            arena.EndCompaction();
            model.Check();
            Assert.InRange(arena.ReleaseFreeExtents(100), 2, 100);
            // The sweep removes what is due, in steps.
            model.Advance(500);
            model.Sweep();
            Assert.Equal(0, model.Due);
            model.Check();
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    [Fact]
    public void AMemberThatExpiresTakesSixteenBytesMore()
    {
        const int Members = 200_000;
        var bytes = new double[2];
        for (var expires = 0; expires < 2; expires++)
        {
            using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
            using var keys = new KeyTable(arena, KeyTableModel.HashKey);
            var model = new Model(keys, arena, new PackedLimits(0, 64));
            var random = new Random(1);
            for (var i = 0; i < Members; i++)
            {
                Assert.True(model.TrySet(i, random.Next(), ScoreRule.None, keepsExpiry: true));
                if (expires != 0) Assert.True(model.TryExpire(i, Start + random.Next(1, 10_000_000)));
            }
            bytes[expires] = arena.UsedBytes / (double)Members;
        }
        TestContext.Current.SendDiagnosticMessage($"{bytes[0]:F1} bytes a member, {bytes[1]:F1} when it expires");
        Assert.InRange(bytes[1] - bytes[0], 10, 18);
    }

    private sealed class Model(KeyTable keys, Arena arena, PackedLimits limits)
    {
        private const long ExpiryMax = (1L << 48) - 1;

        private readonly Dictionary<string, (double Score, long Time)> _all = [];
        private RootSweep _sweep;
        private bool _hasTree;
        private long _now = Start;

        public int Due => _all.Values.Count(IsDue);

        private bool IsDue((double Score, long Time) member) => member.Time != 0 && member.Time <= _now;

        private bool IsLive(string name) => _all.TryGetValue(name, out var member) && !IsDue(member);

        public void Do((int Kind, int Member, int Score, long Time, int Number) step)
        {
            switch (step.Kind)
            {
                case <= 3:
                    TrySet(step.Member, step.Score, step.Number switch { < 20 => ScoreRule.IfPresent, < 40 => ScoreRule.IfMissing, _ => ScoreRule.None },
                        step.Kind == 0);
                    break;
                case <= 6:
                    TryExpire(step.Member, step.Number < 30 ? 0 : step.Time);
                    break;
                case 7:
                    Remove(step.Member);
                    break;
                case 8:
                    Advance(step.Number * 4);
                    break;
                case 9:
                    RemoveDue(1 + step.Number % 5);
                    break;
                case 10:
                    RemoveRange(step.Member % 20, step.Number % 7);
                    break;
                case 11:
                    CheckCopy();
                    break;
                default:
                    Check();
                    break;
            }
            arena.Settle();
        }

        public void Advance(long ms) => _now += ms;

        public bool TrySet(int number, double score, ScoreRule rule, bool keepsExpiry)
        {
            var name = Name(number);
            var entry = Find(Key);
            var editor = Editor(ref entry);
            bool isThere = _all.TryGetValue(name, out var member), isLive = IsLive(name);
            var change = editor.Set(Bytes(name), ref score, rule, keepsExpiry);
            var (overwritten, freed) = (editor.Overwritten, editor.Freed);
            arena.Settle();
            if (change == ScoreChange.Refused) return false;
            var isForbidden = rule == ScoreRule.IfPresent && !isLive || rule == ScoreRule.IfMissing && isLive;
            Assert.Equal(isForbidden ? ScoreChange.Forbidden : !isLive ? ScoreChange.Added : member.Score == score ? ScoreChange.None : ScoreChange.Updated,
                change);
            if (isForbidden) return true;
            Assert.Equal(isThere && !isLive ? 1 : 0, overwritten);
            Assert.Equal(isLive && !keepsExpiry && member.Time != 0 ? 1 : 0, freed);
            _all[name] = (score, isLive && keepsExpiry ? member.Time : 0);
            _hasTree |= _all.Count > limits.EntriesMax;
            return true;
        }

        public bool TryExpire(int number, long time)
        {
            var name = Name(number);
            if (!IsLive(name)) return true;
            var entry = Find(Key);
            var isDone = Editor(ref entry).SetExpiry(Bytes(name), time);
            arena.Settle();
            if (!isDone)
            {
                Assert.NotEqual(0, time);
                return false;
            }
            _all[name] = (_all[name].Score, Math.Min(time, ExpiryMax));
            _hasTree |= time != 0;
            return true;
        }

        public void Remove(int number)
        {
            var entry = Find(Key);
            if (!entry.Exists) return;
            var isLive = IsLive(Name(number));
            Assert.Equal(isLive, Editor(ref entry).Remove(Bytes(Name(number))));
            if (isLive) _all.Remove(Name(number));
            DropIfEmpty(ref entry);
            arena.Settle();
        }

        private void RemoveDue(int membersMax)
        {
            var entry = Find(Key);
            if (!entry.Exists) return;
            var due = _all.Where(m => IsDue(m.Value)).OrderBy(m => m.Value.Time).ThenBy(m => m.Key, StringComparer.Ordinal).Take(membersMax).ToArray();
            Assert.Equal(due.Length, Editor(ref entry).RemoveDue(membersMax));
            foreach (var (name, _) in due) _all.Remove(name);
            DropIfEmpty(ref entry);
        }

        private void RemoveRange(int first, int count)
        {
            var entry = Find(Key);
            if (!entry.Exists) return;
            var gone = Sorted().Skip(first).Take(count).ToArray();
            Assert.Equal(gone.Length, Editor(ref entry).RemoveRange(new RankRange(first, first + count), 1000));
            foreach (var (name, _) in gone) _all.Remove(name);
            DropIfEmpty(ref entry);
        }

        /// <summary>A round over all that lies behind roots, which removes what is due.</summary>
        public void Sweep()
        {
            _sweep.Begin(arena);
            var remover = new Remover { Keys = keys };
            while (!_sweep.Step(arena, KeyTableModel.HashKey, _now, 64, ref remover)) { }
            foreach (var name in _all.Where(m => IsDue(m.Value)).Select(m => m.Key).ToArray()) _all.Remove(name);
        }

        private void DropIfEmpty(ref Entry entry)
        {
            if (_all.Count != 0) return;
            keys.Entries.Delete(ref entry);
            _hasTree = false;
        }

        private void CheckCopy()
        {
            var source = Find(Key);
            if (!source.Exists) return;
            var copy = Find(Other);
            if (source.HasRoot) ValueCopyTests.Copy(keys, Key, ref copy, Other);
            else Assert.True(keys.Entries.SetCopy(ref copy, Other, source));
            Check(Other);
            copy = Find(Other);
            keys.Entries.Delete(ref copy);
        }

        public void Check(bool mayBeSparse = false)
        {
            keys.Entries.Verify(_now);
            Check(Key, mayBeSparse);
        }

        private void Check(byte[] key, bool mayBeSparse = false)
        {
            var entry = Find(key);
            var view = new SortedSetView(new ValueView(entry, keys.Entries), _now);
            view.Verify(mayBeSparse);
            var sorted = Sorted();
            var live = sorted.Where(m => IsLive(m.Name)).ToArray();
            Assert.Equal(sorted.Length, view.Count);
            Assert.Equal((live.Length, sorted.Length - live.Length), (view.LiveCount, view.DueCount));
            Assert.Equal((live.Length != sorted.Length, _all.Values.Any(m => m.Time != 0)), (view.HasDue, view.HasExpiring));
            if (sorted.Length != 0) Assert.Equal(_hasTree, view.HasTree);
            foreach (var backwards in new[] { false, true })
            {
                var seen = new Collector();
                view.Walk(backwards ? sorted.Length - 1 : 0, long.MaxValue, backwards, ref seen);
                Assert.Equal(backwards ? [.. live.Reverse()] : live, seen.Members);
            }
            for (var rank = 0; rank < sorted.Length; rank += Math.Max(1, sorted.Length / 50))
            {
                var name = sorted[rank].Name;
                Assert.Equal(IsLive(name), view.TryGetRank(Bytes(name), out var found, out _));
                if (IsLive(name)) Assert.Equal(rank, found);
                Assert.Equal(IsLive(name), view.TryGetScore(Bytes(name), out _));
                Assert.Equal(IsLive(name) ? _all[name].Time : -1, view.ExpiryOf(Bytes(name)));
                var range = new RankRange(rank, Math.Min(rank + 7, sorted.Length));
                Assert.Equal(sorted[rank..(int)range.End].Count(m => IsLive(m.Name)), view.CountLive(range));
            }
            var scanned = new Collector();
            ulong position = 0;
            do position = view.Scan(position, 5, ref scanned);
            while (position != 0);
            Assert.Equal(live.Select(m => m.Name).Order(StringComparer.Ordinal), scanned.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
            var drawn = new Collector();
            var random = (ulong)sorted.Length;
            view.VisitRandom(ref random, ref drawn);
            Assert.Equal(Math.Min(1, live.Length), drawn.Members.Count);
            Assert.Subset(live.ToHashSet(), drawn.Members.ToHashSet());
        }

        private (string Name, double Score)[] Sorted() =>
            [.. _all.Select(m => (m.Key, m.Value.Score)).OrderBy(m => m.Score).ThenBy(m => m.Key, StringComparer.Ordinal)];

        private SortedSetEditor Editor(ref Entry entry) => new(new ValueSlot(ref entry, keys.Entries, Key), limits, _now);

        private Entry Find(byte[] key) => keys.Entries.Find(KeyTableModel.HashKey.Hash(key), key);

        private static string Name(int number) => number % 3 == 0 ? number.ToString(CultureInfo.InvariantCulture) : $"member {number}";

        private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
    }

    private readonly struct Collector() : IMemberReader
    {
        public List<(string Name, double Score)> Members { get; } = [];

        public bool Visit(scoped PackedItem member, double score)
        {
            Span<byte> scratch = stackalloc byte[20];
            Members.Add((Encoding.Latin1.GetString(member.Text(scratch)), score));
            return true;
        }
    }

    private struct Remover : IMemberVisitor
    {
        public KeyTable Keys;

        public readonly void Expired(in LargeValue value, ref Entry member)
        {
            Assert.True(value.IsIn(Keys.Entries));
            value.Remove(ref member);
        }

        public readonly void Leave(in LargeValue value)
        {
            if (value.Count != 0) return;
            var entry = value.FindKey(Keys.Entries);
            Keys.Entries.Delete(ref entry);
        }
    }
}
