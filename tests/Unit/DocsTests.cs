using System.Text.RegularExpressions;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>What the pages say of the repository is true of it.</summary>
public sealed partial class DocsTests
{
    private static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void EveryPathThatAPageNamesExists()
    {
        var missing =
            from page in Pages
            from Match match in NamedPath().Matches(File.ReadAllText(page))
            let path = match.Value.TrimEnd('.', '/')
            where !Path.Exists(Path.Combine(Repository.Root, path))
            select $"{Path.GetRelativePath(Repository.Root, page)}: {path}";
        Assert.Empty(missing);
    }

    [Fact]
    public void EveryLinkLeadsSomewhere()
    {
        var broken =
            from page in Pages
            from Match match in Link().Matches(File.ReadAllText(page))
            let target = match.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
            select $"{Path.GetRelativePath(Repository.Root, page)}: {target}";
        Assert.Empty(broken);
    }

    [Fact]
    public void AGetCrossesAtMostSixFiles()
    {
        string architecture = File.ReadAllText(Path.Combine(Repository.Root, "docs", "ARCHITECTURE.md"));
        string life = architecture.Split("## The life of a GET")[1].Split("\n## ")[0];
        int steps = Step().Count(life);
        Assert.InRange(steps, 1, 6);
    }

    [GeneratedRegex(@"(?<![\w/.-])(src|tests|eng|docs|bench)/[\w./-]+")]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\d+\. `src/", RegexOptions.Multiline)]
    private static partial Regex Step();
}
