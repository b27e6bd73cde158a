using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// A file that lines are added to: standard output, standard error, or a log file that may be shared. Each
/// write is one system call at the file's end, so lines of several threads and processes never mix. Any
/// thread may write.
/// </summary>
public sealed class OutputFile : IDisposable
{
    private const int WriteOnlyAppendCreate = 0x1 | 0x400 | 0x40;
    private const uint OwnerWritesAllRead = 0b110_100_100;
    private const int StandardDescriptorMax = 2;

    private int _descriptor;

    private OutputFile(int descriptor) => _descriptor = descriptor;

    public static OutputFile StandardOutput => new(1);
    public static OutputFile StandardError => new(2);

    /// <summary>Opens or makes the file; throws <see cref="IOException"/> with the system's reason.</summary>
    public static OutputFile Open(string path)
    {
        int descriptor = LibC.Open(path, WriteOnlyAppendCreate, OwnerWritesAllRead);
        if (descriptor < 0) throw new IOException(Errno.Text(-descriptor));
        return new OutputFile(descriptor);
    }

    /// <summary>
    /// What cannot be written (a full disk, a closed pipe) is dropped: a log must not stop the server.
    /// </summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _descriptor >= 0)
        {
            nint written = LibC.Write(_descriptor, bytes);
            if (written == -Errno.Interrupted) continue;
            if (written <= 0) return;
            bytes = bytes[(int)written..];
        }
    }

    public void Dispose()
    {
        if (_descriptor > StandardDescriptorMax) LibC.Close(_descriptor);
        _descriptor = -1;
    }
}
