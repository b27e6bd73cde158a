using System.Globalization;
using System.Xml.Linq;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>A chart read back: its elements with what they inherit, and where its texts lie on the page.</summary>
internal sealed class ParsedChart
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public ParsedChart(string svg)
    {
        Root = XDocument.Parse(svg).Root!;
        double[] box = [.. Root.Attribute("viewBox")!.Value.Split(' ').Select(Number)];
        (Width, Height) = (box[2], box[3]);
    }

    public XElement Root { get; }

    public double Width { get; }

    public double Height { get; }

    public IReadOnlyList<TextBox> Texts => [.. Root.Descendants(Svg + "text").Select(Measure)];

    public IEnumerable<string> TextValues => Texts.Select(t => t.Text);

    /// <summary>The labels of an axis, in the order of its values.</summary>
    public IReadOnlyList<string> Labels(string part) =>
        [.. Part(part).SelectMany(p => p.Elements(Svg + "text")).Select(t => t.Value)];

    public IEnumerable<XElement> Part(string name) =>
        Root.Descendants().Where(e => (string?)e.Attribute("data-part") == name);

    /// <summary>Of the plot, in the order in which they are drawn.</summary>
    public IReadOnlyList<XElement> Drawn(string element) => [.. Part("plot").SelectMany(p => p.Descendants(Svg + element))];

    /// <summary>The plot area of a chart with lines or a histogram, without the margin in which markers may overhang.</summary>
    public (double Left, double Top, double Right, double Bottom) PlotArea
    {
        get
        {
            XElement viewport = Part("plot").Elements(Svg + "svg").Single();
            double margin = -Number(viewport.Attribute("viewBox")!.Value.Split(' ')[0]);
            double left = Value(viewport, "x") + margin, top = Value(viewport, "y") + margin;
            return (left, top, left + Value(viewport, "width") - 2 * margin, top + Value(viewport, "height") - 2 * margin);
        }
    }

    public static double Value(XElement element, string attribute) => Number(element.Attribute(attribute)!.Value);

    public static string? Inherited(XElement element, string attribute) =>
        element.AncestorsAndSelf().Select(e => (string?)e.Attribute(attribute)).FirstOrDefault(v => v is not null);

    /// <summary>The points of a path of straight lines, in pixels of the plot.</summary>
    public static IReadOnlyList<PlotPoint> Points(XElement path)
    {
        List<PlotPoint> points = [];
        foreach (string part in path.Attribute("d")!.Value.Split('M', 'L').Skip(1))
        {
            string[] xy = part.Split(' ');
            points.Add(new PlotPoint(Number(xy[0]), Number(xy[1])));
        }

        return points;
    }

    public void AssertTextsAreInside()
    {
        foreach (TextBox text in Texts)
        {
            bool isInside = text.Left >= 0 && text.Top >= 0 && text.Right <= Width && text.Bottom <= Height;
            Assert.True(isInside, $"{text} is not within {Width} x {Height}");
        }
    }

    public void AssertTextsDoNotOverlap()
    {
        IReadOnlyList<TextBox> texts = Texts;
        for (int i = 0; i < texts.Count; i++)
        {
            for (int k = i + 1; k < texts.Count; k++)
                Assert.False(texts[i].Overlaps(texts[k]), $"{texts[i]} overlaps {texts[k]}");
        }
    }

    public void AssertNumbersAreShort()
    {
        foreach (XAttribute attribute in Root.Descendants().Attributes().Where(a => a.Name.LocalName is
            "x" or "y" or "x1" or "x2" or "y1" or "y2" or "width" or "height" or "d" or "transform"))
        {
            Assert.DoesNotMatch(@"NaN|∞|\d[eE]|\.\d\d", attribute.Value);
        }
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static TextBox Measure(XElement element)
    {
        double size = Number(Inherited(element, "font-size")!);
        double width = TextWidth.Of(element.Value, size, Inherited(element, "font-weight") == "bold");
        double x = Value(element, "x"), y = Value(element, "y");
        double left = Inherited(element, "text-anchor") switch { "end" => -width, "middle" => -width / 2, _ => 0 };
        string turn = (string?)element.Attribute("transform") ?? "rotate(0 0 0)";
        double degrees = Number(turn["rotate(".Length..].Split(' ')[0]);
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        double top = -0.76 * size, bottom = 0.2 * size, right = left + width;
        (double X, double Y)[] corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        double[] xs = [.. corners.Select(c => x + c.X * cosine - c.Y * sine)];
        double[] ys = [.. corners.Select(c => y + c.X * sine + c.Y * cosine)];
        return new TextBox(element.Value, size, degrees, xs.Min(), ys.Min(), xs.Max(), ys.Max());
    }
}

internal sealed record TextBox(string Text, double Size, double Degrees, double Left, double Top, double Right, double Bottom)
{
    /// <summary>Of slanted texts the rectangles around them say nothing. Widths are estimates, so one pixel is allowed.</summary>
    public bool Overlaps(TextBox other) =>
        Degrees is 0 or -90 && other.Degrees is 0 or -90
        && Left < other.Right - 1 && other.Left < Right - 1 && Top < other.Bottom - 1 && other.Top < Bottom - 1;
}
