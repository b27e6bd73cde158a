using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>MULTI, EXEC, DISCARD, WATCH, UNWATCH. What they do stands in the engine, beside the locks that it needs.</summary>
public static class TransactionCommands
{
    private const CommandFlags Always = NoScript | Loading | Stale;

    public static readonly CommandSpec[] Table =
    [
        new("MULTI",    1, Always | Fast | AllowBusy | NoMulti | OpensMulti, AclCategory.Transaction, Multi,
            "Starts a transaction."),
        new("EXEC",     1, Always | SkipCommandLog | RunsInMulti | RunsQueue, AclCategory.Transaction, Keys.None, MultiExec.Exec,
            "Executes all commands in a transaction."),
        new("DISCARD",  1, Always | Fast | AllowBusy | RunsInMulti, AclCategory.Transaction, Keys.None, MultiExec.Discard,
            "Discards a transaction."),
        new("WATCH",   -2, Always | Fast | AllowBusy | NoMulti, AclCategory.Transaction, Keys.All(KeyAccess.ReadOnly), MultiExec.Watch,
            "Monitors changes to keys to determine the execution of a transaction."),
        new("UNWATCH",  1, Always | Fast | AllowBusy, AclCategory.Transaction, Keys.None, MultiExec.Unwatch,
            "Forgets about watched keys of a transaction."),
    ];

    /// <summary>What follows is queued from the moment when it is read, which is before this runs.</summary>
    private static void Multi(ConnectionScope connection, Arguments args, ref ReplyWriter reply) => reply.Ok();
}
