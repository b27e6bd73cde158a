namespace Anax.Commands;

/// <summary>A place on the earth in degrees.</summary>
internal readonly record struct GeoPlace(double Longitude, double Latitude);

/// <summary>A rectangle on the earth, in degrees.</summary>
internal readonly record struct GeoArea(double West, double South, double East, double North);

/// <summary>
/// A cell of the grid that halves the ranges of longitude and latitude so many times each, by turns: their bits interleaved,
/// longitude's first. With 26 steps it is the score of a member. The arithmetic is Valkey's, to the last digit.
/// </summary>
internal readonly record struct GeoHash(ulong Bits, int Step)
{
    internal const int StepMax = 26;
    internal const double LongitudeMax = 180, LatitudeMax = 85.05112878;

    /// <summary>Web Mercator's world, without the poles.</summary>
    private static GeoArea World => new(-LongitudeMax, -LatitudeMax, LongitudeMax, LatitudeMax);

    /// <summary>The bounds of Geohash strings.</summary>
    private static GeoArea WholeWorld => new(-180, -90, 180, 90);

    /// <summary>The lowest score of what lies in the cell.</summary>
    internal double Score => Bits << (2 * (StepMax - Step));

    /// <summary>The score above all that lies in the cell.</summary>
    internal double EndScore => (Bits + 1) << (2 * (StepMax - Step));

    internal static GeoHash Encode(GeoPlace place, int step) => Encode(World, place, step);

    private static GeoHash Encode(GeoArea world, GeoPlace place, int step)
    {
        double latitude = (place.Latitude - world.South) / (world.North - world.South);
        double longitude = (place.Longitude - world.West) / (world.East - world.West);
        double cells = 1UL << step;
        return new GeoHash(Spread((uint)(latitude * cells)) | Spread((uint)(longitude * cells)) << 1, step);
    }

    /// <summary>The middle of a score's cell. What is no score of a place is taken as one all the same.</summary>
    internal static GeoPlace Decode(double score)
    {
        GeoArea area = new GeoHash(BitsOf(score), StepMax).Area;
        double longitude = (area.West + area.East) / 2, latitude = (area.South + area.North) / 2;
        return new GeoPlace(Math.Clamp(longitude, -LongitudeMax, LongitudeMax), Math.Clamp(latitude, -LatitudeMax, LatitudeMax));
    }

    internal GeoArea Area
    {
        get
        {
            GeoArea world = World;
            double height = world.North - world.South, width = world.East - world.West;
            uint row = Gather(Bits), column = Gather(Bits >> 1);
            double cells = 1UL << Step;
            return new GeoArea(
                world.West + column * 1.0 / cells * width, world.South + row * 1.0 / cells * height,
                world.West + unchecked(column + 1) * 1.0 / cells * width, world.South + unchecked(row + 1) * 1.0 / cells * height);
        }
    }

    /// <summary>The cell so many columns and rows away, -1 to 1; the world has no edge.</summary>
    internal GeoHash Neighbor(int columns, int rows)
    {
        const ulong Columns = 0xAAAAAAAAAAAAAAAA, Rows = 0x5555555555555555;
        ulong column = Move(Bits & Columns, Rows, Columns, columns);
        ulong row = Move(Bits & Rows, Columns, Rows, rows);
        return this with { Bits = column | row };
    }

    /// <summary>Adds to every second bit: those between are set before an addition, so that it carries over them.</summary>
    private ulong Move(ulong bits, ulong between, ulong own, int by)
    {
        if (by == 0) return bits;
        int unused = 64 - 2 * Step;
        ulong carry = between >> unused;
        bits = by > 0 ? bits + (carry + 1) : (bits | carry) - (carry + 1);
        return bits & own >> unused;
    }

    /// <summary>Writes the 11 letters of the Geohash string of a score; the last one is always 0, as there are 52 bits.</summary>
    internal static void Format(double score, Span<byte> target)
    {
        const int Letters = 11, LetterBits = 5;
        ulong bits = Encode(WholeWorld, Decode(score), StepMax).Bits;
        for (int i = 0; i < Letters; i++)
        {
            int index = i == Letters - 1 ? 0 : (int)(bits >> (2 * StepMax - (i + 1) * LetterBits)) & 31;
            target[i] = "0123456789bcdefghjkmnpqrstuvwxyz"u8[index];
        }
    }

    /// <summary>As the processor's conversion that C uses, for numbers that are no scores of places, too.</summary>
    private static ulong BitsOf(double score)
    {
        const double Half = 1UL << 63;
        if (score < Half) return (ulong)(long)score;
        return score < 2 * Half ? (ulong)(long)(score - Half) ^ 1UL << 63 : 0;
    }

    /// <summary>Puts a zero behind every bit.</summary>
    private static ulong Spread(uint bits)
    {
        ulong spread = bits;
        spread = (spread | spread << 16) & 0x0000FFFF0000FFFF;
        spread = (spread | spread << 8) & 0x00FF00FF00FF00FF;
        spread = (spread | spread << 4) & 0x0F0F0F0F0F0F0F0F;
        spread = (spread | spread << 2) & 0x3333333333333333;
        return (spread | spread << 1) & 0x5555555555555555;
    }

    /// <summary>Every second bit.</summary>
    private static uint Gather(ulong bits)
    {
        bits &= 0x5555555555555555;
        bits = (bits | bits >> 1) & 0x3333333333333333;
        bits = (bits | bits >> 2) & 0x0F0F0F0F0F0F0F0F;
        bits = (bits | bits >> 4) & 0x00FF00FF00FF00FF;
        bits = (bits | bits >> 8) & 0x0000FFFF0000FFFF;
        return (uint)(bits | bits >> 16);
    }
}
