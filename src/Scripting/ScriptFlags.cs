using Anax.Runtime;

namespace Anax.Scripting;

/// <summary>What a script or a function says of itself.</summary>
[Flags]
internal enum ScriptFlags
{
    None = 0,
    NoWrites = LuaFunctionFlags.NoWrites,
    AllowOom = LuaFunctionFlags.AllowOom,
    AllowStale = LuaFunctionFlags.AllowStale,
    NoCluster = LuaFunctionFlags.NoCluster,
    AllowCrossSlotKeys = LuaFunctionFlags.AllowCrossSlotKeys,

    /// <summary>It says nothing, as scripts of old: what it may do, each of its commands decides.</summary>
    Undeclared = 1 << 8,
}

/// <summary>The flags by their names, in the order in which FUNCTION LIST shows them.</summary>
internal static class ScriptFlagNames
{
    internal static readonly (ScriptFlags Flag, byte[] Name)[] All =
    [
        (ScriptFlags.NoWrites, "no-writes"u8.ToArray()), (ScriptFlags.AllowOom, "allow-oom"u8.ToArray()),
        (ScriptFlags.AllowStale, "allow-stale"u8.ToArray()), (ScriptFlags.NoCluster, "no-cluster"u8.ToArray()),
        (ScriptFlags.AllowCrossSlotKeys, "allow-cross-slot-keys"u8.ToArray()),
    ];

    internal static bool TryFind(ReadOnlySpan<byte> name, out ScriptFlags flag)
    {
        foreach ((ScriptFlags candidate, byte[] known) in All)
        {
            flag = candidate;
            if (name.SequenceEqual(known)) return true;
        }
        flag = ScriptFlags.None;
        return false;
    }
}
