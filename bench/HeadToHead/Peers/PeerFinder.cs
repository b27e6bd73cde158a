using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Running;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Peers;

/// <summary>Finds the servers, brings what can be brought, and asks each binary for its version.</summary>
internal sealed partial class PeerFinder(RunSettings settings, RunFolder folder)
{
    private const string ValkeyScript = "eng/conformance/get-valkey.sh";
    private const string GarnetScript = "bench/HeadToHead/get-garnet.sh";
    private const string FloorSource = "bench/Echo/echo.c";
    private const int VersionMs = 10_000;

    private static readonly string[] Compilers = ["cc", "gcc", "clang"];

    /// <summary>All servers in their order, also those that are not there.</summary>
    public IReadOnlyList<Peer> FindAll()
    {
        static string ServerIn(string folder) => Path.Combine(folder, "src", "valkey-server");
        Peer anax = Find(ServerNames.Anax, Path.GetFullPath(settings.AnaxPath), () => ("", "not given"));
        Peer valkey = Find(ServerNames.Valkey, settings.ValkeyPath, () => Bring(ValkeyScript, ServerIn));
        bool hasIoThreads = settings.Layouts.Any(layout => settings.ServerCpusOf(layout).Count > 1);
        return
        [
            anax,
            .. settings.Layouts.Contains(Layout.Shared) ? (Peer[])[Again(anax, ServerNames.AnaxGlobal)] : [],
            valkey,
            Again(valkey, ServerNames.Control),
            .. hasIoThreads ? (Peer[])[Again(valkey, ServerNames.ValkeyIo)] : [],
            Find(ServerNames.Garnet, settings.GarnetPath, () => Bring(GarnetScript, path => path)),
            Find(ServerNames.Dragonfly, settings.DragonflyPath, () => ("", "not given: --dragonfly PATH")),
            IsLeftOut(ServerNames.Floor) ? LeftOut(ServerNames.Floor) : CompileFloor(),
        ];
    }

    public static string Sha256Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private Peer Find(string name, string given, Func<(string Path, string Why)> bring)
    {
        if (IsLeftOut(name)) return LeftOut(name);
        (string path, string why) = given.Length != 0 ? (given, "") : bring();
        if (why.Length == 0 && !File.Exists(path)) why = $"there is no {Path.GetFileName(path)}";
        if (why.Length != 0) return Peer.Absent(name, why);
        string? version = Version(path);
        return version is null
            ? Peer.Absent(name, $"{Path.GetFileName(path)} does not start")
            : new Peer(name) { Path = path, Version = version, Sha256 = Sha256Of(path) };
    }

    private Peer Again(Peer peer, string name) => IsLeftOut(name) ? LeftOut(name) : peer with { Name = name };

    private bool IsLeftOut(string name) => settings.Without.Contains(name);

    private static Peer LeftOut(string name) => Peer.Absent(name, $"left out: --without {name}");

    /// <summary>It has no version of its own: its compiler's decides about it too.</summary>
    private Peer CompileFloor()
    {
        if (!File.Exists(FloorSource)) return Peer.Absent(ServerNames.Floor, $"there is no {FloorSource}");
        if (Compilers.FirstOrDefault(Tools.Has) is not { } compiler)
            return Peer.Absent(ServerNames.Floor, "no C compiler (Debian or Ubuntu: apt-get install gcc libc6-dev)");
        string path = folder.OfBinary("echo");
        ProcessStartInfo start = new(compiler, ["-O2", "-o", path, FloorSource]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0
            ? new Peer(ServerNames.Floor) { Path = path, Version = $"{compiler} {Version(compiler)}", Sha256 = Sha256Of(path) }
            : Peer.Absent(ServerNames.Floor, $"{compiler} could not compile it: {errors.Split('\n')[0]}");
    }

    /// <summary>Runs the script, which says on its last line where it is, or why it is not.</summary>
    private static (string Path, string Why) Bring(string script, Func<string, string> binary)
    {
        if (!File.Exists(script)) return ("", $"there is no {script}");
        using Process process = Process.Start(new ProcessStartInfo("bash", [script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string lastError = "";
        process.ErrorDataReceived += (_, line) =>
        {
            if (string.IsNullOrWhiteSpace(line.Data)) return;
            lastError = line.Data.Trim();
            Console.Error.WriteLine(line.Data);
        };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (binary(output.Split('\n')[^1]), "")
            : ("", $"could not be had: {(lastError.Length == 0 ? $"{script} failed" : lastError)}");
    }

    /// <summary>Null where it cannot be asked.</summary>
    private static string? Version(string path)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(path, ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(VersionMs))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            return VersionIn(output.Result + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The first thing in the text that looks like a version.</summary>
    internal static string VersionIn(string text) =>
        VersionPattern().Match(text) is { Success: true } match ? match.Value : "unknown";

    [GeneratedRegex(@"\d+\.\d+(\.\d+)*(-[\w.]+)?")]
    private static partial Regex VersionPattern();
}
