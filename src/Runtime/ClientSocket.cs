using System.Net;
using System.Net.Sockets;
using Anax.Runtime.Native;
using SocketAddress = Anax.Runtime.Native.SocketAddress;

namespace Anax.Runtime;

/// <summary>
/// Connects to a server and gives the descriptor, ready for <see cref="EventLoop.Adopt"/>: the load
/// generator's way.
/// </summary>
public static class ClientSocket
{
    /// <summary>Waits for the connection; throws where there is nobody.</summary>
    public static int ConnectTcp(string address, int port)
    {
        IPAddress ip = ListenSocket.Resolve(address, $"{address}:{port}");
        int descriptor = Connect(
            ListenSocket.FamilyOf(ip), SocketNames.Encode(ip, port), $"{address}:{port}");
        _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpNoDelay, 1);
        return descriptor;
    }

    public static int ConnectUnix(string path) =>
        Connect(Constants.FamilyUnix, ListenSocket.EncodePath(path), path);

    /// <summary>A name's or a number's address, IPv4 where there are several; throws where there is none.</summary>
    public static IPAddress Resolve(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? ip)) return ip;
        try
        {
            IPAddress[] all = Dns.GetHostAddresses(host);
            return Array.Find(all, one => one.AddressFamily == AddressFamily.InterNetwork) ?? all[0];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new ListenException($"{host}: {e.Message}", Errno.AddressUnavailable);
        }
    }

    /// <summary>
    /// Begins to connect and does not wait: the loop that adopts the descriptor sends when the connection stands, and
    /// closes it with the reason where it cannot. Nagle's delay stays on unless it is told otherwise.
    /// </summary>
    public static int BeginTcp(IPAddress ip, int port, bool noDelay)
    {
        int descriptor = Begin(ListenSocket.FamilyOf(ip), SocketNames.Encode(ip, port), new IPEndPoint(ip, port).ToString());
        if (noDelay) _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpNoDelay, 1);
        return descriptor;
    }

    /// <summary>As <see cref="BeginTcp"/>; -1 where the server's queue is full: try again later.</summary>
    public static int BeginUnix(string path) => Begin(Constants.FamilyUnix, ListenSocket.EncodePath(path), path);

    /// <summary>Whether a connection that was begun stands by now.</summary>
    public static bool IsConnected(int descriptor) =>
        Simulated.SimulatedNetwork.Owns(descriptor) || LibC.PeerName(descriptor, out _) >= 0;

    /// <summary>The kernel's words for a number that a closed connection came with.</summary>
    public static string ErrorText(int errno) => Errno.Text(errno);

    private static int Begin(int family, in SocketAddress address, string what)
    {
        int descriptor = LibC.Socket(family, Constants.Stream | Constants.NonBlocking);
        int result = descriptor < 0 ? descriptor : LibC.Connect(descriptor, address);
        if (result is >= 0 or -Errno.InProgress) return descriptor;
        if (descriptor >= 0) _ = LibC.Close(descriptor);
        return result == -Errno.TryAgain ? -1 : throw Failure(what, -result);
    }

    private static int Connect(int family, in SocketAddress address, string what)
    {
        int descriptor = LibC.Socket(family, Constants.Stream);
        int result = descriptor < 0 ? descriptor : LibC.Connect(descriptor, address);
        if (result >= 0) return LibC.SetNonBlocking(descriptor) >= 0 ? descriptor : throw Failure(what, 0);
        if (descriptor >= 0) _ = LibC.Close(descriptor);
        throw Failure(what, -result);
    }

    private static ListenException Failure(string what, int errno) =>
        new($"{what}: connect: {Errno.Text(errno)}", errno);
}
