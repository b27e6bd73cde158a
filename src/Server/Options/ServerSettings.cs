using System.Globalization;
using Anax.Engine;

namespace Anax.Server.Options;

/// <summary>Who may do something that is dangerous on an open network.</summary>
public enum ProtectedAction : byte { No, Yes, Local }

public enum AffinityMode : byte { On, Off, Auto }

public enum PipelineOrder : byte { Relaxed, Strict }

public enum ServerLogLevel : byte { Debug, Verbose, Notice, Warning, Nothing }

public enum LogFormat : byte { Legacy, Logfmt, Json }

public enum LogTimestampFormat : byte { Legacy, Iso8601, Milliseconds }

[Flags]
public enum ShutdownFlags : byte { None = 0, Save = 1, NoSave = 2, Now = 4, Force = 8, Safe = 16, Failover = 32 }

/// <summary>An address to listen on; an optional one may be missing on this machine.</summary>
public readonly record struct BindAddress(string Host, bool IsOptional);

/// <summary>When a client of a class is cut off because it does not read. Zero means never.</summary>
public readonly record struct OutputBufferLimit(ulong HardBytes, ulong SoftBytes, int SoftSeconds);

/// <summary>
/// The options as the server reads them while it runs: plain typed values made from one <see cref="OptionValues"/>.
/// Immutable, so each loop holds a reference to the settings it was last told of; CONFIG SET makes new ones.
/// </summary>
public sealed class ServerSettings
{
    public ServerSettings(OptionValues values)
    {
        Values = values;

        Port = Int("port");
        BindAddresses = Array.ConvertAll(values["bind"].Items, ReadAddress);
        UnixSocket = Path("unixsocket");
        UnixSocketPermissions = Int("unixsocketperm");
        TcpBacklog = Int("tcp-backlog");
        TcpKeepAliveSeconds = Int("tcp-keepalive");
        TimeoutSeconds = Int("timeout");
        MaxClients = values["maxclients"].Number;
        ProtoMaxBulkLength = values["proto-max-bulk-len"].Number;
        MultibulkCountMax = values["max_multi_bulk_len"].Number;
        ClientQueryBufferLimit = values["client-query-buffer-limit"].Number;
        var limits = values["client-output-buffer-limit"].Items;
        NormalOutputLimit = ReadLimit(limits, 0);
        ReplicaOutputLimit = ReadLimit(limits, 4);
        PubSubOutputLimit = ReadLimit(limits, 8);
        ReusePort = Bool("reuse_port");
        ConnUseIncomingCpu = Bool("conn_use_incoming_cpu");

        HugePages = Bool("huge_pages");
        ProactorThreads = Int("proactor_threads");
        AffinityMode = (AffinityMode)values["proactor_affinity_mode"].Number;
        ForceEpoll = Bool("force_epoll");
        ShardOnHashtags = Bool("shard_on_hashtags");
        PipelineOrder = (PipelineOrder)values["pipeline_order"].Number;
        ScriptLocking = (ScriptLocking)values["script_locking"].Number;

        Daemonize = Bool("daemonize");
        PidFile = Path("pidfile");
        Folder = OptionText.ToNative(values["dir"].Text);
        LogLevel = (ServerLogLevel)values["loglevel"].Number;
        LogFile = Path("logfile");
        LogToStandardError = Bool("logtostderr");
        AlsoLogToStandardError = Bool("alsologtostderr");
        LogFormat = (LogFormat)values["log-format"].Number;
        LogTimestampFormat = (LogTimestampFormat)values["log-timestamp-format"].Number;
        HideUserDataFromLog = Bool("hide-user-data-from-log");
        ShutdownOnSigint = (ShutdownFlags)values["shutdown-on-sigint"].Number;
        ShutdownOnSigterm = (ShutdownFlags)values["shutdown-on-sigterm"].Number;
        AvailabilityZone = values["availability-zone"].Bytes;

        MaxMemory = unchecked((ulong)values["maxmemory"].Number);
        ActiveExpireEffort = Int("active-expire-effort");
        LuaMemoryLimit = values["lua_memory_limit"].Number;
        Hz = Int("hz");
        LazyFreeExpire = Bool("lazyfree-lazy-expire");
        LazyFreeEviction = Bool("lazyfree-lazy-eviction");
        LazyFreeServerDelete = Bool("lazyfree-lazy-server-del");
        LazyFreeUserDelete = Bool("lazyfree-lazy-user-del");
        LazyFreeUserFlush = Bool("lazyfree-lazy-user-flush");

        Databases = Int("databases");
        HashSeed = BytesOrNull("hash-seed");
        NotifyKeyspaceEvents = (KeyspaceEvents)values["notify-keyspace-events"].Number;
        SlowCommandThresholdUs = values["commandlog-execution-slower-than"].Number;
        SlowCommandsMax = values["commandlog-slow-execution-max-len"].Number;
        LargeRequestThreshold = values["commandlog-request-larger-than"].Number;
        LargeRequestsMax = values["commandlog-large-request-max-len"].Number;
        LargeReplyThreshold = values["commandlog-reply-larger-than"].Number;
        LargeRepliesMax = values["commandlog-large-reply-max-len"].Number;
        LatencyMonitorThresholdMs = values["latency-monitor-threshold"].Number;
        LatencyTracking = Bool("latency-tracking");
        LatencyTrackingPercentiles = Array.ConvertAll(values["latency-tracking-info-percentiles"].Items, ReadDouble);
        BusyReplyThresholdMs = values["busy-reply-threshold"].Number;
        TrackingTableKeysMax = values["tracking-table-max-keys"].Number;
        HashListpackEntriesMax = values["hash-max-listpack-entries"].Number;
        HashListpackValueMax = values["hash-max-listpack-value"].Number;
        ListListpackSizeMax = Int("list-max-listpack-size");
        SetIntsetEntriesMax = values["set-max-intset-entries"].Number;
        SetListpackEntriesMax = values["set-max-listpack-entries"].Number;
        SetListpackValueMax = values["set-max-listpack-value"].Number;
        SortedSetListpackEntriesMax = values["zset-max-listpack-entries"].Number;
        SortedSetListpackValueMax = values["zset-max-listpack-value"].Number;
        StreamNodeBytesMax = values["stream-node-max-bytes"].Number;
        StreamNodeEntriesMax = values["stream-node-max-entries"].Number;
        HyperLogLogSparseBytesMax = values["hll-sparse-max-bytes"].Number;

        RequirePass = BytesOrNull("requirepass");
        ProtectedMode = Bool("protected-mode");
        EnableDebugCommand = (ProtectedAction)values["enable-debug-command"].Number;
        EnableModuleCommand = (ProtectedAction)values["enable-module-command"].Number;
        EnableProtectedConfigs = (ProtectedAction)values["enable-protected-configs"].Number;
    }

    /// <summary>A server that was started without any option.</summary>
    public static ServerSettings Default => new(OptionTable.Defaults);

    public OptionValues Values { get; }

    // Network. Port 0 opens no TCP listener, -1 takes a free port; a UnixSocket of null opens none.
    public int Port { get; }
    public BindAddress[] BindAddresses { get; }
    public string? UnixSocket { get; }
    public int UnixSocketPermissions { get; }
    public int TcpBacklog { get; }
    public int TcpKeepAliveSeconds { get; }
    public int TimeoutSeconds { get; }
    public long MaxClients { get; }
    public long ProtoMaxBulkLength { get; }
    public long MultibulkCountMax { get; }
    public long ClientQueryBufferLimit { get; }
    public OutputBufferLimit NormalOutputLimit { get; }
    public OutputBufferLimit ReplicaOutputLimit { get; }
    public OutputBufferLimit PubSubOutputLimit { get; }
    public bool ReusePort { get; }
    public bool ConnUseIncomingCpu { get; }

    // Threads. Zero threads means one for each CPU that the process may use.
    public int ProactorThreads { get; }
    public AffinityMode AffinityMode { get; }
    public bool HugePages { get; }
    public bool ForceEpoll { get; }
    public bool ShardOnHashtags { get; }
    public PipelineOrder PipelineOrder { get; }
    public ScriptLocking ScriptLocking { get; }

    // Process and log. Paths are .NET texts, null where none is set.
    public bool Daemonize { get; }
    public string? PidFile { get; }
    public string Folder { get; }
    public ServerLogLevel LogLevel { get; }
    public string? LogFile { get; }
    public bool LogToStandardError { get; }
    public bool AlsoLogToStandardError { get; }
    public LogFormat LogFormat { get; }
    public LogTimestampFormat LogTimestampFormat { get; }
    public bool HideUserDataFromLog { get; }
    public ShutdownFlags ShutdownOnSigint { get; }
    public ShutdownFlags ShutdownOnSigterm { get; }
    public byte[] AvailabilityZone { get; }

    // Memory. Zero MaxMemory means 80 % of what the machine or the container allows.
    public ulong MaxMemory { get; }
    public int ActiveExpireEffort { get; }
    public long LuaMemoryLimit { get; }
    public int Hz { get; }
    public bool LazyFreeExpire { get; }
    public bool LazyFreeEviction { get; }
    public bool LazyFreeServerDelete { get; }
    public bool LazyFreeUserDelete { get; }
    public bool LazyFreeUserFlush { get; }

    // Data and commands. A threshold of -1 logs nothing.
    public int Databases { get; }
    public byte[]? HashSeed { get; }
    public KeyspaceEvents NotifyKeyspaceEvents { get; }
    public long SlowCommandThresholdUs { get; }
    public long SlowCommandsMax { get; }
    public long LargeRequestThreshold { get; }
    public long LargeRequestsMax { get; }
    public long LargeReplyThreshold { get; }
    public long LargeRepliesMax { get; }
    public long LatencyMonitorThresholdMs { get; }
    public bool LatencyTracking { get; }
    public double[] LatencyTrackingPercentiles { get; }
    public long BusyReplyThresholdMs { get; }
    public long TrackingTableKeysMax { get; }
    public long HashListpackEntriesMax { get; }
    public long HashListpackValueMax { get; }
    public int ListListpackSizeMax { get; }
    public long SetIntsetEntriesMax { get; }
    public long SetListpackEntriesMax { get; }
    public long SetListpackValueMax { get; }
    public long SortedSetListpackEntriesMax { get; }
    public long SortedSetListpackValueMax { get; }
    public long StreamNodeBytesMax { get; }
    public long StreamNodeEntriesMax { get; }
    public long HyperLogLogSparseBytesMax { get; }

    // Security. A RequirePass of null asks for no password.
    public byte[]? RequirePass { get; }
    public bool ProtectedMode { get; }
    public ProtectedAction EnableDebugCommand { get; }
    public ProtectedAction EnableModuleCommand { get; }
    public ProtectedAction EnableProtectedConfigs { get; }

    private bool Bool(string name) => Values[name].Number != 0;

    private int Int(string name) => checked((int)Values[name].Number);

    private string? Path(string name) =>
        Values[name].Text.Length == 0 ? null : OptionText.ToNative(Values[name].Text);

    private byte[]? BytesOrNull(string name) => Values[name].Bytes is { Length: > 0 } bytes ? bytes : null;

    private static BindAddress ReadAddress(string text) =>
        text.StartsWith('-') ? new BindAddress(text[1..], IsOptional: true) : new BindAddress(text, IsOptional: false);

    private static double ReadDouble(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static OutputBufferLimit ReadLimit(string[] limits, int place) => new(
        ulong.Parse(limits[place + 1], CultureInfo.InvariantCulture),
        ulong.Parse(limits[place + 2], CultureInfo.InvariantCulture),
        int.Parse(limits[place + 3], CultureInfo.InvariantCulture));
}
