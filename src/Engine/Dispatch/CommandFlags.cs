namespace Anax.Engine.Dispatch;

/// <summary>What a command is and may do, in the terms of COMMAND INFO, plus what the dispatcher needs (from bit 32 on).</summary>
[Flags]
public enum CommandFlags : long
{
    None = 0,
    Write = 1 << 0,
    ReadOnly = 1 << 1,
    DenyOom = 1 << 2,
    Admin = 1 << 3,
    PubSub = 1 << 4,
    NoScript = 1 << 5,
    Blocking = 1 << 6,
    Loading = 1 << 7,
    Stale = 1 << 8,
    SkipMonitor = 1 << 9,
    SkipCommandLog = 1 << 10,
    Asking = 1 << 11,
    Fast = 1 << 12,
    NoAuth = 1 << 13,
    MayReplicate = 1 << 14,
    NoMandatoryKeys = 1 << 15,
    Protected = 1 << 16,
    NoAsyncLoading = 1 << 17,
    NoMulti = 1 << 18,
    AllowBusy = 1 << 19,
    MovableKeys = 1 << 20,

    /// <summary>Not shown by COMMAND: stops the pipeline's round, because what follows may be read or routed differently.</summary>
    Barrier = 1L << 32,

    /// <summary>Not shown by COMMAND: runs while CLIENT PAUSE holds the others back.</summary>
    RunsPaused = 1L << 33,

    /// <summary>
    /// Not shown by COMMAND: its time grows with its arguments and what they are copied to, and with nothing else, as that
    /// of most that is <see cref="Fast"/>.
    /// </summary>
    Brief = 1L << 34,

    /// <summary>Not shown by COMMAND: changes the keyspace as a whole, so it stands alone on every shard.</summary>
    Global = 1L << 35,

    /// <summary>Not shown by COMMAND: commands behind it are queued until one that runs in MULTI.</summary>
    OpensMulti = 1L << 36,

    /// <summary>Not shown by COMMAND: between MULTI and EXEC it runs instead of being queued.</summary>
    RunsInMulti = 1L << 37,

    /// <summary>Not shown by COMMAND: runs what MULTI has queued, so that its flags count as its own.</summary>
    RunsQueue = 1L << 38,

    /// <summary>Not shown by COMMAND: its coordinator asks for its locks itself.</summary>
    OwnLocks = 1L << 39,

    /// <summary>Not shown by COMMAND: a RESP2 client may use it while it listens to channels.</summary>
    AllowsSubscriber = 1L << 40,

    /// <summary>
    /// Not shown by COMMAND, and looked at only where there are no keys: others learn of it, so it runs after the pipeline's
    /// earlier commands, wherever they run; a client that may hear itself gets the reply first.
    /// </summary>
    Tells = 1L << 41,

    /// <summary>Not shown by COMMAND: monitors see it although its flags say otherwise.</summary>
    ShownToMonitors = 1L << 42,

    /// <summary>
    /// Not shown by COMMAND: its shard handler may find a call to be long and leave it to the coordinator, which runs it in
    /// slices (<see cref="Keyspace.ShardScope.LeaveToCoordinator"/>).
    /// </summary>
    MayBeLong = 1L << 43,

    /// <summary>
    /// Not shown by COMMAND: a call may read its value in slices beyond its turn (<see cref="Keyspace.ShardScope.ReadLong"/>), but
    /// not within a transaction, where it reads it in one go.
    /// </summary>
    ReadsLong = 1L << 44,

    /// <summary>
    /// Not shown by COMMAND: as <see cref="MayBeLong"/>, but seldom, so within a transaction, and where another loop serves this one, it
    /// runs in one go all the same (<see cref="Keyspace.ShardScope.MayLeave"/>).
    /// </summary>
    IsSeldomLong = 1L << 45,
}

/// <summary>ACL categories that a row names itself; the others follow from its flags.</summary>
[Flags]
public enum AclCategory
{
    None = 0,
    Keyspace = 1 << 0,
    Read = 1 << 1,
    Write = 1 << 2,
    Set = 1 << 3,
    SortedSet = 1 << 4,
    List = 1 << 5,
    Hash = 1 << 6,
    String = 1 << 7,
    Bitmap = 1 << 8,
    HyperLogLog = 1 << 9,
    Geo = 1 << 10,
    Stream = 1 << 11,
    PubSub = 1 << 12,
    Admin = 1 << 13,
    Fast = 1 << 14,
    Slow = 1 << 15,
    Blocking = 1 << 16,
    Dangerous = 1 << 17,
    Connection = 1 << 18,
    Transaction = 1 << 19,
    Scripting = 1 << 20,
}
