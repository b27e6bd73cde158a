namespace Anax.Engine.Dispatch;

/// <summary>
/// What commands about memory and debugging ask of the process around the engine. The object that a loop has as
/// <see cref="EngineLoop.Host"/> implements it; any thread may ask.
/// </summary>
public interface IHostFacts
{
    /// <summary>The most that was ever in use, and what was in use when the server was ready.</summary>
    long PeakBytes { get; }
    long StartupBytes { get; }

    /// <summary>What the process occupies of the machine.</summary>
    long ResidentBytes { get; }

    /// <summary>Writes a line to the server's log.</summary>
    void Log(ReadOnlySpan<byte> message);
}
