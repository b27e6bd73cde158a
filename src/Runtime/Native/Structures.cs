using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Buffers;

namespace Anax.Runtime.Native;

/// <summary>struct epoll_event where the compiler pads it (arm64).</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct EpollEvent
{
    [FieldOffset(0)] public uint Events;
    [FieldOffset(8)] public ulong Data;
}

/// <summary>struct epoll_event as x64 packs it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct EpollEventPacked
{
    [FieldOffset(0)] public uint Events;
    [FieldOffset(4)] public ulong Data;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>struct rusage, as far as it is read: the times are struct timeval.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct ResourceUsage
{
    [FieldOffset(0)] public long UserSeconds;
    [FieldOffset(8)] public long UserMicroseconds;
    [FieldOffset(16)] public long SystemSeconds;
    [FieldOffset(24)] public long SystemMicroseconds;
}

/// <summary>struct msghdr.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct MessageHeader
{
    [FieldOffset(16)] public IoVector* Vectors;
    [FieldOffset(24)] public nuint VectorCount;
}

/// <summary>Any of struct sockaddr_in, sockaddr_in6, sockaddr_un, with its length.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketAddress
{
    public const int Capacity = 112;

    private Bytes _bytes;
    public int Length;

    /// <summary>Family first, in the machine's byte order; ports and addresses in the network's.</summary>
    [UnscopedRef]
    public Span<byte> Content => _bytes;

    public readonly int Family => _bytes[0] | _bytes[1] << 8;

    public void SetFamily(int family) => (_bytes[0], _bytes[1]) = ((byte)family, (byte)(family >> 8));

    [InlineArray(Capacity)]
    private struct Bytes
    {
        private byte _first;
    }
}

/// <summary>struct io_uring_params.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct UringParameters
{
    [FieldOffset(0)] public uint SubmissionEntries;
    [FieldOffset(4)] public uint CompletionEntries;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(20)] public uint Features;
    [FieldOffset(40)] public uint SubmissionHead;
    [FieldOffset(44)] public uint SubmissionTail;
    [FieldOffset(48)] public uint SubmissionMask;
    [FieldOffset(56)] public uint SubmissionFlags;
    [FieldOffset(64)] public uint SubmissionArray;
    [FieldOffset(80)] public uint CompletionHead;
    [FieldOffset(84)] public uint CompletionTail;
    [FieldOffset(88)] public uint CompletionMask;
    [FieldOffset(96)] public uint CompletionOverflow;
    [FieldOffset(100)] public uint Completions;
}

/// <summary>struct io_uring_getevents_arg.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct UringWaitArgument
{
    [FieldOffset(0)] public ulong SignalMask;
    [FieldOffset(8)] public uint SignalMaskSize;
    [FieldOffset(16)] public TimeSpec* Timeout;
}

/// <summary>struct io_uring_sqe.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UringSubmission
{
    [FieldOffset(0)] public UringOperation Operation;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public ushort Priority;
    [FieldOffset(4)] public int Descriptor;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint OperationFlags;
    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(40)] public ushort BufferGroup;
}

/// <summary>struct io_uring_cqe.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringCompletion
{
    [FieldOffset(0)] public ulong UserData;
    [FieldOffset(8)] public int Result;
    [FieldOffset(12)] public uint Flags;
}

/// <summary>struct io_uring_buf; the tail of the ring lies in the first one's last two bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringBuffer
{
    [FieldOffset(0)] public ulong Address;
    [FieldOffset(8)] public uint Length;
    [FieldOffset(12)] public ushort Id;
    [FieldOffset(14)] public ushort Tail;
}

/// <summary>struct io_uring_buf_reg.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct UringBufferRegistration
{
    [FieldOffset(0)] public ulong Address;
    [FieldOffset(8)] public uint Entries;
    [FieldOffset(12)] public ushort Group;
}

/// <summary>enum io_uring_op, as far as it is used.</summary>
internal enum UringOperation : byte
{
    Poll = 6,
    SendMessage = 9,
    Accept = 13,
    Cancel = 14,
    Close = 19,
    Send = 26,
    Receive = 27,
}
