using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Engine.PubSub;

// A push is a whole frame that goes out between replies, never inside one:
//
//   Add ── Session.Pushes ──┬── replies are under way: they leave behind those, see Dispatcher.Feed
//                           └── none are:              Drain, on the loop's own turn
//
// 1. Pushes move to the output only where no round and no coordinator is under way (Session.ReleasePushes): so they come behind the replies of all commands
//    that were dispatched before they arrived.
// 2. Add may be called in a visit, where the loop's sockets must not be touched. The timer makes the visitor wake the loop.

/// <summary>Sessions of one loop that were sent something beside their replies, in this turn.</summary>
public sealed class PushQueue
{
    private readonly EngineLoop _loop;
    private readonly DrainTimer _timer;
    private List<Session> _sessions = [];
    private List<Session> _draining = [];

    internal PushQueue(EngineLoop loop)
    {
        _loop = loop;
        _timer = new DrainTimer(this);
    }

    /// <summary>The session has pushes: they leave in this turn, or when it is no longer busy.</summary>
    public void Add(Session session)
    {
        if (session.IsPushQueued) return;
        session.IsPushQueued = true;
        _sessions.Add(session);
        if (!_timer.IsScheduled) _loop.Events.Schedule(_timer, _loop.Events.NowNs);
    }

    /// <summary>Lets the sessions send what they can. Called in the loop's own turn, before its sockets are flushed.</summary>
    public void Drain()
    {
        if (_sessions.Count == 0) return;
        _loop.Events.Cancel(_timer);
        // What goes on may publish: that is for the next time.
        (_sessions, _draining) = (_draining, _sessions);
        foreach (Session session in _draining)
        {
            session.IsPushQueued = false;
            if (session.Gone) continue;
            session.ReleasePushes(_loop.Events.Chunks);
            if (!session.Output.IsEmpty) session.Owner.Continue();
        }
        _draining.Clear();
    }

    private sealed class DrainTimer(PushQueue queue) : LoopTimer
    {
        public override void OnTimer() => queue.Drain();
    }
}
