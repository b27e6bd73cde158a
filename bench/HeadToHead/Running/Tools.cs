namespace Anax.Bench.HeadToHead.Running;

/// <summary>Programs of the system.</summary>
internal static class Tools
{
    public static bool Has(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => folder.Length != 0 && File.Exists(Path.Combine(folder, name)));
}
