using System.Security.Cryptography;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Runtime;
using Anax.Scripting;
using Anax.Server.Commands;
using Anax.Server.Logging;
using Anax.Server.Network;
using Anax.Server.Options;

namespace Anax.Server;

/// <summary>
/// The server put together: loops, engine, listeners. Makes nothing global, so several of them live in one process.
/// Made, started and disposed by one thread.
/// </summary>
public sealed class AnaxServer : IDisposable
{
    /// <summary>Descriptors that are not clients: loops, listeners, files.</summary>
    private const int DescriptorsReserved = 64;
    private const int BindAttemptsMax = 10, BindPauseMs = 50;
    private const long ArenaBytesOfHandle = 1L << 32;
    private const long LongTurnNs = 50_000_000;

    private readonly LoopGroup _group;
    private readonly StorageEngine _engine;
    private readonly ServerLoop[] _loops;
    private readonly List<ListenSocket> _listeners = [];
    private readonly Acceptor _acceptor;
    private readonly IReadOnlyList<int> _cpus;

    public AnaxServer(ServerSettings settings, string? configFile, ServerLog log)
        : this(settings, configFile, log, GroupOf(settings))
    {
    }

    /// <summary>A server on given loops, such as simulated ones, with more commands than ours.</summary>
    public AnaxServer(ServerSettings settings, string? configFile, ServerLog log, LoopGroup group, params CommandSpec[][] more)
    {
        Log = log;
        Config = new ConfigStore(settings, configFile);
        ClientsMax = RaiseDescriptors(settings.MaxClients);
        if (ClientsMax < settings.MaxClients) settings = Config.Override("maxclients", $"{ClientsMax}");
        ConfigFile = configFile;
        _group = group;
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(group[0].WallUs() / 1000);
        RunId = NewRunId(group);
        _cpus = CpusOf(settings);
        _engine = new StorageEngine(group, CommandFamilies.Build(more), WithHashSeed(settings, EngineSettingsOf(settings, null, group.Count), group));
        _loops = new ServerLoop[group.Count];
        for (int i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new ServerLoop(this, _engine.Loops[i], settings);
            ScriptHost.Attach(_engine.Loops[i], log);
        }
        _acceptor = new Acceptor(this);
    }

    public ServerLog Log { get; }

    /// <summary>The one store of options; the first loop orders its changes.</summary>
    public ConfigStore Config { get; }
    public string? ConfigFile { get; }
    public MemoryPeak Peak { get; } = new();
    public StorageEngine Engine => _engine;
    public ReadOnlySpan<ServerLoop> Loops => _loops;
    public DateTimeOffset StartedAt { get; }
    public string RunId { get; }
    public string Backend => _group.Backend.ToString().ToLowerInvariant();
    public string BackendReason => _group.BackendReason;

    /// <summary>maxclients, or fewer where the system does not grant the descriptors.</summary>
    public long ClientsMax { get; private set; }
    public long ConnectionsAccepted => _acceptor.Accepted;
    public long ConnectionsRejected => _acceptor.Rejected;

    /// <summary>The TCP port that is listened on; 0 when none is.</summary>
    public int Port { get; private set; }

    /// <summary>Set when the server is stopping; the process ends with it.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Binds all addresses, then starts the threads. Throws <see cref="ListenException"/> where an address is taken.</summary>
    public void Start()
    {
        BindPatiently(_loops[0].Settings);
        if (_loops[0].Settings.Port < 0)
        {
            // The kernel chose; CONFIG GET says what.
            ServerSettings found = Config.Override("port", $"{Port}");
            foreach (ServerLoop loop in _loops) loop.TakeFound(found);
        }
        _group.Start();
        foreach (ListenSocket listener in _listeners) Log.Listening(listener.IsUnix ? listener.Address : $"{listener.Address}:{listener.Port}");
        Log.Ready();
    }

    /// <summary>Asks for an orderly end; any thread.</summary>
    public void Stop(string reason, int exitCode = 0)
    {
        Log.Stopping(reason);
        ExitCode = exitCode;
        _group.Stop();
    }

    /// <summary>Waits until all threads have ended.</summary>
    public void Join()
    {
        _group.Join();
        Log.Stopped();
    }

    public void Dispose()
    {
        foreach (ListenSocket listener in _listeners) listener.Dispose();
        _group.Dispose();
        _engine.Dispose();
        foreach (ServerLoop loop in _loops) loop.Dispose();
    }

    /// <summary>Follows a change of maxclients; called on the first loop.</summary>
    public bool TrySetClientsMax(long wanted)
    {
        if (ProcessLimits.RaiseOpenFiles(wanted + DescriptorsReserved) < wanted + DescriptorsReserved) return false;
        ClientsMax = wanted;
        return true;
    }

    /// <summary>
    /// Does what a change of options asks for beyond the loops' own settings. The error to answer, or null; then the
    /// change may be committed. Called on the first loop.
    /// </summary>
    internal string? TryRun(ConfigChange change)
    {
        if (change.Next is not { } next) return null;
        if ((change.Hooks & OptionHooks.ClientLimit) != 0 && !TrySetClientsMax(next.MaxClients))
            return ConfigStore.Failed("maxclients", $"The operating system is not able to handle the specified number of clients, try with {ClientsMax}");
        if ((change.Hooks & OptionHooks.Folder) != 0 && !TryEnter(next.Folder))
            return ConfigStore.Failed("dir", "No such file or directory");
        if ((change.Hooks & OptionHooks.Listeners) != 0 && !TryRebind(next))
            return ListenFailed(next);
        if ((change.Hooks & OptionHooks.MemoryLimit) != 0) _engine.Budget.Limit = EffectiveMaxMemory(next);
        if ((change.Hooks & OptionHooks.Log) != 0) Log.Apply(next);
        return null;
    }

    /// <summary>CONFIG RESETSTAT, as far as it is not the loops'.</summary>
    internal void ResetStatistics()
    {
        _acceptor.ResetStatistics();
        Peak.Reset(0);
    }

    /// <summary>INFO's lines about where clients can connect.</summary>
    internal void WriteListeners(ref TextBuilder text)
    {
        int number = 0;
        foreach (ListenSocket listener in _listeners)
        {
            text.Add("listener"u8);
            text.Add(number++);
            text.Add(listener.IsUnix ? ":name=unix,bind="u8 : ":name=tcp,bind="u8);
            text.Add(listener.Address);
            if (!listener.IsUnix)
            {
                text.Add(",port="u8);
                text.Add(listener.Port);
            }
            text.EndLine();
        }
    }

    /// <summary>What the engine needs of the settings; what is fixed at start is kept from before.</summary>
    public static EngineSettings EngineSettingsOf(ServerSettings settings, EngineSettings? before, int shards = 0)
    {
        EngineSettings start = before ?? AtStart(settings, shards);
        return start with
        {
            MaxMemory = EffectiveMaxMemory(settings),
            BulkLengthMax = settings.ProtoMaxBulkLength,
            CommandLogSlowerThanUs = settings.SlowCommandThresholdUs,
            CommandLogSlowLengthMax = Count(settings.SlowCommandsMax),
            CommandLogRequestLargerThan = settings.LargeRequestThreshold,
            CommandLogRequestLengthMax = Count(settings.LargeRequestsMax),
            CommandLogReplyLargerThan = settings.LargeReplyThreshold,
            CommandLogReplyLengthMax = Count(settings.LargeRepliesMax),
            LatencyThresholdMs = settings.LatencyMonitorThresholdMs,
            LatencyTracking = settings.LatencyTracking,
            StrictPipelineOrder = settings.PipelineOrder == PipelineOrder.Strict,
            HyperLogLogSparseBytesMax = settings.HyperLogLogSparseBytesMax,
            LazyUserFlush = settings.LazyFreeUserFlush,
            TrackedKeysMax = settings.TrackingTableKeysMax,
            NotifiedClasses = KeyspaceEventLetters.ClassesOf(settings.NotifyKeyspaceEvents),
            NotifiesByKey = settings.NotifyKeyspaceEvents.HasFlag(KeyspaceEvents.Keyspace),
            NotifiesByEvent = settings.NotifyKeyspaceEvents.HasFlag(KeyspaceEvents.KeyEvent),
            ActiveExpireEffort = settings.ActiveExpireEffort,
            BusyReplyThresholdMs = settings.BusyReplyThresholdMs,
            ScriptMemoryMax = settings.LuaMemoryLimit,
            ScriptLocking = settings.ScriptLocking,
            SortedSetLimits = new PackedLimits(settings.SortedSetListpackEntriesMax, settings.SortedSetListpackValueMax),
            SetLimits = new SetLimits(settings.SetIntsetEntriesMax, settings.SetListpackEntriesMax, settings.SetListpackValueMax),
            ReplyBytesMax = (long)Math.Min(settings.NormalOutputLimit.HardBytes, long.MaxValue),
            HashLimits = new PackedLimits(settings.HashListpackEntriesMax, settings.HashListpackValueMax),
            ListLimit = new ListLimit(settings.ListListpackSizeMax),
            RdbCompresses = settings.RdbCompression,
            RdbVersionsRelaxed = settings.RdbVersionCheckRelaxed,
            StreamLimits = new StreamLimits(settings.StreamNodeBytesMax, settings.StreamNodeEntriesMax),
            DebugCommands = settings.EnableDebugCommand switch
            {
                ProtectedAction.Yes => ActionPermission.Everybody,
                ProtectedAction.Local => ActionPermission.LocalClients,
                _ => ActionPermission.Nobody,
            },
        };
    }

    /// <summary>maxmemory, or 80 % of what cgroup or machine allow when it is not set.</summary>
    public static long EffectiveMaxMemory(ServerSettings settings) =>
        settings.MaxMemory != 0 ? (long)Math.Min(settings.MaxMemory, long.MaxValue) : SystemMemory.LimitBytes() / 5 * 4;

    internal int LoopOfCpu(int cpu)
    {
        for (int i = 0; i < _cpus.Count && i < _loops.Length; i++)
            if (_cpus[i] == cpu) return i;
        return -1;
    }

    internal void LoopStarted(ServerLoop loop)
    {
        if (loop.Engine.Index != 0) return;
        foreach (ListenSocket listener in _listeners) loop.Engine.Events.Listen(listener, _acceptor);
    }

    internal void LoopStopping(ServerLoop loop)
    {
        if (loop.Engine.Index != 0) return;
        foreach (ListenSocket listener in _listeners) loop.Engine.Events.StopListening(listener);
    }

    private static EngineSettings AtStart(ServerSettings settings, int shards)
    {
        bool wide = EffectiveMaxMemory(settings) / shards > ArenaBytesOfHandle * 8;
        return new EngineSettings
        {
            Databases = settings.Databases,
            ArenaGranuleBytes = wide ? 16 : 8,
            ArenaReserveBytes = Arena.AffordableReserve(ArenaBytesOfHandle * (wide ? 16 : 8), shards),
            HugePages = settings.HugePages,
            ShardOnHashTags = settings.ShardOnHashtags,
        };
    }

    /// <summary>The key of the keyed hash: as the option says, or one that nobody can guess.</summary>
    private static EngineSettings WithHashSeed(ServerSettings settings, EngineSettings engine, LoopGroup group)
    {
        Span<byte> seed = stackalloc byte[32];
        if (settings.HashSeed is { } given) SHA256.HashData(given, seed);
        else group.FillRandom(seed);
        return engine with { HashSeed0 = BitConverter.ToUInt64(seed), HashSeed1 = BitConverter.ToUInt64(seed[8..]) };
    }

    private static string NewRunId(LoopGroup group)
    {
        Span<byte> id = stackalloc byte[20];
        group.FillRandom(id);
        return Convert.ToHexStringLower(id);
    }

    private static int Count(long value) => (int)Math.Min(value, int.MaxValue);

    private static LoopGroup GroupOf(ServerSettings settings)
    {
        CpuTopology topology = CpuTopology.Detect();
        return LoopGroup.Create(new LoopGroupOptions
        {
            Count = settings.ProactorThreads > 0 ? settings.ProactorThreads : topology.ThreadCount,
            Backend = settings.ForceEpoll ? LoopBackend.Epoll : LoopBackend.Auto,
            PinnedCpus = CpusOf(settings),
            Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
            LongTurnNs = LongTurnNs,
        });
    }

    private static IReadOnlyList<int> CpusOf(ServerSettings settings)
    {
        CpuTopology topology = CpuTopology.Detect();
        int threads = settings.ProactorThreads > 0 ? settings.ProactorThreads : topology.ThreadCount;
        return settings.AffinityMode switch
        {
            AffinityMode.On => topology.Cpus,
            AffinityMode.Off => [],
            _ => topology.ShouldPin && threads == topology.Cpus.Count ? topology.Cpus : [],
        };
    }

    private long RaiseDescriptors(long wanted)
    {
        long granted = ProcessLimits.RaiseOpenFiles(wanted + DescriptorsReserved);
        long clients = Math.Min(wanted, granted - DescriptorsReserved);
        if (clients < wanted) Log.ClientsLowered(wanted, clients, granted);
        return clients;
    }

    /// <summary>
    /// Binds all addresses. One that is taken is tried again for half a second: after a crash the kernel gives the
    /// sockets of an io_uring back only some time after the process has gone.
    /// </summary>
    private void BindPatiently(ServerSettings settings)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Bind(settings);
                return;
            }
            catch (ListenException error) when (error.IsTaken && attempt < BindAttemptsMax)
            {
                foreach (ListenSocket listener in _listeners) listener.Dispose();
                _listeners.Clear();
                Port = 0;
                Thread.Sleep(BindPauseMs);
            }
        }
    }

    private void Bind(ServerSettings settings)
    {
        if (settings.Port != 0)
            foreach (BindAddress address in settings.BindAddresses) BindTcp(settings, address);
        if (settings.UnixSocket is { } path)
            _listeners.Add(ListenSocket.Unix(path, settings.TcpBacklog, settings.UnixSocketPermissions));
    }

    private string ListenFailed(ServerSettings next) => next.Port != Config.Current.Port
        ? ConfigStore.Failed("port", "Unable to listen on this port. Check server logs.")
        : ConfigStore.Failed("bind", "Failed to bind to specified addresses.");

    private static bool TryEnter(string folder)
    {
        try
        {
            Environment.CurrentDirectory = folder;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Listens on other addresses; where that fails, on the old ones again.</summary>
    private bool TryRebind(ServerSettings settings)
    {
        ServerSettings before = Config.Current;
        CloseTcp();
        if (TryListen(settings)) return true;
        CloseTcp();
        _ = TryListen(before);
        return false;
    }

    private void CloseTcp()
    {
        for (int i = _listeners.Count - 1; i >= 0; i--)
        {
            if (_listeners[i].IsUnix) continue;
            _loops[0].Engine.Events.StopListening(_listeners[i]);
            _listeners[i].Dispose();
            _listeners.RemoveAt(i);
        }
        Port = 0;
    }

    private bool TryListen(ServerSettings settings)
    {
        try
        {
            if (settings.Port != 0)
                foreach (BindAddress address in settings.BindAddresses) BindTcp(settings, address);
        }
        catch (ListenException error)
        {
            Log.StartFailed(error.Message);
            return false;
        }
        foreach (ListenSocket listener in _listeners)
            if (!listener.IsUnix) _loops[0].Engine.Events.Listen(listener, _acceptor);
        return true;
    }

    private void BindTcp(ServerSettings settings, BindAddress address)
    {
        int port = Port != 0 ? Port : Math.Max(0, settings.Port);
        try
        {
            ListenSocket listener = _group.ListenTcp(address.Host, port, settings.TcpBacklog, settings.TcpKeepAliveSeconds, settings.ReusePort);
            _listeners.Add(listener);
            Port = listener.Port;
        }
        catch (ListenException error) when (address.IsOptional && error.IsUnavailable)
        {
            Log.OptionalAddressMissing(address.Host, error.Message);
        }
    }
}
