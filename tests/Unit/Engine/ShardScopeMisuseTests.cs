using Anax.Engine.Keyspace;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>
/// "A shard's data is touched only by its thread" is a promise of the compiler: each way to carry a scope, or what it gave
/// out, away from the command it belongs to must not compile.
/// </summary>
public sealed class ShardScopeMisuseTests
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    [Theory]
    [InlineData("CS8345", "ShardScope _scope;")]
    [InlineData("CS8345", "static ShardScope Scope { get; set; }")]
    [InlineData("CS8345", "Edit _edit;")]
    [InlineData("CS8345", "Entry _entry;")]
    [InlineData("CS9244", "List<ShardScope> _all = [];")]
    [InlineData("CS9244", "void M(Task<ShardScope> later) { }")]
    [InlineData("CS0029", "object M(ShardScope scope) => scope;")]
    [InlineData("CS9108", "Func<long> M(ShardScope scope) => () => scope.NowMs;")]
    [InlineData("CS9108", "Thread M(ShardScope scope) => new(() => _ = scope.NowMs);")]
    [InlineData("CS4012", "async Co<Nothing> M(ShardScope scope) { await Wait(); return default; }")]
    [InlineData("CS4007", "async Co<long> M() { var scope = Get(); await Wait(); return scope.NowMs; }")]
    [InlineData("CS4007", "IEnumerable<long> M() { var s = Get(); yield return 1; yield return s.NowMs; }")]
    [InlineData("CS8352", "Key M(ArgumentSlice slice) { Arguments a = new([slice]); return a.Key(0); }")]
    [InlineData("CS1061", "Shard M(ShardScope scope) => scope.Shard;")]
    [InlineData("CS1061", "KeyTable M(Shard shard) => shard.TableFor(0);")]
    [InlineData("CS0315", "async Co<Nothing> M() { await Task.Delay(1); return default; }")]
    public void CarryingItAwayDoesNotCompile(string expected, string code)
    {
        string[] errors = Errors(code);
        Assert.True(errors.Contains(expected), $"expected {expected}, got: {string.Join(", ", errors)}");
    }

    [Fact]
    public void OutsideOfTheEngineNobodyMakesOne()
    {
        Assert.NotEmpty(Errors("ShardScope M(EngineLoop loop, CommandContext of) => new(loop, in of);"));
    }

    [Theory]
    [InlineData("long M(ShardScope scope, Key key) => scope.Find(key).ExpireAtMs;")]
    [InlineData("async Co<Nothing> M() { { var s = Get(); _ = s.NowMs; } await Wait(); return default; }")]
    public void UsingItInPlaceDoes(string code) => Assert.Empty(Errors(code));

    private static string[] Errors(string code)
    {
        // The snippet is given a scope out of nowhere, and something to await.
        string whole = $$"""
            using System;
            using System.Collections.Generic;
            using System.Threading;
            using System.Threading.Tasks;
            using Anax.Core.Buffers;
            using Anax.Core.Structures;
            using Anax.Engine;
            using Anax.Engine.Dispatch;
            using Anax.Engine.Keyspace;
            using Anax.Engine.Transactions;
            using static Given;

            static class Given
            {
                public static ShardScope Get() => default;
                public static async Co<Nothing> Wait() => default;
            }

            class C
            {
                {{code}}
            }
            """;
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [CSharpSyntaxTree.ParseText(whole)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.NotNull(compilation.GetTypeByMetadataName(typeof(ShardScope).FullName!));
        // Some of these errors show only when the state machine is written.
        var diagnostics = compilation.Emit(Stream.Null).Diagnostics;
        var errors = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error);
        return [.. errors.Select(e => e.Id).Distinct()];
    }
}
