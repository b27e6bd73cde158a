namespace Anax.Runtime.Native;

/// <summary>Flags and numbers of the kernel's interface that are the same on x64 and arm64.</summary>
internal static class Constants
{
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;
    public const uint NonBlockingRequest = 0x5421;

    public const int FamilyUnspecified = 0;
    public const int FamilyUnix = 1;
    public const int FamilyInet = 2;
    public const int FamilyInet6 = 10;
    public const int Stream = 1;

    public const int LevelSocket = 1;
    public const int LevelTcp = 6;
    public const int LevelIp6 = 41;
    public const int ReuseAddress = 2;
    public const int SocketError = 4;
    public const int SendBuffer = 7;
    public const int ReceiveBuffer = 8;
    public const int KeepAlive = 9;
    public const int Linger = 13;
    public const int ReusePort = 15;
    public const int IncomingCpu = 49;
    public const int TcpNoDelay = 1;
    public const int TcpKeepIdle = 4;
    public const int TcpKeepInterval = 5;
    public const int TcpKeepCount = 6;
    public const int Ip6Only = 26;

    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const int ShutdownWrite = 1;
    public const int ShutdownBoth = 2;

    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int EpollModify = 3;
    public const uint EpollIn = 0x001;
    public const uint EpollOut = 0x004;
    public const uint EpollError = 0x008;
    public const uint EpollHangUp = 0x010;
    public const uint EpollPeerHangUp = 0x2000;
    public const uint EpollEdge = 1u << 31;

    public const int LimitOpenFiles = 7;

    public const int UsageThread = 1;
    public const int SetTimerSlack = 29;

    public const int ClockRealtime = 0;
    public const int ClockMonotonic = 1;

    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MapPopulate = 0x8000;
    public const int AdviseNoHugePage = 15;
}
