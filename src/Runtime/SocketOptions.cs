using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>What can be asked of and set on a connection's descriptor, on whatever thread holds it.</summary>
public static class SocketOptions
{
    private const int KeepAliveProbes = 3;
    private const int DiscardBytes = 32 * 1024;
    private const int DiscardedReadsMax = 64;

    /// <summary>For a connection that no loop has adopted.</summary>
    public static void Close(int descriptor) => _ = LibC.Close(descriptor);

    /// <summary>
    /// The processor on which the kernel handles the connection's packets; -1 where it does not say.
    /// </summary>
    public static int IncomingCpu(int descriptor) =>
        LibC.GetOption(descriptor, Constants.LevelSocket, Constants.IncomingCpu, out int cpu) < 0 ? -1 : cpu;

    /// <summary>
    /// Probes a silent peer after so many seconds, and drops it when three probes stay without answer.
    /// </summary>
    public static void SetKeepAlive(int descriptor, int seconds)
    {
        if (seconds <= 0) return;
        _ = LibC.SetOption(descriptor, Constants.LevelSocket, Constants.KeepAlive, 1);
        _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpKeepIdle, seconds);
        int interval = Math.Max(1, seconds / KeepAliveProbes);
        _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpKeepInterval, interval);
        _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpKeepCount, KeepAliveProbes);
    }

    /// <summary>
    /// How much the kernel buffers on its way out; the kernel doubles it for its own bookkeeping.
    /// </summary>
    public static void SetSendBuffer(int descriptor, int bytes) =>
        _ = LibC.SetOption(descriptor, Constants.LevelSocket, Constants.SendBuffer, bytes);

    public static void SetReceiveBuffer(int descriptor, int bytes) =>
        _ = LibC.SetOption(descriptor, Constants.LevelSocket, Constants.ReceiveBuffer, bytes);

    /// <summary>
    /// Reads away what the peer sent and nobody wants: closing with unread bytes makes the kernel reset the
    /// connection, and the peer would lose the reply that was sent last. Returns the system calls it took.
    /// </summary>
    internal static unsafe int Discard(int descriptor)
    {
        byte* bytes = stackalloc byte[DiscardBytes];
        for (int reads = 1; reads < DiscardedReadsMax; reads++)
        {
            if (LibC.Receive(descriptor, bytes, DiscardBytes) < DiscardBytes) return reads;
        }

        return DiscardedReadsMax;
    }
}
