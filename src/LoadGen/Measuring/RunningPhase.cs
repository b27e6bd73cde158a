namespace Anax.LoadGen.Measuring;

/// <summary>A phase that is under way: the warm-up (not measured) or a step.</summary>
public sealed record RunningPhase(
    string Name, double Qps, bool IsMeasured, long StartNs, IReadOnlyList<ThreadRecorder> Threads);
