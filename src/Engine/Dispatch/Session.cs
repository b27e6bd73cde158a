using Anax.Core;
using Anax.Core.Buffers;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>What a session needs of whoever carries it: a connection, a script, a replayed log.</summary>
public interface ISessionOwner
{
    /// <summary>
    /// The session can go on: dispatch what has come in meanwhile and send what lies in its output. Told once more
    /// to the owner of a client that went while its commands were under way: now the session is free.
    /// </summary>
    void Continue();

    /// <summary>"127.0.0.1:50412"; empty where there is no peer.</summary>
    string PeerAddress { get; }
    string LocalAddress { get; }

    /// <summary>Bytes of replies handed over to the kernel's side and not yet sent.</summary>
    long PendingSendBytes { get; }
}

/// <summary>CLIENT REPLY's modes.</summary>
public enum ReplyMode : byte { On, Off, SkipNext, SkipThis }

/// <summary>
/// A client as the engine sees it: who it is, how it wants its replies, what it is waiting for. Owned by one loop;
/// nothing of it is ever read on another thread.
/// </summary>
public sealed class Session(long id, ISessionOwner owner, RequestParser parser)
{
    /// <summary>Replies in command order, on their way to the owner.</summary>
    public ReplyStream Output;

    public long Id { get; private set; } = id;
    public ISessionOwner Owner { get; } = owner;
    public RequestParser Parser { get; } = parser;
    public int Database { get; set; }
    public RespVersion Resp { get; set; } = RespVersion.Resp2;
    public bool Authenticated
    {
        get;
        set
        {
            field = value;
            Parser.IsAuthenticated = value;
        }
    }

    public ReplyMode ReplyMode { get; set; }
    public bool NoTouch { get; set; }
    public bool NoEvict { get; set; }
    public byte[] Name { get; set; } = [];
    public byte[] LibraryName { get; set; } = [];
    public byte[] LibraryVersion { get; set; } = [];
    public bool CapaRedirect { get; set; }
    public bool ImportSource { get; set; }
    public bool Monitoring { get; set; }

    /// <summary>READONLY was said; of use only in a cluster.</summary>
    public bool ReadOnly { get; set; }
    public long CreatedNs { get; private set; }
    public long LastUseNs { get; set; }

    /// <summary>The time that TIME tells, microseconds, where it stands still as in a script; 0: the clock's.</summary>
    public long FixedTimeUs { get; set; }
    public CommandSpec? LastCommand { get; set; }
    public long Commands { get; set; }
    public long BytesIn { get; set; }
    public long BytesOut { get; set; }

    /// <summary>No further command is dispatched; the owner closes when the output has left.</summary>
    public bool Closing { get; set; }

    /// <summary>The client is gone. What is still under way for it ends without a reply.</summary>
    public bool Gone { get; set; }

    /// <summary>A round or a coordinator is under way, or a pause holds the session: input waits.</summary>
    public bool Busy => Round is not null || Coordinator is not null || Held is not null;

    /// <summary>CLIENT PAUSE holds a command of this session back.</summary>
    public bool Paused => Held is not null;

    /// <summary>Commands that MULTI has queued; -1 where it was not said.</summary>
    public int QueuedCommands => Multi is { IsOpen: true } multi ? multi.Commands.Count : -1;

    /// <summary>Keys that are watched.</summary>
    public int WatchedKeys => Multi?.Watched.Count ?? 0;

    /// <summary>A watched key has changed: EXEC will not run.</summary>
    public bool WatchesFailed => Multi is { } multi && multi.Changed.IsRaised;

    /// <summary>Bytes that the queue and the watched keys take.</summary>
    public long MultiBytes => Multi?.AllocatedBytes ?? 0;

    /// <summary>What was said to MULTI and WATCH; null where neither was.</summary>
    internal Transactions.MultiState? Multi { get; set; }
    internal Round? Round { get; set; }
    internal Transactions.Coordinator? Coordinator { get; set; }

    /// <summary>A round that waits for CLIENT PAUSE to end.</summary>
    internal Round? Held { get; set; }

    /// <summary>Begins anew for another client, when the last one is gone and nothing is under way for it.</summary>
    public void Open(long id, bool authenticated, long nowNs)
    {
        Invariant.Holds(!Busy, "a session serves one client at a time");
        Reset(authenticated);
        Id = id;
        CreatedNs = LastUseNs = nowNs;
        LibraryName = LibraryVersion = [];
        LastCommand = null;
        Commands = BytesIn = BytesOut = 0;
        CapaRedirect = Closing = Gone = false;
    }

    /// <summary>Back to the state of a new connection (RESET); identity stays.</summary>
    public void Reset(bool authenticated)
    {
        Database = 0;
        Resp = RespVersion.Resp2;
        Authenticated = authenticated;
        ReplyMode = ReplyMode.On;
        NoTouch = NoEvict = Monitoring = ReadOnly = ImportSource = false;
        Name = [];
    }

    internal ClientTraits Traits => NoTouch ? ClientTraits.NoTouch : ClientTraits.None;
}
