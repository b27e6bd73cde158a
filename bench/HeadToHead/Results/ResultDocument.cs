using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>The whole of results.json.</summary>
internal sealed record ResultDocument
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Of everything that results depend on: only under the same one are they put together.</summary>
    public string Fingerprint { get; init; } = "";

    public ResultSettings Settings { get; init; } = new();

    public ResultMachine Machine { get; init; } = new();

    public IReadOnlyList<ResultServer> Servers { get; init; } = [];

    public List<Preparation> Preparations { get; init; } = [];

    public List<Measurement> Measurements { get; init; } = [];
}

/// <summary>The settings that results depend on, and what reports tell of them.</summary>
internal sealed record ResultSettings
{
    public bool IsQuick { get; init; }

    public int Rounds { get; init; }

    public double Seconds { get; init; }

    public double RateSeconds { get; init; }

    public long FillEntries { get; init; }

    public long ManyKeys { get; init; }

    public IReadOnlyList<string> Cells { get; init; } = [];

    public IReadOnlyList<Layout> Layouts { get; init; } = [];

    public string ServerCpus { get; init; } = "";

    public string ClientCpus { get; init; } = "";

    public string SharedCpus { get; init; } = "";

    public string BenchSha256 { get; init; } = "";

    /// <summary>One command of the client for each kind of measurement.</summary>
    public IReadOnlyList<string> ClientCommands { get; init; } = [];
}

internal sealed record ResultMachine
{
    public string Processor { get; init; } = "";

    public int Cpus { get; init; }

    public double MemoryGibibytes { get; init; }

    public string System { get; init; } = "";

    public string Kernel { get; init; } = "";

    public DateTimeOffset StartTime { get; init; }
}

/// <summary>A server that was compared, or why it was not.</summary>
internal sealed record ResultServer
{
    public string Name { get; init; } = "";

    public string Version { get; init; } = "";

    public string Sha256 { get; init; } = "";

    /// <summary>Empty where it is there.</summary>
    public string Missing { get; init; } = "";

    public string SplitCommand { get; init; } = "";

    public string SharedCommand { get; init; } = "";
}

/// <summary>What was found while a server was filled for the reads, before it was measured.</summary>
internal sealed record Preparation
{
    public Layout Layout { get; init; }

    public string Server { get; init; } = "";

    public DateTimeOffset Time { get; init; }

    /// <summary>The server's processor time to accept a connection, to greet and to close it.</summary>
    public double ConnectionNs { get; init; }
}
