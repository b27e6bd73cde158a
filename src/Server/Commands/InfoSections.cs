using Anax.Core.Buffers;
using Anax.Core.Text;

namespace Anax.Server.Commands;

/// <summary>INFO's sections, in the order in which they are shown.</summary>
[Flags]
internal enum InfoSections
{
    None = 0,
    Server = 1 << 0,
    Clients = 1 << 1,
    Memory = 1 << 2,
    Persistence = 1 << 3,
    Threads = 1 << 4,
    Stats = 1 << 5,
    Replication = 1 << 6,
    Cpu = 1 << 7,
    Modules = 1 << 8,
    CommandStats = 1 << 9,
    ErrorStats = 1 << 10,
    LatencyStats = 1 << 11,
    Cluster = 1 << 12,
    Keyspace = 1 << 13,

    /// <summary>Shown only to who asks for it by name.</summary>
    Debug = 1 << 14,

    Default = Server | Clients | Memory | Persistence | Threads | Stats | Replication | Cpu | Modules | ErrorStats | Cluster | Keyspace,
    All = Default | CommandStats | LatencyStats,
}

/// <summary>Reads which sections INFO was asked for. Unknown names ask for nothing.</summary>
internal static class InfoSectionNames
{
    internal static InfoSections Read(Arguments args)
    {
        if (args.Count == 1) return InfoSections.Default;
        InfoSections sections = InfoSections.None;
        for (int i = 1; i < args.Count; i++) sections |= Read(args[i]);
        return sections;
    }

    private static InfoSections Read(ReadOnlySpan<byte> name)
    {
        Span<byte> lower = stackalloc byte[16];
        if (name.Length > lower.Length) return InfoSections.None;
        lower = lower[..name.Length];
        name.CopyTo(lower);
        Ascii.ToLowerInPlace(lower);
        return lower switch
        {
            _ when lower.SequenceEqual("default"u8) => InfoSections.Default,
            _ when lower.SequenceEqual("all"u8) => InfoSections.All,
            _ when lower.SequenceEqual("everything"u8) => InfoSections.All,
            _ when lower.SequenceEqual("server"u8) => InfoSections.Server,
            _ when lower.SequenceEqual("clients"u8) => InfoSections.Clients,
            _ when lower.SequenceEqual("memory"u8) => InfoSections.Memory,
            _ when lower.SequenceEqual("persistence"u8) => InfoSections.Persistence,
            _ when lower.SequenceEqual("threads"u8) => InfoSections.Threads,
            _ when lower.SequenceEqual("stats"u8) => InfoSections.Stats,
            _ when lower.SequenceEqual("replication"u8) => InfoSections.Replication,
            _ when lower.SequenceEqual("cpu"u8) => InfoSections.Cpu,
            _ when lower.SequenceEqual("modules"u8) => InfoSections.Modules,
            _ when lower.SequenceEqual("module_list"u8) => InfoSections.Modules,
            _ when lower.SequenceEqual("commandstats"u8) => InfoSections.CommandStats,
            _ when lower.SequenceEqual("errorstats"u8) => InfoSections.ErrorStats,
            _ when lower.SequenceEqual("latencystats"u8) => InfoSections.LatencyStats,
            _ when lower.SequenceEqual("cluster"u8) => InfoSections.Cluster,
            _ when lower.SequenceEqual("keyspace"u8) => InfoSections.Keyspace,
            _ when lower.SequenceEqual("debug"u8) => InfoSections.Debug,
            _ => InfoSections.None,
        };
    }
}
