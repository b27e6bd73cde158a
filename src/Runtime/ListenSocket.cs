using System.Net;
using System.Net.Sockets;
using System.Text;
using Anax.Runtime.Native;
using Anax.Runtime.Simulated;
using SocketAddress = Anax.Runtime.Native.SocketAddress;

namespace Anax.Runtime;

/// <summary>
/// A bound and listening socket, made at start on any thread, then given to a loop. Its options (no delay,
/// keep-alive) are inherited by the connections it accepts, so accepting one costs one system call.
/// </summary>
public sealed class ListenSocket : IDisposable
{
    private readonly string? _path;
    private readonly SimulatedNetwork? _network;
    private bool _isDisposed;

    private ListenSocket(int descriptor, string address, int port, string? path)
    {
        (Descriptor, Address, Port, _path) = (descriptor, address, port, path);
    }

    /// <summary>A listener of a simulated network, which knows it by its port.</summary>
    internal ListenSocket(SimulatedNetwork network, string address, int port)
        : this(-1, address, port, null) => _network = network;

    public int Descriptor { get; private set; }

    /// <summary>The address as it was asked for, or the path of a unix socket.</summary>
    public string Address { get; }

    /// <summary>The TCP port, also where the system chose one; 0 for a unix socket.</summary>
    public int Port { get; }

    public bool IsUnix => _path is not null;

    /// <summary>
    /// Listens on a numeric address or a name; "*" is every IPv4 address and "::*" every IPv6 one. A port
    /// that is taken fails with 'Address already in use', whoever else asked for sharing.
    /// </summary>
    public static ListenSocket Tcp(
        string address, int port, int backlog, int keepAliveSeconds = 0, bool reusePort = false)
    {
        string what = $"{address}:{port}";
        IPAddress ip = Resolve(address, what);
        if (reusePort) Tcp(address, port, backlog).Dispose();

        int descriptor = Check(
            LibC.Socket(FamilyOf(ip), Constants.Stream | Constants.NonBlocking), what, "socket");
        try
        {
            Set(descriptor, Constants.LevelSocket, Constants.ReuseAddress, what, "SO_REUSEADDR");
            if (reusePort) Set(descriptor, Constants.LevelSocket, Constants.ReusePort, what, "SO_REUSEPORT");
            if (FamilyOf(ip) == Constants.FamilyInet6)
                Set(descriptor, Constants.LevelIp6, Constants.Ip6Only, what, "IPV6_V6ONLY");
            _ = LibC.SetOption(descriptor, Constants.LevelTcp, Constants.TcpNoDelay, 1);
            SocketOptions.SetKeepAlive(descriptor, keepAliveSeconds);
            Check(LibC.Bind(descriptor, SocketNames.Encode(ip, port)), what, "bind");
            Check(LibC.Listen(descriptor, backlog), what, "listen");
            Check(LibC.SocketName(descriptor, out SocketAddress bound), what, "getsockname");
            return new ListenSocket(descriptor, address, SocketNames.PortOf(bound), null);
        }
        catch
        {
            _ = LibC.Close(descriptor);
            throw;
        }
    }

    /// <summary>
    /// Listens on a path. A file that nobody serves any more is replaced; one that somebody serves fails with
    /// 'Address already in use'. The file goes when the listener is disposed.
    /// </summary>
    public static ListenSocket Unix(string path, int backlog, int permissions = 0)
    {
        SocketAddress address = EncodePath(path);
        int descriptor = Check(
            LibC.Socket(Constants.FamilyUnix, Constants.Stream | Constants.NonBlocking), path, "socket");
        try
        {
            int bound = LibC.Bind(descriptor, address);
            if (bound == -Errno.AddressInUse && IsStale(address))
            {
                _ = LibC.Unlink(path);
                bound = LibC.Bind(descriptor, address);
            }

            Check(bound, path, "bind");
            if (permissions != 0) Check(LibC.ChangeMode(path, (uint)permissions), path, "chmod");
            Check(LibC.Listen(descriptor, backlog), path, "listen");
            return new ListenSocket(descriptor, path, 0, path);
        }
        catch
        {
            _ = LibC.Close(descriptor);
            throw;
        }
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _network?.StopListening(Address, Port);
        if (Descriptor < 0) return;
        _ = LibC.Close(Descriptor);
        Descriptor = -1;
        if (_path is not null) _ = LibC.Unlink(_path);
    }

    internal static SocketAddress EncodePath(string path)
    {
        SocketAddress address = default;
        int bytes = Encoding.UTF8.GetByteCount(path);
        // The path ends with a zero byte inside struct sockaddr_un's 108.
        if (bytes is 0 or > 107)
            throw new ListenException($"{path}: a unix socket's path has 1 to 107 bytes", Errno.Invalid);
        address.SetFamily(Constants.FamilyUnix);
        Encoding.UTF8.GetBytes(path, address.Content[2..]);
        address.Length = 2 + bytes + 1;
        return address;
    }

    internal static IPAddress Resolve(string address, string what)
    {
        if (address == "*") return IPAddress.Any;
        if (address == "::*") return IPAddress.IPv6Any;
        if (IPAddress.TryParse(address, out IPAddress? ip)) return ip;
        try
        {
            return Dns.GetHostAddresses(address)[0];
        }
        catch (SocketException e)
        {
            throw new ListenException($"{what}: {e.Message}", Errno.AddressUnavailable);
        }
    }

    internal static int FamilyOf(IPAddress ip) =>
        ip.AddressFamily == AddressFamily.InterNetworkV6 ? Constants.FamilyInet6 : Constants.FamilyInet;

    /// <summary>Nobody accepts on the path: its server went without removing the file.</summary>
    private static bool IsStale(in SocketAddress address)
    {
        int probe = LibC.Socket(Constants.FamilyUnix, Constants.Stream | Constants.NonBlocking);
        if (probe < 0) return false;
        int connected = LibC.Connect(probe, address);
        _ = LibC.Close(probe);
        return connected == -Errno.ConnectionRefused;
    }

    private static void Set(int descriptor, int level, int option, string what, string name) =>
        Check(LibC.SetOption(descriptor, level, option, 1), what, name);

    private static int Check(int result, string what, string call)
    {
        if (result >= 0) return result;
        throw new ListenException($"{what}: {call}: {Errno.Text(-result)}", -result);
    }
}
