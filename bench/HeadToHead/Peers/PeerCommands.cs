using System.Globalization;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Peers;

/// <summary>
/// How each server is started: in memory alone, on 127.0.0.1, with as many threads as it has CPUs, all else as it
/// ships.
/// </summary>
/// <remarks>
/// Valkey executes commands on one thread whatever it is given. Its I/O threads wait by spinning, so where the client
/// needs the same CPUs they can cost it more than they bring: on two CPUs hardly more throughput for twice the processor
/// time. So what others are compared with is Valkey as it ships, and with I/O threads it has a row of its own.
///
/// Garnet's threads are those of .NET's thread pool, which follows the CPUs of the process; bounding them further
/// (--minthreads, --maxthreads) changed nothing beyond the noise. Its log of 16 GiB and its index of 128 MiB, enough for
/// 14 million entries in their first place, are its defaults, written out because they decide about bytes per entry. Scripts are off as it ships.
/// </remarks>
internal static class PeerCommands
{
    /// <summary>Stands for the port in a command that is only to be read.</summary>
    public const string AnyPort = "PORT";

    /// <param name="name">Of the server.</param>
    /// <param name="threads">As many as it has CPUs, where nothing else is to be learnt.</param>
    /// <param name="port">A number, or what stands for one.</param>
    public static IReadOnlyList<string> Arguments(string name, int threads, string port)
    {
        string count = threads.ToString(CultureInfo.InvariantCulture);
        return name switch
        {
            ServerNames.Anax => ["--bind", "127.0.0.1", "--port", port, "--proactor_threads", count],
            ServerNames.AnaxGlobal => [.. Arguments(ServerNames.Anax, threads, port), "--script_locking", "global"],
            ServerNames.Valkey or ServerNames.Control =>
                ["--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"],
            ServerNames.ValkeyIo => [.. Arguments(ServerNames.Valkey, threads, port), "--io-threads", count],
            ServerNames.Garnet => ["--bind", "127.0.0.1", "--port", port, "--memory", "16g", "--index", "128m", "--lua"],
            ServerNames.Dragonfly =>
                ["--bind", "127.0.0.1", "--port", port, "--proactor_threads", count, "--dbfilename=", "--logtostderr"],
            ServerNames.Floor => [port, RunSettings.ValueBytes.ToString(CultureInfo.InvariantCulture)],
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "not among the servers"),
        };
    }

    /// <summary>Lets in so many clients, where a server as it ships lets in ten thousand.</summary>
    public static IReadOnlyList<string> ConnectionArguments(string name, int connectionsMax)
    {
        string count = connectionsMax.ToString(CultureInfo.InvariantCulture);
        return name switch
        {
            ServerNames.Anax or ServerNames.AnaxGlobal or ServerNames.Valkey or ServerNames.Control or ServerNames.ValkeyIo => ["--maxclients", count],
            ServerNames.Garnet => ["--network-connection-limit", count],
            _ => [],
        };
    }

    /// <summary>Keeps keys of one hash tag on one shard, where a server has several.</summary>
    public static IReadOnlyList<string> TagArguments(string name) => name == ServerNames.Anax ? ["--shard_on_hashtags"] : [];

    /// <summary>As it could be pasted into a shell, with the binary's bare name.</summary>
    public static string Text(Peer peer, int cpus, string taskset)
    {
        IEnumerable<string> words = Arguments(peer.Name, cpus, AnyPort).Select(word => word.Length == 0 ? "''" : word);
        return $"taskset -c {taskset} {Path.GetFileName(peer.Path)} {string.Join(' ', words)}";
    }
}
