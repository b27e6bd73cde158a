using Anax.Core;
using Anax.Core.Buffers;
using Anax.Engine.PubSub;
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

    /// <summary>What the client gets beside replies: whole frames, which move to the output between two rounds.</summary>
    public ReplyStream Pushes;

    /// <summary>What the client asked for with CLIENT TRACKING; kept by its loop's <see cref="Tracker"/>.</summary>
    public SessionTracking Tracking;

    public long Id { get; private set; } = id;
    public ISessionOwner Owner { get; } = owner;

    /// <summary>The client in whose name a script's session runs, and its loop; id 0 for a client's own session.</summary>
    public (long Id, int Loop) Caller { get; set; }
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

    /// <summary>The client listens to a channel or a pattern of channels.</summary>
    public bool IsSubscriber => Subscriptions(TopicKind.Channel) + Subscriptions(TopicKind.Pattern) + Subscriptions(TopicKind.ShardChannel) != 0;

    /// <summary>Nothing about the client can forbid it a command.</summary>
    internal bool IsPlain => Authenticated && !Monitoring && Subscriber < 0;

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

    /// <summary>The client sends no more; what it waits for ends, since it cannot mean to wait for ever.</summary>
    public bool InputEnded { get; private set; }

    /// <summary>The client is gone. What is still under way for it ends without a reply.</summary>
    public bool Gone { get; set; }

    /// <summary>A round or a coordinator is under way, or a pause holds the session: input waits.</summary>
    public bool Busy => Round is not null || Coordinator is not null || Held is not null;

    /// <summary>A command of this session waits for a key, and nothing else is under way for it.</summary>
    public bool IsBlocked => Coordinator is { IsBlocked: true };

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

    /// <summary>The session's place in its loop's <see cref="Broker"/>; -1 where it has no subscription of any kind.</summary>
    internal int Subscriber { get; set; } = -1;
    internal TopicList[] Topics { get; } = new TopicList[Broker.Kinds];
    internal bool IsPushQueued { get; set; }

    /// <summary>What was said to MULTI and WATCH; null where neither was.</summary>
    internal Transactions.MultiState? Multi { get; set; }
    internal Round? Round { get; set; }
    internal Transactions.Coordinator? Coordinator { get; set; }

    /// <summary>A round that waits for CLIENT PAUSE to end.</summary>
    internal Round? Held { get; set; }

    /// <summary>To how many topics of a kind the client subscribes.</summary>
    public int Subscriptions(TopicKind kind) => Topics[(int)kind].Count;

    /// <summary>
    /// Moves pushes to the output, unless replies of commands that were dispatched before them are still to come. That of a
    /// command which waits for a key may never come: then they go at once.
    /// </summary>
    internal void ReleasePushes(ChunkPool chunks)
    {
        if (Round is null && (Coordinator is null || IsBlocked && ReplyMode == ReplyMode.On)) Output.Append(chunks, ref Pushes);
    }

    /// <summary>The client does not get what waits for it.</summary>
    internal void DropOutput(ChunkPool chunks)
    {
        Output.Free(chunks);
        Pushes.Free(chunks);
    }

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
        CapaRedirect = Closing = Gone = InputEnded = false;
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

    /// <summary>The client has sent its last.</summary>
    public void EndInput()
    {
        InputEnded = true;
        Coordinator?.TimeOut();
    }

    /// <summary>CLIENT UNBLOCK. False where it does not wait for a key.</summary>
    public bool TryUnblock(bool withError) => Coordinator is { } tx && tx.TryUnblock(withError);

    internal ClientTraits Traits =>
        (NoTouch ? ClientTraits.NoTouch : ClientTraits.None) | (Tracking.NotesReads ? ClientTraits.Tracks : ClientTraits.None);
}
