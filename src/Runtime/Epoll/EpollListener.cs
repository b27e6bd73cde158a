using Anax.Runtime.Native;

namespace Anax.Runtime.Epoll;

/// <summary>
/// One listening socket on an epoll loop. It is watched level-triggered, so connections that were not taken
/// in one turn are announced again; where accepting fails it is left alone for a moment, which is what the
/// timer is for.
/// </summary>
internal sealed class EpollListener(EpollLoop loop, ListenSocket socket, IAcceptEvents events, uint number)
    : LoopTimer
{
    private const int AcceptsPerTurn = 64;
    private const long PauseNs = 100_000_000;

    private bool _isArmed;

    public ListenSocket Socket => socket;

    public void Arm()
    {
        int result = loop.WatchListener(socket.Descriptor, number);
        if (result < 0)
            throw new ListenException($"{socket.Address}: epoll_ctl: {Errno.Text(-result)}", -result);
        _isArmed = true;
    }

    public void Disarm()
    {
        loop.Cancel(this);
        if (!_isArmed) return;
        _isArmed = false;
        loop.UnwatchListener(socket.Descriptor);
    }

    public void Accept()
    {
        for (int accepts = 0; accepts < AcceptsPerTurn && _isArmed; accepts++)
        {
            loop.Statistics.SystemCalls++;
            int descriptor = LibC.Accept(socket.Descriptor);
            if (descriptor >= 0)
            {
                loop.Statistics.SocketsAccepted++;
                events.OnAccepted(socket, descriptor);
                continue;
            }

            // A connection that went while it waited is nobody's failure.
            if (descriptor is -Errno.Interrupted or -Errno.ConnectionAborted) continue;
            if (descriptor == -Errno.TryAgain) return;
            Disarm();
            loop.Schedule(this, loop.NowNs + PauseNs);
            events.OnAcceptFailed(socket, -descriptor);
            return;
        }
    }

    public override void OnTimer() => Arm();
}
