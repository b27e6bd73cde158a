namespace Anax.Tests.Stub;

/// <summary>When a request is answered, by when it came.</summary>
public abstract class StubDelay
{
    /// <summary>The moment at which the request with this number may be answered.</summary>
    public abstract long DueNs(long arrivalNs, long number);
}

/// <summary>Every request waits for the same time.</summary>
public sealed class ConstantDelay(long ns) : StubDelay
{
    public override long DueNs(long arrivalNs, long number) => arrivalNs + ns;
}

/// <summary>One request in so many waits for longer than the rest.</summary>
public sealed class BimodalDelay(long fastNs, long slowNs, int slowOneIn) : StubDelay
{
    public override long DueNs(long arrivalNs, long number) =>
        arrivalNs + (number % slowOneIn == slowOneIn - 1 ? slowNs : fastNs);
}

/// <summary>
/// A server that stands still for a while in every period, as one that saves or collects does: what would be answered
/// meanwhile is answered at the end of the pause.
/// </summary>
public sealed class StallingDelay(long baseNs, long stallNs, long periodNs) : StubDelay
{
    private long _firstNs;

    public override long DueNs(long arrivalNs, long number)
    {
        if (number == 0) _firstNs = arrivalNs;
        long dueNs = arrivalNs + baseNs;
        // The first pause ends with the first period: a run begins and warms up before it.
        long phaseNs = (dueNs - _firstNs) % periodNs;
        return phaseNs < periodNs - stallNs ? dueNs : dueNs - phaseNs + periodNs;
    }
}
