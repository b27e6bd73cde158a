using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>--verify finds every wrong byte that a server gives out, and accuses nobody else.</summary>
public sealed class VerifyTests
{
    [Fact]
    public void OneWrongValueInAHundredThousandIsFoundAndNamed()
    {
        using StubServer stub = new(new StubOptions { KeepsValues = true, CorruptOneIn = 100_000 });
        string common = $"-p {stub.Port} --threads 1 -c 2 --qps=0 --verify --key_maximum 999";
        BenchRun.RunLine($"{common} -n 500 --ratio 1:0 --key_dist S").Good();

        BenchResult result = BenchRun.RunLine($"{common} -n 175000 --ratio 0:1 --pipeline 50");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal((350_000, 350_000), (result.Reads, result.Hits));
        Assert.Equal(3, stub.Record.Corrupted);
        Assert.Equal(
            stub.Record.Corruptions.Select(wrong => $"VERIFY the value of {wrong.Key} is wrong at byte {wrong.Byte}").Order(),
            result.ErrorTexts.Keys.Order());
        Assert.Equal(3, result.ErrorTexts.Values.Sum());
        Assert.Equal(3, result.Step.GetProperty("errors").GetInt64());
    }

    [Theory]
    [InlineData("-d 64")]
    [InlineData("-d 1")]
    [InlineData("-d 0:3000")]
    [InlineData("-d 0:3000 --ascii=false")]
    [InlineData("-d 100000:200000 --ascii=false")]
    [InlineData("-d 10:500 --window 32")]
    [InlineData("-d 10:500 --force_epoll --seed 7")]
    public void AnHonestServerIsNotAccused(string options)
    {
        using StubServer stub = new(new StubOptions { KeepsValues = true });
        string common = $"-p {stub.Port} --threads 2 -c 3 --qps=0 --verify --key_maximum 599 {options}";
        BenchRun.RunLine($"{common} -n 100 --ratio 1:0 --key_dist S").Good();
        BenchResult result = BenchRun.RunLine($"{common} -n 300 --ratio 0:1").Good();
        Assert.Equal((1800, 1800), (result.Reads, result.Hits));
        // Read while it is written.
        BenchResult mixed = BenchRun.RunLine($"{common} -n 300 --ratio 1:1").Good();
        Assert.Equal(mixed.Reads, mixed.Hits);
    }

    [Fact]
    public void AnotherLengthIsAWrongValue()
    {
        using StubServer stub = new(new StubOptions { KeepsValues = true });
        string common = $"-p {stub.Port} --threads 1 -c 1 --qps=0 --verify --key_maximum 9";
        BenchRun.RunLine($"{common} -n 10 --ratio 1:0 --key_dist S -d 30").Good();
        BenchResult result = BenchRun.RunLine($"{common} -n 50 --ratio 0:1 -d 31");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(50, result.ErrorTexts.Values.Sum());
        Assert.Contains(result.ErrorTexts.Keys, text => text.EndsWith("has 30 bytes instead of 31", StringComparison.Ordinal));
    }
}
