using System.Buffers.Binary;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>
/// The dashtable under hashes that a keyed hash never gives: what a flood of collisions may not break.
/// </summary>
public unsafe class DashTableTests
{
    [Fact]
    public void AnAlwaysCollidingHashIsSlowButBounded()
    {
        using var flood = new Flood<AlwaysColliding>();
        for (ulong id = 0; id < 3000; id++)
        {
            flood.Add(id);
            if (id % 500 == 0) flood.Check();
        }
        flood.Check();
        // One segment and its forbears in the directory, not a directory of 2^26 entries.
        Assert.InRange(flood.Table.Header->Segments, 1, 8);
        Assert.InRange(flood.Table.Header->IndexBytes, 0, 64 << 10);
        for (ulong id = 0; id < 2990; id++)
        {
            flood.Remove(id);
            if (id % 500 == 0) flood.Check();
        }
        flood.Check();
        for (var i = 0; i < 30; i++) flood.Sweep();
        flood.Check();
        Assert.InRange(flood.Table.Header->IndexBytes, 0, 4 << 10);
    }

    [Fact]
    public void AFloodOfEqualPrefixesDoesNotBlowUpTheDirectory()
    {
        using var flood = new Flood<EqualTopBits>();
        for (ulong id = 0; id < 4000; id++) flood.Add(id);
        flood.Check();
        Assert.InRange(flood.Table.Header->IndexBytes, 0, 4000 * 14);
        for (ulong id = 0; id < 4000; id += 2) flood.Remove(id);
        flood.Sweep();
        flood.Check();
    }

    [Fact]
    public void AFloodedSegmentSplitsOnceTheTableHasGrown()
    {
        using var flood = new Flood<SometimesColliding>();
        // 2000 entries share 10 top bits …
        for (ulong id = 0; id < 2000; id++) flood.Add(id << 1 | 1);
        flood.Check();
        var overflowing = flood.OverflowEntries;
        Assert.InRange(overflowing, 1000, 2000);
        // … and the others make the table deep enough for their segment to split.
        for (ulong id = 0; id < 300_000; id++) flood.Add(id << 1);
        for (ulong id = 2000; id < 2100; id++) flood.Add(id << 1 | 1);
        flood.Check();
        Assert.InRange(flood.OverflowEntries, 0, overflowing / 2);
    }

    [Fact]
    public void TwoTablesInOneArenaDoNotDisturbEachOther()
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
        using var first = new Flood<WellSpread>(arena);
        using var second = new Flood<WellSpread>(arena);
        var random = new Random(5);
        for (var i = 0; i < 60_000; i++)
        {
            var table = random.Next(2) == 0 ? first : second;
            var id = (ulong)random.Next(20_000);
            if (!table.Contains(id)) table.Add(id);
            else if (random.Next(3) == 0) table.Remove(id);
            if (i % 20_000 != 0) continue;
            first.Check();
            second.Check();
        }
        for (ulong id = 0; id < 20_000; id++)
            if (first.Contains(id)) first.Remove(id);
        for (var i = 0; i < 12; i++) first.Sweep();
        first.Check();
        second.Check();
    }

    [Fact]
    public void APlaceIsRefusedAfterTheTableHasChanged()
    {
        using var flood = new Flood<WellSpread>();
        flood.Add(1);
        flood.Table.Find(WellSpread.HashOf(1), BitConverter.GetBytes(1UL), out var place);
        Assert.Equal(place.Version, flood.Table.Header->Version);
        flood.Add(2);
        Assert.NotEqual(place.Version, flood.Table.Header->Version);
    }

    private interface IHashed
    {
        static abstract ulong HashOf(ulong id);
    }

    private readonly struct WellSpread : IHashed
    {
        public static ulong HashOf(ulong id) => new HashKey(1, 2).Hash(BitConverter.GetBytes(id));
    }

    private readonly struct AlwaysColliding : IHashed
    {
        public static ulong HashOf(ulong id) => 0xABCDEF0123456789;
    }

    private readonly struct EqualTopBits : IHashed
    {
        public static ulong HashOf(ulong id) => 0xFFFFFUL << 44 | WellSpread.HashOf(id) >> 20;
    }

    private readonly struct SometimesColliding : IHashed
    {
        public static ulong HashOf(ulong id) =>
            (id & 1) == 0 ? WellSpread.HashOf(id) : 0x234UL << 54 | WellSpread.HashOf(id) >> 10;
    }

    private readonly struct NumberRecord<THash> : IRecord where THash : struct, IHashed
    {
        public static ulong Hash(byte* record, HashKey key) => THash.HashOf(*(ulong*)record);

        public static bool HasKey(byte* record, ReadOnlySpan<byte> key) =>
            *(ulong*)record == BinaryPrimitives.ReadUInt64LittleEndian(key);

        public static long ExpireAtMs(byte* record) => 0;

        public static void Drop(Arena arena, byte* record)
        {
        }
    }

    private sealed class Flood<THash> : IDisposable where THash : struct, IHashed
    {
        private readonly Arena _arena;
        private readonly bool _ownsArena;
        private readonly uint _header;
        private readonly HashSet<ulong> _ids = [];
        private ulong _free;

        public Flood(Arena? arena = null)
        {
            _ownsArena = arena == null;
            _arena = arena ?? new Arena(new ArenaOptions { ReserveBytes = 256 << 20 });
            _header = DashTable<NumberRecord<THash>>.MakeHeader(_arena);
        }

        public DashTable<NumberRecord<THash>> Table => new(_arena, _header, new HashKey(1, 2));

        public long OverflowEntries
        {
            get
            {
                var counter = new Counter();
                ulong position = 0;
                do position = Table.Walk(position, ref counter);
                while (position != 0);
                return counter.Overflow;
            }
        }

        public bool Contains(ulong id) => Table.Find(THash.HashOf(id), BitConverter.GetBytes(id), out _);

        public void Add(ulong id)
        {
            var record = _arena.Allocate(8);
            *(ulong*)_arena.At(record) = id;
            Assert.True(Table.Insert(THash.HashOf(id), record, 0, out var place));
            Assert.Equal(record, place.Handle);
            Assert.True(_ids.Add(id));
        }

        public void Remove(ulong id)
        {
            Assert.True(Table.Find(THash.HashOf(id), BitConverter.GetBytes(id), out var place));
            _arena.Free(place.Handle);
            var table = Table;
            table.Remove(ref place);
            _arena.Settle();
            _ids.Remove(id);
        }

        public void Sweep()
        {
            var state = new SweepState();
            var counter = new Counter();
            while (!Table.Sweep(ref state, 1_800_000_000_000, 100, ref counter))
            {
            }
            Assert.Equal(0, counter.Seen);
        }

        public void Check()
        {
            Table.Verify(1_800_000_000_000);
            foreach (var id in _ids) Assert.True(Contains(id));
            Assert.False(Contains(ulong.MaxValue));
            var counter = new Counter();
            ulong position = 0;
            do position = Table.Walk(position, ref counter);
            while (position != 0);
            Assert.Equal(_ids.Count, counter.Seen);
        }

        public void Dispose()
        {
            Assert.True(Table.FreeStep(ref _free, int.MaxValue));
            _arena.FreeNow(_header);
            if (!_ownsArena) return;
            Assert.Equal(0, _arena.UsedBytes);
            _arena.Dispose();
        }
    }

    private struct Counter : ISweepVisitor
    {
        public long Seen, Overflow;

        public void Visit(in SlotPlace place)
        {
            Seen++;
            if (place.BucketIndex == SlotPlace.NoLane) Overflow++;
        }

        public readonly void Moving(uint from, uint to)
        {
            // Nothing else names these records.
        }
    }
}
