using Anax.LoadGen.Options;

namespace Anax.LoadGen.Measuring;

/// <summary>A finished run, measured phases only: what tables, files and the report are made from.</summary>
public sealed record RunResult
{
    public required BenchOptions Options { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>How the loops talk to the kernel.</summary>
    public required string Backend { get; init; }

    /// <summary>What the server says of itself in INFO or HELLO; empty where it does not.</summary>
    public required string ServerVersion { get; init; }

    public required IReadOnlyList<PhaseResult> Steps { get; init; }

    /// <summary>Why the run ended before its time; empty where it did not.</summary>
    public required string Failure { get; init; }
}

/// <summary>One phase: its rate, its time, and what each thread counted.</summary>
public sealed record PhaseResult(string Name, double Qps, long StartNs, long EndNs, IReadOnlyList<ThreadRecorder> Threads);
