using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Anax.LoadGen.Options;

/// <summary>From the command line to <see cref="BenchOptions"/>, or to one line that says what is wrong with it.</summary>
internal static class OptionReader
{
    private const int ValueBytesMax = 512 * 1024 * 1024;
    private const int PipelineMax = 1_000_000;
    private const double RateMin = 0.000001;
    private const double RateMax = 1_000_000_000;

    /// <summary>Reads and checks; throws <see cref="OptionException"/>.</summary>
    public static BenchOptions Read(IReadOnlyList<string> arguments)
    {
        OptionSet set = new();
        ParseResult parsed = Parse(set, arguments);
        (int valueMin, int valueMax) = ValueSize(Get(parsed, set.ValueSize));
        (int ratioSet, int ratioGet) = Ratio(Get(parsed, set.Ratio));
        double testTime = Get(parsed, set.TestTime);
        bool isWindowed = Get(parsed, set.Window) != 0;
        // A closed loop sends when nothing is unanswered. Elsewhere Nagle would keep a request in the client until the
        // one before it is acknowledged, which takes 40 ms where the server is slow: a latency that is the client's own.
        bool overlaps = Get(parsed, set.Qps) != 0 || isWindowed || Get(parsed, set.RateSteps).Length != 0 || Get(parsed, set.NoReply);
        BenchOptions options = new()
        {
            Host = Get(parsed, set.Host),
            Port = Get(parsed, set.Port),
            UnixSocket = Get(parsed, set.UnixSocket),
            Threads = Get(parsed, set.Threads),
            Connections = Get(parsed, set.Connections),
            ForceEpoll = Get(parsed, set.ForceEpoll),
            User = Get(parsed, set.User),
            Password = Get(parsed, set.Password),
            TcpNoDelay = IsGiven(parsed, set.TcpNoDelay) ? Get(parsed, set.TcpNoDelay) : overlaps,
            Greet = Get(parsed, set.Greet),
            ConnectOnly = Get(parsed, set.ConnectOnly),
            Protocol = Protocol(Get(parsed, set.Protocol), Get(parsed, set.Resp3)),
            NoReply = Get(parsed, set.NoReply),
            ProbeCluster = Get(parsed, set.ProbeCluster),
            ClusterSkipTags = Get(parsed, set.ClusterSkipTags),
            Requests = testTime > 0 ? 0 : Get(parsed, set.Requests),
            TestTime = testTime,
            Warmup = Get(parsed, set.Warmup),
            // A window answers the question of when to send by itself.
            Qps = isWindowed && !IsGiven(parsed, set.Qps) ? 0 : Get(parsed, set.Qps),
            RateSteps = RateSteps(Get(parsed, set.RateSteps)),
            Pipeline = Get(parsed, set.Pipeline),
            Window = Get(parsed, set.Window),
            RatioSet = ratioSet,
            RatioGet = ratioGet,
            Commands = Commands(Get(parsed, set.Commands), Get(parsed, set.Weights)),
            ValueBytesMin = valueMin,
            ValueBytesMax = valueMax,
            RandomData = Get(parsed, set.RandomData),
            Ascii = Get(parsed, set.Ascii),
            Verify = Get(parsed, set.Verify),
            KeyPrefix = Get(parsed, set.KeyPrefix),
            KeyMinimum = Get(parsed, set.KeyMinimum),
            KeyMaximum = Get(parsed, set.KeyMaximum),
            KeyDistribution = Distribution(Get(parsed, set.KeyDist)),
            KeyStddev = Get(parsed, set.KeyStddev),
            ZipfAlpha = Get(parsed, set.ZipfAlpha),
            Seed = Get(parsed, set.Seed),
            JsonOutFile = Get(parsed, set.JsonOutFile),
            HdrFile = Get(parsed, set.HdrFile),
            ReportFile = Get(parsed, set.Report),
        };
        CheckRanges(options, parsed, set);
        CheckPairs(options, option => IsGiven(parsed, option), set);
        return options;
    }

    /// <summary>Answers --help and --version; false where the load is to be made.</summary>
    public static bool ShowsHelp(IReadOnlyList<string> arguments, TextWriter output, string version)
    {
        OptionSet set = new();
        ParseResult parsed = Parse(set, arguments);
        if (Get(parsed, set.Help))
            OptionHelp.Write(set, output);
        else if (Get(parsed, set.Version))
            output.WriteLine($"anax-bench {version}");
        else
            return false;
        return true;
    }

    private static ParseResult Parse(OptionSet set, IReadOnlyList<string> arguments)
    {
        // A value that begins with @ is a value, not a file with arguments.
        ParserConfiguration configuration = new() { ResponseFileTokenReplacer = null };
        ParseResult parsed = set.Command.Parse(new ArgumentSpelling(set).Rewrite(arguments), configuration);
        foreach (ParseError error in parsed.Errors) throw new OptionException(Explain(error));
        return parsed;
    }

    private static string Explain(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Tokens: [.., Token token] } result) return error.Message;
        string name = OptionHelp.Spell(result.Option.Name);
        Type type = result.Option.ValueType;
        return type == typeof(bool) ? $"{name} '{token.Value}': true or false"
            : type == typeof(double) ? $"{name} '{token.Value}': a number is expected"
            : type == typeof(ulong) ? $"{name} '{token.Value}': a whole number from 0 is expected"
            : $"{name} '{token.Value}': a whole number is expected";
    }

    // ---- texts ----

    private static BenchProtocol Protocol(string text, bool isResp3) => text.ToUpperInvariant() switch
    {
        "" or "RESP" => isResp3 ? BenchProtocol.Resp3 : BenchProtocol.Resp2,
        "MEMCACHE_TEXT" when isResp3 => throw new OptionException("--resp3 contradicts -P memcache_text"),
        "MEMCACHE_TEXT" => BenchProtocol.MemcacheText,
        _ => throw new OptionException($"-P '{text}': the protocol is RESP or memcache_text"),
    };

    private static KeyDistribution Distribution(string text) => text.ToUpperInvariant() switch
    {
        "U" => KeyDistribution.Uniform,
        "N" => KeyDistribution.Normal,
        "Z" => KeyDistribution.Zipfian,
        "S" => KeyDistribution.Sequential,
        _ => throw new OptionException($"--key_dist '{text}': it is U, N, Z or S"),
    };

    private static (int Min, int Max) ValueSize(string text)
    {
        string[] parts = text.Split(':');
        bool isRead = TryInt(parts[0], out int min) & TryInt(parts[^1], out int max);
        return isRead && parts.Length <= 2 && min >= 0 && max >= min && max <= ValueBytesMax
            ? (min, max)
            : throw new OptionException($"-d '{text}': bytes of a value, or min:max, up to {ValueBytesMax}");
    }

    private static (int Set, int Get) Ratio(string text)
    {
        string[] parts = text.Split(':');
        int set = 0, get = 0;
        bool isRead = parts.Length == 2 && TryInt(parts[0], out set) && TryInt(parts[1], out get);
        return isRead && set >= 0 && get >= 0 && (long)set + get is > 0 and <= int.MaxValue
            ? (set, get)
            : throw new OptionException($"--ratio '{text}': parts of SET and of GET, as 1:10, not both 0");
    }

    private static double[] RateSteps(string text)
    {
        if (text.Length == 0) return [];
        string[] parts = text.Split(',');
        double[] rates = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out rates[i])
                || rates[i] == 0)
                throw new OptionException($"--rate-steps '{text}': rates other than 0 with commas between, as 100,200,400");
            CheckRate("--rate-steps", rates[i]);
        }

        return rates;
    }

    private static WeightedCommand[] Commands(string[] commands, int[] weights)
    {
        WeightedCommand[] all = new WeightedCommand[commands.Length];
        for (int i = 0; i < all.Length; i++)
        {
            if (weights[i] <= 0) throw new OptionException($"--command_weight {weights[i]}: a weight is above 0");
            all[i] = new WeightedCommand(commands[i], weights[i]);
        }

        return all;
    }

    private static bool TryInt(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    // ---- checks ----

    private static void CheckRanges(BenchOptions options, ParseResult parsed, OptionSet set)
    {
        Require(options.Port is > 0 and <= 65535, $"-p {options.Port}: a port is 1 to 65535");
        Require(options.Threads is >= 0 and <= 1024, $"--proactor_threads {options.Threads}: 0 to 1024");
        Require(options.Connections is > 0 and <= 1_000_000, $"-c {options.Connections}: 1 to 1000000 connections");
        Require(Get(parsed, set.Requests) > 0, $"-n {Get(parsed, set.Requests)}: at least one request");
        Require(options.TestTime is >= 0 and <= 1e9, $"--test_time {options.TestTime}: seconds, 0 or more");
        Require(options.Warmup is >= 0 and <= 1e9, $"--warmup {options.Warmup}: seconds, 0 or more");
        if (options.Qps != 0) CheckRate("--qps", options.Qps);
        Require(options.Pipeline is > 0 and <= PipelineMax, $"--pipeline {options.Pipeline}: 1 to {PipelineMax}");
        Require(options.Window is >= 0 and <= PipelineMax, $"--window {options.Window}: 0 to {PipelineMax}");
        Require(
            options.KeyMinimum <= options.KeyMaximum,
            $"--key_minimum {options.KeyMinimum} is above --key_maximum {options.KeyMaximum}");
        Require(options.KeyMaximum <= long.MaxValue, $"--key_maximum {options.KeyMaximum}: at most {long.MaxValue}");
        Require(options.KeyStddev is >= 0 and < double.PositiveInfinity, $"--key_stddev {options.KeyStddev}: 0 or more");
        Require(options.ZipfAlpha is > 0 and <= 100, $"--zipf_alpha {options.ZipfAlpha}: above 0, up to 100");
    }

    /// <summary>A schedule has a period that the clock can tell, and that ends in somebody's lifetime.</summary>
    private static void CheckRate(string name, double rate) =>
        Require(
            Math.Abs(rate) is >= RateMin and <= RateMax,
            FormattableString.Invariant($"{name} {rate}: {RateMin} to {RateMax} batches per second, or below 0 as much"));

    /// <summary>What cannot be had together.</summary>
    private static void CheckPairs(BenchOptions options, Func<Option, bool> isGiven, OptionSet set)
    {
        bool isMemcache = options.Protocol == BenchProtocol.MemcacheText;
        bool isOwn = options.Commands.Count != 0;
        bool isUnix = options.UnixSocket.Length != 0;
        Require(!isUnix || !isGiven(set.Host), "--unix-socket contradicts -h");
        Require(!isUnix || !isGiven(set.Port), "--unix-socket contradicts -p");
        Require(options.TestTime == 0 || !isGiven(set.Requests), "-n contradicts --test_time: give one of them");
        Require(options.Window == 0 || options.Qps == 0, "--window contradicts --qps: a window sends when answers come");
        Require(options.Window == 0 || !isGiven(set.Pipeline), "--window contradicts --pipeline");
        Require(options.Window == 0 || options.RateSteps.Count == 0, "--window contradicts --rate-steps");
        Require(options.RateSteps.Count == 0 || !isGiven(set.Qps), "--rate-steps contradicts --qps");
        Require(!isOwn || !isGiven(set.Ratio), "--command contradicts --ratio");
        Require(!isOwn || !options.Verify, "--command contradicts --verify, which needs to know what SET wrote");
        Require(!isOwn || !isMemcache, "--command contradicts -P memcache_text");
        Require(!options.Verify || !isGiven(set.RandomData), "--verify contradicts --random_data: its values follow from the keys");
        Require(!options.NoReply || isMemcache, "--noreply needs -P memcache_text");
        Require(!isMemcache || options.Password.Length == 0, "--password contradicts -P memcache_text");
        Require(!isMemcache || !isGiven(set.ProbeCluster) || !options.ProbeCluster, "--probe_cluster contradicts -P memcache_text");
        Require(options.User.Length == 0 || options.Password.Length != 0, "--user needs --password");
        Require(options.KeyStddev == 0 || options.KeyDistribution == KeyDistribution.Normal, "--key_stddev needs --key_dist N");
        Require(
            !isGiven(set.ZipfAlpha) || options.KeyDistribution == KeyDistribution.Zipfian, "--zipf_alpha needs --key_dist Z");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new OptionException(message);
    }

    private static T Get<T>(ParseResult parsed, Option<T> option) => parsed.GetValue(option)!;

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
