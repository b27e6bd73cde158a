namespace Anax.Plots;

/// <summary>What stands for data: dashes, the markers of points, whiskers; the same in the plot and in its legend.</summary>
internal static class Marks
{
    public const string BandOpacity = "0.18";
    public const string EdgeOpacity = "0.4";

    private const int ShapeCount = 4;
    private const double Radius = 4;

    public static string DashArray(LineDash dash) => dash switch
    {
        LineDash.Solid => "none",
        LineDash.Dashed => "7 3",
        LineDash.Dotted => "2 3",
    };

    /// <summary>A disc, a square, a triangle or a diamond: series differ even without colours.</summary>
    public static string Shape(int index, double x, double y)
    {
        string c(double value) => NumberText.Coordinate(value);
        return (index % ShapeCount) switch
        {
            0 => $"M{c(x - Radius)} {c(y)}a{Radius} {Radius} 0 1 0 {2 * Radius} 0a{Radius} {Radius} 0 1 0 {-2 * Radius} 0Z",
            1 => $"M{c(x - 3.6)} {c(y - 3.6)}h7.2v7.2h-7.2Z",
            2 => $"M{c(x)} {c(y - 5)}l4.7 8.4h-9.4Z",
            _ => $"M{c(x)} {c(y - 5.2)}l5.2 5.2l-5.2 5.2l-5.2 -5.2Z",
        };
    }

    public static void DrawWhisker(SvgWriter svg, double x, double top, double bottom, double halfCapPx)
    {
        string c(double value) => NumberText.Coordinate(value);
        string cap = $"h{c(2 * halfCapPx)}M{c(x)}";
        svg.Path($"M{c(x - halfCapPx)} {c(top)}{cap} {c(top)}V{c(bottom)}M{c(x - halfCapPx)} {c(bottom)}h{c(2 * halfCapPx)}",
            ("fill", "none"), ("stroke", SvgWriter.TextColor), ("stroke-width", "1.3"));
    }
}
