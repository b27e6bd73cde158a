using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Anax.Tests.Server.Harness;

/// <summary>The checks of a program in tests/Server/Node, run once against a server of so many threads.</summary>
internal sealed class NodeChecks
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Path.Combine(TestEnvironment.Root, "tests", "Server", "Node");

    /// <summary>What the program and its errors have said, and how it ended: shown where something is missing.</summary>
    public string Output { get; }

    public int ExitCode { get; }

    /// <summary>By the check's name: null where it has passed, else what went wrong. In the order of their ends.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Results { get; }

    public NodeChecks(string program, int threads)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "bullmq")))
            throw new InvalidOperationException($"{Folder} has no node_modules: run npm ci there, or ./build test");
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", $"{threads}");
        using Process node = Process.Start(new ProcessStartInfo("node", [program, $"{server.Port}"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        Task<string> lines = node.StandardOutput.ReadToEndAsync();
        if (!node.WaitForExit(RunMax)) node.Kill();
        node.WaitForExit();
        ExitCode = node.ExitCode;
        Output = $"{lines.Result}{errors.Result}";
        Results = [.. lines.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    /// <summary>There is exactly one result of this name, and it is good.</summary>
    public void AssertPassed(string name)
    {
        KeyValuePair<string, string?>[] results = [.. Results.Where(r => r.Key == name)];
        Assert.True(results.Length == 1, $"{results.Length} results of \"{name}\"\n{Output}");
        Assert.True(results[0].Value is null, $"{name}: {results[0].Value}");
    }

    /// <summary>The program has made these checks and no others, and has ended well.</summary>
    public void AssertAllAre(IEnumerable<string> names)
    {
        Assert.Equal(names.Order(StringComparer.Ordinal), Results.Select(r => r.Key).Order(StringComparer.Ordinal));
        Assert.True(ExitCode == 0, $"node ended with {ExitCode}\n{Output}");
    }

    private static KeyValuePair<string, string?> Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement check = document.RootElement;
        string? detail = check.GetProperty("ok").GetBoolean() ? null : check.GetProperty("detail").GetString();
        return new(check.GetProperty("name").GetString()!, detail);
    }
}
