namespace Anax.Runtime;

/// <summary>What a loop tells the layer that lives on it; all calls on the loop's thread.</summary>
public interface ILoopEvents
{
    /// <summary>The thread runs, the first turn comes next.</summary>
    void OnStarted(EventLoop loop);

    /// <summary>
    /// Sockets and mailbox of this turn were served; what is sent from here still leaves in this turn.
    /// </summary>
    void OnTurn(EventLoop loop);

    /// <summary>A turn took longer than <see cref="EventLoop.LongTurnNs"/>.</summary>
    void OnLongTurn(EventLoop loop, long ns);

    /// <summary>The group is to stop: stop listening, let connections end after their replies.</summary>
    void OnStopping(EventLoop loop);

    /// <summary>All loops are quiet: the last call on this thread.</summary>
    void OnStopped(EventLoop loop);
}
