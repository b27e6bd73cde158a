using System.Xml.Linq;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Whatever the texts, the chart is XML that says them.</summary>
public sealed class SvgWriterTests
{
    private const string Nasty = "<b> & \"q\" 'a' ]]> --> µ 😀";

    [Fact]
    public void TextsAndAttributesAreEscaped()
    {
        SvgWriter svg = new(400, 300, Nasty, Nasty);
        svg.Text(1, 2, Nasty, ("fill", Nasty));
        XElement root = XDocument.Parse(svg.Finish()).Root!;
        XElement text = root.Elements().Single(e => e.Name.LocalName == "text");
        Assert.Equal(Nasty, text.Value);
        Assert.Equal(Nasty, text.Attribute("fill")!.Value);
        Assert.Equal(Nasty, root.Attribute("aria-label")!.Value);
        Assert.All(root.Elements().Where(e => e.Name.LocalName is "title" or "desc"), e => Assert.Equal(Nasty, e.Value.Trim()));
    }

    [Fact]
    public void EveryCharacterMakesXml()
    {
        for (int c = 0; c <= char.MaxValue; c += c < 0x300 ? 1 : 0x0f)
        {
            SvgWriter svg = new(400, 300, $"a{(char)c}b", "");
            Assert.NotNull(XDocument.Parse(svg.Finish()).Root);
        }

        SvgWriter noncharacters = new(400, 300, "\ufffe\uffff\ud800 \udc00", "");
        Assert.Contains("\ufffd\ufffd\ufffd \ufffd", noncharacters.Finish(), StringComparison.Ordinal);
    }

    [Fact]
    public void APageMayScaleItAndItIsWhite()
    {
        ParsedChart chart = new(new SvgWriter(640, 360, "t", "d").Finish());
        Assert.Equal("640", chart.Root.Attribute("width")!.Value);
        Assert.Equal("360", chart.Root.Attribute("height")!.Value);
        Assert.Equal("0 0 640 360", chart.Root.Attribute("viewBox")!.Value);
        XElement background = chart.Root.Elements().First(e => e.Name.LocalName == "rect");
        Assert.Equal("#ffffff", background.Attribute("fill")!.Value);
        Assert.Equal(640, ParsedChart.Value(background, "width"));
        Assert.Contains("sans-serif", chart.Root.Attribute("font-family")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void FinishingClosesWhatIsOpen()
    {
        SvgWriter svg = new(400, 300, "t", "d");
        svg.BeginGroup();
        svg.BeginViewport(new PlotBox(1, 2, 3, 4), 0);
        Assert.EndsWith("</svg>\n</g>\n</svg>\n", svg.Finish(), StringComparison.Ordinal);
    }
}
