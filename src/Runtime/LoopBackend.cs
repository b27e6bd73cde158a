namespace Anax.Runtime;

/// <summary>How loops talk to the kernel.</summary>
public enum LoopBackend
{
    /// <summary>io_uring where it works, else epoll.</summary>
    Auto,
    Epoll,
    Uring,

    /// <summary>No kernel: a seeded network in memory, for tests.</summary>
    Simulated,
}
