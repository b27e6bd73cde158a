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
    public static partial Head* New(nuint memoryMax, nuint stackBytes, ulong sliceNanoseconds);

    [LibraryImport(Library, EntryPoint = "anax_script_start")]
    public static partial long Start(
        Head* script, byte* chunk, nuint chunkLength, byte* id, nuint idLength, long resp,
        long keys, long all, nint* arguments, nuint* lengths);

    [LibraryImport(Library, EntryPoint = "anax_script_resume")]
    public static partial long Resume(Head* script, byte* reply, nuint length);

    [LibraryImport(Library, EntryPoint = "anax_script_free")]
    public static partial void Free(Head* script);

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
        public byte* Source;
        public long Line;
        public nuint MemoryUsed;
        public nuint MemoryMax;
        public nuint MemoryPeak;
        public long Resp;
        public long ClientResp;
        public long Kill;
    }
}
