using Anax.LoadGen.Options;

namespace Anax.LoadGen.Measuring;

/// <summary>A finished run, measured phases only: what tables, files and the report are made from.</summary>
public sealed record RunResult
{
    public required BenchOptions Options { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>When the first connection was dialled.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>How the loops talk to the kernel.</summary>
    public required string Backend { get; init; }

    /// <summary>What the server says of itself in INFO or HELLO; empty where it does not.</summary>
    public required string ServerVersion { get; init; }

    public required int Threads { get; init; }

    public required IReadOnlyList<PhaseRecord> Steps { get; init; }

    /// <summary>Why the run ended before its time; empty where it did not.</summary>
    public required string Failure { get; init; }

    public bool HasErrors => Failure.Length != 0 || Steps.Any(step => step.ErrorCount != 0);
}
