using System.Runtime.InteropServices;

namespace Anax.Runtime.Native;

/// <summary>
/// The C side of scripts (the folder Lua beside this file): each runs on its own C stack, and these calls return when it
/// is suspended or has ended. They may take a slice of time, so they keep the collector's transition.
/// </summary>
internal static unsafe partial class LuaShim
{
    private const string Library = "anaxlua";

    [LibraryImport(Library, EntryPoint = "anax_script_new")]
    public static partial Head* New(nuint memoryMax, nuint stackBytes, ulong sliceNanoseconds, ulong lookNanoseconds, ulong seed);

    [LibraryImport(Library, EntryPoint = "anax_script_start")]
    public static partial long Start(Head* script, Run* run);

    [LibraryImport(Library, EntryPoint = "anax_script_resume")]
    public static partial long Resume(Head* script, byte* reply, nuint length);

    [LibraryImport(Library, EntryPoint = "anax_script_free")]
    public static partial void Free(Head* script);

    /// <summary>Numbers of script.h.</summary>
    public enum RunKind : long
    {
        Script,
        Compile,
        Library,
        Function,
    }

    /// <summary>The fields of script.h's `start`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Run
    {
        public RunKind Kind;
        public byte* Code;
        public nuint CodeLength;
        public byte* Id;
        public nuint IdLength;
        public long LibraryId;
        public long Resp;
        public long KeyCount;
        public long ArgumentCount;
        public nint* Arguments;
        public nuint* ArgumentLengths;
        public ulong LoadNanoseconds;
    }

    /// <summary>The first fields of script.h's `script`.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Head
    {
        public long Ask;
        public long ArgumentCount;
        public byte** Arguments;
        public nuint* ArgumentLengths;
        public byte* Output;
        public nuint OutputLength;
        public nuint OutputCapacity;
        public long ErrorCounted;
        public nuint MemoryUsed;
        public nuint MemoryMax;
        public nuint MemoryPeak;
        public long Resp;
        public long ClientResp;
        public long Kill;
    }
}
