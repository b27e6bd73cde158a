namespace Anax.Core.Text;

/// <summary>
/// The secret of a process under which keys and members are hashed, so that nobody outside can make them
/// collide.
/// </summary>
public readonly struct HashKey(ulong k0, ulong k1)
{
    private readonly ulong _k0 = k0;
    private readonly ulong _k1 = k1;

    public ulong Hash(ReadOnlySpan<byte> bytes) => SipHash.Hash13(_k0, _k1, bytes);
}
