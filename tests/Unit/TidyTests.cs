using System.Xml.Linq;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>The style guide as a test, over the whole repository; and each rule seen to bite.</summary>
public sealed class TidyTests
{
    private static readonly IReadOnlyList<SourceFile> Product = Repository.Files("src");
    private static readonly IReadOnlyList<SourceFile> All = Repository.Files("src", "tests", "bench", "eng");

    /// <summary>Which project may name which: the picture of the architecture, and of nothing else.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Core"] = [],
        ["Runtime"] = ["Core"],
        ["Protocol"] = ["Core"],
        ["Engine"] = ["Core", "Runtime", "Protocol"],
        ["Commands"] = ["Engine", "Protocol", "Core"],
        ["Scripting"] = ["Commands", "Engine", "Protocol", "Runtime", "Core"],
        ["Server"] = ["Core", "Runtime", "Protocol", "Engine", "Commands", "Scripting"],
        ["Plots"] = [],
        ["LoadGen"] = ["Runtime", "Protocol", "Core", "Plots"],
    };

    [Fact]
    public void LinesFitTheScreen() => Holds(All, TidyRules.LongLines);

    [Fact]
    public void FilesAreOneThing() => Holds(All, TidyRules.LongFiles);

    [Fact]
    public void MethodsFitTheScreen() => Holds(Product, TidyRules.LongMethods);

    [Fact]
    public void NothingIsLocked() => Holds(Product, TidyRules.Locks);

    [Fact]
    public void NoDebtIsLeftInTheCode() => Holds(All, TidyRules.Debts);

    [Fact]
    public void NoRegionsHideCode() => Holds(All, TidyRules.Regions);

    [Fact]
    public void OneWordForOneThing() => Holds(Product, TidyRules.ForeignWords);

    [Fact]
    public void NothingStaticChanges() => Holds(Product, TidyRules.MutableStatics);

    [Fact]
    public void OneThreadStaticNamesTheRunningLoop() =>
        Assert.True(Product.SelectMany(TidyRules.ThreadStatics).Count() <= 1, "more than one thread-static");

    [Fact]
    public void NativeCallsStandInTheirFolders() => Holds(Product, TidyRules.StrayNativeCalls);

    [Fact]
    public void NoPointerCrossesAProject() => Holds(Product, TidyRules.PublicPointers);

    [Fact]
    public void EveryFileHasItsTypeAndItsPlace() => Holds(Product, TidyRules.Homeless);

    [Fact]
    public void ProjectsReferenceOnlyWhatTheArrowsAllow()
    {
        foreach (string path in Repository.Projects)
        {
            string name = Path.GetFileNameWithoutExtension(path);
            Assert.True(Arrows.TryGetValue(name, out string[]? allowed), $"{name} has no arrows yet");
            var actual = XDocument.Load(path).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
            Assert.Empty(actual.Except(allowed).Select(r => $"{name} → {r}"));
        }
    }

    [Fact]
    public void OnlyCoreAndRuntimeAreUnsafe()
    {
        var projects = Repository.Projects
            .Where(p => File.ReadAllText(p).Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(["Core", "Runtime"], projects);
    }

    [Theory]
    [InlineData("class C { void M(object o) { lock (o) { } } }", "lock")]
    [InlineData("class C { } // TODO: later", "TODO")]
    [InlineData("class C { void M() => throw new NotImplementedException(); }", "NotImplementedException")]
    [InlineData("#region All\nclass C { }\n#endregion", "#region")]
    [InlineData("class ShardWorker { }", "the word here is shard")]
    [InlineData("class C { void Run(int slaveCount) { } }", "the word here is replica")]
    [InlineData("class C { static int Count; }", "mutable static Count")]
    [InlineData("class C { static int Count { get; set; } }", "mutable static Count")]
    [InlineData("class C { [LibraryImport(\"libc\")] static partial int getpid(); }", "P/Invoke outside")]
    [InlineData("public class C { public byte* Find() => default; }", "byte* in a public signature")]
    [InlineData("/// <summary>Else.</summary>\nclass Other { }", "no type Snippet in it")]
    [InlineData("namespace Anax.Core;\n/// <summary>S.</summary>\nclass Snippet { }", "instead of")]
    [InlineData("namespace Anax.Engine;\nclass Snippet { }", "has no <summary>")]
    public void EachRuleBites(string code, string expected)
    {
        Assert.Contains(Violations(code), v => v.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void LengthsBite()
    {
        string line = "// " + new string('x', TidyRules.ColumnsMax);
        string lines = string.Concat(Enumerable.Repeat("\n", TidyRules.MethodLinesMax));
        Assert.Contains(Violations(line), v => v.Contains("columns", StringComparison.Ordinal));
        string method = $"class C {{ void M() {{{lines}}} }}";
        string file = string.Concat(Enumerable.Repeat("\n", TidyRules.FileLinesMax + 1));
        Assert.Contains(Violations(method), v => v.Contains("a method of", StringComparison.Ordinal));
        Assert.Contains(Violations(file), v => v.EndsWith(" lines", StringComparison.Ordinal));
    }

    [Fact]
    public void GoodCodePasses()
    {
        string code = """
            namespace Anax.Engine;

            /// <summary>Counts.</summary>
            internal sealed class Snippet
            {
                [ThreadStatic]
                private static Snippet? t_current;

                private static readonly int[] Sizes = [8, 16];
                private unsafe int First(byte* bytes) => *bytes + Sizes.Length + (t_current is null ? 0 : 1);
            }

            """;
        Assert.Empty(Violations(code));
    }

    private static List<string> Violations(string code)
    {
        var file = new SourceFile("src/Engine/Snippet.cs", code);
        Func<SourceFile, IEnumerable<string>>[] rules =
        [
            TidyRules.LongLines, TidyRules.LongFiles, TidyRules.LongMethods, TidyRules.Locks, TidyRules.Debts,
            TidyRules.Regions, TidyRules.ForeignWords, TidyRules.MutableStatics, TidyRules.StrayNativeCalls,
            TidyRules.PublicPointers, TidyRules.Homeless,
        ];
        return [.. rules.SelectMany(r => r(file))];
    }

    private static void Holds(IReadOnlyList<SourceFile> files, Func<SourceFile, IEnumerable<string>> rule)
    {
        Assert.NotEmpty(files);
        string[] violations = [.. files.SelectMany(rule)];
        Assert.True(violations.Length == 0, string.Join('\n', violations));
    }
}
