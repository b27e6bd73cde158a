using System.Runtime.CompilerServices;

namespace Anax.Core.Memory;

/// <summary>Looks at a piece of native state as another unmanaged type, with the size checked.</summary>
public static class NativeCast
{
    public static ref TTo As<TFrom, TTo>(ref TFrom from, int bytes) where TFrom : unmanaged where TTo : unmanaged
    {
        Invariant.Holds(Unsafe.SizeOf<TTo>() <= bytes, "a state fits its place");
        return ref Unsafe.As<TFrom, TTo>(ref from);
    }
}
