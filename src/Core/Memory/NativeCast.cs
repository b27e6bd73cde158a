using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>Looks at a piece of native state as another unmanaged type, with the size checked.</summary>
public static class NativeCast
{
    public static ref TTo As<TFrom, TTo>(ref TFrom from, int bytes) where TFrom : unmanaged where TTo : unmanaged
    {
        Invariant.Holds(Unsafe.SizeOf<TTo>() <= bytes, "a state fits its place");
        return ref Unsafe.As<TFrom, TTo>(ref from);
    }

    /// <summary>The bytes of an unmanaged value where it lies.</summary>
    public static ReadOnlySpan<byte> BytesOf<T>(ref readonly T value) where T : unmanaged =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    /// <summary>Bytes of an unmanaged type.</summary>
    public static int SizeOf<T>() where T : unmanaged => Unsafe.SizeOf<T>();

    /// <summary>Looks at bytes as an array of an unmanaged type; a rest that is too short for one is left out.</summary>
    public static Span<T> Cells<T>(Span<byte> bytes) where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);
}
