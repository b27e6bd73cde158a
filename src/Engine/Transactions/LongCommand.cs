using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

/// <summary>
/// A command that its shard handler has found to be long, before it did anything: the row's coordinator runs it on the shard's
/// own loop, under the locks of its keys. One object per loop; it holds nothing beyond the turn.
/// </summary>
internal sealed class LongCommand : CommandContinuation, ISessionOwner, IDisposable
{
    private readonly RequestParser _parser = new();
    private readonly NativeList<LockedKey> _keys = new();

    internal LongCommand() => Session = new Session(0, this, _parser);

    /// <summary>Of a client on another loop nobody here knows more than its command's context says.</summary>
    public override Session Session { get; }
    public string PeerAddress => "";
    public string LocalAddress => "";
    public long PendingSendBytes => 0;

    internal override bool BeginsAnew => true;

    public void Continue()
    {
    }

    public override Co<Nothing> GoOn(Coordinator tx)
    {
        _keys.Clear();
        foreach (KeySpec keys in tx.Command.Keys)
        {
            if (!keys.TryFind(tx.Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step) _keys.Add(new LockedKey(tx.Args.Key(i).Hash, CommandLocks.ModeOf(keys)));
        }
        tx.Adopt(_keys.Span);
        return Run(tx);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _parser.Dispose();
    }

    private static async Co<Nothing> Run(Coordinator tx)
    {
        // Its batch is still being parked: it may not end before the next turn.
        await tx.Yield();
        await tx.Handler(tx);
        tx.Unlock();
        return default;
    }
}
