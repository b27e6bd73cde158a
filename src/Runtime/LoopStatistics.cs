using System.Runtime.InteropServices;

namespace Anax.Runtime;

/// <summary>
/// What a loop counts about itself. One writer at a time, in native memory of its own cache lines; who
/// reads it from elsewhere gets numbers that are nearly of one moment.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct LoopStatistics
{
    public long Turns;
    public long BusyNs;
    public long LongestTurnNs;
    public long LongTurns;
    public long Sleeps;

    /// <summary>Times that this loop woke a sleeping one.</summary>
    public long Wakes;

    /// <summary>Times that this loop served another one's questions for it, because that one slept.</summary>
    public long Visits;

    /// <summary>Times that this loop, awake again, had to wait for the end of a visit.</summary>
    public long VisitsAwaited;

    public long SystemCalls;

    public long Asked;
    public long Answered;
    public long Posted;
    public long Received;

    /// <summary>
    /// Messages that had to wait in the overflow list, because the receiver's ring was full.
    /// </summary>
    public long MailboxesFull;

    public long BytesReceived;
    public long BytesSent;
    public long Reads;
    public long Writes;
    public long SocketsAccepted;
    public long SocketsOpened;
    public long SocketsClosed;
    public long TimersFired;
    public long BackgroundSlices;
}
