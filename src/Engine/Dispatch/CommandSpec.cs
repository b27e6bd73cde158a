using System.Runtime.CompilerServices;
using Anax.Core.Buffers;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>All keys lie on one shard: runs on its owner, never waits, takes at most a millisecond.</summary>
public delegate void ShardHandler(ShardScope shard, Arguments args, ref ReplyWriter reply);

/// <summary>No keys: runs on the connection's thread and cannot reach data.</summary>
public delegate void ConnectionHandler(ConnectionScope connection, Arguments args, ref ReplyWriter reply);

/// <summary>Keys on several shards, or all shards: hops explicitly, may wait.</summary>
public delegate Co<Nothing> CoordinatorHandler(Coordinator tx);

/// <summary>Corrects a row's static key positions from the arguments, once, at routing.</summary>
public delegate KeyAccess KeyRefiner(Arguments args);

/// <summary>Is this argument a secret, to be kept out of logs and monitors?</summary>
public delegate bool Redactor(Arguments args, int index);

/// <summary>
/// May a call whose keys all lie on one shard run there, in its batch? Otherwise its coordinator runs it, and inside EXEC with
/// the token, because nobody knows yet which keys it needs.
/// </summary>
public delegate bool ShardGate(EngineLoop loop, Arguments args);

/// <summary>May this call wait for its keys?</summary>
public delegate bool WaitGate(Arguments args);

/// <summary>The flags of a call, where what it names (a script) says more than the row.</summary>
public delegate CommandFlags CallFlags(EngineLoop loop, Arguments args);

/// <summary>May this client use the command at all, as an option decides?</summary>
public delegate bool Gate(EngineLoop loop, Session session);

/// <summary>How a command whose keys lie on several shards is put together from its parts on each of them.</summary>
public enum Spread : byte
{
    /// <summary>It has a coordinator of its own, or its keys never lie on several shards.</summary>
    None,

    /// <summary>Each part answers an integer, the reply is their sum (DEL, EXISTS, TOUCH).</summary>
    Sum,

    /// <summary>Each part answers an array with one element per key, the reply is the array in key order (MGET).</summary>
    Elements,

    /// <summary>Each part answers +OK or an error, the reply is the first error, else +OK (MSET).</summary>
    Status,
}

/// <summary>
/// One row of the command table: all that the server knows of a command. ACL categories, COMMAND's answers,
/// routing and statistics are derived from it; nothing ever asks for a command's name.
/// </summary>
public sealed class CommandSpec
{
    private CommandSpec(string name, int arity, CommandFlags flags, AclCategory acl, KeySpec[] keys, string summary)
    {
        int bar = name.IndexOf('|');
        Name = name;
        Parent = bar < 0 ? null : name[..bar];
        ShortName = bar < 0 ? name : name[(bar + 1)..];
        FullNameLower = System.Text.Encoding.ASCII.GetBytes(name.ToLowerInvariant());
        Arity = arity;
        Flags = flags;
        NamedAcl = acl;
        Keys = keys;
        if (keys is [{ Find: KeySearch.Range, BeginKeyword: null, BeginIndex: > 0, LastKey: 0 } only]) OnlyKeyIndex = only.BeginIndex;
        Summary = summary;
    }

    /// <summary>A command with keys. A multi-key one says with <see cref="Spread"/> how its parts make the reply.</summary>
    public CommandSpec(string name, int arity, CommandFlags flags, AclCategory acl, KeySpec[] keys,
        ShardHandler handler, string summary) : this(name, arity, flags, acl, keys, summary) => OnShard = handler;

    /// <summary>A command without keys.</summary>
    public CommandSpec(string name, int arity, CommandFlags flags, AclCategory acl,
        ConnectionHandler handler, string summary) : this(name, arity, flags, acl, [], summary) => OnConnection = handler;

    /// <summary>A command over several shards or loops.</summary>
    public CommandSpec(string name, int arity, CommandFlags flags, AclCategory acl, KeySpec[] keys,
        CoordinatorHandler handler, string summary) : this(name, arity, flags, acl, keys, summary) =>
        AsCoordinator = handler;

    /// <summary>A container of subcommands, whose own call without one is an arity error.</summary>
    public CommandSpec(string name, int arity, CommandFlags flags, AclCategory acl, string summary)
        : this(name, arity, flags, acl, [], summary) => IsContainer = true;

    /// <summary>Upper case; a subcommand's row is called "CONFIG|GET".</summary>
    public string Name { get; }
    public string? Parent { get; }
    public string ShortName { get; }

    /// <summary>"config|get": as error texts and statistics show it.</summary>
    public byte[] FullNameLower { get; }

    /// <summary>Number of arguments with the name (and the subcommand's); negative: at least that many.</summary>
    public int Arity { get; }
    public CommandFlags Flags { get; }
    public AclCategory NamedAcl { get; }
    public KeySpec[] Keys { get; init; }

    /// <summary>Where the one key stands that every call has; 0 where arguments decide how many there are.</summary>
    public int OnlyKeyIndex { get; }
    public string Summary { get; }
    public bool IsContainer { get; init; }
    public ShardHandler? OnShard { get; }
    public ConnectionHandler? OnConnection { get; }
    public CoordinatorHandler? AsCoordinator { get; init; }
    public Spread Spread { get; init; }

    /// <summary>Its coordinator asks the shards of its keys once and no others, by <see cref="Coordinator.RunOnKeys"/>.</summary>
    public bool AsksOnce => Spread != Spread.None;

    /// <summary>The access to the keys of a call whose arguments decide it (GETEX, SET … GET).</summary>
    public KeyRefiner? Refine { get; init; }

    /// <summary>Which arguments of a call are secrets; null: none.</summary>
    public Redactor? Redacts { get; init; }

    /// <summary>Who may use a protected command; null: everybody.</summary>
    public Gate? Gate { get; init; }

    /// <summary>Of a command that may be suspended in its batch (a script): whether a call may run there at all.</summary>
    public ShardGate? ShardGate { get; init; }

    /// <summary>Of a command that waits in some calls: those have its coordinator, the others may run on their shard.</summary>
    public WaitGate? MayWait { get; init; }

    /// <summary>Who waits by it hears also when a key is gone, or holds something else now.</summary>
    public bool HearsLoss { get; init; }

    /// <summary>It runs commands of its own choosing, which are looked at one by one: its own keys say little of what it reads.</summary>
    internal bool RunsCommands => CallFlags is not null;

    /// <summary>The flags of a call whose script decides them; null: those of the row.</summary>
    public CallFlags? CallFlags { get; init; }

    /// <summary>The option behind <see cref="Gate"/>, for the error.</summary>
    public byte[] GateOption { get; init; } = [];

    /// <summary>COMMAND INFO's tips ("request_policy:multi_shard").</summary>
    public string[] Tips { get; init; } = [];

    /// <summary>Position in the one table; set when the table is composed.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>Subcommands, of a container; set when the table is composed.</summary>
    public CommandSpec[] Subcommands { get; internal set; } = [];

    /// <summary>
    /// So short, with few arguments, that its time is its share of its batch's, and that another loop may run it for one
    /// that sleeps.
    /// </summary>
    public bool IsBrief =>
        (Flags & (CommandFlags.Fast | CommandFlags.Brief)) != 0 && !MayOutlast;

    /// <summary>A call may go on beyond its turn, so it is none of those that EXEC runs in one go on their shard.</summary>
    internal bool MayBeSuspended => ShardGate is not null || (Flags & CommandFlags.MayBeLong) != 0;

    /// <summary>A call by itself may go on beyond its turn, so its round is no transaction.</summary>
    internal bool MayOutlast => MayBeSuspended || (Flags & CommandFlags.ReadsLong) != 0;

    /// <summary>A command by itself that every client may use. Set when the table is composed.</summary>
    internal bool IsPlain { get; set; }

    /// <summary>Reads or changes the keyspace as a whole, on all shards.</summary>
    internal bool IsWhole =>
        Keys.Length == 0 && AsCoordinator is not null && (Flags & (CommandFlags.Write | CommandFlags.ReadOnly)) != 0;

    internal CommandFlags FlagsOf(EngineLoop loop, Arguments args) => CallFlags is { } ofCall ? ofCall(loop, args) : Flags;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ArityMatches(int count) => Arity >= 0 ? count == Arity : count >= -Arity;

    /// <summary>All categories: the named ones, and those that the flags imply.</summary>
    public AclCategory Acl
    {
        get
        {
            AclCategory acl = NamedAcl;
            if (Flags.HasFlag(CommandFlags.Write)) acl |= AclCategory.Write;
            if (Flags.HasFlag(CommandFlags.ReadOnly) && !acl.HasFlag(AclCategory.Scripting)) acl |= AclCategory.Read;
            if (Flags.HasFlag(CommandFlags.Admin)) acl |= AclCategory.Admin | AclCategory.Dangerous;
            if (Flags.HasFlag(CommandFlags.PubSub)) acl |= AclCategory.PubSub;
            if (Flags.HasFlag(CommandFlags.Fast)) acl |= AclCategory.Fast;
            if (Flags.HasFlag(CommandFlags.Blocking)) acl |= AclCategory.Blocking;
            if (!acl.HasFlag(AclCategory.Fast)) acl |= AclCategory.Slow;
            return acl;
        }
    }
}
