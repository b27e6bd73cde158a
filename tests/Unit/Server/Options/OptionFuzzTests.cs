using Anax.Server.Options;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Server.Options;

/// <summary>Whatever is thrown at the options, they answer with settings or with a text, never with an exception.</summary>
public sealed class OptionFuzzTests
{
    private static readonly string[] Names = Array.ConvertAll(OptionTable.All.ToArray(), spec => spec.Name);

    private static readonly Gen<string> AnyText =
        Gen.Char['\0', '\xff'].Array[0, 12].Select(characters => new string(characters));

    private static readonly Gen<string> AnyValue = Gen.OneOf(AnyText, OneOf("", "yes", "no", "-1", "0", "1kb",
        "99%", "18446744073709551615", "normal 1 1 1", "\"", "'a", "{port}", "900 1", "/tmp", "/\0", "x y z", "--"));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Fact]
    public void ConfigSetNeverThrows() =>
        Gen.Select(Gen.OneOf(OneOf(Names), AnyText), AnyValue, Gen.Bool).Sample((name, value, isProtected) =>
        {
            var store = new ConfigStore(ServerSettings.Default, null);
            var change = store.Set([name, value], isProtected);
            Assert.Equal(change.Error is null, change.Next is not null);
            store.Commit(change);
            // What was accepted is accepted again, and changes nothing.
            if (change.Changed is [var spec])
                Assert.Empty(store.Set([spec.Name, store.Current.Values[spec].Text], isProtected).Changed);
        }, iter: 5_000);

    [Fact]
    public void ACommandLineNeverThrows() =>
        Gen.OneOf(OneOf(Names).Select(name => "--" + name), AnyValue.Where(value => value != "-")).Array[0, 6]
            .Sample(arguments =>
            {
                var start = StartOptions.Read(arguments, Stream.Null, "1");
                Assert.Single(new object?[] { start.Settings, start.Output, start.Error }, given => given is not null);
            }, iter: 1_000);

    [Fact]
    public void AFileNeverThrows() =>
        Gen.Select(Gen.OneOf(OneOf(Names), OneOf("include", "flagfile", "user"), AnyText), AnyValue)
            .Array[1, 6].Sample(lines =>
            {
                var text = string.Join('\n', lines.Select(line => $"{line.Item1} {line.Item2}"));
                var input = new MemoryStream(OptionText.ToBytes(text));
                var start = StartOptions.Read(["-"], input, "1");
                Assert.True(start.Settings is null != start.Error is null);
            }, iter: 1_000);
}
