using System.Text;

namespace Anax.LoadGen.Output;

/// <summary>Writes HTML that is also well-formed XML. Every text is escaped here; only charts pass as they are.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _text = new("<!DOCTYPE html>\n");
    private readonly Stack<string> _open = new();

    public void Open(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element, attributes);
        _text.Append(">\n");
        _open.Push(element);
    }

    public void Close() => _text.Append("</").Append(_open.Pop()).Append(">\n");

    public void Element(string element, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element, attributes);
        _text.Append('>');
        Escape(text);
        _text.Append("</").Append(element).Append(">\n");
    }

    /// <summary>An element that has no content.</summary>
    public void Void(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element, attributes);
        _text.Append("/>\n");
    }

    /// <summary>A chart, whose writer has escaped what is in it.</summary>
    public void Chart(string svg) => _text.Append("<figure>\n").Append(svg).Append("</figure>\n");

    public string Finish()
    {
        while (_open.Count != 0) Close();
        return _text.ToString();
    }

    private void Begin(string element, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append('<').Append(element);
        foreach ((string name, string value) in attributes)
        {
            _text.Append(' ').Append(name).Append("=\"");
            Escape(value);
            _text.Append('"');
        }
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
                case '\n' or '\t': _text.Append((char)rune.Value); break;
                case < ' ' or 0xfffe or 0xffff: _text.Append('\ufffd'); break;
                default: _text.Append(rune); break;
            }
        }
    }
}
