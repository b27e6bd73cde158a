using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>The sweep over what lies behind roots: expired members, sparse tables, evacuated records.</summary>
public sealed class RootSweepTests
{
    private const long Now = KeyTableModel.Now;

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void ExpiredMembersAreFoundWhateverTheBudget(int budget)
    {
        using var rig = new Rig();
        for (var key = 0; key < 20; key++)
            for (var field = 0; field < 10 * key; field++) rig.Set(key, field, field % 3 == 0 ? Now - 5 : field % 3 == 1 ? Now + 50_000 : 0);
        rig.Round(Now, budget);
        for (var key = 1; key < 20; key++) Assert.Equal(10 * key - (10 * key + 2) / 3, rig.Count(key));
        rig.Round(Now + 60_000, budget);
        for (var key = 1; key < 20; key++) Assert.Equal(Enumerable.Range(0, 10 * key).Count(f => f % 3 == 2), rig.Count(key));
    }

    [Fact]
    public void AKeyMayGoWithItsLastMember()
    {
        using var rig = new Rig();
        for (var key = 0; key < 50; key++)
            for (var field = 0; field < 20; field++) rig.Set(key, field, key % 2 == 0 || field != 0 ? Now - 1 : Now + 100_000);
        rig.Round(Now, 64);
        for (var key = 0; key < 50; key++) Assert.Equal(key % 2, rig.Count(key));
        Assert.Equal(25, rig.Keys.Entries.Count);
    }

    [Fact]
    public void SparseTablesShrink()
    {
        using var rig = new Rig();
        for (var field = 0; field < 20_000; field++) rig.Set(1, field, field == 0 ? Now + 100_000 : 0);
        var before = rig.IndexBytes(1);
        for (var field = 100; field < 20_000; field++) rig.Delete(1, field);
        Assert.Equal(before, rig.IndexBytes(1));
        for (var round = 0; round < 30; round++) rig.Round(Now, 64);
        Assert.InRange(rig.IndexBytes(1), 1, before / 20);
        Assert.Equal(100, rig.Count(1));
    }

    [Fact]
    public void RecordsLeaveExtentsThatAreEmptied()
    {
        using var rig = new Rig();
        for (var key = 0; key < 100; key++)
            for (var field = 0; field < 1500; field++) rig.Set(key, field, field == 0 ? Now + 100_000 : 0, new string('v', 60));
        for (var key = 0; key < 100; key++)
            for (var field = 0; field < 1500; field++)
                if (field % 10 != 0) rig.Delete(key, field);
        Assert.True(rig.Arena.BeginCompaction());
        rig.Round(Now, 64);
        rig.Arena.EndCompaction();
        for (var key = 0; key < 100; key++)
            for (var field = 0; field < 1500; field += 10) Assert.True(rig.Has(key, field));
        Assert.InRange(rig.Arena.ReleaseFreeExtents(100), 2, 100);
    }

    private sealed class Rig : IDisposable
    {
        private RootSweep _sweep;

        public Rig() => Keys = new KeyTable(Arena, KeyTableModel.HashKey);

        public Arena Arena { get; } = new(new ArenaOptions { ReserveBytes = 256 << 20 });

        public KeyTable Keys { get; }

        public void Set(int key, int field, long expireAtMs, string value = "v")
        {
            var name = Name(key);
            var entry = Keys.Entries.Find(KeyTableModel.HashKey.Hash(name), name);
            var editor = new HashEditor(new ValueSlot(ref entry, Keys.Entries, name), new PackedLimits(0, 64), 0);
            Assert.True(editor.Set(Name(field), Encoding.Latin1.GetBytes(value), expireAtMs, default, out _));
            Arena.Settle();
        }

        public void Delete(int key, int field)
        {
            var name = Name(key);
            var entry = Keys.Entries.Find(KeyTableModel.HashKey.Hash(name), name);
            Assert.True(new HashEditor(new ValueSlot(ref entry, Keys.Entries, name), new PackedLimits(0, 64), 0).Delete(Name(field)));
            Arena.Settle();
        }

        public bool Has(int key, int field) => View(key).TryGet(Name(field), 0, out _);

        public long Count(int key) => View(key).Count;

        public long IndexBytes(int key)
        {
            var name = Name(key);
            return Keys.Entries.LargeValueOf(Keys.Entries.Find(KeyTableModel.HashKey.Hash(name), name)).IndexBytes;
        }

        public void Round(long nowMs, int budget)
        {
            _sweep.Begin(Arena);
            var remover = new Remover { Keys = Keys };
            while (!_sweep.Step(Arena, KeyTableModel.HashKey, nowMs, budget, ref remover))
                _ = Arena.FreeDoomed(KeyTableModel.HashKey, 5);
            Keys.Entries.Verify(nowMs);
        }

        public void Dispose()
        {
            Keys.Dispose();
            while (Arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
            Arena.Settle();
            Assert.Equal(0, Arena.UsedBytes);
            Arena.Dispose();
        }

        private HashView View(int key)
        {
            var name = Name(key);
            return new HashView(new ValueView(Keys.Entries.Find(KeyTableModel.HashKey.Hash(name), name), Keys.Entries));
        }

        private static byte[] Name(int number) => Encoding.Latin1.GetBytes("n" + number.ToString(CultureInfo.InvariantCulture));
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
