using System.Globalization;
using System.Text;
using Anax.Core.Rdb;
using Anax.Core.Structures;
using Anax.Tests.Fuzz;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Rdb;

/// <summary>What is written is read as the same, whatever it is and however it lies.</summary>
public sealed class RdbSaverTests
{
    /// <summary>So that a few elements cross every threshold.</summary>
    private static readonly RdbLimits Small = new(new PackedLimits(8, 20), new SetLimits(10, 8, 20), new PackedLimits(8, 20), new ListLimit(6));

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Int.Select(i => i.ToString(CultureInfo.InvariantCulture)), Gen.Long.Select(l => l.ToString(CultureInfo.InvariantCulture)),
        Gen.Const(""), Gen.Const("007"), Gen.String[Gen.Char['a', 'c'], 0, 30], Gen.Const(new string('x', 70)), Gen.Const(new string('y', 20_000)),
        Gen.String[Gen.Char['\0', '\u00FF'], 0, 10]);

    private static readonly Gen<(string Text, string Other, int Number)[]> Elements = Gen.Select(Texts, Texts, Gen.Int[0, 40]).Array[1, 60];

    private delegate void Filler(LoadedValue value, (string Text, string Other, int Number)[] elements, RdbLimits limits);

    private static void Check(Filler fill) => Gen.Select(Elements, Gen.Bool, Gen.Bool).Sample(
        run =>
        {
            var limits = run.Item2 ? Small : LoadedValue.Limits;
            using var first = new LoadedValue();
            using var second = new LoadedValue();
            fill(first, run.Item1, limits);
            var saved = first.Save(run.Item3);
            Assert.Equal(RdbLoad.Done, second.Load(saved, RdbVersion.Written, limits));
            Assert.Equal(first.Describe(), second.Describe());
            Assert.Equal(saved.Length, second.Save(run.Item3).Length);
            second.Delete();
            Assert.Equal(second.EmptyBytes, second.UsedBytes);
        }, iter: 200);

    /// <summary>Each field once: one that gets a shorter value later leaves a table that would be packed when it is read.</summary>
    private static IEnumerable<(string Text, string Other, int Number)> Once((string Text, string Other, int Number)[] elements) =>
        elements.DistinctBy(element => element.Text);

    [Fact]
    public void Strings() => Check((value, elements, limits) => value.Edit(slot => slot.SetString(elements[0].Text)));

    [Fact]
    public void Lists() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, _, _) in elements) slot.Push(text, limits);
    }));

    [Fact]
    public void Sets() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, _, _) in elements) slot.AddMember(text, 0, limits);
    }));

    [Fact]
    public void SetsOfNumbers() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (_, _, number) in elements) slot.AddMember($"{(long)number * number * number * number * number * number - 9}", 0, limits);
    }));

    [Fact]
    public void SetsThatExpire() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, _, number) in elements) slot.AddMember(text, number % 3 == 0 ? 0 : 1_800_000_000_000 + number, limits);
    }));

    [Fact]
    public void SortedSets() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, _, number) in elements)
        {
            var score = number switch
            {
                0 => double.PositiveInfinity,
                1 => double.NegativeInfinity,
                < 10 => number,
                < 20 => number / 8.0,
                _ => Math.Pow(-number, 9.0),
            };
            slot.AddScored(text, score, limits);
        }
    }));

    [Fact]
    public void SortedSetsWithMembersThatExpire() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, _, number) in Once(elements)) slot.AddScored(text, number / 4.0, limits, number % 3 == 0 ? 0 : 1_800_000_000_000 + number);
    }));

    [Fact]
    public void Hashes() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, other, _) in Once(elements)) slot.SetField(text, other, 0, limits);
    }));

    [Fact]
    public void HashesWithFieldsThatExpire() => Check((value, elements, limits) => value.Edit(slot =>
    {
        foreach (var (text, other, number) in Once(elements)) slot.SetField(text, other, number % 3 == 0 ? 0 : 1_800_000_000_000 + number, limits);
    }));

    [Theory]
    [InlineData(10)]
    [InlineData(200_000)]
    [InlineData(3_000_000)]
    public void LongStrings(int length)
    {
        var text = string.Create(length, 1, static (chars, _) =>
        {
            for (var i = 0; i < chars.Length; i++) chars[i] = (char)('a' + i * i % 23);
        });
        using var first = new LoadedValue();
        using var second = new LoadedValue();
        first.Edit(slot => slot.SetString(text));
        Assert.Equal(RdbLoad.Done, second.Load(first.Save(), RdbVersion.Written, LoadedValue.Limits));
        Assert.Equal(first.Describe(), second.Describe());
        // As others may write it.
        second.Delete();
        text = text[..Math.Min(length, 100_000)];
        var compressed = new RdbBytes(0).Compressed(Encoding.ASCII.GetBytes(text)).ToArray();
        Assert.Equal(RdbLoad.Done, second.Load(compressed, 11, LoadedValue.Limits));
        Assert.Equal($"String packed 1: {text}", second.Describe());
    }

    [Fact]
    public void ListsKeepTheirNodes()
    {
        using var first = new LoadedValue();
        using var second = new LoadedValue();
        first.Edit(slot =>
        {
            for (var i = 0; i < 5000; i++) slot.Push($"element {i}", LoadedValue.Limits);
        });
        var saved = first.Save();
        Assert.Equal(RdbLoad.Done, second.Load(saved, RdbVersion.Written, LoadedValue.Limits));
        Assert.Equal(saved, second.Save());
    }
}
