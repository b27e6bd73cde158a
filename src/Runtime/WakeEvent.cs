using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// Wakes one thread that waits: a wake while it does not wait is kept for its next wait, several are one. To wake takes
/// no lock and may be done by any thread, also under an event loop, at the price of a system call.
/// </summary>
public sealed class WakeEvent : IDisposable
{
    private readonly int _descriptor = LibC.EventFd(blocks: true);

    /// <exception cref="InvalidOperationException">The system grants no more descriptors.</exception>
    public WakeEvent()
    {
        if (_descriptor < 0) throw new InvalidOperationException($"eventfd: {Errno.Text(-_descriptor)}");
    }

    public void Set() => LibC.Signal(_descriptor);

    public void Wait() => LibC.AwaitSignal(_descriptor);

    public void Dispose() => _ = LibC.Close(_descriptor);
}
