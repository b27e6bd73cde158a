using System.Text;
using Anax.Core.Text;
using Anax.Server.Options;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Options;

[Collection(AloneCollection.Name)]
public sealed class OptionTableTests
{
    // What an untouched Valkey 9.1 answers to CONFIG GET *, but for the folder; save points are not kept here.
    private static string[] ValkeyDefaults =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Server", "Options", "valkey-9.1-defaults.txt"));

    [Fact]
    public void EveryParameterOfValkeyHasValkeysDefault()
    {
        foreach (var line in ValkeyDefaults)
        {
            var (name, value) = (line.Split('=', 2)[0], line.Split('=', 2)[1]);
            Assert.True(OptionTable.TryFind(name, out var spec, out var isAlias), name);
            Assert.Equal(name, isAlias ? spec.Alias : spec.Name);
            Assert.Equal($"{name}={value}", $"{name}={OptionTable.Defaults[spec].Text}");
        }
    }

    [Fact]
    public void APatternShowsValkeysParametersAndNoOthers()
    {
        var shown = new List<string>();
        var matches = new ConfigMatches(new int[ConfigMatches.CellsNeeded]);
        matches.Add("*"u8, 0);
        var position = 0;
        while (matches.TryNext(ref position, out _, out var name, out var argument))
        {
            Assert.Equal(-1, argument);
            shown.Add(Encoding.ASCII.GetString(name));
        }

        var expected = ValkeyDefaults.Select(line => line.Split('=')[0])
            .Concat(["dir", "save", "port", "enable-debug-command", "oom-score-adj"]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
        Assert.Equal(shown.Count, matches.Count);
    }

    [Fact]
    public void AnExactNameIsAnsweredAsItWasWritten()
    {
        Assert.Equal(["MaxMemory@0"], Match("MaxMemory"));
        Assert.Equal(["slowlog-max-len@0", "commandlog-slow-execution-max-len@1"],
            Match("slowlog-max-len", "commandlog-slow-execution-max-len").Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(["proactor_threads@0"], Match("proactor_threads"));
        Assert.Equal(["server_cpulist@0"], Match("server_cpulist"));
        Assert.Empty(Match("nosuch", "proactor_*", ""));
    }

    [Fact]
    public void APatternAndANameCountOnce()
    {
        Assert.Equal(["PORT@0"], Match("PORT", "por[t]", "port"));
        Assert.Equal(["hash-max-listpack-value", "hash-max-ziplist-value"], Match("HASH-max-*value"));
    }

    [Fact]
    public void MatchingAllocatesNothing()
    {
        Assert.Equal(0, Allocations.Of(Count));

        static void Count()
        {
            Span<int> cells = stackalloc int[ConfigMatches.CellsNeeded];
            var matches = new ConfigMatches(cells);
            matches.Add("max*"u8, 0);
            matches.Add("tcp_backlog"u8, 1);
            var position = 0;
            while (matches.TryNext(ref position, out _, out _, out _)) { }
        }
    }

    [Fact]
    public void NamesAreFoundInAnySpelling()
    {
        foreach (var name in (string[])["tcp-backlog", "TCP_BACKLOG", "tcp_Backlog"])
        {
            Assert.True(OptionTable.TryFind(name, out var spec));
            Assert.Equal("tcp-backlog", spec.Name);
            Assert.True(OptionTable.TryFind(Encoding.ASCII.GetBytes(name), out var same, out _));
            Assert.Same(spec, same);
        }
        Assert.True(OptionTable.TryFind("dbnum", out var databases));
        Assert.Equal("databases", databases.Name);
        Assert.False(OptionTable.TryFind(new string('x', 1000), out _));
        Assert.False(OptionTable.TryFind(new byte[1000], out _, out _));
    }

    [Fact]
    public void EveryOptionSaysWhatItIs()
    {
        foreach (var spec in OptionTable.All)
        {
            Assert.True(spec.Summary.EndsWith('.'), spec.Name);
            Assert.False(spec.Effect == OptionEffect.Promises && spec.Missing.Length == 0, spec.Name);
            Assert.False(spec.Asks(OptionTable.Defaults[spec], isGiven: false), spec.Name);
        }
    }

    [Fact]
    public void TheValueThatSwitchesAPromiseOffIsAccepted()
    {
        foreach (var spec in OptionTable.All)
        {
            if (spec.Effect != OptionEffect.Promises)
                continue;
            string[] words = ArgumentSplitter.Split(spec.OffText) is { Length: > 0 } some ? some : [""];
            var error = OptionReader.TryRead(spec, words, OptionTable.Defaults[spec], OptionSource.Start, out var value);
            Assert.Null(error);
            Assert.False(spec.Asks(value, isGiven: true), spec.Name);
        }
    }

    [Theory]
    [InlineData("maxmemory-polcy", "maxmemory-policy")]
    [InlineData("appendolny", "appendonly")]
    [InlineData("PROACTOR-THREAD", "proactor_threads")]
    [InlineData("prot", "port")]
    [InlineData("slowlog-max-length", "slowlog-max-len")]
    [InlineData("zzzzzzzz", null)]
    public void TheNearestNameIsTheOneMeant(string wrong, string? right) =>
        Assert.Equal(right, OptionTable.Nearest(wrong));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abcd", "abd", 1)]
    [InlineData("abd", "abcd", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void DistanceCountsSlips(string left, string right, int slips) =>
        Assert.Equal(slips, EditDistance.Between(left, right));

    private static List<string> Match(params string[] patterns)
    {
        var shown = new List<string>();
        var matches = new ConfigMatches(new int[ConfigMatches.CellsNeeded]);
        for (var i = 0; i < patterns.Length; i++)
            matches.Add(Encoding.ASCII.GetBytes(patterns[i]), i);
        var position = 0;
        while (matches.TryNext(ref position, out _, out var name, out var argument))
            shown.Add(argument < 0 ? Encoding.ASCII.GetString(name) : $"{patterns[argument]}@{argument}");
        return shown;
    }
}
