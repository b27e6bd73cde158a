namespace Anax.Tests.Simulation.Recording;

/// <summary>A server that clients can talk to, and what a workload needs to know of it.</summary>
internal abstract class ServerUnderTest : IDisposable
{
    internal abstract int Port { get; }

    /// <summary>So many keys, one on each shard in turn.</summary>
    internal abstract string[] KeysOverShards(string prefix, int count);

    public abstract void Dispose();
}
