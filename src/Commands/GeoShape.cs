using Anax.Core.Structures;

namespace Anax.Commands;

internal enum GeoShapeKind : byte { None, Circle, Box, Polygon }

/// <summary>An area that is searched. Mutable while it is read from arguments; the formulas are Valkey's, to the last digit.</summary>
internal struct GeoShape
{
    private const double EarthRadius = 6372797.560856;
    private const double GridEnd = 85;
    private const double MercatorMax = 20037726.37;
    private const double RadiansPerDegree = Math.PI / 180.0;

    internal GeoShapeKind Kind;
    internal GeoPlace Center;

    /// <summary>Meters of the unit that the lengths are in.</summary>
    internal double Unit;
    internal double Radius, Width, Height;

    /// <summary>The corners of a polygon; whoever holds the shape releases them.</summary>
    internal NativeRows<GeoPlace> Corners;

    // ---- distances ----

    internal static double Distance(GeoPlace from, GeoPlace to)
    {
        // Longitudes that are practically the same.
        const double Epsilon = 1e-15;
        double v = Math.Sin((ToRadians(to.Longitude) - ToRadians(from.Longitude)) / 2);
        if (Math.Abs(v) <= Epsilon) return LatitudeDistance(from.Latitude, to.Latitude);
        double from1 = ToRadians(from.Latitude), to1 = ToRadians(to.Latitude);
        double u = Math.Sin((to1 - from1) / 2);
        double a = u * u + Math.Cos(from1) * Math.Cos(to1) * v * v;
        return 2.0 * EarthRadius * Math.Asin(Math.Sqrt(a));
    }

    private static double LatitudeDistance(double from, double to) => EarthRadius * Math.Abs(ToRadians(to) - ToRadians(from));

    private static double ToRadians(double degrees) => degrees * RadiansPerDegree;

    private static double ToDegrees(double radians) => radians / RadiansPerDegree;

    /// <summary>Is the place within, and how far from the center?</summary>
    internal readonly bool Contains(GeoPlace place, out double distance)
    {
        distance = 0;
        switch (Kind)
        {
            case GeoShapeKind.Circle:
                distance = Distance(Center, place);
                return distance <= Radius * Unit;
            case GeoShapeKind.Box:
                if (LatitudeDistance(place.Latitude, Center.Latitude) > Height * Unit / 2) return false;
                if (Distance(place, Center with { Latitude = place.Latitude }) > Width * Unit / 2) return false;
                distance = Distance(Center, place);
                return true;
            default:
                if (!IsInPolygon(place)) return false;
                distance = Distance(Center, place);
                return true;
        }
    }

    /// <summary>A ray to the east crosses the edges an odd number of times (W. R. Franklin, PNPOLY).</summary>
    private readonly bool IsInPolygon(GeoPlace place)
    {
        ReadOnlySpan<GeoPlace> corners = Corners.Rows;
        bool isInside = false;
        for (int i = 0, j = corners.Length - 1; i < corners.Length; j = i++)
        {
            GeoPlace a = corners[i], b = corners[j];
            if (a.Latitude > place.Latitude == b.Latitude > place.Latitude) continue;
            double crossing = (b.Longitude - a.Longitude) * (place.Latitude - a.Latitude) / (b.Latitude - a.Latitude) + a.Longitude;
            if (place.Longitude < crossing) isInside = !isInside;
        }
        return isInside;
    }

    // ---- cells ----

    /// <summary>Finds the cells that cover the shape: one around the center and up to eight beside it. Returns how many.</summary>
    internal int Cover(Span<GeoHash> cells)
    {
        if (Kind == GeoShapeKind.Polygon) Center = Centroid();
        GeoArea bounds = Bounds();
        int step = StepFor(Reach(bounds), Center.Latitude);
        // The middle of a polygon may be where the grid has no cells.
        GeoPlace middle = Kind == GeoShapeKind.Polygon ? Center with { Latitude = Math.Clamp(Center.Latitude, -GridEnd, GridEnd) } : Center;
        var hash = GeoHash.Encode(middle, step);
        if (step > 1 && IsTooFine(hash, bounds)) hash = GeoHash.Encode(middle, --step);
        return Choose(hash, step < 2 ? new GeoArea(double.MinValue, double.MinValue, double.MaxValue, double.MaxValue) : bounds, cells);
    }

    private static bool IsTooFine(GeoHash hash, GeoArea bounds) =>
        hash.Neighbor(0, 1).Area.North < bounds.North || hash.Neighbor(0, -1).Area.South > bounds.South
        || hash.Neighbor(1, 0).Area.East < bounds.East || hash.Neighbor(-1, 0).Area.West > bounds.West;

    /// <summary>Neighbours beyond an edge that the cell itself reaches are left out, and so is one that is the same as the last.</summary>
    private static int Choose(GeoHash hash, GeoArea bounds, Span<GeoHash> cells)
    {
        GeoArea area = hash.Area;
        bool south = !(area.South < bounds.South), north = !(area.North > bounds.North);
        bool west = !(area.West < bounds.West), east = !(area.East > bounds.East);
        ReadOnlySpan<(int Columns, int Rows)> around = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        cells[0] = hash;
        int count = 1;
        foreach ((int columns, int rows) in around)
        {
            bool isWanted = (rows <= 0 || north) && (rows >= 0 || south) && (columns <= 0 || east) && (columns >= 0 || west);
            if (!isWanted) continue;
            GeoHash neighbor = hash.Neighbor(columns, rows);
            if (count == 1 || neighbor != cells[count - 1]) cells[count++] = neighbor;
        }
        return count;
    }

    /// <summary>So many steps that a cell is about as large as the shape.</summary>
    private static int StepFor(double meters, double latitude)
    {
        if (meters == 0) return GeoHash.StepMax;
        int step = 1;
        for (; meters < MercatorMax; meters *= 2) step++;
        step -= 2;
        // Cells are narrower towards the poles.
        if (Math.Abs(latitude) > 66) step--;
        if (Math.Abs(latitude) > 80) step--;
        return Math.Clamp(step, 1, GeoHash.StepMax);
    }

    /// <summary>From the center to the farthest place within, in meters.</summary>
    private readonly double Reach(GeoArea bounds)
    {
        if (Kind == GeoShapeKind.Circle) return Radius * Unit;
        if (Kind == GeoShapeKind.Box) return Math.Sqrt(Width / 2 * (Width / 2) + Height / 2 * (Height / 2)) * Unit;
        double north = Math.Max(Distance(Center, new GeoPlace(bounds.West, bounds.North)), Distance(Center, new GeoPlace(bounds.East, bounds.North)));
        double south = Math.Max(Distance(Center, new GeoPlace(bounds.West, bounds.South)), Distance(Center, new GeoPlace(bounds.East, bounds.South)));
        return Math.Max(north, south) * Unit;
    }

    private readonly GeoArea Bounds()
    {
        if (Kind == GeoShapeKind.Polygon) return PolygonBounds();
        bool isCircle = Kind == GeoShapeKind.Circle;
        double height = isCircle ? Unit * Radius : Unit * Height / 2, width = isCircle ? Unit * Radius : Unit * Width / 2;
        double rows = ToDegrees(height / EarthRadius);
        // Parallels are shorter towards the poles.
        double edge = Center.Latitude < 0 ? Center.Latitude - rows : Center.Latitude + rows;
        double columns = ToDegrees(width / EarthRadius / Math.Cos(ToRadians(edge)));
        return new GeoArea(Center.Longitude - columns, Center.Latitude - rows, Center.Longitude + columns, Center.Latitude + rows);
    }

    private readonly GeoArea PolygonBounds()
    {
        double west = GeoHash.LongitudeMax, east = -GeoHash.LongitudeMax, south = GeoHash.LatitudeMax, north = -GeoHash.LatitudeMax;
        foreach (GeoPlace corner in Corners.Rows)
        {
            (west, east) = (Math.Min(west, corner.Longitude), Math.Max(east, corner.Longitude));
            (south, north) = (Math.Min(south, corner.Latitude), Math.Max(north, corner.Latitude));
        }
        return new GeoArea(west, south, east, north);
    }

    private readonly GeoPlace Centroid()
    {
        double x = 0, y = 0, z = 0;
        foreach (GeoPlace corner in Corners.Rows)
        {
            double longitude = ToRadians(corner.Longitude), latitude = ToRadians(corner.Latitude);
            x += Math.Cos(latitude) * Math.Cos(longitude);
            y += Math.Cos(latitude) * Math.Sin(longitude);
            z += Math.Sin(latitude);
        }
        return new GeoPlace(ToDegrees(Math.Atan2(y, x)), ToDegrees(Math.Atan2(z, Math.Sqrt(x * x + y * y))));
    }
}
