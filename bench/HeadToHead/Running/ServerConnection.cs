using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>Asks a server on this machine one question, on a connection for it alone.</summary>
internal static class ServerConnection
{
    /// <summary>With whatever status: the floor has but one for all commands.</summary>
    public static bool AnswersPing(int port) => Ask(port, "PING").StartsWith('+');

    /// <summary>How many keys it holds; -1 where it does not say.</summary>
    public static long CountKeys(int port)
    {
        string answer = Ask(port, "DBSIZE");
        return answer.StartsWith(':') ? long.Parse(answer[1..], CultureInfo.InvariantCulture) : -1;
    }

    /// <summary>What Anax counts of its event loops; of other servers zeros.</summary>
    public static LoopCounts CountLoops(int port) => LoopCounts.Parse(Ask(port, "INFO", "threads"));

    /// <summary>used_memory as it says it; 0 where it does not.</summary>
    public static long UsedBytes(int port) => UsedBytesIn(Ask(port, "INFO", "memory"));

    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    internal static long UsedBytesIn(string info)
    {
        const string Name = "used_memory:";
        string? line = info.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.TryParse(line?[Name.Length..], CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
    }

    /// <summary>Empty where it does not answer.</summary>
    private static string Ask(int port, params string[] words)
    {
        try
        {
            using RespConnection connection = new(port);
            return connection.Ask(words);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }
}
