namespace Anax.Runtime;

/// <summary>An address could not be listened on; the message carries the kernel's words, for the start's log.</summary>
public sealed class ListenException(string message, int errno) : Exception(message)
{
    public int Errno { get; } = errno;
}
