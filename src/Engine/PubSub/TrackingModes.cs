using Anax.Engine.Dispatch;

namespace Anax.Engine.PubSub;

/// <summary>How a client wants to hear of changes to keys that it may keep (CLIENT TRACKING).</summary>
[Flags]
public enum TrackingModes : byte
{
    Off = 0,
    On = 1 << 0,

    /// <summary>Of all keys with certain prefixes, whether it has read them or not.</summary>
    Broadcast = 1 << 1,

    /// <summary>Only keys that are read right behind CLIENT CACHING YES.</summary>
    OptIn = 1 << 2,

    /// <summary>Not keys that are read right behind CLIENT CACHING NO.</summary>
    OptOut = 1 << 3,

    /// <summary>Not of its own changes.</summary>
    NoLoop = 1 << 4,

    /// <summary>The client to which its invalidations were redirected is gone.</summary>
    BrokenRedirect = 1 << 5,
}

/// <summary>CLIENT CACHING is about the next command, and where that is MULTI, about all up to its end.</summary>
internal enum CachingState : byte { None, Next, This }

/// <summary>A session's part of client tracking.</summary>
public struct SessionTracking
{
    public TrackingModes Modes;

    /// <summary>The client that gets the invalidations instead, and its loop; 0 where there is none.</summary>
    public long RedirectId;
    internal int RedirectLoop;
    internal CachingState Caching;

    /// <summary>CLIENT CACHING's own container, whose other commands it does not mean.</summary>
    internal string? CachingContainer;

    public readonly bool IsOn => (Modes & TrackingModes.On) != 0;

    /// <summary>CLIENT CACHING was said for the command under way.</summary>
    public readonly bool IsCaching => Caching != CachingState.None;

    public readonly bool Has(TrackingModes mode) => (Modes & mode) != 0;

    /// <summary>Are the keys noted that the commands under way read?</summary>
    internal readonly bool NotesReads => IsOn && !Has(TrackingModes.Broadcast)
        && (!Has(TrackingModes.OptIn) || Caching == CachingState.This) && (!Has(TrackingModes.OptOut) || Caching != CachingState.This);

    /// <summary>What CLIENT CACHING was about is over, unless that is a transaction which goes on.</summary>
    internal void EndCommand(bool isInMulti)
    {
        if (Caching == CachingState.This && !isInMulti) Caching = CachingState.None;
    }

    /// <summary>One command more was planned: the one that CLIENT CACHING meant, unless it is another one of its container.</summary>
    internal void NextCommand(CommandSpec? command)
    {
        if (Caching == CachingState.Next && command?.Parent != CachingContainer) Caching = CachingState.This;
    }
}
