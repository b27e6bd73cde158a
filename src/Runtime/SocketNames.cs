using System.Buffers.Binary;
using System.Net;
using Anax.Runtime.Native;
using Anax.Runtime.Simulated;
using SocketAddress = Anax.Runtime.Native.SocketAddress;

namespace Anax.Runtime;

/// <summary>
/// Addresses of connections as text: "127.0.0.1:6379", "[::1]:6379", "/tmp/anax.sock:0", as CLIENT LIST shows
/// them. Written into the caller's bytes, so a connection's name costs no allocation.
/// </summary>
public static class SocketNames
{
    /// <summary>Room for any name.</summary>
    public const int LengthMax = 128;

    private const int Ip4Offset = 4;
    private const int Ip6Offset = 8;

    /// <summary>The other end's address; returns its length.</summary>
    public static int FormatPeer(int descriptor, Span<byte> text)
    {
        if (SimulatedNetwork.Owns(descriptor)) return FormatSimulated(descriptor, text);
        if (LibC.PeerName(descriptor, out SocketAddress address) < 0) return FormatUnknown(text);
        // A unix client has no name: it is shown under the path that it connected to.
        return address.Family == Constants.FamilyUnix ? FormatLocal(descriptor, text) : Format(address, text);
    }

    public static int FormatLocal(int descriptor, Span<byte> text) =>
        LibC.SocketName(descriptor, out SocketAddress address) < 0 ? FormatUnknown(text) : Format(address, text);

    /// <summary>The peer is this machine: loopback, or a unix socket.</summary>
    public static bool IsPeerLocal(int descriptor)
    {
        if (SimulatedNetwork.Owns(descriptor)) return true;
        if (LibC.PeerName(descriptor, out SocketAddress address) < 0) return false;
        return address.Family == Constants.FamilyUnix
            || (TryDecode(address, out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }

    internal static SocketAddress Encode(IPAddress ip, int port)
    {
        SocketAddress address = default;
        int family = ListenSocket.FamilyOf(ip);
        address.SetFamily(family);
        BinaryPrimitives.WriteUInt16BigEndian(address.Content[2..], (ushort)port);
        ip.TryWriteBytes(address.Content[(family == Constants.FamilyInet ? Ip4Offset : Ip6Offset)..], out _);
        if (family == Constants.FamilyInet6)
            BinaryPrimitives.WriteUInt32LittleEndian(address.Content[24..], (uint)ip.ScopeId);
        address.Length = family == Constants.FamilyInet ? 16 : 28;
        return address;
    }

    internal static int PortOf(SocketAddress address) =>
        BinaryPrimitives.ReadUInt16BigEndian(address.Content[2..]);

    private static int Format(SocketAddress address, Span<byte> text)
    {
        if (address.Family == Constants.FamilyUnix)
        {
            Span<byte> path = address.Content[2..Math.Max(2, address.Length)];
            int end = path.IndexOf((byte)0);
            if (end >= 0) path = path[..end];
            path.CopyTo(text);
            ":0"u8.CopyTo(text[path.Length..]);
            return path.Length + 2;
        }

        if (!TryDecode(address, out IPAddress? ip)) return FormatUnknown(text);
        bool isBracketed = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        int length = 0;
        if (isBracketed) text[length++] = (byte)'[';
        ip.TryFormat(text[length..], out int written);
        length += written;
        if (isBracketed) text[length++] = (byte)']';
        text[length++] = (byte)':';
        PortOf(address).TryFormat(text[length..], out written);
        return length + written;
    }

    /// <summary>An IPv4 address that arrived through an IPv6 socket is shown as what it is.</summary>
    private static bool TryDecode(SocketAddress address, out IPAddress ip)
    {
        ip = IPAddress.None;
        if (address.Family == Constants.FamilyInet)
        {
            ip = new IPAddress(address.Content.Slice(Ip4Offset, 4));
            return true;
        }

        if (address.Family != Constants.FamilyInet6) return false;
        ip = new IPAddress(address.Content.Slice(Ip6Offset, 16));
        if (ip.IsIPv4MappedToIPv6) ip = ip.MapToIPv4();
        return true;
    }

    private static int FormatSimulated(int descriptor, Span<byte> text)
    {
        "127.0.0.1:"u8.CopyTo(text);
        (descriptor - SimulatedNetwork.FirstDescriptor).TryFormat(text[10..], out int written);
        return 10 + written;
    }

    private static int FormatUnknown(Span<byte> text)
    {
        "?:0"u8.CopyTo(text);
        return 3;
    }
}
