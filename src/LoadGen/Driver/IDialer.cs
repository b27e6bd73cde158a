using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>How connections come about: over sockets, or on a simulated network.</summary>
public interface IDialer
{
    /// <summary>
    /// A descriptor for the loop, perhaps not connected yet; -1: try again later. Throws <see cref="ListenException"/>
    /// where there is nobody.
    /// </summary>
    int Dial(ServerAddress address);
}
