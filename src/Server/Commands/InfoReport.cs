using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.PubSub;
using Anax.Runtime;
using Anax.Scripting;
using Anax.Server.Network;
using Anax.Server.Options;

namespace Anax.Server.Commands;

/// <summary>The text of INFO: Valkey's sections and names, sums over all loops, and a section about the threads.</summary>
internal static class InfoReport
{
    private const long MsPerSecond = 1000, SecondsPerDay = 86_400;

    internal static void Write(ref TextBuilder text, ServerLoop host, InfoSections sections)
    {
        bool first = true;
        for (int bit = 1; bit <= (int)InfoSections.Debug; bit <<= 1)
        {
            var section = (InfoSections)bit;
            if ((sections & section) == 0) continue;
            if (!first) text.EndLine();
            first = false;
            WriteSection(ref text, host, section);
        }
    }

    private static void WriteSection(ref TextBuilder text, ServerLoop host, InfoSections section)
    {
        switch (section)
        {
            case InfoSections.Server: Server(ref text, host); break;
            case InfoSections.Clients: Clients(ref text, host); break;
            case InfoSections.Memory: Memory(ref text, host); break;
            case InfoSections.Persistence: Persistence(ref text, host); break;
            case InfoSections.Threads: Threads(ref text, host); break;
            case InfoSections.Stats: Stats(ref text, host); break;
            case InfoSections.Replication: Replication(ref text, host); break;
            case InfoSections.Cpu: Cpu(ref text, host); break;
            case InfoSections.Modules: text.Add("# Modules\r\n"u8); break;
            case InfoSections.CommandStats: InfoStatistics.Commands(ref text, host); break;
            case InfoSections.ErrorStats: InfoStatistics.Errors(ref text, host); break;
            case InfoSections.LatencyStats: InfoStatistics.Latencies(ref text, host); break;
            case InfoSections.Cluster: text.Add("# Cluster\r\ncluster_enabled:0\r\n"u8); break;
            case InfoSections.Keyspace: Keyspace(ref text, host); break;
            case InfoSections.Debug: Debug(ref text, host); break;
        }
    }

    private static void Server(ref TextBuilder text, ServerLoop host)
    {
        ServerSettings settings = host.Settings;
        long nowMs = host.Engine.Events.NowMs;
        long uptime = Math.Max(0, nowMs - host.Server.StartedAt.ToUnixTimeMilliseconds()) / MsPerSecond;
        text.Add("# Server\r\n"u8);
        text.Line("redis_version"u8, ServerFacts.RedisVersion);
        text.Line("server_name"u8, "anax"u8);
        Text(ref text, "anax_version"u8, ProductVersion.Text);
        text.Add("redis_git_sha1:00000000\r\nredis_git_dirty:0\r\nredis_build_id:0\r\nredis_mode:standalone\r\n"u8);
        Text(ref text, "os"u8, ServerFacts.System);
        text.Add("arch_bits:64\r\nmonotonic_clock:POSIX clock_gettime\r\n"u8);
        Text(ref text, "multiplexing_api"u8, host.Server.Backend);
        text.Add("gcc_version:0.0.0\r\n"u8);
        text.Line("process_id"u8, Environment.ProcessId);
        text.Add("process_supervised:no\r\n"u8);
        Text(ref text, "run_id"u8, host.Server.RunId);
        text.Line("tcp_port"u8, host.Server.Port);
        text.Line("server_time_usec"u8, host.Engine.Events.WallUs());
        text.Line("uptime_in_seconds"u8, uptime);
        text.Line("uptime_in_days"u8, uptime / SecondsPerDay);
        text.Line("hz"u8, settings.Hz);
        text.Line("configured_hz"u8, settings.Hz);
        text.Line("clients_hz"u8, settings.Hz);
        text.Line("lru_clock"u8, nowMs / MsPerSecond & 0xFFFFFF);
        Text(ref text, "executable"u8, ServerFacts.Executable);
        Text(ref text, "config_file"u8, host.Server.ConfigFile ?? "");
        text.Line("io_threads_active"u8, host.Server.Loops.Length > 1 ? 1 : 0);
        text.Line("threads"u8, host.Server.Loops.Length);
        text.Line("availability_zone"u8, settings.AvailabilityZone);
        host.Server.WriteListeners(ref text);
    }

    private static void Clients(ref TextBuilder text, ServerLoop host)
    {
        long clients = 0, blocked = 0, waited = 0, waitedForLoss = 0, watching = 0, watched = 0, subscribers = 0, input = 0, output = 0;
        foreach (ServerLoop loop in host.Server.Loops)
        {
            LoopFigures figures = loop.Admin.Figures;
            clients += figures.Clients;
            blocked += figures.Paused + figures.Blocked;
            waited += figures.WaitedKeys;
            waitedForLoss += figures.LossWaitedKeys;
            watching += figures.WatchingClients;
            watched += figures.WatchedKeys;
            subscribers += figures.Subscribers;
            input = Math.Max(input, figures.LargestInput);
            output = Math.Max(output, figures.LargestOutput);
        }
        PauseGate pauses = host.Engine.Pauses;
        bool isPaused = pauses.UntilMs != 0;
        text.Add("# Clients\r\n"u8);
        text.Line("connected_clients"u8, clients);
        text.Add("cluster_connections:0\r\n"u8);
        text.Line("maxclients"u8, host.Server.ClientsMax);
        text.Line("client_recent_max_input_buffer"u8, input);
        text.Line("client_recent_max_output_buffer"u8, output);
        text.Line("blocked_clients"u8, blocked);
        text.Line("tracking_clients"u8, host.Engine.Broker.CountSubscribers(TopicKind.Tracker, default));
        text.Line("pubsub_clients"u8, subscribers);
        text.Line("watching_clients"u8, watching);
        text.Add("clients_in_timeout_table:0\r\n"u8);
        text.Line("total_watched_keys"u8, watched);
        text.Line("total_blocking_keys"u8, waited);
        text.Line("total_blocking_keys_on_nokey"u8, waitedForLoss);
        text.Line("paused_reason"u8, isPaused ? "client_pause"u8 : "none"u8);
        text.Line("paused_actions"u8, !isPaused ? "none"u8 : pauses.WritesOnly ? "write"u8 : "all"u8);
        text.Line("paused_timeout_milliseconds"u8, isPaused ? Math.Max(0, pauses.UntilMs - host.Engine.Events.NowMs) : 0);
    }

    private static void Memory(ref TextBuilder text, ServerLoop host)
    {
        MemorySummary memory = MemorySummary.Of(host);
        text.Add("# Memory\r\n"u8);
        Size(ref text, "used_memory"u8, memory.Used);
        Size(ref text, "used_memory_rss"u8, memory.Resident);
        Size(ref text, "used_memory_peak"u8, memory.Peak);
        Percent(ref text, "used_memory_peak_perc"u8, memory.Used, memory.Peak);
        text.Line("used_memory_overhead"u8, memory.Overhead);
        text.Line("used_memory_startup"u8, memory.Startup);
        text.Line("used_memory_dataset"u8, memory.Dataset);
        Percent(ref text, "used_memory_dataset_perc"u8, memory.Dataset, memory.Used - memory.Startup);
        text.Line("used_memory_strings"u8, memory.Dataset);
        text.Line("used_memory_index"u8, memory.Index);
        text.Line("allocator_allocated"u8, memory.Used);
        text.Line("allocator_active"u8, memory.Used);
        text.Line("allocator_resident"u8, memory.Resident);
        text.Add("allocator_muzzy:0\r\n"u8);
        Size(ref text, "total_system_memory"u8, memory.Machine);
        Scripts(ref text, host);
        Size(ref text, "maxmemory"u8, host.Engine.Budget.Limit);
        text.Line("maxmemory_policy"u8, host.Settings.Values["maxmemory-policy"].Bytes);
        text.Line("allocator_frag_ratio"u8, 1, 2);
        text.Add("allocator_frag_bytes:0\r\n"u8);
        text.Line("allocator_rss_ratio"u8, memory.ResidentRatio, 2);
        text.Line("allocator_rss_bytes"u8, memory.Resident - memory.Used);
        text.Line("rss_overhead_ratio"u8, 1, 2);
        text.Add("rss_overhead_bytes:0\r\n"u8);
        text.Line("mem_fragmentation_ratio"u8, memory.ResidentRatio, 2);
        text.Line("mem_fragmentation_bytes"u8, memory.Resident - memory.Used);
        text.Add("mem_not_counted_for_evict:0\r\nmem_replication_backlog:0\r\nmem_total_replication_buffers:0\r\n"u8);
        text.Add("mem_replicas_repl_buffer:0\r\nmem_clients_slaves:0\r\n"u8);
        text.Line("mem_clients_normal"u8, memory.Clients);
        text.Add("mem_cluster_links:0\r\nmem_cluster_slot_import:0\r\nmem_cluster_slot_export:0\r\nmem_aof_buffer:0\r\n"u8);
        text.Add("mem_allocator:anax\r\nmem_overhead_db_hashtable_rehashing:0\r\nactive_defrag_running:0\r\n"u8);
        text.Line("lazyfree_pending_objects"u8, memory.FreePending);
        text.Line("lazyfreed_objects"u8, memory.FreedInSteps);
        text.Line("gc_collections"u8, GC.CollectionCount(0));
        text.Line("gc_allocated_bytes"u8, GC.GetTotalAllocatedBytes());
        text.Line("gc_heap_bytes"u8, GC.GetTotalMemory(false));
    }

    /// <summary>Scripts and functions share Lua states: what those use counts for what they ran last.</summary>
    private static void Scripts(ref TextBuilder text, ServerLoop host)
    {
        long states = 0, functions = 0;
        foreach (EngineLoop loop in host.Engine.Loops)
        {
            states += ScriptHost.Of(loop).StateBytes;
            functions += ScriptHost.Of(loop).FunctionStateBytes;
        }
        ScriptHost own = ScriptHost.Of(host.Engine);
        Size(ref text, "used_memory_lua"u8, states);
        text.Line("used_memory_vm_eval"u8, states - functions);
        text.Line("used_memory_scripts_eval"u8, own.CachedBytes);
        text.Line("number_of_cached_scripts"u8, own.CachedScripts);
        text.Line("number_of_functions"u8, own.FunctionCount);
        text.Line("number_of_libraries"u8, own.LibraryCount);
        text.Line("used_memory_vm_functions"u8, functions);
        Size(ref text, "used_memory_vm_total"u8, states);
        text.Line("used_memory_functions"u8, own.LibraryBytes);
        Size(ref text, "used_memory_scripts"u8, own.CachedBytes + own.LibraryBytes);
    }

    private static void Persistence(ref TextBuilder text, ServerLoop host)
    {
        long changes = 0;
        foreach (ServerLoop loop in host.Server.Loops) changes += loop.Engine.Counters.Changes;
        text.Add("# Persistence\r\nloading:0\r\nasync_loading:0\r\ncurrent_cow_peak:0\r\ncurrent_cow_size:0\r\n"u8);
        text.Add("current_cow_size_age:0\r\ncurrent_fork_perc:0.00\r\ncurrent_save_keys_processed:0\r\n"u8);
        text.Add("current_save_keys_total:0\r\n"u8);
        text.Line("rdb_changes_since_last_save"u8, changes);
        text.Add("rdb_bgsave_in_progress:0\r\n"u8);
        text.Line("rdb_last_save_time"u8, host.Server.StartedAt.ToUnixTimeSeconds());
        text.Add("rdb_last_bgsave_status:ok\r\nrdb_last_bgsave_time_sec:-1\r\nrdb_current_bgsave_time_sec:-1\r\n"u8);
        text.Add("rdb_saves:0\r\nrdb_last_cow_size:0\r\nrdb_last_load_keys_expired:0\r\nrdb_last_load_keys_loaded:0\r\n"u8);
        text.Add("aof_enabled:0\r\naof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0\r\naof_last_rewrite_time_sec:-1\r\n"u8);
        text.Add("aof_current_rewrite_time_sec:-1\r\naof_last_bgrewrite_status:ok\r\naof_rewrites:0\r\n"u8);
        text.Add("aof_rewrites_consecutive_failures:0\r\naof_last_write_status:ok\r\naof_last_cow_size:0\r\n"u8);
        text.Add("module_fork_in_progress:0\r\nmodule_fork_last_cow_size:0\r\nslot_migration_fork_in_progress:0\r\n"u8);
    }

    private static void Threads(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Threads\r\n"u8);
        text.Line("threads"u8, host.Server.Loops.Length);
        foreach (ServerLoop loop in host.Server.Loops)
        {
            LoopFigures figures = loop.Admin.Figures;
            LoopStatistics counts = figures.Loop;
            text.Add("thread_"u8);
            text.Add(loop.Engine.Index);
            text.Add(":connections="u8);
            text.Add(figures.Clients);
            Part(ref text, ",turns="u8, counts.Turns);
            Part(ref text, ",hops="u8, counts.Asked);
            Part(ref text, ",served="u8, counts.Answered);
            Part(ref text, ",posted="u8, counts.Posted);
            Part(ref text, ",batches="u8, loop.Engine.Dispatcher.BatchesSent);
            Part(ref text, ",transactions="u8, loop.Engine.Transactions.Scheduled);
            Part(ref text, ",transaction_hops="u8, loop.Engine.Transactions.Hops);
            Part(ref text, ",inline_scripts="u8, ScriptHost.Of(loop.Engine).InlineScripts);
            Part(ref text, ",full_mailboxes="u8, counts.MailboxesFull);
            Part(ref text, ",longest_turn_usec="u8, counts.LongestTurnNs / 1000);
            Part(ref text, ",long_turns="u8, counts.LongTurns);
            Part(ref text, ",wakes="u8, counts.Wakes);
            Part(ref text, ",visits="u8, counts.Visits);
            Part(ref text, ",visits_awaited="u8, counts.VisitsAwaited);
            Part(ref text, ",sleeps="u8, counts.Sleeps);
            Part(ref text, ",system_calls="u8, counts.SystemCalls);
            Part(ref text, ",busy_usec="u8, counts.BusyNs / 1000);
            Part(ref text, ",used_memory="u8, figures.UsedBytes);
            text.EndLine();
        }
    }

    private static void Expiry(ref TextBuilder text, in ShardCounters shards)
    {
        text.Line("expired_keys"u8, shards.Expired);
        text.Line("expired_fields"u8, shards.ExpiredMembers);
        text.Line("expired_stale_perc"u8, shards.StalePercent, 2);
        text.Add("expired_keys_with_volatile_items_stale_perc:0.00\r\n"u8);
        text.Line("expired_time_cap_reached_count"u8, shards.SweepTimeouts);
        text.Line("expire_cycle_cpu_milliseconds"u8, shards.SweepNs / 1_000_000);
    }

    private static void Stats(ref TextBuilder text, ServerLoop host)
    {
        var loop = default(LoopStatistics);
        var shards = default(ShardCounters);
        long commands = 0, perSecond = 0, receivedPerSecond = 0, sentPerSecond = 0, turnsPerSecond = 0, errors = 0, denied = 0, inputLimit = 0, outputLimit = 0;
        long trackedKeys = 0, trackedItems = 0;
        int rows = host.Engine.Commands.All.Length;
        foreach (ServerLoop each in host.Server.Loops)
        {
            LoopFigures figures = each.Admin.Figures;
            LoopStatistics counts = figures.Loop;
            loop.BytesReceived += counts.BytesReceived;
            loop.BytesSent += counts.BytesSent;
            loop.Reads += counts.Reads;
            loop.Writes += counts.Writes;
            loop.Turns += counts.Turns;
            loop.BusyNs += counts.BusyNs;
            ref ShardCounters counters = ref each.Engine.Counters;
            shards.Hits += counters.Hits;
            shards.Misses += counters.Misses;
            shards.Expired += counters.Expired;
            shards.ExpiredMembers += counters.ExpiredMembers;
            shards.SweepNs += counters.SweepNs;
            shards.SweepTimeouts += counters.SweepTimeouts;
            shards.StalePercent += counters.StalePercent / host.Server.Loops.Length;
            commands += LoopFigures.TotalCommands(each.Engine.Statistics, rows);
            perSecond += figures.CommandsPerSecond;
            receivedPerSecond += figures.ReceivedPerSecond;
            sentPerSecond += figures.SentPerSecond;
            turnsPerSecond += figures.TurnsPerSecond;
            errors += each.Engine.Statistics.TotalErrors;
            denied += each.Admin.AuthFailures;
            inputLimit += figures.InputLimitClosings;
            outputLimit += figures.OutputLimitClosings;
            trackedKeys += figures.Tracked.Keys;
            trackedItems += figures.Tracked.Items;
        }
        text.Add("# Stats\r\n"u8);
        text.Line("total_connections_received"u8, host.Server.ConnectionsAccepted);
        text.Line("total_commands_processed"u8, commands);
        text.Line("instantaneous_ops_per_sec"u8, perSecond);
        text.Line("total_net_input_bytes"u8, loop.BytesReceived);
        text.Line("total_net_output_bytes"u8, loop.BytesSent);
        text.Add("total_net_repl_input_bytes:0\r\ntotal_net_repl_output_bytes:0\r\n"u8);
        text.Add("total_net_cluster_slot_import_bytes:0\r\ntotal_net_cluster_slot_export_bytes:0\r\n"u8);
        text.Line("instantaneous_input_kbps"u8, receivedPerSecond / 1024.0, 2);
        text.Line("instantaneous_output_kbps"u8, sentPerSecond / 1024.0, 2);
        text.Add("instantaneous_input_repl_kbps:0.00\r\ninstantaneous_output_repl_kbps:0.00\r\n"u8);
        text.Line("rejected_connections"u8, host.Server.ConnectionsRejected);
        text.Add("sync_full:0\r\nsync_partial_ok:0\r\nsync_partial_err:0\r\n"u8);
        Expiry(ref text, in shards);
        text.Add("evicted_keys:0\r\nevicted_clients:0\r\n"u8);
        long evicted = 0;
        foreach (EngineLoop engine in host.Engine.Loops) evicted += ScriptHost.Of(engine).EvictedScripts;
        text.Line("evicted_scripts"u8, evicted);
        text.Add("total_eviction_exceeded_time:0\r\ncurrent_eviction_exceeded_time:0\r\n"u8);
        text.Line("keyspace_hits"u8, shards.Hits);
        text.Line("keyspace_misses"u8, shards.Misses);
        text.Line("pubsub_channels"u8, host.Engine.Broker.CountTopics(TopicKind.Channel));
        text.Line("pubsub_patterns"u8, host.Engine.Broker.CountTopics(TopicKind.Pattern));
        text.Line("pubsubshard_channels"u8, host.Engine.Broker.CountTopics(TopicKind.ShardChannel));
        text.Add("latest_fork_usec:0\r\ntotal_forks:0\r\n"u8);
        text.Add("migrate_cached_sockets:0\r\nslave_expires_tracked_keys:0\r\nactive_defrag_hits:0\r\n"u8);
        text.Add("active_defrag_misses:0\r\nactive_defrag_key_hits:0\r\nactive_defrag_key_misses:0\r\n"u8);
        text.Add("total_active_defrag_time:0\r\ncurrent_active_defrag_time:0\r\n"u8);
        text.Line("tracking_total_keys"u8, trackedKeys);
        text.Line("tracking_total_items"u8, trackedItems);
        text.Line("tracking_total_prefixes"u8, host.Engine.Broker.CountTopics(TopicKind.Prefix));
        text.Add("unexpected_error_replies:0\r\n"u8);
        text.Line("total_error_replies"u8, errors);
        text.Add("dump_payload_sanitizations:0\r\n"u8);
        text.Line("total_reads_processed"u8, loop.Reads);
        text.Line("total_writes_processed"u8, loop.Writes);
        text.Add("io_threaded_reads_processed:0\r\nio_threaded_writes_processed:0\r\nio_threaded_freed_objects:0\r\n"u8);
        text.Add("io_threaded_accept_processed:0\r\nio_threaded_poll_processed:0\r\n"u8);
        text.Add("io_threaded_total_prefetch_batches:0\r\nio_threaded_total_prefetch_entries:0\r\n"u8);
        text.Line("client_query_buffer_limit_disconnections"u8, inputLimit);
        text.Line("client_output_buffer_limit_disconnections"u8, outputLimit);
        text.Add("reply_buffer_shrinks:0\r\nreply_buffer_expands:0\r\n"u8);
        text.Line("eventloop_cycles"u8, loop.Turns);
        text.Line("eventloop_duration_sum"u8, loop.BusyNs / 1000);
        text.Line("eventloop_duration_cmd_sum"u8, InfoStatistics.TotalNs(host) / 1000);
        text.Line("instantaneous_eventloop_cycles_per_sec"u8, turnsPerSecond);
        text.Line("instantaneous_eventloop_duration_usec"u8, loop.Turns == 0 ? 0 : loop.BusyNs / loop.Turns / 1000);
        text.Line("acl_access_denied_auth"u8, denied);
        text.Add("acl_access_denied_cmd:0\r\nacl_access_denied_key:0\r\nacl_access_denied_channel:0\r\n"u8);
        text.Add("acl_access_denied_tls_cert:0\r\nacl_access_denied_db:0\r\n"u8);
    }

    private static void Replication(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Replication\r\nrole:master\r\nconnected_slaves:0\r\nreplicas_waiting_psync:0\r\n"u8);
        text.Add("master_failover_state:no-failover\r\n"u8);
        Text(ref text, "master_replid"u8, host.Server.RunId);
        text.Add("master_replid2:0000000000000000000000000000000000000000\r\nmaster_repl_offset:0\r\n"u8);
        text.Add("second_repl_offset:-1\r\nrepl_backlog_active:0\r\n"u8);
        text.Line("repl_backlog_size"u8, host.Settings.Values["repl-backlog-size"].Number);
        text.Add("repl_backlog_first_byte_offset:0\r\nrepl_backlog_histlen:0\r\n"u8);
    }

    private static void Cpu(ref TextBuilder text, ServerLoop host)
    {
        Environment.ProcessCpuUsage usage = Environment.CpuUsage;
        text.Add("# CPU\r\n"u8);
        Seconds(ref text, "used_cpu_sys"u8, usage.PrivilegedTime.Ticks / TimeSpan.TicksPerMicrosecond);
        Seconds(ref text, "used_cpu_user"u8, usage.UserTime.Ticks / TimeSpan.TicksPerMicrosecond);
        text.Add("used_cpu_sys_children:0.000000\r\nused_cpu_user_children:0.000000\r\n"u8);
        Seconds(ref text, "used_active_time_main_thread"u8, host.Server.Loops[0].Admin.Figures.Loop.BusyNs / 1000);
        for (int i = 1; i < host.Server.Loops.Length; i++)
        {
            text.Add("used_active_time_io_thread_"u8);
            text.Add(i);
            text.Add((byte)':');
            text.AddMicroseconds(host.Server.Loops[i].Admin.Figures.Loop.BusyNs / 1000);
            text.EndLine();
        }
    }

    private static void Keyspace(ref TextBuilder text, ServerLoop host)
    {
        text.Add("# Keyspace\r\n"u8);
        for (int db = 0; db < host.Engine.Settings.Databases; db++)
        {
            long keys = 0, expiring = 0, withExpiring = 0;
            foreach (ServerLoop loop in host.Server.Loops)
            {
                LoopFigures figures = loop.Admin.Figures;
                if (db >= figures.Keys.Length) continue;
                keys += figures.Keys[db];
                expiring += figures.Expiring[db];
                withExpiring += figures.Volatile[db];
            }
            if (keys == 0) continue;
            text.Add("db"u8);
            text.Add(db);
            Part(ref text, ":keys="u8, keys);
            Part(ref text, ",expires="u8, expiring);
            Part(ref text, ",avg_ttl=0,keys_with_volatile_items="u8, withExpiring);
            text.EndLine();
        }
    }

    private static void Debug(ref TextBuilder text, ServerLoop host)
    {
        long longest = 0, sweepNs = 0, perTurn = 0;
        foreach (ServerLoop loop in host.Server.Loops)
        {
            longest = Math.Max(longest, loop.Admin.Figures.Loop.LongestTurnNs);
            sweepNs += loop.Engine.Counters.SweepNs;
            perTurn = Math.Max(perTurn, loop.Engine.Dispatcher.LargestRound);
        }
        text.Add("# Debug\r\neventloop_duration_aof_sum:0\r\n"u8);
        text.Line("eventloop_duration_cron_sum"u8, sweepNs / 1000);
        text.Line("eventloop_duration_max"u8, longest / 1000);
        text.Line("eventloop_cmd_per_cycle_max"u8, perTurn);
        text.Add("io_threaded_reads_pending:0\r\nio_threaded_writes_pending:0\r\n"u8);
    }

    // ---- lines ----

    private static void Text(ref TextBuilder text, ReadOnlySpan<byte> name, string value)
    {
        text.Add(name);
        text.Add((byte)':');
        text.Add(value);
        text.EndLine();
    }

    private static void Part(ref TextBuilder text, ReadOnlySpan<byte> name, long value)
    {
        text.Add(name);
        text.Add(value);
    }

    /// <summary>A size, and the same for people.</summary>
    private static void Size(ref TextBuilder text, ReadOnlySpan<byte> name, long bytes)
    {
        text.Line(name, bytes);
        text.Add(name);
        text.Add("_human:"u8);
        text.AddHuman(bytes);
        text.EndLine();
    }

    private static void Percent(ref TextBuilder text, ReadOnlySpan<byte> name, long part, long whole)
    {
        text.Add(name);
        text.Add((byte)':');
        text.Add(whole <= 0 ? 0 : 100.0 * part / whole, 2);
        text.Add("%\r\n"u8);
    }

    private static void Seconds(ref TextBuilder text, ReadOnlySpan<byte> name, long us)
    {
        text.Add(name);
        text.Add((byte)':');
        text.AddMicroseconds(us);
        text.EndLine();
    }
}
