using System.Collections.Concurrent;
using System.Net;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>Dials over TCP or a unix socket without waiting; names are resolved once.</summary>
public sealed class SocketDialer(bool noDelay) : IDialer
{
    private readonly ConcurrentDictionary<string, IPAddress> _resolved = [];

    public int Dial(ServerAddress address) =>
        address.UnixPath.Length != 0
            ? ClientSocket.BeginUnix(address.UnixPath)
            : ClientSocket.BeginTcp(_resolved.GetOrAdd(address.Host, ClientSocket.Resolve), address.Port, noDelay);
}
