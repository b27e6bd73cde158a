using Anax.Tests.Fuzz;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>The fuzzers that need no server, for a second; and proof that a failed round is seen and repeated.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData("request_parser")]
    [InlineData("reply_writer")]
    [InlineData("restore")]
    [InlineData("smoke")]
    public void RunsBriefly(string name) => Fuzzer(name).Play(TimeSpan.FromSeconds(1), Random.Shared.Next());

    [Fact]
    public void AFailedRoundNamesTheSeedThatRepeatsIt()
    {
        var failure = Assert.Throws<FuzzException>(() => Fuzzer("canary").Play(TimeSpan.FromSeconds(10), 1));
        int seed = int.Parse(failure.Message.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

        var again = Assert.Throws<FuzzException>(() => Fuzzer("canary").Play(TimeSpan.Zero, seed));

        Assert.Equal(failure.Message, again.Message);
    }

    private static Fuzzer Fuzzer(string name) => Fuzz.Fuzzer.All.Single(f => f.Name == name);
}
