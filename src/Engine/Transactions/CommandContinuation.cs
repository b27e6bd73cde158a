using Anax.Engine.Dispatch;

namespace Anax.Engine.Transactions;

/// <summary>
/// The rest of a command that began on its shard and cannot end within the turn (a script that runs long). Its batch is
/// parked at it. It goes on as a coordinator of the shard's own loop.
/// </summary>
public abstract class CommandContinuation
{
    /// <summary>The session in whose name it runs on: not the client's, which may live on another loop.</summary>
    public abstract Session Session { get; }

    /// <summary>It needs the command's row and arguments again.</summary>
    internal virtual bool BeginsAnew => false;

    /// <summary>
    /// Goes on at once, so that nothing has happened on the shard since it was suspended: what it has touched it must lock
    /// before it first waits. Its reply is what it writes to the coordinator's output.
    /// </summary>
    public abstract Co<Nothing> GoOn(Coordinator tx);
}
