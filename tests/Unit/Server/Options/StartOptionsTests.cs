using System.Text;
using Anax.Server;
using Anax.Server.Options;
using Xunit;

namespace Anax.Tests.Unit.Server.Options;

public sealed class StartOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anax-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void DragonflysOwnCommandLineStarts()
    {
        var settings = Start("--conn_use_incoming_cpu", "--dbfilename=", "--logtostderr", "--port", "6380",
            "--maxmemory=28GB", "--proactor_threads", "2");

        Assert.True(settings.ConnUseIncomingCpu);
        Assert.True(settings.LogToStandardError);
        Assert.Equal(6380, settings.Port);
        Assert.Equal(28UL << 30, settings.MaxMemory);
        Assert.Equal(2, settings.ProactorThreads);
    }

    [Fact]
    public void ValkeysOwnCommandLineStarts()
    {
        var start = Read("--save", "", "--appendonly", "no", "--io-threads", "8", "--protected-mode", "no",
            "--port", "6380");

        Assert.Null(start.Error);
        Assert.Equal(6380, start.Settings!.Port);
        Assert.False(start.Settings.ProtectedMode);
        Assert.Equal(["Option without effect here: io-threads"], start.Notices);
    }

    [Fact]
    public void HugePagesReachTheShards()
    {
        Assert.False(AnaxServer.EngineSettingsOf(Start(), null, shards: 2).HugePages);
        Assert.True(AnaxServer.EngineSettingsOf(Start("--huge_pages"), null, shards: 2).HugePages);
        Assert.True(AnaxServer.EngineSettingsOf(Start("--huge-pages", "yes"), null, shards: 2).HugePages);
        Assert.False(AnaxServer.EngineSettingsOf(Start("--huge_pages=no"), null, shards: 2).HugePages);
    }

    [Fact]
    public void NoArgumentsGiveTheDefaults()
    {
        var settings = Start();

        Assert.Equal(6379, settings.Port);
        Assert.Equal([new BindAddress("*", false), new BindAddress("::*", true)], settings.BindAddresses);
        Assert.Equal(new OutputBufferLimit(256UL << 20, 64UL << 20, 60), settings.ReplicaOutputLimit);
        Assert.Equal([50, 99, 99.9], settings.LatencyTrackingPercentiles);
        Assert.Null(settings.RequirePass);
        Assert.Equal(Environment.CurrentDirectory, settings.Folder);
    }

    [Theory]
    [InlineData("--tcp-backlog", "128")]
    [InlineData("--tcp_backlog", "128")]
    [InlineData("--TCP-Backlog", "128")]
    [InlineData("--tcp-backlog=128")]
    [InlineData("--tcp_backlog=128")]
    [InlineData("--tcp-backlog 128")]
    [InlineData("--tcp-backlog '128'")]
    [InlineData("-tcp_backlog", "128")]
    [InlineData("-tcp_backlog=128")]
    public void OneNumberMayBeWrittenInManyWays(params string[] arguments) =>
        Assert.Equal(128, Start(arguments).TcpBacklog);

    [Theory]
    [InlineData(true, "--force_epoll")]
    [InlineData(true, "--force-epoll")]
    [InlineData(true, "--force_epoll=true")]
    [InlineData(true, "--force_epoll", "true")]
    [InlineData(true, "--force_epoll", "YES")]
    [InlineData(true, "--force_epoll=1")]
    [InlineData(true, "--force_epoll", "--port", "1")]
    [InlineData(false, "--force_epoll=no")]
    [InlineData(false, "--force_epoll", "--noforce_epoll")]
    [InlineData(false, "--force_epoll", "--no-force-epoll")]
    [InlineData(true, "--noforce_epoll", "--force_epoll", "on")]
    public void ASwitchMayBeWrittenInManyWays(bool on, params string[] arguments) =>
        Assert.Equal(on, Start(arguments).ForceEpoll);

    [Fact]
    public void NamesThatStartWithNoAreNotTakenForSwitchesOff()
    {
        Assert.Equal(KeyspaceEvents.None, Start("--notify-keyspace-events", "").NotifyKeyspaceEvents);
        Assert.Equal("yes", Start("--no-appendfsync-on-rewrite", "yes").Values["no-appendfsync-on-rewrite"].Text);
    }

    [Fact]
    public void ASwitchOffTakesNoValue() =>
        Assert.Contains("'noforce_epoll' takes no value", Read("--noforce_epoll=no").Error);

    [Fact]
    public void TheLastOneWins() => Assert.Equal(3, Start("--port", "1", "--port=2", "--port", "3").Port);

    [Fact]
    public void SeveralWordsFollowAName()
    {
        var settings = Start("--bind", "127.0.0.1", "-::1", "--client-output-buffer-limit", "normal", "1mb", "2kb", "3",
            "--client-output-buffer-limit=pubsub 1 2 3");

        Assert.Equal([new BindAddress("127.0.0.1", false), new BindAddress("::1", true)], settings.BindAddresses);
        Assert.Equal(new OutputBufferLimit(1 << 20, 2 << 10, 3), settings.NormalOutputLimit);
        Assert.Equal(new OutputBufferLimit(1, 2, 3), settings.PubSubOutputLimit);
    }

    [Fact]
    public void TheFirstWordMayStartWithDashes()
    {
        var settings = Start("--proc-title-template", "--my--title--template", "--loglevel", "verbose");

        Assert.Equal("--my--title--template", settings.Values["proc-title-template"].Text);
        Assert.Equal(ServerLogLevel.Verbose, settings.LogLevel);
    }

    [Theory]
    [InlineData("--save", "--loglevel", "verbose")]
    [InlineData("--loglevel", "verbose", "--save")]
    [InlineData("--save", "", "--loglevel", "verbose")]
    [InlineData("--save", "900", "1", "--save", "", "--loglevel", "verbose")]
    [InlineData("--save=", "--loglevel=verbose")]
    public void AnEmptySaveDropsAllPoints(params string[] arguments)
    {
        var settings = Start(arguments);

        Assert.Equal("", settings.Values["save"].Text);
        Assert.Equal(ServerLogLevel.Verbose, settings.LogLevel);
    }

    [Theory]
    [InlineData("the append-only log is not available yet; use 'appendonly no'", "--appendonly", "yes")]
    [InlineData("saving data to disk is not available yet; use 'save \"\"'", "--save", "900", "1")]
    [InlineData("saving data to disk is not available yet; use 'save \"\"'", "--save", "900 1 300 10")]
    [InlineData("saving data to disk is not available yet; use 'dbfilename \"\"'", "--dbfilename", "dump.rdb")]
    [InlineData("saving data to disk is not available yet; use 'dbfilename \"\"'", "--dbfilename=x")]
    [InlineData("TLS is not available yet; use 'tls-port 0'", "--tls-port", "6380")]
    [InlineData("TLS is not available yet; use 'tls no'", "--tls")]
    [InlineData("the access control list is not available yet; leave it out", "--aclfile", "users.acl")]
    [InlineData("replication is not available yet; use 'replicaof no one'", "--replicaof", "10.0.0.1", "6379")]
    [InlineData("replication is not available yet; use 'replicaof no one'", "--slaveof", "10.0.0.1 6379")]
    [InlineData("replication is not available yet; use 'replicaof no one'", "--replicaof=10.0.0.1:6379")]
    [InlineData("cluster mode is not available yet; use 'cluster-enabled no'", "--cluster-enabled", "yes")]
    [InlineData("cluster mode is not available yet; leave it out", "--cluster_mode=emulated")]
    [InlineData("eviction is not available yet; use 'maxmemory-policy noeviction'", "--maxmemory-policy", "allkeys-lru")]
    [InlineData("eviction is not available yet; use 'cache_mode no'", "--cache_mode")]
    [InlineData("saving data to disk is not available yet; leave it out", "--snapshot_cron=* * * * *")]
    [InlineData("memcached is not available yet; use 'memcached_port 0'", "--memcached_port=11211")]
    [InlineData("saving at shutdown is not available yet; use 'shutdown-on-sigterm nosave'",
        "--shutdown-on-sigterm", "save", "now")]
    public void WhatPromisesTooMuchEndsTheStart(string reason, params string[] arguments) =>
        Assert.Contains(reason, Read(arguments).Error);

    [Theory]
    [InlineData("--appendonly", "yes", "--appendonly", "no")]
    [InlineData("--save", "900", "1", "--save", "")]
    [InlineData("--maxmemory-policy", "noeviction")]
    [InlineData("--tls-port", "0")]
    [InlineData("--replicaof", "no", "one")]
    [InlineData("--cache_mode=false")]
    [InlineData("--nocache_mode")]
    [InlineData("--aclfile", "")]
    [InlineData("--dbfilename", "")]
    [InlineData("--cluster_mode=")]
    [InlineData("--shutdown-on-sigterm", "nosave", "force", "now")]
    public void WhatPromisesNothingStarts(params string[] arguments) => Start(arguments);

    [Theory]
    [InlineData("Unknown option 'maxmemroy'. Did you mean 'maxmemory'?", "--maxmemroy", "1gb")]
    [InlineData("Unknown option 'cach_mode'. Did you mean 'cache_mode'?", "--cach_mode")]
    [InlineData("Unknown option 'proactor_thread'. Did you mean 'proactor_threads'?", "--proactor_thread=2")]
    [InlineData("Unknown option 'xyzzyxyzzy'.\n", "--xyzzyxyzzy", "1")]
    public void AnUnknownOptionEndsTheStartWithTheNearestName(string text, params string[] arguments) =>
        Assert.Contains(text, Read(arguments).Error);

    [Theory]
    [InlineData("argument couldn't be parsed into an integer", "--port", "x")]
    [InlineData("argument must be between 0 and 65535 inclusive", "--port", "65536")]
    [InlineData("argument must be between 0 and 65535 inclusive", "--port", "-2")]
    [InlineData("wrong number of arguments", "--port", "1", "2")]
    [InlineData("wrong number of arguments", "--port")]
    [InlineData("argument must be 'yes' or 'no'", "--daemonize=maybe")]
    [InlineData("Invalid save parameters", "--save", "900")]
    [InlineData("Invalid save parameters", "--save", "0", "1")]
    [InlineData("Invalid save parameters", "--save", "900", "-1")]
    [InlineData("Unbalanced quotes in configuration line", "--requirepass \"abc")]
    [InlineData(">>> 'replicaof \"127.0.0.1\" \"abc\"'\nInvalid primary port", "--replicaof", "127.0.0.1", "abc")]
    [InlineData(">>> 'shutdown-on-sigint \"now force\" \"--shutdown-on-sigterm\"'",
        "--shutdown-on-sigint", "now force", "--shutdown-on-sigterm", "x")]
    public void ABadValueEndsTheStart(string text, params string[] arguments)
    {
        if (arguments[0] == "--shutdown-on-sigint")
            Assert.Contains("argument(s) must be one of the following", Read(arguments).Error);
        else
            Assert.Contains(text, Read(arguments).Error);
    }

    [Fact]
    public void AStartTakesMinusOneForAFreePort() => Assert.Equal(-1, Start("--port", "-1").Port);

    [Theory]
    [InlineData("1.25GiB", 1342177280)]
    [InlineData("2T", 2L << 40)]
    [InlineData("512mib", 512L << 20)]
    [InlineData("1k", 1000)]
    [InlineData("1KB", 1024)]
    [InlineData("1m", 1000_000)]
    [InlineData("1Mb", 1 << 20)]
    [InlineData("1g", 1000_000_000)]
    [InlineData("1gB", 1 << 30)]
    [InlineData("17", 17)]
    [InlineData("17b", 17)]
    public void AStartReadsSizesOfBothFamilies(string text, long bytes) =>
        Assert.Equal((ulong)bytes, Start($"--maxmemory={text}").MaxMemory);

    [Fact]
    public void AConfigurationFileComesFirstAndOptionsWinOverIt()
    {
        var file = Write("valkey.conf",
            """
            # A comment

              PORT 7000
            requirepass "a b\x01\n"
            bind 127.0.0.1
            bind 10.0.0.1 ::1
            loglevel 'warning'
            save 900 1
            save 300 10
            slowlog-max-len 5
            appendonly yes
            """);

        var start = Read(file, "--port", "7001", "--save", "", "--appendonly", "no");

        Assert.Null(start.Error);
        Assert.Equal(file, start.ConfigFile);
        Assert.Equal(7001, start.Settings!.Port);
        Assert.Equal("a b\x01\n"u8.ToArray(), start.Settings.RequirePass);
        Assert.Equal(2, start.Settings.BindAddresses.Length);
        Assert.Equal(ServerLogLevel.Warning, start.Settings.LogLevel);
        Assert.Equal(5, start.Settings.SlowCommandsMax);
    }

    [Fact]
    public void SavePointsOfSeveralLinesAddUp()
    {
        var loader = new OptionLoader();
        loader.ReadStream(Text("save 900 1\nsave 300 10\n"));

        var refused = Assert.Throws<OptionException>(loader.Finish);
        Assert.Equal("save 300 10", refused.Directive!.Line);
    }

    [Fact]
    public void AnErrorNamesFileAndLine()
    {
        var file = Write("bad.conf", "port 1\n\nprot 2\n");

        var error = Read(file).Error;

        Assert.Contains($"Reading the configuration file {file}, at line 3\n>>> 'prot 2'\n", error);
        Assert.Contains("Did you mean 'port'?", error);
    }

    [Fact]
    public void IncludesAreReadInPlaceAndMayHaveWildcards()
    {
        Write("a.conf", "port 1\ntimeout 7\n");
        Write("sub.1.conf", "hz 20\n");
        Write("sub.2.conf", "hz 30\n");
        var file = Write("main.conf",
            $"""
            include {_folder}/a.conf
            port 2
            include {_folder}/sub.[12].conf
            include {_folder}/none*.conf
            """);

        var settings = Start(file);

        Assert.Equal((2, 7, 30), (settings.Port, settings.TimeoutSeconds, settings.Hz));
    }

    [Fact]
    public void AMissingFileEndsTheStart()
    {
        Assert.Contains("can't open config file '/nowhere/x.conf': No such file or directory",
            Read("/nowhere/x.conf").Error);
        Assert.Contains("No such file or directory", Read(Write("i.conf", "include /nowhere/y.conf\n")).Error);
    }

    [Fact]
    public void FilesThatIncludeEachOtherEndTheStart() =>
        Assert.Contains("include each other", Read(Write("loop.conf", $"include {_folder}/loop.conf\n")).Error);

    [Theory]
    [InlineData("-")]
    [InlineData("--hz", "50", "-")]
    public void StandardInputIsReadFirstOrLast(params string[] arguments)
    {
        var start = StartOptions.Read(arguments, Text("timeout 9\nhz 40"), "1");

        Assert.Null(start.Error);
        Assert.Equal(9, start.Settings!.TimeoutSeconds);
        Assert.Equal(arguments.Length == 1 ? 40 : 50, start.Settings.Hz);
        Assert.Equal("Reading config from stdin", start.Notices[0]);
    }

    [Fact]
    public void AFlagFileHoldsFlags()
    {
        var file = Write("flags", "# Dragonfly's\n--port=7002\n--force_epoll\n--maxmemory=2gb\n--requirepass=a b\n");

        var settings = Start($"--flagfile={file}", "--maxmemory=1gb");

        Assert.Equal(7002, settings.Port);
        Assert.True(settings.ForceEpoll);
        Assert.Equal(1UL << 30, settings.MaxMemory);
        Assert.Equal("a b"u8.ToArray(), settings.RequirePass);
    }

    [Theory]
    [InlineData("user default on nopass ~* +@all", "the access control list")]
    [InlineData("rename-command CONFIG \"\"", "renaming commands")]
    [InlineData("loadmodule /x.so", "loading modules")]
    [InlineData("sentinel monitor a b c d", "sentinel mode")]
    public void LinesOfAFileThatPromiseTooMuchEndTheStart(string line, string what) =>
        Assert.Contains($"{what} is not available yet", Read(Write("p.conf", line)).Error);

    [Fact]
    public void LinesThatValkeyNoLongerReadsArePassedOver() =>
        Start(Write("old.conf", "list-max-ziplist-entries 5\nlist-max-ziplist-value 5\nlua-replicate-commands yes\nsanitize-dump-payload clients\n"));

    [Fact]
    public void OptionsWithoutEffectAreNamedInOneLine()
    {
        var start = Read("--io-threads", "4", "--rdbchecksum", "no", "--activedefrag", "no", "--pipeline_squash=7");

        Assert.Equal(["Options without effect here: io-threads, rdbchecksum, pipeline_squash"], start.Notices);
    }

    [Fact]
    public void BytesBeyondAsciiSurvive() =>
        Assert.Equal("pässwörd"u8.ToArray(), Start("--requirepass", "pässwörd").RequirePass);

    [Fact]
    public void TheFolderIsMadeAbsolute() =>
        Assert.Equal(_folder, Start("--dir", Path.Combine(_folder, "x", "..")).Folder);

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--port", "1", "--help")]
    public void HelpNamesEveryOptionOnce(params string[] arguments)
    {
        var help = Read(arguments).Output!;

        foreach (var spec in OptionTable.All)
            Assert.Single(help.Split('\n'), line => line.StartsWith($"  --{spec.Name}=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    public void VersionIsPrinted(string argument) =>
        Assert.Equal("anax 7.8.9\n", StartOptions.Read([argument], Stream.Null, "7.8.9").Output);

    private static ServerSettings Start(params string[] arguments)
    {
        var start = Read(arguments);
        Assert.Null(start.Error);
        return start.Settings!;
    }

    private static StartOptions Read(params string[] arguments) => StartOptions.Read(arguments, Stream.Null, "1.0");

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
