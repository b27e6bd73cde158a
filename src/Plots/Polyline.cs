using System.Text;

namespace Anax.Plots;

/// <summary>
/// The way from points to the path of a line: what cannot be shown breaks it, and where there are more points than
/// pixels each column of pixels keeps its lowest and its highest one, which looks the same.
/// </summary>
internal static class Polyline
{
    /// <summary>A gap in the data within so many columns of pixels could not be seen, and breaks nothing.</summary>
    private const double VisibleGapPx = 2;

    /// <summary>The unbroken parts of a line, in pixels from the upper left corner of the plot.</summary>
    public static List<List<PlotPoint>> Runs(IReadOnlyList<PlotPoint> points, Scale x, Scale y, double width, double height)
    {
        List<List<PlotPoint>> runs = [];
        List<PlotPoint>? run = null;
        foreach (PlotPoint point in points)
        {
            if (!x.CanShow(point.X) || !y.CanShow(point.Y))
            {
                if (run is not null) runs.Add(run);
                run = null;
                continue;
            }

            PlotPoint pixel = new(x.Fraction(point.X) * width, (1 - y.Fraction(point.Y)) * height);
            if (run is null && runs.Count > 0 && Math.Abs(pixel.X - runs[^1][^1].X) < VisibleGapPx)
            {
                run = runs[^1];
                runs.RemoveAt(runs.Count - 1);
            }

            (run ??= []).Add(pixel);
        }

        if (run is not null) runs.Add(run);
        if (points.Count <= 2 * width) return runs;
        for (int i = 0; i < runs.Count; i++) runs[i] = Thin(runs[i]);
        return runs;
    }

    /// <summary>
    /// The lowest and the highest point of those that follow each other in one column of pixels, in their order. Beside
    /// a column without points also the first or the last one, from which the line leads there.
    /// </summary>
    public static List<PlotPoint> Thin(List<PlotPoint> points)
    {
        List<PlotPoint> thinned = [];
        Span<int> kept = stackalloc int[4];
        int begin = 0;
        while (begin < points.Count)
        {
            double column = Column(points[begin]);
            int low = begin, high = begin, end = begin + 1;
            for (; end < points.Count && Column(points[end]) == column; end++)
            {
                if (points[end].Y < points[low].Y) low = end;
                if (points[end].Y > points[high].Y) high = end;
            }

            bool isEntered = begin > 0 && Math.Abs(column - Column(points[begin - 1])) <= 1;
            bool isLeft = end < points.Count && Math.Abs(column - Column(points[end])) <= 1;
            kept[0] = isEntered ? low : begin;
            kept[1] = Math.Min(low, high);
            kept[2] = Math.Max(low, high);
            kept[3] = isLeft ? high : end - 1;
            kept.Sort();
            for (int i = 0; i < kept.Length; i++)
            {
                if (i == 0 || kept[i] != kept[i - 1]) thinned.Add(points[kept[i]]);
            }

            begin = end;
        }

        return thinned;
    }

    public static string Path(List<PlotPoint> points, bool isStep)
    {
        StringBuilder path = new();
        string lastY = "";
        foreach (PlotPoint point in points)
        {
            string x = NumberText.Coordinate(point.X), y = NumberText.Coordinate(point.Y);
            if (path.Length == 0)
                path.Append('M').Append(x).Append(' ').Append(y);
            else if (!isStep)
                path.Append('L').Append(x).Append(' ').Append(y);
            else
                path.Append('H').Append(x);
            if (isStep && lastY.Length > 0 && y != lastY) path.Append('V').Append(y);
            lastY = y;
        }

        return path.ToString();
    }

    /// <summary>Forth along the upper edge and back along the lower one; a step holds both until the next point.</summary>
    public static string Outline(List<PlotPoint> upper, List<PlotPoint> lower, bool isStep)
    {
        StringBuilder path = new(Path(upper, isStep));
        for (int i = lower.Count - 1; i >= 0; i--)
        {
            string x = NumberText.Coordinate(lower[i].X), y = NumberText.Coordinate(lower[i].Y);
            if (!isStep || i == lower.Count - 1)
                path.Append('L').Append(x).Append(' ').Append(y);
            else
                path.Append('V').Append(y).Append('H').Append(x);
        }

        return path.Append('Z').ToString();
    }

    private static double Column(PlotPoint pixel) => Math.Floor(pixel.X);
}
