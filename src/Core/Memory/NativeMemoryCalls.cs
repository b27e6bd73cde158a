using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>
/// The system calls behind the arena, with the flags of Linux. Blocking ones keep the collector's transition.
/// </summary>
internal static unsafe partial class NativeMemoryCalls
{
    public const int ProtectNone = 0;
    public const int ProtectReadWrite = 3;
    public const int MapPrivateAnonymousNoReserve = 0x4022;
    public const int AdviseDontNeed = 4;
    public const int AdviseHugePage = 14;
    public const int AdviseNoHugePage = 15;
    public const int AdvisePopulateWrite = 23;

    private const nint MapFailed = -1;

    /// <summary>A range of address space without memory behind it; null when the kernel refuses.</summary>
    public static byte* Reserve(nuint lengthBytes)
    {
        var address = mmap(null, lengthBytes, ProtectNone, MapPrivateAnonymousNoReserve, -1, 0);
        return (nint)address == MapFailed ? null : (byte*)address;
    }

    public static bool Commit(byte* start, nuint lengthBytes) => mprotect(start, lengthBytes, ProtectReadWrite) == 0;

    public static bool Advise(byte* start, nuint lengthBytes, int advice) => madvise(start, lengthBytes, advice) == 0;

    public static void Unmap(byte* start, nuint lengthBytes) => _ = munmap(start, lengthBytes);

    [LibraryImport("libc")]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
