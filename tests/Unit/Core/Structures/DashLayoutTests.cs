using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>Sizes and encodings that the byte budget and the cache-line promises rest on.</summary>
public unsafe class DashLayoutTests
{
    private const uint Clock = 1_800_000_000;

    [Fact]
    public void StructsHaveTheSizesThatTheirPicturesShow()
    {
        Assert.Equal(64, Unsafe.SizeOf<Bucket>());
        Assert.Equal(64, Unsafe.SizeOf<TableHeader>());
        Assert.Equal(24, Unsafe.SizeOf<SegmentTrailer>());
        Assert.Equal(8, Unsafe.SizeOf<SegmentEntry>());
        Assert.Equal(8, Unsafe.SizeOf<SubDirectory>());
        Assert.Equal(1024, Unsafe.SizeOf<OverflowBlock>());
        Assert.Equal(24, Unsafe.SizeOf<Page>());
        Assert.Equal(12, Unsafe.SizeOf<Extent>());
        Assert.Equal(16, Unsafe.SizeOf<SlabClass>());
    }

    [Theory]
    [InlineData(13, 64, true, false, 86)]
    [InlineData(13, 64, false, false, 80)]
    [InlineData(13, 64, false, true, 81)]
    [InlineData(10, 10, false, false, 23)]
    [InlineData(128, 64, false, false, 1 + 2 + 1 + 128 + 64)]
    public void RecordsKeepTheByteBudget(int key, int value, bool expires, bool sticky, int size) =>
        Assert.Equal(size, KeyRecord.HeaderBytes(key, value, expires, sticky) + key + value);

    [Fact]
    public void SegmentsFitAPageAndAreWholeLines()
    {
        for (uint homes = 1; homes <= Positions.HomesMax; homes++)
        {
            Assert.Equal(0, Segment.SizeOf(homes, false) % 64);
            Assert.InRange(Segment.SizeOf(homes, true), Segment.SizeOf(homes, false), Arena.PageBytes / 4);
        }
        Assert.InRange(Segment.SizeOf(1, true), 64, 128);
    }

    [Fact]
    public void EveryBaseGrowsByHalfAndStaysWithinTheEntrysByte()
    {
        for (ulong phase = 0; phase < 16; phase++)
        {
            var homes = Positions.BaseOf(phase << 60);
            Assert.InRange(homes, (uint)Positions.BaseMin, 48u);
            Assert.InRange(Positions.MaxOf(homes), homes * 3 / 2, (uint)Positions.HomesMax);
        }
    }

    [Fact]
    public void HomeAndFingerprintGiveThePlaceBack()
    {
        for (ulong phase = 0; phase < 16; phase++)
        {
            var baseHomes = Positions.BaseOf(phase << 60);
            for (var homes = baseHomes; homes <= Positions.MaxOf(baseHomes); homes++)
            {
                var step = Positions.StepOf(homes, baseHomes);
                for (uint place = 0; place < baseHomes * 256; place++)
                {
                    var home = Positions.HomeOfPlace(place, step);
                    var first = Positions.FirstPlaceOf(home, step);
                    Assert.InRange(home, 0u, homes - 1);
                    Assert.Equal(place, first + (byte)((byte)place - (byte)first));
                }
            }
        }
    }

    [Fact]
    public void HomesBeginAtTheirPositions()
    {
        for (uint homes = 1; homes <= Positions.MaxOf(Positions.BaseMin); homes++)
        {
            var entry = new SegmentEntry(1, homes, Positions.BaseMin, 5, false, false);
            const ulong Prefix = 0b10110UL << 59;
            for (uint home = 0; home < homes; home++)
            {
                var start = Positions.StartOf(entry, Prefix, home);
                Assert.Equal(home, Positions.HomeOf(entry, start, out _));
                if (home > 0) Assert.Equal(home - 1, Positions.HomeOf(entry, start - 1, out _));
            }
            Assert.Equal(Prefix + (1UL << 59), Positions.Next(entry, Prefix, homes - 1));
        }
    }

    [Fact]
    public void ScalarAndVectorMatchesAgree()
    {
        var random = new Random(3);
        var bucket = new Bucket();
        for (var i = 0; i < 1000; i++)
        {
            for (var slot = 0; slot < Bucket.Slots; slot++) bucket.Fingerprints[slot] = (byte)random.Next(4);
            bucket.Meta = (uint)random.Next();
            Assert.Equal(Bucket.MatchScalar(&bucket, 2), Bucket.Match(&bucket, 2) & Bucket.AllSlots);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1000, true)]
    [InlineData(-400_000, true)]
    [InlineData(1, false)]
    [InlineData(400_000, false)]
    [InlineData(50_000_000, false)]
    public void BoundsAreDueFromTheirTimeOn(long secondsAhead, bool isDue)
    {
        var lane = ExpiryBound.Lowered(ExpiryBound.None << ExpiryBound.Shift, (Clock + secondsAhead) * 1000, Clock);
        Assert.Equal(isDue, ExpiryBound.IsDue(lane, Clock));
        if (secondsAhead is > 0 and < 500_000) Assert.True(ExpiryBound.IsDue(lane, (uint)(Clock + secondsAhead)));
    }

    [Fact]
    public void TheEarliestOfManyBoundsRemains()
    {
        var random = new Random(9);
        for (var round = 0; round < 200; round++)
        {
            var lane = ExpiryBound.None << ExpiryBound.Shift | 5u;
            var earliest = long.MaxValue;
            for (var i = 0; i < 20; i++)
            {
                var at = Clock + (1L << random.Next(30)) - random.Next(1000);
                earliest = Math.Min(earliest, at);
                lane = ExpiryBound.Lowered(lane, at * 1000, Clock);
            }
            var wait = ExpiryBound.SecondsUntilDue(lane, Clock);
            Assert.InRange(wait, 0, Math.Max(0, earliest - Clock));
            if (earliest - Clock is > 0 and < 500_000) Assert.InRange(wait, earliest - Clock - 2, earliest - Clock);
            Assert.Equal(5u, lane & Bucket.AllSlots);
        }
        // Without a clock everything is due.
        Assert.True(ExpiryBound.IsDue(ExpiryBound.Lowered(ExpiryBound.None << 12, Clock * 2000L, 0), Clock));
    }

    [Fact]
    public void AgesPassFromSecondsToMinutesToHours()
    {
        byte age = 0;
        var now = Clock;
        var passed = 0;
        while (passed < 70 * 3600)
        {
            age = Ages.Older(age, 10, (now + 10) / 60 - now / 60, (now + 10) / 3600 - now / 3600);
            now += 10;
            passed += 10;
            var read = Ages.SecondsOf(age);
            var slack = passed < 120 ? 0 : passed < 3600 ? 60 : 3600;
            Assert.InRange(read, passed - slack, passed + slack);
        }
        Assert.Equal(255, Ages.Older(254, 1_000_000, 20_000, 300));
    }
}
