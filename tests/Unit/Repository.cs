using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Anax.Tests.Unit;

/// <summary>The sources that the tests about the sources read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The product's project files, in order.</summary>
    public static IEnumerable<string> Projects =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal);

    /// <summary>The parsed files under these folders, without what the build wrote.</summary>
    public static IReadOnlyList<SourceFile> Files(params string[] folders) =>
    [
        .. folders
            .Select(f => Path.Combine(Root, f))
            .Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .AsParallel().AsOrdered()
            .Select(f => new SourceFile(Path.GetRelativePath(Root, f), File.ReadAllText(f))),
    ];

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Anax.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests stand outside of the repository");
    }
}

/// <summary>One source file, by its path from the root, with its syntax.</summary>
internal sealed class SourceFile(string path, string text)
{
    public string Path { get; } = path;
    public string Text { get; } = text;
    public SyntaxNode Syntax { get; } = CSharpSyntaxTree.ParseText(text).GetRoot();

    public bool IsUnder(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public string At(SyntaxNodeOrToken place, string what) => At(place.GetLocation()!, what);

    public string At(Location location, string what) =>
        $"{Path}:{location.GetLineSpan().StartLinePosition.Line + 1}: {what}";
}
