namespace Anax.Runtime;

/// <summary>
/// Names a socket of one loop. The generation changes with every owner of the slot, so a handle that was kept
/// too long is refused instead of meaning a stranger's connection.
/// </summary>
public readonly record struct SocketHandle(int Index, uint Generation)
{
    /// <summary>No socket: generation 0 is never given out.</summary>
    public static SocketHandle None => default;

    public bool IsNone => Generation == 0;
}
