using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>Asks a server on this machine one question at a time that is answered in one line.</summary>
internal static class ServerConnection
{
    private const int PatienceMs = 60_000;
    private const int AnswerBytesMax = 4096;

    public static bool AnswersPing(int port)
    {
        try
        {
            return Ask(port, "PING") == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>How many keys it holds; -1 where it does not say.</summary>
    public static long CountKeys(int port)
    {
        try
        {
            string answer = Ask(port, "DBSIZE");
            return answer.StartsWith(':') ? long.Parse(answer[1..], CultureInfo.InvariantCulture) : -1;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return -1;
        }
    }

    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string Ask(int port, string command)
    {
        using TcpClient client = new() { ReceiveTimeout = PatienceMs };
        client.Connect(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes($"*1\r\n${command.Length}\r\n{command}\r\n"));
        byte[] answer = new byte[AnswerBytesMax];
        int length = 0;
        while (length < answer.Length && !(length >= 2 && answer[length - 1] == '\n'))
        {
            int read = stream.Read(answer, length, answer.Length - length);
            if (read == 0) break;
            length += read;
        }

        return Encoding.ASCII.GetString(answer, 0, length).TrimEnd();
    }
}
