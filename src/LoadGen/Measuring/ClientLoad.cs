namespace Anax.LoadGen.Measuring;

/// <summary>How busy one load thread was in a phase: whether its figures are the server's or its own.</summary>
/// <param name="Thread">Its number.</param>
/// <param name="UserShare">Processor time in user mode by time that passed, 0 to 1.</param>
/// <param name="SystemShare">The same in the kernel.</param>
/// <param name="BusyShare">
/// Time between two waits of its loop. More than the processor's shares: it waited for a processor. Less: with io_uring
/// the kernel does much of its work inside of the wait.
/// </param>
public readonly record struct ClientLoad(int Thread, double UserShare, double SystemShare, double BusyShare)
{
    /// <summary>A loop that is busy for more than this has no time to spare.</summary>
    private const double LimitShare = 0.95;

    public double CpuShare => UserShare + SystemShare;

    /// <summary>The thread could not have taken more: the server was not the limit.</summary>
    public bool IsLimit => Math.Max(CpuShare, BusyShare) > LimitShare;

    public static ClientLoad Of(ThreadRecorder recorder)
    {
        ThreadTimes start = recorder.Start, end = recorder.End;
        double passedNs = Math.Max(1, end.NowNs - start.NowNs);
        return new ClientLoad(
            recorder.Thread, (end.UserNs - start.UserNs) / passedNs, (end.SystemNs - start.SystemNs) / passedNs,
            Math.Min(1, (end.BusyNs - start.BusyNs) / passedNs));
    }
}
