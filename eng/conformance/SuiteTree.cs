namespace Anax.Conformance;

/// <summary>
/// A copy of the parts of Valkey's source tree that its test suite needs, with another server at
/// src/valkey-server. Each run has its own, because the suite writes into its folder.
/// </summary>
internal sealed class SuiteTree
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Folder { get; }

    public SuiteTree(string folder, RunSettings settings)
    {
        Folder = folder;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        CopyFolder(Path.Combine(settings.Valkey, "tests"), Path.Combine(folder, "tests"));
        Directory.CreateDirectory(Path.Combine(folder, "tests", "tmp"));
        File.Copy(Path.Combine(settings.Valkey, "runtest"), Path.Combine(folder, "runtest"));
        foreach (string tool in (string[])["src/valkey-cli", "src/valkey-benchmark"])
            File.CreateSymbolicLink(Path.Combine(folder, tool), Path.Combine(settings.Valkey, tool));

        MakeTolerant(Path.Combine(folder, "tests", "support", "server.tcl"));

        string place = Path.Combine(folder, "src", "valkey-server");
        if (settings.ServerIsValkey)
        {
            File.CreateSymbolicLink(place, settings.Server);
            return;
        }
        File.WriteAllText(place, Shim(settings.Server));
        File.SetUnixFileMode(place, Executable);
    }

    /// <summary>
    /// Before a block of tests the suite sends FUNCTION FLUSH and the block's options, and drops the whole
    /// block when one is refused. Here the tests run all the same: those that need what was refused fail one
    /// by one.
    /// </summary>
    private static void MakeTolerant(string path)
    {
        string text = File.ReadAllText(path);
        string tolerant = text;
        foreach (string command in (string[])["r function flush", "r config set $param $val"])
            tolerant = tolerant.Replace($" {command}\n", $" catch {{{command}}}\n", StringComparison.Ordinal);
        if (tolerant == text)
            throw new InvalidOperationException($"{path} is not what Valkey 9.1 has");
        File.WriteAllText(path, tolerant);
    }

    /// <summary>
    /// The suite waits for a banner of Valkey's ("PID: n … Server initialized") before it connects, so it gets one
    /// when the server is ready. It names a snapshot file and keyspace events in every configuration,
    /// which a server without them refuses: those lines are left out.
    /// </summary>
    private static string Shim(string server) => $$"""
        #!/usr/bin/env bash
        log=$(readlink /proc/$$/fd/1)
        ready() { grep -c 'Ready to accept' "$log"; }
        before=$(ready)
        (
            while kill -0 $$ 2>/dev/null && [[ $(ready) -eq $before ]]; do sleep 0.01; done
            echo " PID: $$ (shim) Server initialized"
        ) &
        if [[ -f ${1:-} ]]; then sed -i -E '/^(dbfilename|notify-keyspace-events) /d' "$1"; fi
        exec '{{server}}' "$@"

        """;

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (string folder in Directory.GetDirectories(source))
        {
            // Modules need a compiler and a module API; tmp is what earlier runs left.
            if (Path.GetFileName(folder) is not ("modules" or "tmp"))
                CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }
    }
}
