namespace Anax.Core.Structures;

// One byte per slot:
//
//     0 … 119      seconds
//     120 … 177    minutes, from 2
//     180 … 255    hours, from 1; 255 means that or longer

/// <summary>How long ago entries were last used, coarsely: the ages lane, which the sweep advances.</summary>
internal static unsafe class Ages
{
    private const int MinutesFrom = 120;
    private const int HoursFrom = 180;
    private const int Oldest = 255;

    public static int SecondsOf(byte age) => age switch
    {
        < MinutesFrom => age,
        < HoursFrom => (age - MinutesFrom + 2) * 60,
        _ => (age - HoursFrom + 1) * 3600,
    };

    /// <summary>
    /// Brings the ages of a segment up to date. Ages in minutes and hours advance where the clock passes a
    /// full one.
    /// </summary>
    public static void Advance(Segment segment, uint nowSeconds)
    {
        var last = segment.Trailer->AgedAtSeconds;
        if (nowSeconds <= last)
        {
            // The clock was put back: counting goes on from here.
            segment.Trailer->AgedAtSeconds = nowSeconds;
            return;
        }
        segment.Trailer->AgedAtSeconds = nowSeconds;
        if (last == 0) return;
        var seconds = nowSeconds - last;
        var minutes = nowSeconds / 60 - last / 60;
        var hours = nowSeconds / 3600 - last / 3600;
        var count = segment.BucketCount * Bucket.Slots;
        for (uint i = 0; i < count; i++) segment.Ages[i] = Older(segment.Ages[i], seconds, minutes, hours);
    }

    public static byte Older(byte age, uint seconds, uint minutes, uint hours)
    {
        if (age >= HoursFrom) return (byte)Math.Min(Oldest, age + hours);
        if (age < MinutesFrom)
        {
            var older = age + seconds;
            if (older < MinutesFrom) return (byte)older;
            if (older < 3600) return (byte)(MinutesFrom + older / 60 - 2);
            return (byte)Math.Min(Oldest, HoursFrom + older / 3600 - 1);
        }
        var total = age + minutes;
        if (total < HoursFrom - 2) return (byte)total;
        return (byte)Math.Min(Oldest, HoursFrom + (total - MinutesFrom + 2) / 60 - 1);
    }
}
