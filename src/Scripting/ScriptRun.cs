using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Scripting;

// A script's life, in two places:
//
//     in its batch (OnShard)     starts, and serves what it asks for while that is this shard's and nobody's lock is in the way
//         │ its slice is over, or it needs anything else
//         ▼
//     as a coordinator (Run)     locks what it has touched, and goes on in slices of the loop's turns
//
// One that is not proven yet, or whose declared keys lie on several shards, begins as a coordinator.

/// <summary>One run of a script or a function, with the Lua state that it has meanwhile. Pooled per loop.</summary>
internal sealed partial class ScriptRun : CommandContinuation, IDisposable
{
    private const int FirstKey = 3;
    private const int ScratchBytes = 4096, FlatBytesMax = 64 * 1024;
    private const long SliceNs = 1_000_000;

    private readonly ScriptHost _host;
    private readonly EngineLoop _loop;
    private readonly LuaScript _lua;
    private readonly ScriptSession _carrier = new();
    private readonly NativeList<nint> _addresses = new();
    private readonly NativeList<nuint> _lengths = new();
    private readonly NativeList<byte> _flat = new();
    private readonly NativeArray<byte> _scratch = new(ScratchBytes);
    private readonly KeptArguments _kept = new();

    private Known? _known;
    private ScriptKind _kind;
    private int _keys, _database;
    private CommandContext _context;
    private RespVersion _clientResp;
    private LuaStatus _status;
    private bool _isReadOnly, _allowsOom, _isKilled, _isBusy, _isBegun;
    private long _begunNs, _sliceEndNs;

    private ScriptRun(ScriptHost host, LuaScript lua, long generation)
    {
        _host = host;
        _loop = host.Loop;
        _lua = lua;
        Generation = generation;
    }

    /// <summary>How many times the loop's Lua states had begun anew when this one was made.</summary>
    internal long Generation { get; }
    internal LuaScript Lua => _lua;

    /// <summary>What the state used when it was put by.</summary>
    internal long KeptBytes { get; set; }
    internal Known? Known => _known;
    internal bool IsFunction => _kind.IsFunction();

    /// <summary>It runs a library's code, not a call of it.</summary>
    internal void LoadsLibrary() => _kind = ScriptKind.Call;

    /// <summary>It has changed the data, so that it must run to its end.</summary>
    internal bool HasWritten { get; private set; }
    internal bool IsOverdue => _isBusy;
    internal long DurationMs => (_loop.Events.MonotonicNs() - _begunNs) / 1_000_000;

    /// <summary>The call, for as long as it runs beyond its turn.</summary>
    internal Arguments Call => new(_kept.Slices);

    public override Session Session => _carrier.Session;

    internal static ScriptRun? Create(ScriptHost host, long generation)
    {
        EngineLoop loop = host.Loop;
        var lua = LuaScript.Create(loop.Settings.ScriptMemoryMax, SliceNs, (uint)loop.Events.NextRandom(), loop.Events.NativeLookNs);
        return lua is null ? null : new ScriptRun(host, lua, generation);
    }

    internal void Kill()
    {
        _isKilled = true;
        _lua.Kill();
    }

    /// <summary>The run has ended: the next one finds nothing of it.</summary>
    internal void Clear()
    {
        _known = null;
        _spec = null;
        _isReady = _isBegun = _isKilled = _isBusy = HasWritten = _hasEffects = _strayed = false;
        _keys = 0;
        _kept.Clear();
        _touched.Clear();
        _call.Clear();
        if (_flat.Count > FlatBytesMax) _flat.Clear();
    }

    public void Dispose()
    {
        _lua.Dispose();
        _carrier.Dispose();
        _addresses.Dispose();
        _lengths.Dispose();
        _flat.Dispose();
        _scratch.Dispose();
        _kept.Dispose();
        _touched.Dispose();
        _needs.Dispose();
        _call.Dispose();
    }

    /// <summary>May the call run in its batch? See <see cref="ShardGate"/>.</summary>
    internal static bool MayRunOnShard(ScriptKind kind, EngineLoop loop, Arguments args)
    {
        Known? known = Find(kind, ScriptHost.Of(loop), args, mayBeNew: false);
        if (known is null) return false;
        return !known.IsStraying && (known.IsProven || loop.Loops.Length == 1);
    }

    /// <summary>The flags of a call: the row's, unless its script says what it does.</summary>
    internal static CommandFlags FlagsOf(ScriptKind kind, EngineLoop loop, Arguments args, CommandFlags row)
    {
        var flags = ScriptFlags.Undeclared;
        if (Find(kind, ScriptHost.Of(loop), args, mayBeNew: true) is { } known) flags = known.Flags;
        else if (kind is ScriptKind.Eval or ScriptKind.EvalReadOnly && Shebang.ReadScript(args[1], out ScriptFlags said, out _) is null) flags = said;
        if ((flags & ScriptFlags.Undeclared) != 0) return row;
        row &= ~(CommandFlags.Stale | CommandFlags.DenyOom | CommandFlags.Write | CommandFlags.MayReplicate);
        if ((flags & ScriptFlags.NoWrites) == 0) row |= CommandFlags.Write;
        if ((flags & (ScriptFlags.NoWrites | ScriptFlags.AllowOom)) == 0) row |= CommandFlags.DenyOom;
        if ((flags & ScriptFlags.AllowStale) != 0) row |= CommandFlags.Stale;
        return row;
    }

    /// <summary>The script or function that a call names. One that is new may not be known on all loops yet.</summary>
    private static Known? Find(ScriptKind kind, ScriptHost host, Arguments args, bool mayBeNew)
    {
        if (kind.IsFunction()) return host.Functions.Find(args[1]);
        KnownScript? script = null;
        if (!kind.IsByDigest()) script = host.Scripts.FindBody(args[1]);
        else if (Sha1Digest.TryParse(args[1], out Sha1Digest digest)) script = host.Scripts.Find(digest);
        return script is { IsUsable: true } || mayBeNew ? script : null;
    }

    /// <summary>
    /// Checks a call and finds its script: the error to answer, or an empty one. What EVAL brings may be unknown; then it is
    /// to be registered.
    /// </summary>
    private ErrorReply Admit(ScriptKind kind, Arguments args, bool mayBeNew)
    {
        _kind = kind;
        if (kind.IsByDigest() && args[1].Length != Sha1Digest.TextLength) return Errors.NoScript;
        _known = Find(kind, _host, args, mayBeNew || !kind.IsByDigest());
        if (kind.IsFunction() && _known is null) return Errors.FunctionNotFound;
        if (!Numbers.TryParseLong(args[2], out long keys)) return kind.IsFunction() ? Errors.BadKeyCount : Errors.NotInteger;
        if (keys > args.Count - FirstKey) return Errors.TooManyKeys;
        if (keys < 0) return Errors.NegativeKeyCount;
        _keys = (int)keys;
        return kind.IsByDigest() && _known is null ? Errors.NoScript : default;
    }

    /// <summary>May the script run, as its flags say? The error to answer, or an empty one.</summary>
    private ErrorReply Judge()
    {
        ScriptFlags flags = _known!.Flags;
        bool declares = (flags & ScriptFlags.Undeclared) == 0;
        bool isHarmless = declares && (flags & ScriptFlags.NoWrites) != 0;
        if (declares && !isHarmless && _kind.IsReadOnly()) return Errors.ScriptMayWrite;
        _allowsOom = declares && (flags & ScriptFlags.AllowOom) != 0;
        if (declares && !isHarmless && !_allowsOom && !_loop.AllowsMemory()) return Errors.ScriptOutOfMemory;
        _isReadOnly = isHarmless || _kind.IsReadOnly();
        return default;
    }

    /// <summary>The client's context; from now on it is that of the script's commands.</summary>
    private void Enter(in CommandContext context)
    {
        _context = context;
        _context.Traits |= ClientTraits.IgnoresLimit | ClientTraits.Inner;
        _clientResp = context.Resp;
        _database = context.Database;
        _carrier.Enter(context.Database);
        _carrier.Session.Caller = (context.ClientId, context.Home);
        _carrier.Session.FixedTimeUs = context.NowMs * 1000;
    }

    private void Start(ReadOnlySpan<ArgumentSlice> args)
    {
        _isBegun = true;
        args = args[FirstKey..];
        Span<nint> addresses = _addresses.Resize(args.Length);
        Span<nuint> lengths = _lengths.Resize(args.Length);
        for (int i = 0; i < args.Length; i++)
        {
            addresses[i] = args[i].Address;
            lengths[i] = (nuint)args[i].Length;
        }
        _begunNs = _loop.Events.MonotonicNs();
        _sliceEndNs = _begunNs + SliceNs;
        if (_known is KnownScript script) script.LastUseNs = _begunNs;
        _status = _known!.Start(_lua, _clientResp == RespVersion.Resp3 ? 3 : 2, _keys, addresses, lengths);
    }

    /// <summary>Writes the script's result. An error that is not counted yet is the writer's.</summary>
    private void Answer(ref ReplyWriter reply)
    {
        ReadOnlySpan<byte> output = _lua.Output;
        bool isError = _status == LuaStatus.Error || !output.IsEmpty && output[0] == (byte)'-';
        if (isError && _lua.ErrorCounted) _loop.Statistics[ScriptingCommands.RowOf(_kind).Index].Failed++;
        if (_status != LuaStatus.Error)
        {
            if (isError && !_lua.ErrorCounted) reply.Error(new ErrorReply(output));
            else reply.Raw(output);
            return;
        }
        if (_lua.ErrorCounted)
        {
            reply.Raw("-"u8);
            reply.Raw(output);
            reply.Raw("\r\n"u8);
            return;
        }
        int space = output.IndexOf((byte)' ');
        if (space >= 0) reply.ErrorText(output[..space], output[(space + 1)..]);
        else reply.ErrorText("ERR"u8, output);
    }
}
