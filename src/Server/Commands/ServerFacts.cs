using System.Runtime.InteropServices;

namespace Anax.Server.Commands;

/// <summary>What never changes while the process runs: names and versions.</summary>
internal static class ServerFacts
{
    /// <summary>The version by which clients choose what they may use.</summary>
    internal static ReadOnlySpan<byte> RedisVersion => "7.2.4"u8;

    /// <summary>"Linux 6.1.0 x86_64".</summary>
    internal static readonly string System = $"Linux {Environment.OSVersion.Version} {Machine}";

    internal static readonly string Executable = Environment.ProcessPath ?? "";

    private static string Machine => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
