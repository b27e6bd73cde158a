using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>Shows a run while it lasts; all calls come from the main thread, never from one that makes load.</summary>
internal interface IRunDisplay
{
    /// <summary>Calls back, and shows what the calls below tell in the meantime.</summary>
    void Show(Action watch);

    void Begin(PhaseRecord phase);

    /// <summary>About ten times a second; says whether another second of the phase has just been collected.</summary>
    void Refresh(PhaseRecord phase, long nowNs, bool hasCollected);

    void End(PhaseRecord phase);

    /// <summary>The tables at the end, when nothing is shown any more.</summary>
    void Summarize(RunResult result);
}
