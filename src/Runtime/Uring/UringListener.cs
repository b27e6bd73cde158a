using Anax.Runtime.Native;

namespace Anax.Runtime.Uring;

/// <summary>
/// One listening socket on an io_uring loop: one accept that goes on until it is cancelled or fails. Where it
/// fails it is left alone for a moment, which is what the timer is for.
/// </summary>
internal sealed class UringListener(UringLoop loop, ListenSocket socket, IAcceptEvents events, int number)
    : LoopTimer
{
    private const long PauseNs = 100_000_000;

    private bool _isWanted;
    private bool _isArmed;

    public ListenSocket Socket => socket;

    public void Arm()
    {
        _isWanted = true;
        if (_isArmed) return;
        _isArmed = true;
        loop.SubmitAccept(socket.Descriptor, number);
    }

    public void Disarm()
    {
        loop.Cancel(this);
        if (_isWanted && _isArmed) loop.SubmitCancelAccept(number);
        _isWanted = false;
    }

    public void Completed(in UringCompletion completion)
    {
        if ((completion.Flags & UringConstants.HasMore) == 0) _isArmed = false;
        if (completion.Result >= 0)
        {
            loop.Statistics.SocketsAccepted++;
            if (_isWanted)
                events.OnAccepted(socket, completion.Result);
            else
                SocketOptions.Close(completion.Result);
        }
        else if (_isWanted
            && completion.Result is not (-Errno.Interrupted or -Errno.ConnectionAborted or -Errno.Canceled))
        {
            loop.Schedule(this, loop.NowNs + PauseNs);
            events.OnAcceptFailed(socket, -completion.Result);
            return;
        }

        if (_isWanted && !_isArmed) Arm();
    }

    public override void OnTimer() => Arm();
}
