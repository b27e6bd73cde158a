using Anax.Core.Text;

namespace Anax.Commands;

/// <summary>A short text with numbers in it, made in memory of the caller's. Mutable: each Add writes behind the last.</summary>
internal ref struct TextLine(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private int _length;

    internal readonly ReadOnlySpan<byte> Written => _target[.._length];

    internal void Add(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_target[_length..]);
        _length += text.Length;
    }

    internal void Add(scoped ReadOnlySpan<byte> text, long number)
    {
        Add(text);
        _length += Numbers.FormatLong(number, _target[_length..]);
    }

    internal void AddHex(ulong number)
    {
        for (int shift = 60; shift >= 0; shift -= 4) _target[_length++] = "0123456789abcdef"u8[(int)(number >> shift & 15)];
    }
}
