using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Where servers and clients leave what they write while they run, and where our binaries are started from, so that a
/// build meanwhile does not change what is measured. One run has it at a time; it is gone with this object.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string LockName = ".running";

    private readonly string _path;
    private readonly FileStream _lock;

    public RunFolder(string outFolder)
    {
        _path = Path.GetFullPath(Path.Combine(outFolder, "work"));
        _lock = Lock(Path.Combine(outFolder, LockName));
        // What one that was killed has left.
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
        Directory.CreateDirectory(_path);
    }

    public string ClientReport => Path.Combine(_path, "client.json");

    public string ProbeReport => Path.Combine(_path, "probe.json");

    public string OfServer(string name) => Path.Combine(_path, "servers", name);

    public string OfBinary(string name) => Path.Combine(_path, name);

    /// <summary>Copies a binary here, with the right to run it; returns where it is.</summary>
    public string Copy(string binary)
    {
        string copy = OfBinary(Path.GetFileName(binary));
        File.Copy(binary, copy);
        return copy;
    }

    public void Dispose()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
        File.Delete(_lock.Name);
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException)
        {
            throw new SettingsException($"another run is under way in {Path.GetDirectoryName(path)}: --out for a folder of its own");
        }
    }
}
