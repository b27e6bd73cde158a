using Anax.Server.Options;
using Xunit;

namespace Anax.Tests.Unit.Server.Options;

public sealed class ConfigStoreTests
{
    private readonly ConfigStore _store = new(ServerSettings.Default, configFile: null);

    [Fact]
    public void AllPairsAreSetTogether()
    {
        var change = _store.Set(["maxmemory", "10000001", "timeout", "7", "SLOWLOG-max-len", "3"], false);

        Assert.Null(change.Error);
        Assert.Equal(OptionHooks.MemoryLimit | OptionHooks.CommandLog, change.Hooks);
        Assert.Equal(0UL, _store.Current.MaxMemory);
        _store.Commit(change);
        Assert.Equal((10000001UL, 7, 3L),
            (_store.Current.MaxMemory, _store.Current.TimeoutSeconds, _store.Current.SlowCommandsMax));
    }

    [Fact]
    public void OneBadValueSetsNothing()
    {
        var change = _store.Set(["timeout", "7", "maxmemory-clients", "200%"], false);

        Assert.Equal("ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - "
            + "percentage argument must be less or equal to 100", change.Error);
        Assert.Null(change.Next);
        Assert.Equal(0, _store.Current.TimeoutSeconds);
    }

    [Fact]
    public void TheSameValueChangesNothing()
    {
        foreach (var spec in OptionTable.All)
        {
            if (spec.IsImmutable)
                continue;
            var change = _store.Set([spec.Name, _store.Current.Values[spec].Text], mayChangeProtected: true);
            Assert.Null(change.Error);
            Assert.Empty(change.Changed);
        }
    }

    [Theory]
    [InlineData("Unknown option or number of arguments for CONFIG SET - 'nosuch'", "nosuch", "1")]
    [InlineData("Unknown option or number of arguments for CONFIG SET - 'NoSuch'", "NoSuch", "1", "port", "x")]
    [InlineData("Unknown option or number of arguments for CONFIG SET - 'nosuch'", "timeout", "1", "nosuch", "1")]
    [InlineData("CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config",
        "databases", "2", "nosuch", "1")]
    [InlineData("CONFIG SET failed (possibly related to argument 'DIR') - can't set protected config", "DIR", "/tmp")]
    [InlineData("CONFIG SET failed (possibly related to argument 'Timeout') - duplicate parameter",
        "timeout", "1", "Timeout", "2")]
    [InlineData("CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be parsed into an integer",
        "TIMEOUT", "x")]
    [InlineData("CONFIG SET failed (possibly related to argument 'slowlog-max-len') - "
        + "argument must be between 0 and 9223372036854775807 inclusive", "slowlog-max-len", "-1")]
    public void ErrorsNameTheArgument(string error, params string[] pairs)
    {
        Assert.Equal("ERR " + error, _store.Set(pairs, mayChangeProtected: false).Error);
        Assert.Equal(0, _store.Current.TimeoutSeconds);
    }

    [Fact]
    public void AnOlderNameCountsAsAnotherOption() =>
        Assert.Null(_store.Set(["slowlog-max-len", "1", "commandlog-slow-execution-max-len", "2"], false).Error);

    [Theory]
    // Numbers: at the limit and one past it.
    [InlineData("port", "0", null)]
    [InlineData("port", "65535", null)]
    [InlineData("port", "65536", "argument must be between 0 and 65535 inclusive")]
    [InlineData("port", "-1", "argument must be between 0 and 65535 inclusive")]
    [InlineData("port", "007", "argument couldn't be parsed into an integer")]
    [InlineData("port", "+7", "argument couldn't be parsed into an integer")]
    [InlineData("port", " 7", "argument couldn't be parsed into an integer")]
    [InlineData("port", "", "argument couldn't be parsed into an integer")]
    [InlineData("port", "-0", "argument couldn't be parsed into an integer")]
    [InlineData("maxclients", "1", null)]
    [InlineData("maxclients", "0", "argument must be between 1 and 4294967295 inclusive")]
    [InlineData("maxclients", "4294967295", null)]
    [InlineData("maxclients", "4294967296", "argument must be between 1 and 4294967295 inclusive")]
    [InlineData("maxclients", "-1", "argument must be between 1 and 4294967295 inclusive")]
    [InlineData("active-expire-effort", "10", null)]
    [InlineData("active-expire-effort", "11", "argument must be between 1 and 10 inclusive")]
    [InlineData("slowlog-log-slower-than", "-1", null)]
    [InlineData("slowlog-log-slower-than", "-2", "argument must be between -1 and 9223372036854775807 inclusive")]
    // Sizes.
    [InlineData("proto-max-bulk-len", "1mb", null)]
    [InlineData("proto-max-bulk-len", "1048575", "argument must be between 1048576 and 9223372036854775807 inclusive")]
    [InlineData("client-query-buffer-limit", "1048576", null)]
    [InlineData("client-query-buffer-limit", "1023kb",
        "argument must be between 1048576 and 9223372036854775807 inclusive")]
    [InlineData("maxmemory", "1.5gb", "argument must be a memory value")]
    [InlineData("maxmemory", "1tb", "argument must be a memory value")]
    [InlineData("maxmemory", "-1", "argument must be a memory value")]
    [InlineData("maxmemory", "18446744073709551615", null)]
    [InlineData("maxmemory", "18446744073709551616", "argument must be a memory value")]
    [InlineData("maxmemory", "", null)]
    [InlineData("maxmemory-clients", "x", "argument must be a memory or percent value")]
    [InlineData("maxmemory-clients", "-5%", "argument must be a memory or percent value")]
    [InlineData("maxmemory-clients", "101%", "percentage argument must be less or equal to 100")]
    [InlineData("slot-migration-max-failover-repl-bytes", "-1", null)]
    [InlineData("slot-migration-max-failover-repl-bytes", "-2",
        "argument must be between -1 and 9223372036854775807 inclusive")]
    [InlineData("slot-migration-max-failover-repl-bytes", "x", "argument must be a memory value")]
    // Switches and choices.
    [InlineData("protected-mode", "YES", null)]
    [InlineData("protected-mode", "true", "argument must be 'yes' or 'no'")]
    [InlineData("protected-mode", "1", "argument must be 'yes' or 'no'")]
    [InlineData("loglevel", "Debug", null)]
    [InlineData("loglevel", "loud",
        "argument(s) must be one of the following: debug, verbose, notice, warning, nothing")]
    [InlineData("shutdown-on-sigint", "nosave force now", null)]
    [InlineData("shutdown-on-sigint", "",
        "argument(s) must be one of the following: default, save, nosave, now, force, safe, failover")]
    [InlineData("shutdown-on-sigint", "save nosave",
        "shutdown options SAVE and NOSAVE can't be used simultaneously")]
    // What has rules of its own.
    [InlineData("save", "900", "Invalid save parameters")]
    [InlineData("save", "900  1", "Invalid save parameters")]
    [InlineData("save", "", null)]
    [InlineData("bind", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", null)]
    [InlineData("bind", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "Too many bind addresses specified.")]
    [InlineData("notify-keyspace-events", "", null)]
    [InlineData("notify-keyspace-events", "AKEmn", null)]
    [InlineData("notify-keyspace-events", "Q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")]
    [InlineData("client-output-buffer-limit", "normal 1 2", "Wrong number of arguments in buffer limit configuration.")]
    [InlineData("client-output-buffer-limit", "master 1 2 3",
        "Invalid client class specified in buffer limit configuration.")]
    [InlineData("client-output-buffer-limit", "normal 1 x 3",
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.")]
    [InlineData("client-output-buffer-limit", "normal 1 2 -3",
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.")]
    [InlineData("oom-score-adj-values", "1 2", "wrong number of arguments")]
    [InlineData("oom-score-adj-values", "-2000 0 2000", null)]
    [InlineData("oom-score-adj-values", "0 0 2001",
        "Invalid oom-score-adj-values, elements must be between -2000 and 2000.")]
    [InlineData("latency-tracking-info-percentiles", "0 100", null)]
    [InlineData("latency-tracking-info-percentiles", "100.1",
        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")]
    [InlineData("latency-tracking-info-percentiles", "x", "Invalid latency-tracking-info-percentiles parameters")]
    [InlineData("dbfilename", "", "dbfilename can't be empty")]
    [InlineData("dbfilename", "a/b", "dbfilename can't be a path, just a filename")]
    [InlineData("dir", "", "dir can't be empty")]
    [InlineData("dir", "/nowhere/at/all", "No such file or directory")]
    [InlineData("proc-title-template", "{title} {bad}", "template format is invalid or contains unknown variables")]
    [InlineData("proc-title-template", "{title}", "template format is invalid or contains unknown variables")]
    [InlineData("proc-title-template", "{{x {port}", null)]
    [InlineData("cluster-announce-hostname", "a_b",
        "Hostnames may only contain alphanumeric characters, hyphens or dots")]
    [InlineData("cluster-announce-client-ipv4", "1.2.3.4", null)]
    [InlineData("cluster-announce-client-ipv4", "::1", "Invalid IPv4 address")]
    [InlineData("cluster-announce-client-ipv4", "1.2.3", "Invalid IPv4 address")]
    [InlineData("cluster-announce-client-ipv4", "01.2.3.4", "Invalid IPv4 address")]
    [InlineData("cluster-announce-client-ipv6", "::1", null)]
    // What does not exist yet.
    [InlineData("appendonly", "yes", "the append-only log is not available yet; use 'appendonly no'")]
    [InlineData("save", "900 1", "saving data to disk is not available yet; use 'save \"\"'")]
    [InlineData("maxmemory-policy", "allkeys-lru", "eviction is not available yet; use 'maxmemory-policy noeviction'")]
    [InlineData("tls-port", "6380", "TLS is not available yet; use 'tls-port 0'")]
    [InlineData("min-replicas-to-write", "1", "replication is not available yet; use 'min-replicas-to-write 0'")]
    public void EveryKindRefusesInValkeysWords(string name, string value, string? reason)
    {
        var expected = reason is null ? null : ConfigStore.Failed(name, reason);
        Assert.Equal(expected, _store.Set([name, value], mayChangeProtected: true).Error);
    }

    [Theory]
    [InlineData("maxmemory", "100mb", "104857600")]
    [InlineData("maxmemory", "18446744073709551615", "18446744073709551615")]
    [InlineData("hz", "0", "1")]
    [InlineData("hz", "501", "500")]
    [InlineData("repl-backlog-size", "1", "16384")]
    [InlineData("oom-score-adj", "relative", "yes")]
    [InlineData("shutdown-on-sigterm", "force now NOSAVE", "nosave now force")]
    [InlineData("shutdown-on-sigterm", "default", "default")]
    [InlineData("client-output-buffer-limit", "replica 1gb 1kb 5 normal 1 2 3",
        "normal 1 2 3 slave 1073741824 1024 5 pubsub 33554432 8388608 60")]
    [InlineData("latency-tracking-info-percentiles", "50.10 99.999", "50.1 99.999")]
    [InlineData("latency-tracking-info-percentiles", "", "")]
    [InlineData("bind", "", "")]
    [InlineData("bind", "127.0.0.1 -::1", "127.0.0.1 -::1")]
    [InlineData("dir", "/usr/../tmp/", "/tmp")]
    public void ValuesAreShownInTheirPlainForm(string name, string value, string shown)
    {
        _store.Commit(_store.Set([name, value], mayChangeProtected: true));
        Assert.Equal(shown, _store.Current.Values[name].Text);
    }

    [Theory]
    [InlineData("KEA", "AKE")]
    [InlineData("Kxn", "xnK")]
    [InlineData("g$lshzxetdE", "AE")]
    public void KeyspaceEventsAreShownInTheirPlainForm(string letters, string shown)
    {
        Assert.True(KeyspaceEventLetters.TryParse(letters, out KeyspaceEvents events));
        Assert.Equal(shown, KeyspaceEventLetters.Format(events));
    }

    [Fact]
    public void WhatTheServerFoundOutReplacesTheValue()
    {
        Assert.Equal(40001, _store.Override("port", "40001").Port);
        Assert.Equal("40001", _store.Current.Values["port"].Text);
        Assert.Throws<ArgumentException>(() => _store.Override("port", "x"));
    }

    [Fact]
    public void WithoutAFileNothingIsRewritten() =>
        Assert.Equal("ERR The server is running without a config file", _store.Rewrite());
}
