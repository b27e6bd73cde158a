namespace Anax.Tests.Simulation.Simulated;

/// <summary>A rule that every history keeps.</summary>
internal interface IHistoryCheck
{
    /// <summary>What breaks the rule, or null.</summary>
    string? Judge(History history, Counters counters);
}
