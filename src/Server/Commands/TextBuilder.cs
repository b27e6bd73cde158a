using System.Buffers;
using System.Buffers.Text;
using Anax.Core.Text;

namespace Anax.Server.Commands;

/// <summary>
/// Puts a text of unknown length together, byte by byte, for INFO and its kin: first in the caller's stack memory, then
/// in a pooled array. A mutable ref struct; <see cref="Dispose"/> gives the array back.
/// </summary>
internal ref struct TextBuilder(Span<byte> initial)
{
    private Span<byte> _bytes = initial;
    private byte[]? _rented;
    private int _length;

    internal readonly int Length => _length;
    internal readonly ReadOnlySpan<byte> Written => _bytes[.._length];

    internal void Clear() => _length = 0;

    internal void Add(scoped ReadOnlySpan<byte> text)
    {
        if (text.Length > _bytes.Length - _length) Grow(text.Length);
        text.CopyTo(_bytes[_length..]);
        _length += text.Length;
    }

    /// <summary>ASCII; anything else becomes a question mark.</summary>
    internal void Add(string text)
    {
        if (text.Length > _bytes.Length - _length) Grow(text.Length);
        foreach (char c in text) _bytes[_length++] = c < 0x80 ? (byte)c : (byte)'?';
    }

    internal void Add(byte value)
    {
        if (_length == _bytes.Length) Grow(1);
        _bytes[_length++] = value;
    }

    internal void Add(long value)
    {
        if (Numbers.LongTextMax > _bytes.Length - _length) Grow(Numbers.LongTextMax);
        _length += Numbers.FormatLong(value, _bytes[_length..]);
    }

    /// <summary>A number with a fixed count of decimals, as printf's %.2f.</summary>
    internal void Add(double value, byte decimals)
    {
        const int TextMax = 64;
        if (TextMax > _bytes.Length - _length) Grow(TextMax);
        if (!Utf8Formatter.TryFormat(value, _bytes[_length..], out int written, new StandardFormat('F', decimals)))
        {
            Add("inf"u8);
            return;
        }
        _length += written;
    }

    /// <summary>Seconds with six decimals, from microseconds.</summary>
    internal void AddMicroseconds(long us)
    {
        Add(us / 1_000_000);
        Add((byte)'.');
        AddPadded(us % 1_000_000, 6);
    }

    internal void AddPadded(long value, int digits)
    {
        int length = Numbers.LongTextLength(value);
        for (int i = length; i < digits; i++) Add((byte)'0');
        Add(value);
    }

    /// <summary>A size as INFO shows it to people: "1.20M".</summary>
    internal void AddHuman(long bytes)
    {
        const string Units = "KMGTPE";
        if (bytes < 1024)
        {
            Add(bytes);
            Add((byte)'B');
            return;
        }
        double size = bytes / 1024.0;
        int unit = 0;
        while (size >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }
        Add(size, 2);
        Add((byte)Units[unit]);
    }

    /// <summary>A field of INFO: name, colon, number, line end.</summary>
    internal void Line(scoped ReadOnlySpan<byte> name, long value)
    {
        Add(name);
        Add((byte)':');
        Add(value);
        EndLine();
    }

    internal void Line(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Add(name);
        Add((byte)':');
        Add(value);
        EndLine();
    }

    internal void Line(scoped ReadOnlySpan<byte> name, double value, byte decimals)
    {
        Add(name);
        Add((byte)':');
        Add(value, decimals);
        EndLine();
    }

    internal void LineHuman(scoped ReadOnlySpan<byte> name, long bytes)
    {
        Add(name);
        Add((byte)':');
        AddHuman(bytes);
        EndLine();
    }

    internal void EndLine() => Add("\r\n"u8);

    internal void Dispose()
    {
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
        this = default;
    }

    private void Grow(int more)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _bytes.Length * 2));
        Written.CopyTo(larger);
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
        _bytes = larger;
    }
}
