using Anax.Tests.Simulation.Recording;
using Xunit;

namespace Anax.Tests.Simulation.RecordingTests;

/// <summary>Full mailboxes hold nobody up for ever. The long run is ./build sim --storm.</summary>
[Collection(AloneCollection.Name)]
public sealed class StormTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryClientGetsOnWhenMailboxesAreFull()
    {
        StormResult result = StormRun.Play(TimeSpan.FromSeconds(3), seed: Random.Shared.Next(1_000_000));
        output.WriteLine($"{result}");
        Assert.True(result.MailboxesFull > 100, $"{result}");
        Assert.True(result.SlowestMs < StormResult.SilenceMaxMs, $"{result}");
    }
}
