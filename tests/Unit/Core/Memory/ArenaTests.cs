using Anax.Core.Memory;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Memory;

public unsafe class ArenaTests
{
    private static Arena Small(int granule = 8, long reserve = 64 << 20) =>
        new(new ArenaOptions { ReserveBytes = reserve, GranuleBytes = granule });

    [Theory]
    [InlineData(8, 1, 8)]
    [InlineData(8, 86, 88)]
    [InlineData(8, 256, 256)]
    [InlineData(8, 257, 288)]
    [InlineData(16, 86, 96)]
    [InlineData(16, 1, 16)]
    [InlineData(8, 32768, 32768)]
    public void CellsAreRoundedToTheirClass(int granule, int size, int expected)
    {
        using var arena = Small(granule);
        Assert.Equal(expected, arena.CellBytes(size));
    }

    [Fact]
    public void NoClassWastesMoreThanAnEighth()
    {
        using var arena = Small();
        for (var size = 1; size <= Arena.CellBytesMax; size++)
        {
            var cell = arena.CellBytes(size);
            Assert.InRange(cell, size, Math.Max(size + 7, size + size / 8 + 1));
        }
    }

    [Fact]
    public void CellsKeepTheirContentAndNeverOverlap()
    {
        Gen.UInt.Sample(seed => Churn(new Random((int)seed)), iter: 8, threads: 1);
    }

    private static bool Churn(Random random)
    {
        using var arena = Small(random.Next(2) == 0 ? 8 : 16);
        var live = new List<(uint Handle, int Size, byte Fill)>();
        long expected = 0;
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(5) < 3 || live.Count == 0)
            {
                var size = random.Next(10) == 0 ? 1 + random.Next(Arena.CellBytesMax) : 1 + random.Next(400);
                var handle = arena.Allocate(size);
                if (handle == 0) continue;
                var fill = (byte)random.Next();
                new Span<byte>(arena.At(handle), size).Fill(fill);
                live.Add((handle, size, fill));
                expected += arena.CellBytes(size);
            }
            else
            {
                var index = random.Next(live.Count);
                var (handle, size, fill) = live[index];
                Assert.False(new Span<byte>(arena.At(handle), size).ContainsAnyExcept(fill));
                if (random.Next(2) == 0) arena.Free(handle);
                else arena.FreeNow(handle);
                expected -= arena.CellBytes(size);
                live[index] = live[^1];
                live.RemoveAt(live.Count - 1);
            }
            if (random.Next(100) == 0) arena.Settle();
            Assert.Equal(expected, arena.UsedBytes);
        }
        foreach (var (handle, size, fill) in live)
            Assert.False(new Span<byte>(arena.At(handle), size).ContainsAnyExcept(fill));
        return true;
    }

    [Fact]
    public void AFreedCellKeepsItsContentUntilTheCommandEnds()
    {
        using var arena = Small();
        var handle = arena.Allocate(64);
        new Span<byte>(arena.At(handle), 64).Fill(7);
        arena.Free(handle);
        Assert.Equal(0, arena.UsedBytes);
        Assert.NotEqual(handle, arena.Allocate(64));
        Assert.False(new Span<byte>(arena.At(handle), 64).ContainsAnyExcept((byte)7));
        arena.Settle();
        Assert.Equal(handle, arena.Allocate(64));
    }

    [Fact]
    public void AFullArenaRefusesAndGoesOn()
    {
        using var arena = Small(8, 4 << 20);
        var handles = new List<uint>();
        for (uint handle; (handle = arena.Allocate(1000)) != 0;) handles.Add(handle);
        Assert.InRange(handles.Count * 1024L, 3 << 20, 4 << 20);
        Assert.Equal(0u, arena.AllocateDense(5, 4096));
        arena.FreeNow(handles[0]);
        Assert.Equal(handles[0], arena.Allocate(1000));
    }

    [Fact]
    public void DenseCellsFillTheirHoles()
    {
        using var arena = Small();
        var cells = new List<uint>();
        for (uint i = 0; i < 300; i++)
        {
            cells.Add(arena.AllocateDense(1, 3008));
            *(uint*)arena.At(cells[^1]) = i;
        }
        var random = new Random(1);
        var at = Enumerable.Range(0, 300).ToDictionary(i => (uint)i, i => cells[i]);
        while (at.Count > 1)
        {
            var victim = at.Keys.ElementAt(random.Next(at.Count));
            var handle = at[victim];
            at.Remove(victim);
            if (arena.FreeDense(1, handle)) at[*(uint*)arena.At(handle)] = handle;
            foreach (var (content, place) in at) Assert.Equal(content, *(uint*)arena.At(place));
        }
        Assert.Equal(3008, arena.UsedBytes);
    }

    [Fact]
    public void CompactionEmptiesSparseExtentsAndGivesThemBack()
    {
        using var arena = Small();
        var handles = new List<uint>();
        for (var i = 0; i < 400_000; i++)
        {
            handles.Add(arena.Allocate(88));
            *(int*)arena.At(handles[^1]) = i;
        }
        var full = arena.CommittedBytes;
        for (var i = 0; i < handles.Count; i++)
            if (i % 4 != 0) arena.FreeNow(handles[i]);
        Assert.Equal(0, arena.ReleaseFreeExtents(100));
        Assert.True(arena.BeginCompaction());
        for (var i = 0; i < handles.Count; i += 4)
            if (arena.MustMove(handles[i])) handles[i] = arena.Move(handles[i]);
        Assert.InRange(arena.ReleaseFreeExtents(100), 1, 100);
        arena.EndCompaction();
        Assert.False(arena.IsCompacting);
        for (var i = 0; i < handles.Count; i += 4) Assert.Equal(i, *(int*)arena.At(handles[i]));
        Assert.InRange(arena.CommittedBytes, arena.UsedBytes, full / 3);
        Assert.False(arena.BeginCompaction());
        // What was given back is opened again when it is needed.
        for (var i = 0; i < 300_000; i++) Assert.NotEqual(0u, arena.Allocate(88));
        for (var i = 0; i < handles.Count; i += 4) Assert.Equal(i, *(int*)arena.At(handles[i]));
    }

    [Fact]
    public void ACompactionThatIsCutShortLosesNothing()
    {
        using var arena = Small();
        var handles = new List<uint>();
        for (var i = 0; i < 200_000; i++) handles.Add(arena.Allocate(88));
        for (var i = 0; i < handles.Count; i++)
            if (i % 3 != 0) arena.FreeNow(handles[i]);
        Assert.True(arena.BeginCompaction());
        arena.EndCompaction();
        for (var i = 0; i < handles.Count; i++)
            if (i % 3 != 0) Assert.NotEqual(0u, arena.Allocate(88));
        Assert.Equal(200_000L * 88, arena.UsedBytes);
        Assert.InRange(arena.CommittedBytes, 200_000L * 88, 200_000L * 88 + (4 << 20));
    }

    [Fact]
    public void ManyArenasCostLittle()
    {
        // Other tests run beside this one: the least of several readings is the arenas' own.
        var least = long.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var arenas = new List<Arena>();
            var before = ResidentBytes();
            for (var i = 0; i < 64; i++)
            {
                arenas.Add(new Arena(new ArenaOptions()));
                arenas[^1].Allocate(100);
                arenas[^1].AllocateIndex(64);
            }
            least = Math.Min(least, (ResidentBytes() - before) / 64);
            foreach (var arena in arenas) arena.Dispose();
        }
        Assert.InRange(least, long.MinValue, 128 << 10);
    }

    [Fact]
    public void AnAffordableReserveIsAtMostWhatWasAskedFor()
    {
        Assert.Equal(1L << 30, Arena.AffordableReserve(1L << 30, 2));
        var share = Arena.AffordableReserve(1L << 46, 16);
        Assert.InRange(share, ArenaOptions.ReserveBytesFloor, 1L << 45);
    }

    private static long ResidentBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)
        * Environment.SystemPageSize;
}
