using System.Runtime.InteropServices;

namespace Anax.Runtime.Native;

/// <summary>
/// The system calls of the product, Linux x64 and arm64. Calls that may wait keep the collector's transition;
/// those marked with SuppressGCTransition return at once, and a collection has to wait for them.
/// </summary>
/// <remarks>
/// Calls return the kernel's value or, where it failed, the negated errno (see <see cref="Result(long)"/>),
/// so no thread-local error state travels through the code above. EINTR is handled where the call is made.
/// </remarks>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    // ---- readiness ----

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreateRaw(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    [SuppressGCTransition]
    private static partial int EpollControlRaw(int epoll, int operation, int descriptor, EpollEvent* change);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    [SuppressGCTransition]
    private static partial int EpollControlRaw(int epoll, int operation, int descriptor, EpollEventPacked* change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWaitRaw(int epoll, void* events, int eventsMax, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    [SuppressGCTransition]
    private static partial int EpollPollRaw(int epoll, void* events, int eventsMax, int timeoutMs);

    // Older C libraries have no wrapper for epoll_pwait2; its number is the same on x64 and arm64.
    private const long EpollWaitPreciselyNumber = 441;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial long EpollWaitPreciselyRaw(
        long number, int epoll, void* events, int eventsMax, TimeSpec* timeout, void* signalMask, nuint maskBytes);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFdRaw(uint initial, int flags);

    // ---- sockets ----

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    private static partial int SocketRaw(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPairRaw(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    private static partial int BindRaw(int socket, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenRaw(int socket, int backlog);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    private static partial int ConnectRaw(int socket, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "accept4")]
    [SuppressGCTransition]
    private static partial int AcceptRaw(int socket, void* address, uint* length, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    private static partial int ShutdownRaw(int socket, int how);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOptionRaw(int socket, int level, int option, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOptionRaw(int socket, int level, int option, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "getpeername", SetLastError = true)]
    private static partial int PeerNameRaw(int socket, void* address, uint* length);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    private static partial int SocketNameRaw(int socket, void* address, uint* length);

    [LibraryImport(Library, EntryPoint = "recv")]
    [SuppressGCTransition]
    private static partial nint ReceiveRaw(int socket, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveWaitingRaw(int socket, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send")]
    [SuppressGCTransition]
    private static partial nint SendRaw(int socket, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessageRaw(int socket, MessageHeader* message, int flags);

    // ---- files and the process ----

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenRaw(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAtRaw(int descriptor, void* buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteRaw(int descriptor, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "write")]
    [SuppressGCTransition]
    private static partial nint SignalRaw(int descriptor, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    private static partial int CloseRaw(int descriptor);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControlRaw(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkRaw(string path);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeModeRaw(string path, uint mode);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimitRaw(int resource, ulong* limit);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimitRaw(int resource, ulong* limit);

    [LibraryImport(Library, EntryPoint = "getpid")]
    [SuppressGCTransition]
    public static partial int ProcessId();

    [LibraryImport(Library, EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsageRaw(int who, ResourceUsage* usage);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControlRaw(int operation, nuint argument, nuint second, nuint third, nuint fourth);

    [LibraryImport(Library, EntryPoint = "sched_yield")]
    private static partial int SchedYield();

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinityRaw(int thread, nuint length, void* mask);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinityRaw(int thread, nuint length, void* mask);

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ClockRaw(int clock, TimeSpec* time);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapRaw(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapRaw(nint address, nuint length);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    private static partial int AdviseRaw(nint address, nuint length, int advice);

    // ---- io_uring has no wrappers in the C library; its numbers are the same on x64 and arm64 ----

    private const long UringSetupNumber = 425;
    private const long UringEnterNumber = 426;
    private const long UringRegisterNumber = 427;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial long UringSetupRaw(long number, uint entries, UringParameters* parameters);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial long UringRegisterRaw(long number, int ring, uint operation, void* argument, uint count);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial long UringEnterRaw(
        long number, int ring, uint submit, uint complete, uint flags, void* argument, nuint length);

    // ---- results ----

    /// <summary>For calls with SetLastError: the value, or the negated errno.</summary>
    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    private static long Result(long value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    /// <summary>
    /// For calls without the transition: nothing has run on this thread since the call that could have
    /// changed errno, so it is read only where the call failed.
    /// </summary>
    private static int ResultNow(int value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    private static long ResultNow(long value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    // ---- readiness ----

    public static int EpollCreate() => Result(EpollCreateRaw(Constants.CloseOnExec));

    /// <summary>The kernel's event is packed on x64 only.</summary>
    public static int EpollControl(int epoll, int operation, int descriptor, uint events, ulong data)
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            EpollEventPacked change = new() { Events = events, Data = data };
            return ResultNow(EpollControlRaw(epoll, operation, descriptor, &change));
        }

        EpollEvent wide = new() { Events = events, Data = data };
        return ResultNow(EpollControlRaw(epoll, operation, descriptor, &wide));
    }

    /// <summary>
    /// Sleeps at most so long, long.MaxValue without limit; to the nanosecond where the kernel can (5.11), else to
    /// the next millisecond: a loop that wakes before its timer is due would only go to sleep again.
    /// </summary>
    public static int EpollWait(int epoll, void* events, int eventsMax, long timeoutNs)
    {
        if (timeoutNs == long.MaxValue) return Result(EpollWaitRaw(epoll, events, eventsMax, -1));
        TimeSpec timeout = new() { Seconds = timeoutNs / 1_000_000_000, Nanoseconds = timeoutNs % 1_000_000_000 };
        int count = (int)Result(EpollWaitPreciselyRaw(EpollWaitPreciselyNumber, epoll, events, eventsMax, &timeout, null, 0));
        // Old filters of system calls answer "not permitted" to what they do not know.
        if (count is not (-Errno.NoSystemCall or -Errno.NotPermitted)) return count;
        return Result(EpollWaitRaw(epoll, events, eventsMax, (int)Math.Min(int.MaxValue, (timeoutNs + 999_999) / 1_000_000)));
    }

    public static int EpollPoll(int epoll, void* events, int eventsMax) =>
        ResultNow(EpollPollRaw(epoll, events, eventsMax, 0));

    public static int EventFd() => Result(EventFdRaw(0, Constants.CloseOnExec | Constants.NonBlocking));

    /// <summary>Lets another thread have the processor.</summary>
    public static void Yield() => _ = SchedYield();

    /// <summary>Adds one to an eventfd: wakes whoever waits for it. Any thread.</summary>
    public static void Signal(int eventFd)
    {
        ulong one = 1;
        while (SignalRaw(eventFd, &one, sizeof(ulong)) < 0 && Marshal.GetLastSystemError() == Errno.Interrupted)
        {
        }
    }

    // ---- sockets ----

    public static int Socket(int domain, int type) => Result(SocketRaw(domain, type | Constants.CloseOnExec, 0));

    public static int SocketPair(int* pair, bool nonBlocking) => Result(SocketPairRaw(
        Constants.FamilyUnix, Constants.Stream | Constants.CloseOnExec | (nonBlocking ? Constants.NonBlocking : 0), 0, pair));

    public static int Bind(int socket, in SocketAddress address)
    {
        fixed (SocketAddress* a = &address)
        {
            return Result(BindRaw(socket, a, (uint)address.Length));
        }
    }

    public static int Listen(int socket, int backlog) => Result(ListenRaw(socket, backlog));

    public static int Connect(int socket, in SocketAddress address)
    {
        fixed (SocketAddress* a = &address)
        {
            return Result(ConnectRaw(socket, a, (uint)address.Length));
        }
    }

    /// <summary>A connection, non-blocking; -EAGAIN where none waits.</summary>
    public static int Accept(int socket) =>
        ResultNow(AcceptRaw(socket, null, null, Constants.CloseOnExec | Constants.NonBlocking));

    public static int Shutdown(int socket, int how) => Result(ShutdownRaw(socket, how));

    public static int SetOption(int socket, int level, int option, int value) =>
        Result(SetOptionRaw(socket, level, option, &value, sizeof(int)));

    public static int GetOption(int socket, int level, int option, out int value)
    {
        int read = 0;
        uint length = sizeof(int);
        int result = Result(GetOptionRaw(socket, level, option, &read, &length));
        value = read;
        return result;
    }

    public static int PeerName(int socket, out SocketAddress address)
    {
        SocketAddress read = default;
        uint length = SocketAddress.Capacity;
        int result = Result(PeerNameRaw(socket, &read, &length));
        read.Length = (int)length;
        address = read;
        return result;
    }

    public static int SocketName(int socket, out SocketAddress address)
    {
        SocketAddress read = default;
        uint length = SocketAddress.Capacity;
        int result = Result(SocketNameRaw(socket, &read, &length));
        read.Length = (int)length;
        address = read;
        return result;
    }

    public static nint Receive(int socket, void* buffer, nuint length)
    {
        nint result;
        do
        {
            result = (nint)ResultNow((long)ReceiveRaw(socket, buffer, length, Constants.DontWait));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    /// <summary>Waits for bytes: for blocking client sockets only.</summary>
    public static nint ReceiveWaiting(int socket, void* buffer, nuint length)
    {
        nint result;
        do
        {
            result = (nint)Result((long)ReceiveWaitingRaw(socket, buffer, length, 0));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    public static nint Send(int socket, void* buffer, nuint length)
    {
        nint result;
        do
        {
            result = (nint)ResultNow((long)SendRaw(socket, buffer, length, Constants.DontWait | Constants.NoSignal));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    public static nint SendMessage(int socket, MessageHeader* message, int flags)
    {
        nint result;
        do
        {
            result = (nint)Result((long)SendMessageRaw(socket, message, flags | Constants.NoSignal));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    // ---- files and the process ----

    public static int Open(string path, int flags, uint mode = 0) => Result(OpenRaw(path, flags | Constants.CloseOnExec, mode));

    public static nint ReadAt(int descriptor, Span<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
        {
            return (nint)Result((long)ReadAtRaw(descriptor, b, (nuint)buffer.Length, offset));
        }
    }

    public static nint Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* b = bytes)
        {
            return (nint)Result((long)WriteRaw(descriptor, b, (nuint)bytes.Length));
        }
    }

    public static int Close(int descriptor) => Result(CloseRaw(descriptor));

    /// <summary>By ioctl, whose request is the same on both architectures.</summary>
    public static int SetNonBlocking(int descriptor)
    {
        int on = 1;
        return Result(IoControlRaw(descriptor, Constants.NonBlockingRequest, &on));
    }

    public static int Unlink(string path) => Result(UnlinkRaw(path));

    public static int ChangeMode(string path, uint mode) => Result(ChangeModeRaw(path, mode));

    public static int GetLimit(int resource, out ulong soft, out ulong hard)
    {
        ulong* limit = stackalloc ulong[2];
        int result = Result(GetLimitRaw(resource, limit));
        (soft, hard) = (limit[0], limit[1]);
        return result;
    }

    public static int SetLimit(int resource, ulong soft, ulong hard)
    {
        ulong* limit = stackalloc ulong[2] { soft, hard };
        return Result(SetLimitRaw(resource, limit));
    }

    /// <summary>The calling thread's use of the processor so far.</summary>
    public static int ThreadUsage(out ResourceUsage usage)
    {
        ResourceUsage read = default;
        int result = Result(GetUsageRaw(Constants.UsageThread, &read));
        usage = read;
        return result;
    }

    /// <summary>How late the calling thread's sleeps may end, so that the kernel can wake several at once.</summary>
    public static int SetTimerSlack(long ns) =>
        Result(ProcessControlRaw(Constants.SetTimerSlack, (nuint)ns, 0, 0, 0));

    /// <summary>The calling thread's mask; returns the bytes that the kernel wrote.</summary>
    public static int GetAffinity(Span<byte> mask)
    {
        fixed (byte* m = mask)
        {
            // The C library returns 0 and clears what the kernel did not write.
            return Result(GetAffinityRaw(0, (nuint)mask.Length, m));
        }
    }

    public static int SetAffinity(ReadOnlySpan<byte> mask)
    {
        fixed (byte* m = mask)
        {
            return Result(SetAffinityRaw(0, (nuint)mask.Length, m));
        }
    }

    public static long MonotonicNs()
    {
        TimeSpec time;
        _ = ClockRaw(Constants.ClockMonotonic, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    public static long WallMs()
    {
        TimeSpec time;
        _ = ClockRaw(Constants.ClockRealtime, &time);
        return time.Seconds * 1000 + time.Nanoseconds / 1_000_000;
    }

    public static long WallUs()
    {
        TimeSpec time;
        _ = ClockRaw(Constants.ClockRealtime, &time);
        return time.Seconds * 1_000_000 + time.Nanoseconds / 1000;
    }

    /// <summary>
    /// Zeroed memory of the process's own, committed page by page as it is touched; 0 where refused.
    /// </summary>
    public static nint MapAnonymous(long length)
    {
        nint address = MapRaw(
            0, (nuint)length, Constants.ProtectRead | Constants.ProtectWrite,
            Constants.MapPrivate | Constants.MapAnonymous | Constants.MapNoReserve, -1, 0);
        return address == -1 ? 0 : address;
    }

    public static nint MapShared(int descriptor, long length, long offset)
    {
        nint address = MapRaw(
            0, (nuint)length, Constants.ProtectRead | Constants.ProtectWrite,
            Constants.MapShared | Constants.MapPopulate, descriptor, offset);
        return address == -1 ? 0 : address;
    }

    public static void Unmap(nint address, long length) => _ = UnmapRaw(address, (nuint)length);

    public static void Advise(nint address, long length, int advice) => _ = AdviseRaw(address, (nuint)length, advice);

    // ---- io_uring ----

    public static int UringSetup(uint entries, UringParameters* parameters) =>
        (int)Result(UringSetupRaw(UringSetupNumber, entries, parameters));

    public static int UringRegister(int ring, uint operation, void* argument, uint count) =>
        (int)Result(UringRegisterRaw(UringRegisterNumber, ring, operation, argument, count));

    /// <summary>
    /// Submits, and waits where completions are asked for; sending happens inside, so the transition is kept.
    /// </summary>
    public static int UringEnter(int ring, uint submit, uint complete, uint flags, UringWaitArgument* argument) =>
        (int)Result(UringEnterRaw(
            UringEnterNumber, ring, submit, complete, flags, argument, (nuint)sizeof(UringWaitArgument)));
}
