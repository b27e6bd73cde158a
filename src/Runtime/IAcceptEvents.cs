namespace Anax.Runtime;

/// <summary>Takes the connections of a listening socket, on the thread of the loop that listens.</summary>
public interface IAcceptEvents
{
    /// <summary>
    /// A connection, non-blocking, not yet on any loop: the taker hands the descriptor to
    /// <see cref="EventLoop.Adopt"/> of the loop that shall serve it, or closes it by
    /// <see cref="SocketOptions.Close"/>.
    /// </summary>
    void OnAccepted(ListenSocket listener, int descriptor);

    /// <summary>Accepting failed (no descriptors left): the loop tries again after a pause.</summary>
    void OnAcceptFailed(ListenSocket listener, int errno);
}
