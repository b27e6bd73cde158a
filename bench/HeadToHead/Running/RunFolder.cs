namespace Anax.Bench.HeadToHead.Running;

/// <summary>Where servers and clients leave what they write while they run; gone with this object.</summary>
internal sealed class RunFolder : IDisposable
{
    private readonly string _path;

    public RunFolder(string outFolder)
    {
        _path = Path.GetFullPath(Path.Combine(outFolder, "work"));
        Directory.CreateDirectory(_path);
    }

    public string ClientReport => Path.Combine(_path, "client.json");

    public string ProbeReport => Path.Combine(_path, "probe.json");

    public string OfServer(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
