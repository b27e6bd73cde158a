namespace Anax.Engine;

/// <summary>
/// Faults that tests switch on to see that the checkers of concurrent histories find them. None can be reached by an
/// option or a command.
/// </summary>
[Flags]
internal enum PlantedBugs
{
    None = 0,

    /// <summary>A transaction takes no lock on keys of one of its commands.</summary>
    DroppedLock = 1,

    /// <summary>A transaction gives its locks back before its last hop.</summary>
    EarlyRelease = 2,

    /// <summary>MGET over shards reads them one by one, as no transaction.</summary>
    PlainMGet = 4,

    /// <summary>A watched key that expires does not stop EXEC.</summary>
    WatchBlindToExpiry = 8,

    /// <summary>A script that runs as a coordinator takes no locks on its keys.</summary>
    ScriptWithoutLocks = 16,

    /// <summary>Two replies of one pipeline change places.</summary>
    ReplyOutOfOrder = 32,
}
