using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>A run in a terminal.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    public void Begin(PhaseRecord phase)
    {
    }

    public void Refresh(PhaseRecord phase, long nowNs, bool hasCollected)
    {
    }

    public void End(PhaseRecord phase)
    {
    }
}
