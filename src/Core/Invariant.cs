using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anax.Core;

/// <summary>
/// What must hold if the data is sound. Always checked: a shard whose structures are corrupt ends the process
/// with a text instead of answering. Cheap conditions only; whole-structure checks are Debug.Assert or
/// VERIFY.
/// </summary>
public static class Invariant
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Holds([DoesNotReturnIf(false)] bool condition, string what)
    {
        if (!condition) Fail(what);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Fail(string what) => Environment.FailFast("Broken invariant: " + what);
}
