using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>
/// Those of one loop who want the process's token: they hand it on to each other, since it costs a wake to take it to another
/// loop. After a while it is given back, for others to have their turn.
/// </summary>
internal sealed class TokenLine(EngineLoop loop)
{
    private const long HoldNs = 500_000;

    private Coordinator? _first, _last;
    private bool _isTaken;
    private int _request;
    private long _sinceNs;

    /// <summary>The token is this loop's, and so that of whoever has entered.</summary>
    internal bool IsHeld => _request != 0;

    /// <summary>True where it is this one's turn, false where it will be told so, as by the answer of a hop.</summary>
    internal bool TryEnter(Coordinator tx)
    {
        if (!_isTaken)
        {
            _isTaken = true;
            return true;
        }
        tx.NextInLine = null;
        if (_last is null) _first = tx;
        else _last.NextInLine = tx;
        _last = tx;
        return false;
    }

    /// <summary>The token was granted: takes over the request, which lies on the token's shard.</summary>
    internal void Hold(ref int request)
    {
        (_request, request) = (request, 0);
        _sinceNs = loop.Events.MonotonicNs();
    }

    /// <summary>Who has entered is done: it is the next one's turn, with the token or, where it is given back, without.</summary>
    internal void Leave(bool handsOn)
    {
        if (_first is null || !handsOn || loop.Events.MonotonicNs() - _sinceNs > HoldNs) GiveBack();
        if (_first is not { } next)
        {
            _isTaken = false;
            return;
        }
        _first = next.NextInLine;
        if (_first is null) _last = null;
        loop.Grants.Tell(new LockOwner(LockOwnerKind.Coordinator, loop.Index, next.Index));
    }

    private void GiveBack()
    {
        if (loop.Index == Coordinator.TokenShard) loop.Grants.Release(_request);
        else _ = loop.Events.Post(Coordinator.TokenShard, new Message { Kind = (ushort)MessageKind.Release, A = _request }, isBrief: true);
        _request = 0;
    }
}
