using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Anax.Tests.Unit;

/// <summary>
/// The house style where a machine can check it: each rule yields the places that break it.
/// </summary>
internal static partial class TidyRules
{
    public const int ColumnsMax = 160;
    public const int FileLinesMax = 800;
    public const int MethodLinesMax = 90;

    /// <summary>
    /// What a word of the glossary replaces. Strings may say it: clients and old options do.
    /// </summary>
    private static readonly Dictionary<string, string> BannedWords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Worker"] = "shard, or loop",
        ["Partition"] = "shard",
        ["Pump"] = "event loop",
        ["Reactor"] = "event loop",
        ["Proactor"] = "event loop",
        ["Master"] = "primary",
        ["Slave"] = "replica",
        ["Robj"] = "value",
        ["Util"] = "what it does",
        ["Utils"] = "what it does",
        ["Helper"] = "what it does",
        ["Helpers"] = "what it does",
        ["Misc"] = "what it does",
    };

    /// <summary>Names that others gave: an option of Dragonfly's, an error of Redis's.</summary>
    private static readonly string[] GivenNames = ["ProactorThreads", "ProactorAffinityMode", "MasterDown"];

    /// <summary>Rows of tables are aligned by hand and may be as wide as they need.</summary>
    public static IEnumerable<string> LongLines(SourceFile file)
    {
        int number = 0;
        foreach (string line in file.Text.Split('\n'))
        {
            number++;
            if (line.Length > ColumnsMax && !line.TrimStart().StartsWith("new(\"", StringComparison.Ordinal))
                yield return $"{file.Path}:{number}: {line.Length} columns";
        }
    }

    public static IEnumerable<string> LongFiles(SourceFile file)
    {
        int lines = file.Text.Count(c => c == '\n');
        if (lines > FileLinesMax)
            yield return $"{file.Path}: {lines} lines";
    }

    public static IEnumerable<string> LongMethods(SourceFile file)
    {
        var members = file.Syntax.DescendantNodes()
            .Where(n => n is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax);
        foreach (var member in members)
        {
            // From the signature, without the comment above it.
            var span = member.SyntaxTree.GetLineSpan(member.Span);
            int lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MethodLinesMax)
                yield return file.At(member, $"a method of {lines} lines");
        }
    }

    /// <summary>The analyzer of banned symbols does not see the statement.</summary>
    public static IEnumerable<string> Locks(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<LockStatementSyntax>().Select(n => file.At(n, "lock"));

    public static IEnumerable<string> Debts(SourceFile file)
    {
        foreach (var comment in file.Syntax.DescendantTrivia(descendIntoTrivia: false).Where(IsComment))
        {
            if (Debt().Match(comment.ToString()) is { Success: true } match)
                yield return file.At(comment.GetLocation(), match.Value);
        }
        foreach (var name in file.Syntax.DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (name.Identifier.Text == "NotImplementedException")
                yield return file.At(name, name.Identifier.Text);
        }
    }

    public static IEnumerable<string> Regions(SourceFile file) =>
        file.Syntax.DescendantNodes(descendIntoTrivia: true).OfType<RegionDirectiveTriviaSyntax>()
            .Select(n => file.At(n, "#region"));

    public static IEnumerable<string> ForeignWords(SourceFile file)
    {
        foreach (var name in file.Syntax.DescendantTokens().Where(IsDeclaredName))
        {
            if (GivenNames.Contains(name.Text))
                continue;
            foreach (Match word in Word().Matches(name.Text))
            {
                if (BannedWords.TryGetValue(word.Value, out string? better))
                    yield return file.At(name, $"'{name.Text}': the word here is {better}");
            }
        }
    }

    /// <summary>One thread-static names the running loop; nothing else static may change.</summary>
    public static IEnumerable<string> MutableStatics(SourceFile file)
    {
        foreach (var field in file.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>())
        {
            bool isMutable = field.Modifiers.Any(SyntaxKind.StaticKeyword)
                && !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword);
            if (isMutable && !Contains(field.AttributeLists, "ThreadStatic"))
                yield return file.At(field, $"mutable static {field.Declaration.Variables}");
        }
        foreach (var property in file.Syntax.DescendantNodes().OfType<PropertyDeclarationSyntax>())
        {
            bool isSettable = property.AccessorList?.Accessors.Any(IsAutomaticSetter) ?? false;
            if (isSettable && property.Modifiers.Any(SyntaxKind.StaticKeyword))
                yield return file.At(property, $"mutable static {property.Identifier}");
        }
    }

    public static IEnumerable<string> ThreadStatics(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<AttributeSyntax>()
            .Where(a => a.Name.ToString() == "ThreadStatic")
            .Select(a => file.At(a, "thread-static"));

    public static IEnumerable<string> StrayNativeCalls(SourceFile file)
    {
        if (file.IsUnder("src/Runtime/Native") || file.IsUnder("src/Core/Memory"))
            yield break;
        foreach (var attribute in file.Syntax.DescendantNodes().OfType<AttributeSyntax>())
        {
            if (attribute.Name.ToString() is "LibraryImport" or "DllImport")
                yield return file.At(attribute, "P/Invoke outside of Runtime/Native and Core/Memory");
        }
    }

    /// <summary>Spans and handles cross the border of a project, pointers do not.</summary>
    public static IEnumerable<string> PublicPointers(SourceFile file)
    {
        foreach (var pointer in file.Syntax.DescendantNodes().OfType<PointerTypeSyntax>())
        {
            var member = pointer.FirstAncestorOrSelf<MemberDeclarationSyntax>();
            bool isInBody = pointer.Ancestors().TakeWhile(n => n != member)
                .Any(n => n is BlockSyntax or ArrowExpressionClauseSyntax or EqualsValueClauseSyntax);
            if (member is not null && !isInBody && IsVisible(member))
                yield return file.At(pointer, $"{pointer} in a public signature");
        }
    }

    /// <summary>A file is named after its main type, says what that is, and its namespace is its folder.</summary>
    public static IEnumerable<string> Homeless(SourceFile file)
    {
        var types = file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(t => t.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax)
            .Where(t => NameOf(t).Length > 0)
            .ToList();
        // The kernel's structures mirror its headers, several to a file.
        if (types.Count == 0 || file.IsUnder("src/Runtime/Native"))
            yield break;

        string name = Path.GetFileNameWithoutExtension(file.Path);
        var main = types.Find(t => NameOf(t) == name.Split('.')[0]);
        if (main is null)
            yield return $"{file.Path}: no type {name} in it";
        else if (!name.Contains('.') && !HasSummary(main))
            yield return file.At(main, $"{name} has no <summary>");

        // A folder within a folder may keep the namespace above it.
        string folder = "Anax" + Path.GetDirectoryName(file.Path)!.Replace('/', '.')[3..];
        var space = file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault();
        string actual = space?.Name.ToString() ?? folder;
        bool isAbove = folder.StartsWith(actual + ".", StringComparison.Ordinal);
        if (actual != folder && !(isAbove && actual.Split('.').Length > 2))
            yield return $"{file.Path}: namespace {actual} instead of {folder}";
    }

    private static bool HasSummary(MemberDeclarationSyntax type) =>
        type.GetLeadingTrivia().ToString().Contains("<summary>", StringComparison.Ordinal);

    private static bool IsVisible(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(m => m.IsKind(SyntaxKind.PublicKeyword) || m.IsKind(SyntaxKind.ProtectedKeyword))
        && member.Ancestors().OfType<BaseTypeDeclarationSyntax>()
            .All(t => t.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static bool IsAutomaticSetter(AccessorDeclarationSyntax accessor) =>
        accessor.IsKind(SyntaxKind.SetAccessorDeclaration) && accessor is { Body: null, ExpressionBody: null };

    private static bool Contains(SyntaxList<AttributeListSyntax> attributes, string name) =>
        attributes.ToString().Contains(name, StringComparison.Ordinal);

    private static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax t => t.Identifier.Text,
        DelegateDeclarationSyntax d => d.Identifier.Text,
        _ => "",
    };

    private static bool IsDeclaredName(SyntaxToken token) =>
        token.IsKind(SyntaxKind.IdentifierToken)
        && token.Parent is MemberDeclarationSyntax or VariableDeclaratorSyntax or ParameterSyntax
            or LocalFunctionStatementSyntax or EnumMemberDeclarationSyntax or TypeParameterSyntax;

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia
            or SyntaxKind.MultiLineDocumentationCommentTrivia;

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Debt();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")]
    private static partial Regex Word();
}
