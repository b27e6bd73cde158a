using System.Text;

namespace Anax.Plots;

/// <summary>
/// Writes SVG. Every value is escaped and every coordinate rounded here. There are no ids and no style sheet: charts
/// stand side by side in one page, and would share them.
/// </summary>
internal sealed class SvgWriter
{
    public const double FontSize = 12;
    public const string TextColor = "#24292f";
    public const string QuietColor = "#57606a";

    private const string Fonts =
        "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    public SvgWriter(double width, double height, string title, string description)
    {
        string w = NumberText.Coordinate(width), h = NumberText.Coordinate(height);
        Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("width", w), ("height", h), ("viewBox", $"0 0 {w} {h}"),
            ("role", "img"), ("aria-label", title), ("style", "max-width:100%;height:auto"),
            ("font-family", Fonts), ("font-size", NumberText.Coordinate(FontSize)), ("fill", TextColor));
        Whole("title", title);
        Whole("desc", description);
        Rectangle(0, 0, width, height, ("fill", "#ffffff"));
    }

    public void BeginGroup(params ReadOnlySpan<(string Name, string Value)> attributes) => Open("g", attributes);

    /// <summary>A viewport with its own origin that cuts off what lies further outside than the margin.</summary>
    public void BeginViewport(PlotBox box, double margin)
    {
        string width = NumberText.Coordinate(box.Width + 2 * margin), height = NumberText.Coordinate(box.Height + 2 * margin);
        string edge = NumberText.Coordinate(-margin);
        Open("svg", ("x", NumberText.Coordinate(box.Left - margin)), ("y", NumberText.Coordinate(box.Top - margin)),
            ("width", width), ("height", height), ("viewBox", $"{edge} {edge} {width} {height}"), ("overflow", "hidden"));
    }

    /// <summary>Ends the innermost group or viewport.</summary>
    public void End() => _text.Append("</").Append(_open.Pop()).Append(">\n");

    public void Rectangle(
        double x, double y, double width, double height, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin("rect");
        Coordinate("x", x);
        Coordinate("y", y);
        Coordinate("width", width);
        Coordinate("height", height);
        Empty(attributes);
    }

    /// <summary>A rectangle that says what it stands for when the mouse is over it.</summary>
    public void RectangleWithHint(
        double x, double y, double width, double height, string hint, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open("g", attributes);
        Whole("title", hint);
        Rectangle(x, y, width, height);
        End();
    }

    public void Line(double x1, double y1, double x2, double y2, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin("line");
        Coordinate("x1", x1);
        Coordinate("y1", y1);
        Coordinate("x2", x2);
        Coordinate("y2", y2);
        Empty(attributes);
    }

    public void Path(string data, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin("path");
        Attribute("d", data);
        Empty(attributes);
    }

    public void Text(double x, double y, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin("text");
        Coordinate("x", x);
        Coordinate("y", y);
        foreach ((string name, string value) in attributes) Attribute(name, value);
        _text.Append('>');
        Escape(text);
        _text.Append("</text>\n");
    }

    /// <summary>A text that is turned about its own anchor.</summary>
    public void TurnedText(
        double x, double y, double degrees, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        string turn = $"rotate({NumberText.Coordinate(degrees)} {NumberText.Coordinate(x)} {NumberText.Coordinate(y)})";
        Text(x, y, text, [.. attributes, ("transform", turn)]);
    }

    public string Finish()
    {
        while (_open.Count > 0) End();
        return _text.ToString();
    }

    private void Open(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element);
        foreach ((string name, string value) in attributes) Attribute(name, value);
        _text.Append(">\n");
        _open.Push(element);
    }

    private void Whole(string element, string text)
    {
        Begin(element);
        _text.Append('>');
        Escape(text);
        _text.Append("</").Append(element).Append(">\n");
    }

    private void Begin(string element) => _text.Append('<').Append(element);

    private void Empty(ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach ((string name, string value) in attributes) Attribute(name, value);
        _text.Append("/>\n");
    }

    private void Coordinate(string name, double value) => Attribute(name, NumberText.Coordinate(value));

    private void Attribute(string name, string value)
    {
        _text.Append(' ').Append(name).Append("=\"");
        Escape(value);
        _text.Append('"');
    }

    /// <summary>What XML does not allow even when escaped becomes the replacement character.</summary>
    private void Escape(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '<': _text.Append("&lt;"); break;
                case '>': _text.Append("&gt;"); break;
                case '&': _text.Append("&amp;"); break;
                case '"': _text.Append("&quot;"); break;
                case '\t' or '\n' or '\r': _text.Append(' '); break;
                case < ' ' or 0xfffe or 0xffff: _text.Append('\ufffd'); break;
                default: AppendRune(rune); break;
            }
        }
    }

    private void AppendRune(Rune rune)
    {
        Span<char> chars = stackalloc char[2];
        _text.Append(chars[..rune.EncodeToUtf16(chars)]);
    }
}

/// <summary>Where the data are drawn, in pixels of the chart.</summary>
internal readonly record struct PlotBox(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;
}
