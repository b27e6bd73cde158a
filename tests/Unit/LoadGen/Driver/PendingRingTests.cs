using Anax.LoadGen.Driver;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Driver;

/// <summary>Requests come out in the order in which they went in, with their times, joined to runs or not.</summary>
public sealed class PendingRingTests
{
    [Fact]
    public void TheOrderIsKeptThroughEveryGrowth()
    {
        Gen<(bool IsAdded, int Kind)> step = Gen.Select(Gen.Int[0, 9].Select(i => i < 6), Gen.Int[0, 2]);
        step.Array[0, 400].Sample(steps =>
        {
            PendingRing ring = new();
            Queue<(long Time, short Command)> model = new();
            long time = 0;
            foreach ((bool isAdded, int kind) in steps)
            {
                if (isAdded)
                {
                    if (kind == 0) time++;
                    Pending request = new() { GeneratedNs = time, IntendedNs = -time, Command = (short)kind, Count = 1 };
                    ring.Add(request, mayJoin: true);
                    model.Enqueue((time, (short)kind));
                }
                else if (model.TryDequeue(out (long Time, short Command) expected))
                {
                    Assert.Equal((expected.Time, -expected.Time, expected.Command), (ring.First.GeneratedNs, ring.First.IntendedNs, ring.First.Command));
                    bool isLastOfRun = model.Count == 0 || model.Peek() != expected;
                    Assert.Equal(isLastOfRun, ring.TakeOne());
                }

                Assert.Equal(model.Count, ring.Count);
            }
        });
    }
}
