namespace Anax.Runtime;

/// <summary>
/// The control groups of this process, version 2 and 1: where the limits of a container are written.
/// </summary>
internal sealed class Cgroup
{
    private readonly string _root;
    private readonly List<(string Controllers, string Path)> _entries = [];

    private Cgroup(string root) => _root = root;

    /// <summary>The root stands for "/" so that tests can bring their own files.</summary>
    public static Cgroup Detect(string root)
    {
        Cgroup cgroup = new(root);
        string? text = TryRead(Path.Combine(root, "proc/self/cgroup"));
        foreach (string line in (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3) cgroup._entries.Add((parts[1], parts[2].TrimStart('/')));
        }

        return cgroup;
    }

    /// <summary>
    /// The contents of a version 2 file in the own group and all above it; a limit holds wherever it stands.
    /// In a container the group's path may not exist: then the mount's root is the group.
    /// </summary>
    public IEnumerable<string> ReadUpwards(string file)
    {
        foreach ((string controllers, string path) in _entries)
        {
            if (controllers.Length != 0) continue;
            foreach (string folder in Upwards(Path.Combine(_root, "sys/fs/cgroup"), path))
            {
                if (TryRead(Path.Combine(folder, file)) is { } text) yield return text;
            }
        }
    }

    /// <summary>The folders of a version 1 controller, from the own group upwards.</summary>
    public IEnumerable<string> LegacyFolders(string controller)
    {
        foreach ((string controllers, string path) in _entries)
        {
            if (Array.IndexOf(controllers.Split(','), controller) < 0) continue;
            foreach (string mount in new[] { controller, controllers })
            {
                string top = Path.Combine(_root, "sys/fs/cgroup", mount);
                if (!Directory.Exists(top)) continue;
                foreach (string folder in Upwards(top, path)) yield return folder;
                break;
            }
        }
    }

    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Upwards(string top, string path)
    {
        for (string at = path; at.Length != 0; at = Path.GetDirectoryName(at) ?? "")
            yield return Path.Combine(top, at);
        yield return top;
    }
}
