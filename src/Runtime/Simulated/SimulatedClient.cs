using System.Runtime.InteropServices;

namespace Anax.Runtime.Simulated;

/// <summary>
/// A client in the test's hands: it writes and reads at once, the network decides what arrives when.
/// </summary>
public sealed class SimulatedClient
{
    private readonly SimulatedNetwork _network;
    private readonly SimulatedPipe _in;
    private readonly SimulatedPipe _out;
    private readonly List<byte> _unsent = [];
    private bool _isEnding;

    internal SimulatedClient(SimulatedNetwork network, SimulatedPipe input, SimulatedPipe output) =>
        (_network, _in, _out) = (network, input, output);

    /// <summary>Bytes that have arrived and were not read.</summary>
    public int Available => _in.HasNews(_network.NowNs) ? _in.Count : 0;

    /// <summary>The server has closed, and everything before was read.</summary>
    public bool IsEnded => _in.Count == 0 && _in.IsEnded;

    public bool IsReset => _in.IsReset;

    /// <summary>
    /// Sends all of it, sooner or later: what the network does not take now goes with its next step.
    /// </summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        _unsent.AddRange(bytes);
        Push();
    }

    public int Read(Span<byte> target) => Available == 0 ? 0 : _in.Read(target);

    /// <summary>Sends no more; what was sent before arrives.</summary>
    public void End()
    {
        _isEnding = true;
        Push();
    }

    public void Reset() => _out.IsReset = _in.IsReset = true;

    internal void Push()
    {
        if (_unsent.Count != 0 && _out.Room != 0)
        {
            int written = _out.Write(CollectionsMarshal.AsSpan(_unsent));
            _out.ArrivesNs = _network.Arrival(_out.ArrivesNs);
            _unsent.RemoveRange(0, written);
        }

        if (_isEnding && _unsent.Count == 0) _out.IsEnded = true;
    }
}
