using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>Shows a run while it lasts; all calls come from the main thread, never from one that makes load.</summary>
public interface IRunDisplay
{
    void Begin(RunningPhase phase);

    /// <summary>About ten times a second.</summary>
    void Refresh(long nowNs);

    void End();
}
