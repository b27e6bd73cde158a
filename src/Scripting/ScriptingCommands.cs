using Anax.Core.Buffers;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Scripting;

/// <summary>EVAL, EVALSHA, FCALL and their read-only forms.</summary>
public static class ScriptingCommands
{
    private const CommandFlags Writing = NoScript | SkipMonitor | MayReplicate | NoMandatoryKeys | Stale | Own;
    private const CommandFlags Reading = NoScript | SkipMonitor | NoMandatoryKeys | Stale | ReadOnly | Own;
    private const CommandFlags Own = OwnLocks | ShownToMonitors | MovableKeys;
    private const KeyAccess Write = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update;
    private const KeyAccess Read = KeyAccess.ReadOnly | KeyAccess.Access;
    private const string WriteNotes = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";
    private const string ReadNotes = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS";

    /// <summary>In the order of <see cref="ScriptKind"/>.</summary>
    public static readonly CommandSpec[] Table =
    [
        Row("EVAL", ScriptKind.Eval, Writing, Write, WriteNotes, "Executes a server-side Lua script."),
        Row("EVALSHA", ScriptKind.EvalSha, Writing, Write, null, "Executes a server-side Lua script by SHA1 digest."),
        Row("EVAL_RO", ScriptKind.EvalReadOnly, Reading, Read, ReadNotes, "Executes a read-only server-side Lua script."),
        Row("EVALSHA_RO", ScriptKind.EvalShaReadOnly, Reading, Read, null, "Executes a read-only server-side Lua script by SHA1 digest."),
        Row("FCALL", ScriptKind.Call, Writing, Write, WriteNotes, "Invokes a function."),
        Row("FCALL_RO", ScriptKind.CallReadOnly, Reading, Read, ReadNotes, "Invokes a read-only function."),
    ];

    internal static CommandSpec RowOf(ScriptKind kind) => Table[(int)kind];

    private static CommandSpec Row(string name, ScriptKind kind, CommandFlags flags, KeyAccess access, string? notes, string summary)
    {
        KeySpec[] keys = [new(access, KeySearch.KeyCount) { BeginIndex = 2, FirstKey = 1, Notes = notes }];
        void OnShard(ShardScope shard, Arguments args, ref ReplyWriter reply) => ScriptRun.RunOnShard(kind, shard, args, ref reply);
        Co<Nothing> Coordinate(Coordinator tx) => ScriptRun.Coordinate(tx, kind);
        bool MayRunOnShard(EngineLoop loop, Arguments args) => ScriptRun.MayRunOnShard(kind, loop, args);
        CommandFlags FlagsOf(EngineLoop loop, Arguments args) => ScriptRun.FlagsOf(kind, loop, args, flags);
        return new CommandSpec(name, -3, flags, AclCategory.Scripting, keys, OnShard, summary)
        {
            AsCoordinator = Coordinate,
            ShardGate = MayRunOnShard,
            CallFlags = FlagsOf,
        };
    }
}
