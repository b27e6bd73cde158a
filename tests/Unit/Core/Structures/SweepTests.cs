using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

public class SweepTests
{
    private const long Now = KeyTableModel.Now;

    [Fact]
    public void FindsWhatHasExpiredAndNothingElse()
    {
        Gen.UInt.Sample(seed => ExpireOverTime(new Random((int)seed)), iter: 10, threads: 1);
    }

    private static bool ExpireOverTime(Random random)
    {
        using var model = new KeyTableModel();
        var keys = 1 + random.Next(3000);
        var now = Now;
        for (var step = 0; step < 40; step++)
        {
            for (var i = 0; i < keys / 10; i++)
            {
                // From seconds to years ahead, so beyond what a bound can say.
                var expireAtMs = random.Next(4) == 0 ? 0 : now + (1000L << random.Next(26)) + random.Next(1000);
                model.SetInteger("k" + random.Next(keys), i, expireAtMs);
            }
            now += 1000L << random.Next(17);
            model.Sweep(now, 1 + random.Next(200));
            model.Table.Entries.Verify(now);
        }
        return true;
    }

    [Fact]
    public void AStepStopsAtItsBudgetAndGoesOnFromThere()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 20_000; i++) model.SetInteger("k" + i, i, Now - 1);
        var state = new SweepState();
        var dropper = new Dropper { Table = model.Table };
        var steps = 0;
        while (!model.Table.Entries.Sweep(ref state, Now, 80, ref dropper))
        {
            steps++;
            // Eighty buckets of budget are ten whose records are read, with at most a few dozen entries each.
            Assert.InRange(state.Expired, 0, steps * 11L * 60);
        }
        Assert.InRange(steps, 100, 1000);
        Assert.Equal(0, model.Table.Entries.Count);
        Assert.Equal(20_000, state.Expired);
        foreach (var key in model.Expected.Keys.ToList()) model.Forget(key);
    }

    [Fact]
    public void ReadsNothingWhenNothingIsDue()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 5000; i++) model.SetInteger("k" + i, i, Now + 3_600_000);
        model.Sweep(Now);
        var state = new SweepState();
        var dropper = new Dropper { Table = model.Table };
        // One unit of budget per home bucket: none was read.
        var homes = 0;
        while (!model.Table.Entries.Sweep(ref state, Now + 60_000, 1, ref dropper)) homes++;
        Assert.InRange(homes, 5000 / 16, 5000 / 6);
        Assert.Equal(0, state.Expired);
    }

    [Fact]
    public void AnEntryThatItsOwnerKeepsIsAskedForAgain()
    {
        using var model = new KeyTableModel();
        model.SetInteger("kept", 1, Now);
        for (var round = 1; round <= 3; round++)
        {
            var state = new SweepState();
            var keeper = new Keeper();
            while (!model.Table.Entries.Sweep(ref state, Now + round, 100, ref keeper))
            {
            }
            Assert.Equal(1, keeper.Seen);
        }
        Assert.Equal(1, model.Table.Entries.Count);
    }

    [Fact]
    public void AgesAdvanceAndATouchBringsThemBack()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 1000; i++) model.SetInteger("k" + i, i, 0);
        var now = Now;
        model.Sweep(now);
        for (var second = 0; second < 100; second++) model.Sweep(now += 1000);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k1"), now), 99, 101);
        var entry = model.Find("k2");
        model.Table.Entries.Touch(ref entry);
        Assert.Equal(0, model.Table.Entries.IdleSeconds(model.Find("k2"), now));
        for (var i = 0; i < 30; i++) model.Sweep(now += 60_000);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k1"), now), 29 * 60, 33 * 60);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k2"), now), 29 * 60, 31 * 60);
        for (var i = 0; i < 50; i++) model.Sweep(now += 3_600_000);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k1"), now), 49 * 3600, 52 * 3600);
        // Growth carries ages along.
        for (var i = 0; i < 3000; i++) model.SetInteger("new" + i, i, 0);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k1"), now), 49 * 3600, 52 * 3600);
        Assert.Equal(0, model.Table.Entries.IdleSeconds(model.Find("new7"), now));
        model.Check();
    }

    [Fact]
    public void ALargeTableGetsAgesOnceSomebodyAsks()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 100_000; i++) model.SetInteger("k" + i, i, 0);
        var now = Now;
        model.Sweep(now);
        var bytes = model.Table.Entries.UsedBytes;
        for (var i = 0; i < 5; i++) model.Sweep(now += 1000);
        model.Table.Entries.IdleSeconds(model.Find("k1"), now);
        model.Sweep(now += 1000);
        Assert.InRange(model.Table.Entries.UsedBytes - bytes, 50_000, 150_000);
        for (var i = 0; i < 10; i++) model.Sweep(now += 1000);
        Assert.InRange(model.Table.Entries.IdleSeconds(model.Find("k1"), now), 9, 11);
        model.Check();
    }

    [Fact]
    public void MovesRecordsOffSparseExtents()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 60_000; i++) model.Set("k" + i, new byte[150], i % 2 == 0 ? Now + 1_000_000 : 0);
        for (var i = 0; i < 60_000; i++)
            if (i % 4 != 0) model.Delete("k" + i);
        var committed = model.Arena.CommittedBytes;
        Assert.True(model.Arena.BeginCompaction(), $"{model.Arena.UsedBytes} of {model.Arena.CommittedBytes}, index {model.Table.Entries.UsedBytes}");
        var state = new SweepState();
        var keeper = new Keeper();
        while (!model.Table.Entries.Sweep(ref state, Now, 100, ref keeper))
        {
        }
        model.Arena.EndCompaction();
        model.Arena.ReleaseFreeExtents(100);
        Assert.InRange(state.Moved, 1000, 15_000);
        Assert.InRange(model.Arena.CommittedBytes, 0, committed / 2);
        model.Check();
        Assert.False(model.Arena.BeginCompaction());
    }

    private struct Dropper : IExpiryVisitor
    {
        public KeyTable Table;

        public readonly void Expired(ref Entry entry) => Table.Entries.Delete(ref entry);
    }

    private struct Keeper : IExpiryVisitor
    {
        public int Seen;

        public void Expired(ref Entry entry) => Seen++;
    }
}
