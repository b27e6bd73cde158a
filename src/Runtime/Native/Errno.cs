namespace Anax.Runtime.Native;

/// <summary>The kernel's error numbers that the code distinguishes, the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int BadDescriptor = 9;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int ProcessFilesMax = 24;
    public const int SystemFilesMax = 23;
    public const int BrokenPipe = 32;
    public const int NoSystemCall = 38;
    public const int TimeExpired = 62;
    public const int BadState = 77;
    public const int FamilyUnsupported = 97;
    public const int AddressInUse = 98;
    public const int AddressUnavailable = 99;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int ConnectionRefused = 111;
    public const int InProgress = 115;
    public const int Canceled = 125;

    /// <summary>The kernel's own words, as strerror has them.</summary>
    public static string Text(int errno) => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno);
}
