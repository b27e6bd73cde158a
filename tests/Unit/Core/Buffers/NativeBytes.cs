using System.Runtime.InteropServices;
using System.Text;

namespace Anax.Tests.Unit.Core.Buffers;

/// <summary>Bytes in native memory of exactly their size, as the loops hand them to a connection.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private readonly byte* _memory;
    private readonly int _length;

    public NativeBytes(ReadOnlySpan<byte> bytes)
    {
        _length = bytes.Length;
        _memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, _length));
        bytes.CopyTo(Span);
    }

    public NativeBytes(string text) : this(Encoding.Latin1.GetBytes(text)) { }

    public Span<byte> Span => new(_memory, _length);

    /// <summary>Overwrites the bytes, so that whoever still looks at them sees it, and frees them.</summary>
    public void Dispose()
    {
        Span.Fill(0xDD);
        NativeMemory.Free(_memory);
    }
}
