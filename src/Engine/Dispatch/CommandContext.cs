using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>Of the client behind a command, what its handler may depend on.</summary>
[Flags]
public enum ClientTraits : byte
{
    None = 0,

    /// <summary>CLIENT NO-TOUCH: reads leave the access times alone.</summary>
    NoTouch = 1 << 0,

    /// <summary>Runs under the locks of its transaction, so no lock stands in its way.</summary>
    HoldsLocks = 1 << 1,

    /// <summary>CLIENT TRACKING: the client may keep what it reads.</summary>
    Tracks = 1 << 2,

    /// <summary>A script runs it, which has looked at the memory limit itself: it may not stop half-way for it.</summary>
    IgnoresLimit = 1 << 3,

    /// <summary>It is part of a transaction or a script, which goes on at once: it cannot be suspended.</summary>
    Inner = 1 << 4,
}

/// <summary>All that a shard knows of a command beside its arguments. Travels in the header of a batch.</summary>
public struct CommandContext
{
    /// <summary>The one "now" of the command, Unix milliseconds.</summary>
    public long NowMs;
    public long ClientId;

    public int Database;
    public RespVersion Resp;
    public ClientTraits Traits;

    /// <summary>The client's loop.</summary>
    public ushort Home;
}
