using Anax.Runtime.Native;

namespace Anax.Runtime.Uring;

/// <summary>
/// Finds out at start whether io_uring does what the loop needs: by receiving one byte through a small ring.
/// A kernel may be too old, a container may forbid it, an administrator may have switched it off.
/// </summary>
internal static unsafe class UringProbe
{
    private const long PatienceNs = 1_000_000_000;

    /// <summary>True where it works; otherwise the reason, for the log.</summary>
    public static bool Works(out string reason)
    {
        using UringQueue? queue = UringQueue.TryCreate(4, 16, out reason);
        if (queue is null) return false;
        using ReceiveBuffers buffers = new(2);
        if (!Check(buffers.Register(queue), "provided buffers", out reason)) return false;
        if (!Check(queue.Enable(), "enabling the ring", out reason)) return false;

        int* pair = stackalloc int[2];
        if (!Check(LibC.SocketPair(pair, nonBlocking: true), "socketpair", out reason)) return false;
        try
        {
            return ReceivesByte(queue, pair, out reason);
        }
        finally
        {
            _ = LibC.Close(pair[0]);
            _ = LibC.Close(pair[1]);
        }
    }

    private static bool ReceivesByte(UringQueue queue, int* pair, out string reason)
    {
        ref UringSubmission entry = ref queue.Next();
        entry.Operation = UringOperation.Receive;
        entry.Descriptor = pair[0];
        entry.Flags = UringConstants.SelectBuffer;
        entry.Priority = UringConstants.ReceiveMultishot;
        queue.Enter(0, 0);
        byte letter = (byte)'x';
        _ = LibC.Send(pair[1], &letter, 1);
        queue.Enter(1, PatienceNs);
        if (queue.Head == queue.Tail)
        {
            reason = "multishot receive: no completion";
            return false;
        }

        UringCompletion completion = queue[queue.Head];
        const uint Expected = UringConstants.HasBuffer | UringConstants.HasMore;
        if (completion.Result < 0) return Check(completion.Result, "multishot receive", out reason);
        bool works = completion.Result == 1 && (completion.Flags & Expected) == Expected;
        reason = works ? "" : "multishot receive: not as expected";
        return works;
    }

    private static bool Check(int result, string what, out string reason)
    {
        reason = result < 0 ? $"{what}: {Errno.Text(-result)}" : "";
        return result >= 0;
    }
}
