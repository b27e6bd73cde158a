using System.CommandLine;

namespace Anax.LoadGen.Options;

/// <summary>Every option as System.CommandLine knows it: its name, type, default, and what --help says of it.</summary>
internal sealed class OptionSet
{
    private static readonly BenchOptions Defaults = new();

    // Above the options, which add themselves to it in the order in which they stand here.
    private readonly Command _command = new(
        "anax-bench", "Loads a server of the Redis or memcached protocol and measures how it answers.");

    public readonly Option<string> Host;
    public readonly Option<int> Port;
    public readonly Option<string> UnixSocket;
    public readonly Option<int> Threads;
    public readonly Option<int> Connections;
    public readonly Option<bool> ForceEpoll;
    public readonly Option<string> User;
    public readonly Option<string> Password;
    public readonly Option<bool> TcpNoDelay;
    public readonly Option<bool> Greet;
    public readonly Option<bool> ConnectOnly;
    public readonly Option<string> Protocol;
    public readonly Option<bool> Resp3;
    public readonly Option<bool> NoReply;
    public readonly Option<bool> ProbeCluster;
    public readonly Option<bool> ClusterSkipTags;
    public readonly Option<long> Requests;
    public readonly Option<double> TestTime;
    public readonly Option<double> Warmup;
    public readonly Option<double> Qps;
    public readonly Option<string> RateSteps;
    public readonly Option<int> Pipeline;
    public readonly Option<int> Window;
    public readonly Option<string> Ratio;
    public readonly Option<string[]> Commands;
    public readonly Option<int[]> Weights;
    public readonly Option<string> ValueSize;
    public readonly Option<bool> RandomData;
    public readonly Option<bool> Ascii;
    public readonly Option<bool> Verify;
    public readonly Option<string> KeyPrefix;
    public readonly Option<ulong> KeyMinimum;
    public readonly Option<ulong> KeyMaximum;
    public readonly Option<string> KeyDist;
    public readonly Option<double> KeyStddev;
    public readonly Option<double> ZipfAlpha;
    public readonly Option<ulong> Seed;
    public readonly Option<string> JsonOutFile;
    public readonly Option<string> HdrFile;
    public readonly Option<string> Report;
    public readonly Option<bool> Help;
    public readonly Option<bool> Version;

    public OptionSet()
    {
        Host = Add("h", Defaults.Host, "host name or address of the server");
        Port = Add("p", Defaults.Port, "port of the server");
        UnixSocket = Add("unix-socket", "", "path of a unix socket to connect to instead of a host and port");
        Threads = Add("proactor_threads", 0, "threads that make load; 0: one per processor of the affinity mask");
        Threads.Aliases.Add("--threads");
        Connections = Add("c", Defaults.Connections, "connections per thread, and per thread and shard of a cluster");
        ForceEpoll = Add("force_epoll", false, "use epoll also where io_uring works");
        User = Add("user", "", "user name for AUTH; empty: the default user");
        Password = Add("password", "", "password for AUTH; empty: no AUTH is sent");
        TcpNoDelay = Add("tcp_nodelay", false, "set TCP_NODELAY, so that small writes are not held back; "
            + "on by itself under a rate, a window and --noreply");
        Greet = Add("greet", true, "send PING on every connection before the load starts");
        ConnectOnly = Add("connect_only", false, "only connect (and greet), then end");
        Protocol = Add("P", "", "protocol: empty or RESP, or memcache_text");
        Resp3 = Add("resp3", false, "switch the connections to RESP3 by HELLO 3");
        NoReply = Add("noreply", false, "send memcached's set with 'noreply', which is not answered");
        ProbeCluster = Add("probe_cluster", true, "ask the server for its cluster, connect to every primary, follow redirections");
        ClusterSkipTags = Add("cluster_skip_tags", true, "keys without a hash tag; false: a tag of the connection's hash slots in each key");

        Requests = Add("n", Defaults.Requests, "requests per connection (and step)");
        TestTime = Add("test_time", 0.0, "seconds that the load (each step) lasts; 0: until -n requests are answered");
        Warmup = Add("warmup", 0.0, "seconds of load before, that are not counted");
        Qps = Add("qps", Defaults.Qps, "batches per second and connection. Above 0: a schedule that waits for a server which is "
            + "slower; below 0: a schedule that never waits; 0: the next batch when the last is answered");
        RateSteps = Add("rate-steps", "", "list of rates (100,200,400), each a step with the meaning of --qps: latency against load");
        Pipeline = Add("pipeline", 1, "requests per batch");
        Window = Add("window", 0, "requests that each connection keeps in flight, a new one for each answer; 0: in batches");
        Ratio = Add("ratio", "1:10", "SET to GET");
        Commands = new Option<string[]>("--command")
        {
            Description = "an own command instead of SET and GET; __key__, __data__ and __score__ are filled in; a ; alone joins "
                + "commands to one request; may be repeated",
            DefaultValueFactory = _ => [],
        };
        _command.Options.Add(Commands);
        Weights = new Option<int[]>("--command_weight")
        {
            Description = "how often the command before it is sent, in proportion to the other commands [default: 1]",
            DefaultValueFactory = _ => [],
        };
        _command.Options.Add(Weights);

        ValueSize = Add("d", "16", "bytes of a value, or min:max");
        RandomData = Add("random_data", true, "draw the bytes of every value anew; false: one value for all");
        Ascii = Add("ascii", true, "printable values; false: any bytes");
        Verify = Add("verify", false, "make values that follow from their keys, and check every value that GET brings");
        KeyPrefix = Add("key_prefix", Defaults.KeyPrefix, "what stands before the number in a key");
        KeyMinimum = Add("key_minimum", Defaults.KeyMinimum, "smallest number of a key");
        KeyMaximum = Add("key_maximum", Defaults.KeyMaximum, "largest number of a key");
        KeyDist = Add("key_dist", "U", "how numbers are drawn: U uniform, N normal, Z zipfian, S one after the other");
        KeyStddev = Add("key_stddev", 0.0, "standard deviation under --key_dist N, in keys; 0: a sixth of the range");
        ZipfAlpha = Add("zipf_alpha", Defaults.ZipfAlpha, "exponent under --key_dist Z");
        Seed = Add("seed", Defaults.Seed, "seed of all that is drawn");

        JsonOutFile = Add("json_out_file", "", "write the result there as memtier_benchmark does");
        HdrFile = Add("hdr_file", "", "write the latency histograms there in HdrHistogram's log format");
        Report = Add("report", "", "write an HTML page with the result there");
        Help = Add("help", false, "show this");
        Version = Add("version", false, "show the version");
    }

    public Command Command => _command;

    private Option<T> Add<T>(string name, T value, string description)
    {
        Option<T> option = new("--" + name) { Description = description, DefaultValueFactory = _ => value };
        _command.Options.Add(option);
        return option;
    }
}
