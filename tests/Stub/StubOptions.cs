namespace Anax.Tests.Stub;

/// <summary>How a <see cref="StubServer"/> behaves, and misbehaves.</summary>
public sealed record StubOptions
{
    /// <summary>When replies leave; at once where it is null.</summary>
    public StubDelay? Delay { get; init; }

    /// <summary>
    /// The loop never sleeps, so that replies leave within microseconds of their time. It takes a processor.
    /// </summary>
    public bool IsPolling { get; init; }

    /// <summary>The processor of the stub's thread; -1 does not pin it.</summary>
    public int Cpu { get; init; } = -1;

    /// <summary>A path to listen on instead of a port.</summary>
    public string? UnixPath { get; init; }

    /// <summary>Requests whose times are kept; later ones are counted only.</summary>
    public int RecordMax { get; init; } = 1 << 20;

    /// <summary>The arguments of every request are kept as well.</summary>
    public bool KeepsRequests { get; init; }

    /// <summary>Values are stored and given back; otherwise every GET finds the same value.</summary>
    public bool KeepsValues { get; init; }

    /// <summary>One value in so many has a wrong byte when it is read; 0 is an honest server.</summary>
    public int CorruptOneIn { get; init; }

    /// <summary>One request in so many is answered by <see cref="ErrorText"/>; 0 never.</summary>
    public int ErrorOneIn { get; init; }

    public string ErrorText { get; init; } = "ERR the stub was told to";

    /// <summary>The connection that brings the request with this number is closed; 0 never.</summary>
    public long CloseAtRequest { get; init; }

    /// <summary>Clients are let in and never get an answer.</summary>
    public bool IsSilent { get; init; }

    /// <summary>What AUTH must bring before anything else; empty asks for nothing.</summary>
    public string Password { get; init; } = "";

    /// <summary>Where keys are said to live now, "host:port"; empty keeps them here.</summary>
    public string MovedTo { get; init; } = "";

    /// <summary>
    /// The answer to CLUSTER NODES by the port on which the stub listens; null is a server without a cluster.
    /// </summary>
    public Func<int, string>? ClusterNodes { get; init; }
}
