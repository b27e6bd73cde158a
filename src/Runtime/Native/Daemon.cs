using System.Runtime.InteropServices;
using System.Text;

namespace Anax.Runtime.Native;

/// <summary>
/// Goes into the background. A process with threads cannot fork itself, so the same program is started again with the
/// same arguments, in a session of its own and without the terminal's files; a variable tells it that this is done.
/// </summary>
internal static unsafe partial class Daemon
{
    /// <summary>Stands in the environment of the process that is already detached.</summary>
    public const string DetachedVariable = "ANAX_DETACHED";

    private const string Library = "libc";
    private const string NullFile = "/dev/null";
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const short NewSession = 0x80;
    private const uint CloseOnExec = 1;
    // glibc's posix_spawnattr_t has 336 bytes and posix_spawn_file_actions_t 80; musl's are no larger.
    private const int OpaqueBytes = 512;

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    private static partial int InitAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(void* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int process, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "lseek")]
    private static partial long Seek(int descriptor, long offset, int origin);

    [LibraryImport(Library, EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    /// <summary>
    /// Starts the detached process, with the given bytes as its standard input. Answers its id, or a negated errno.
    /// </summary>
    public static int Start(ReadOnlySpan<byte> standardInput)
    {
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* actions = stackalloc byte[OpaqueBytes];
        int input = InputFile(standardInput);
        int error = InitAttributes(attributes) | InitActions(actions) | SetFlags(attributes, NewSession);
        error |= input >= 0 ? AddDuplicate(actions, input, 0) : AddOpen(actions, 0, NullFile, ReadOnly, 0);
        error |= AddOpen(actions, 1, NullFile, WriteOnly, 0) | AddOpen(actions, 2, NullFile, WriteOnly, 0);
        // Memory alone can be missing here.
        if (error != 0) return -Errno.NoMemory;

        // The kernel's own lists: whatever started this process, its arguments come out as they went in.
        byte** arguments = Split(File.ReadAllBytes("/proc/self/cmdline"), null);
        byte** environment = Split(File.ReadAllBytes("/proc/self/environ"), DetachedVariable + "=1");
        error = Spawn(out int process, "/proc/self/exe", actions, attributes, arguments, environment);
        Free(arguments);
        Free(environment);
        if (input >= 0) LibC.Close(input);
        return error == 0 ? process : -error;
    }

    private static int InputFile(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return -1;
        int file = CreateMemoryFile("config", CloseOnExec);
        while (file >= 0 && !bytes.IsEmpty)
        {
            nint written = LibC.Write(file, bytes);
            if (written <= 0) break;
            bytes = bytes[(int)written..];
        }
        return file < 0 || Seek(file, 0, 0) != 0 ? -1 : file;
    }

    /// <summary>A list of C strings, ended by null, out of texts that each end with a zero byte.</summary>
    private static byte** Split(byte[] texts, string? last)
    {
        int count = texts.AsSpan().Count((byte)0) + 2;
        var list = (byte**)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(byte*));
        int filled = 0;
        ReadOnlySpan<byte> rest = texts;
        for (int end = rest.IndexOf((byte)0); end >= 0; end = rest.IndexOf((byte)0))
        {
            list[filled++] = Copy(rest[..end]);
            rest = rest[(end + 1)..];
        }
        if (last is not null) list[filled] = Copy(Encoding.UTF8.GetBytes(last));
        return list;
    }

    private static byte* Copy(ReadOnlySpan<byte> text)
    {
        var copy = (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1);
        text.CopyTo(new Span<byte>(copy, text.Length));
        return copy;
    }

    private static void Free(byte** list)
    {
        for (byte** text = list; *text != null; text++) NativeMemory.Free(*text);
        NativeMemory.Free(list);
    }
}
