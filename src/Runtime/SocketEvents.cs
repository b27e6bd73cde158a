namespace Anax.Runtime;

/// <summary>
/// What happens to one socket, told to the layer above, which derives one object per socket. All calls come
/// on the thread of <see cref="Loop"/>; none comes from inside a call that the layer makes to the loop.
/// </summary>
public abstract class SocketEvents
{
    /// <summary>The loop that adopted the socket; set before the first event.</summary>
    public EventLoop Loop { get; internal set; } = null!;

    /// <summary>The socket's name on <see cref="Loop"/>; dead after <see cref="OnClosed"/>.</summary>
    public SocketHandle Handle { get; internal set; }

    /// <summary>Bytes of the peer: native memory, valid during the call only.</summary>
    public abstract void OnBytes(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Not empty while the next bytes shall go straight into this memory (a large argument). Asked after each
    /// event; the memory must be native and stay valid until it was filled or <see cref="OnClosed"/> came.
    /// </summary>
    public virtual Span<byte> DirectTarget => default;

    /// <summary>
    /// So many bytes now stand at the start of the <see cref="DirectTarget"/> that was given last.
    /// </summary>
    public virtual void OnDirectBytes(int count) =>
        throw new InvalidOperationException("no direct target was given");

    /// <summary>
    /// The peer will send no more. What is still owed to it can be sent, then the socket is closed: the layer
    /// calls <see cref="EventLoop.CloseAfterFlush"/> when nothing is outstanding any more.
    /// </summary>
    public virtual void OnEndOfInput() => Loop.CloseAfterFlush(Handle);

    /// <summary>Everything handed to <see cref="EventLoop.Send"/> has left.</summary>
    public virtual void OnDrained()
    {
    }

    /// <summary>Once, after the kernel's last completion: errno, or 0 where nothing went wrong.</summary>
    public abstract void OnClosed(int errno);
}
