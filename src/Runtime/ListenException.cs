namespace Anax.Runtime;

/// <summary>
/// An address could not be listened on; the message carries the kernel's words, for the start's log.
/// </summary>
public sealed class ListenException(string message, int errno) : Exception(message)
{
    private const int FamilyNotSupported = 97, AddressInUse = 98, AddressNotAvailable = 99;

    public int Errno { get; } = errno;

    /// <summary>Somebody listens there already.</summary>
    public bool IsTaken => Errno is AddressInUse;

    /// <summary>This machine does not have the address or its family, as one without IPv6.</summary>
    public bool IsUnavailable => Errno is FamilyNotSupported or AddressNotAvailable;
}
