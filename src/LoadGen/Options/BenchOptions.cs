namespace Anax.LoadGen.Options;

/// <summary>What a run is to do: one property per option, with the defaults of dfly_bench where it has the option.</summary>
public sealed record BenchOptions
{
    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = 6379;

    /// <summary>Empty: TCP.</summary>
    public string UnixSocket { get; init; } = "";

    /// <summary>0: as many as processors of the affinity mask.</summary>
    public int Threads { get; init; }

    /// <summary>Per thread, and with a cluster per thread and shard.</summary>
    public int Connections { get; init; } = 20;

    public bool ForceEpoll { get; init; }

    public string User { get; init; } = "";

    public string Password { get; init; } = "";

    public bool TcpNoDelay { get; init; }

    public bool Greet { get; init; } = true;

    public bool ConnectOnly { get; init; }

    public BenchProtocol Protocol { get; init; }

    public bool NoReply { get; init; }

    public bool ProbeCluster { get; init; } = true;

    /// <summary>Keys of a cluster carry no hash tag; false puts one into each.</summary>
    public bool ClusterSkipTags { get; init; } = true;

    /// <summary>Per connection; ignored (0) under a test time.</summary>
    public long Requests { get; init; } = 1000;

    /// <summary>Seconds; 0 counts requests instead.</summary>
    public double TestTime { get; init; }

    /// <summary>Seconds that are run first and not counted.</summary>
    public double Warmup { get; init; }

    /// <summary>Batches per second and connection: above 0 throttled, below 0 not, 0 a closed loop.</summary>
    public double Qps { get; init; } = 20;

    /// <summary>One measured step per rate, each with the meaning of <see cref="Qps"/>; empty: one step at Qps.</summary>
    public IReadOnlyList<double> RateSteps { get; init; } = [];

    public int Pipeline { get; init; } = 1;

    /// <summary>Requests kept in flight by a sliding window; 0 sends in batches.</summary>
    public int Window { get; init; }

    public int ValueBytesMin { get; init; } = 16;

    public int ValueBytesMax { get; init; } = 16;

    public bool RandomData { get; init; } = true;

    public bool Ascii { get; init; } = true;

    public bool Verify { get; init; }

    public ulong KeyMinimum { get; init; }

    public ulong KeyMaximum { get; init; } = 50_000_000;

    public string KeyPrefix { get; init; } = "key:";

    public KeyDistribution KeyDistribution { get; init; }

    /// <summary>0: a sixth of the range.</summary>
    public double KeyStddev { get; init; }

    public double ZipfAlpha { get; init; } = 0.99;

    public ulong Seed { get; init; } = 42;

    public int RatioSet { get; init; } = 1;

    public int RatioGet { get; init; } = 10;

    /// <summary>The user's own commands; empty: SET and GET by the ratio.</summary>
    public IReadOnlyList<WeightedCommand> Commands { get; init; } = [];

    public string JsonOutFile { get; init; } = "";

    public string HdrFile { get; init; } = "";

    public string ReportFile { get; init; } = "";
}

/// <summary>What is spoken to the server.</summary>
public enum BenchProtocol
{
    Resp2,
    Resp3,
    MemcacheText,
}

/// <summary>How keys are drawn from their range.</summary>
public enum KeyDistribution
{
    Uniform,
    Normal,
    Zipfian,
    Sequential,
}

/// <summary>A command template and how often it is sent in proportion to the others.</summary>
public sealed record WeightedCommand(string Text, int Weight);
