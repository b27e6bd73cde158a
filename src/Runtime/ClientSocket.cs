using System.Net;
using Anax.Runtime.Native;

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

    private static int Connect(int family, in Native.SocketAddress address, string what)
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
