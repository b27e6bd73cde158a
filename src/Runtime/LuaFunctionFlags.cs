namespace Anax.Runtime;

/// <summary>What a library's function says of itself, in the order of the names in library.c.</summary>
[Flags]
public enum LuaFunctionFlags
{
    None = 0,
    NoWrites = 1,
    AllowOom = 2,
    AllowStale = 4,
    NoCluster = 8,
    AllowCrossSlotKeys = 16,
}
