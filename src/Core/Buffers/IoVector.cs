using System.Runtime.InteropServices;

namespace Anax.Core.Buffers;

/// <summary>One piece of a gathered write, laid out as the kernel's struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct IoVector(nint start, nuint length)
{
    public readonly nint Base = start;
    public readonly nuint Length = length;
}
