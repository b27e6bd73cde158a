using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Settings;

/// <summary>What is compared, how long and where: the command line, read and checked.</summary>
internal sealed record RunSettings
{
    /// <summary>Keys that are read, and overwritten, outside of the fill.</summary>
    public const int Keys = 1_000_000;

    public const int ValueBytes = 64;

    /// <summary>Rounds of what no goal is about, is longer, or less noisy than a maximum.</summary>
    private const int OtherRoundsMax = 3;

    private const int RateRoundsMax = 5;

    private const double RateFactor = 1.5;

    public bool IsQuick { get; init; }

    /// <summary>Of the maxima that goals are about.</summary>
    public int Rounds { get; init; } = 9;

    public double Seconds { get; init; } = 2;

    /// <summary>0: no fill.</summary>
    public long FillEntries { get; init; } = 10_000_000;

    /// <summary>Of the maxima with many keys; 0: none.</summary>
    public long ManyKeys { get; init; } = 20_000_000;

    /// <summary>Parts of the ids of the cells that are measured; empty: all are.</summary>
    public IReadOnlyList<string> Cells { get; init; } = [];

    public IReadOnlyList<Layout> Layouts { get; init; } = [Layout.Split, Layout.Shared];

    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Of the split layout.</summary>
    public CpuList ServerCpus { get; init; } = CpuList.Of(0);

    /// <summary>Of the split layout.</summary>
    public CpuList ClientCpus { get; init; } = CpuList.Of(1);

    /// <summary>Of the shared layout: the server's, and the client's too.</summary>
    public CpuList SharedCpus { get; init; } = CpuList.Of(0, 1);

    public string AnaxPath { get; init; } = "out/anax";

    public string BenchPath { get; init; } = "out/anax-bench";

    /// <summary>Empty: what the script brings.</summary>
    public string ValkeyPath { get; init; } = "";

    public string GarnetPath { get; init; } = "";

    /// <summary>Empty: left out.</summary>
    public string DragonflyPath { get; init; } = "";

    public string OutFolder { get; init; } = "out/headtohead";

    public bool IsFresh { get; init; }

    /// <summary>Only writes the reports anew from what was measured.</summary>
    public bool OnlySummarizes { get; init; }

    public int RateRounds => Math.Min(Rounds, RateRoundsMax);

    public int OtherRounds => Math.Min(Rounds, OtherRoundsMax);

    public double RateSeconds => Seconds * RateFactor;

    public CpuList ServerCpusOf(Layout layout) => layout == Layout.Split ? ServerCpus : SharedCpus;

    public CpuList ClientCpusOf(Layout layout) => layout == Layout.Split ? ClientCpus : SharedCpus;
}
