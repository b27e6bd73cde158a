using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Anax.Runtime.Simulated;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// A client program on the simulated network: it sends, reads at its own pace, loses its connection and comes back. What
/// it says is for those above (<see cref="Chatter"/>); here each reply meets the command that it answers.
/// </summary>
internal abstract class SimulatedUser(SimulatedWorld world, Random random)
{
    private const int ReadBytes = 4096;

    private readonly Queue<Action<Reply>> _expected = new();
    private readonly List<byte> _received = [];
    private readonly byte[] _buffer = new byte[ReadBytes];
    private SimulatedClient? _client;
    private bool _isEnding;
    private long _vanishNs = long.MaxValue;
    private long _waitingSinceNs;

    protected SimulatedWorld World => world;
    protected Random Random => random;
    protected long NowNs => world.Network.NowNs;

    /// <summary>The connection's number in the history; a new one for each connection.</summary>
    protected int Session { get; private set; } = -1;

    protected bool IsConnected => _client is not null;
    protected bool IsWaiting => _expected.Count != 0;

    /// <summary>Reads a few bytes at a time, so that the server's pipe stays full.</summary>
    protected bool ReadsSlowly { get; set; }

    /// <summary>When it wants to go on by itself.</summary>
    public long WakeNs { get; protected set; }

    /// <summary>Has said all that it had to say, heard all replies, and left.</summary>
    public bool IsDone { get; protected set; }

    /// <summary>How long it has been waiting for the reply that is due.</summary>
    public long WaitingNs => IsWaiting ? NowNs - _waitingSinceNs : 0;

    /// <summary>Something has arrived that it has not read yet.</summary>
    public bool HasMore => _client is { Available: > 0 };

    /// <summary>One step: takes what has come, notices what was lost, and goes on where nothing is awaited.</summary>
    public void Act()
    {
        if (IsDone) return;
        if (NowNs >= _vanishNs) Vanish();
        if (_client is not null) Read();
        if (_client is not null && (_client.IsReset || _client.IsEnded)) Lose();
        if (!_isEnding && !IsWaiting && _vanishNs == long.MaxValue && NowNs >= WakeNs) GoOn();
        if (_vanishNs != long.MaxValue) WakeNs = _vanishNs;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{GetType().Name} of session {Session} with {_expected.Count} replies due");

    /// <summary>Nothing is awaited: says something, leaves, or is done.</summary>
    protected abstract void GoOn();

    /// <summary>What came without having been asked for.</summary>
    protected virtual bool TakePush(Reply reply) => false;

    /// <summary>The connection is gone, and what was expected of it never comes.</summary>
    protected virtual void OnLost()
    {
    }

    protected void Connect()
    {
        _client = world.Connect();
        Session = world.History.NewSession();
        _isEnding = false;
        _vanishNs = long.MaxValue;
    }

    /// <summary>Sends commands in one piece, each with what is to be done with its reply.</summary>
    protected void Send(List<(string[] Words, Action<Reply> Take)> commands, int cutAt = int.MaxValue)
    {
        foreach ((_, Action<Reply> take) in commands) _expected.Enqueue(take);
        _waitingSinceNs = NowNs;
        Write(commands.Select(command => command.Words), cutAt);
    }

    protected void Send(string[] words, Action<Reply> take) => Send([(words, take)]);

    /// <summary>Sends commands for which no reply is waited for.</summary>
    protected void Write(IEnumerable<string[]> commands, int cutAt = int.MaxValue)
    {
        StringBuilder text = new();
        foreach (string[] words in commands)
        {
            text.Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
            foreach (string word in words) text.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        }

        byte[] bytes = Encoding.Latin1.GetBytes(text.ToString());
        _client!.Send(bytes.AsSpan(0, Math.Min(bytes.Length, cutAt)));
    }

    /// <summary>Resets the connection some time from now, wherever its requests and replies are then.</summary>
    protected void VanishIn(long ns)
    {
        _vanishNs = NowNs + ns;
        WakeNs = _vanishNs;
    }

    /// <summary>Sends no more, and reads what is due until the server closes.</summary>
    protected void Leave()
    {
        _isEnding = true;
        _client!.End();
    }

    private void Vanish()
    {
        world.Counters.Add(Counters.Vanished, 1);
        _client?.Reset();
        if (_client is not null) Forget();
    }

    private void Read()
    {
        int most = ReadsSlowly ? 1 + random.Next(16) : ReadBytes;
        int count = _client!.Read(_buffer.AsSpan(0, most));
        if (count == 0) return;
        _received.AddRange(_buffer.AsSpan(0, count));
        int taken = 0;
        while (Reply.TryParse(CollectionsMarshal.AsSpan(_received)[taken..], out int length) is { } reply)
        {
            taken += length;
            if (TakePush(reply)) continue;
            if (!_expected.TryDequeue(out Action<Reply>? take)) throw world.Failure($"session {Session} got '{reply}', for which it had not asked");
            _waitingSinceNs = NowNs;
            take(reply);
        }

        _received.RemoveRange(0, taken);
    }

    private void Lose()
    {
        bool isExpected = _isEnding && !IsWaiting && _received.Count == 0;
        if (!isExpected && world.Plan.Network.ResetChance == 0)
            throw world.Failure($"session {Session} lost its connection with {_expected.Count} replies due, and nobody had reset it");
        bool wasLeaving = _isEnding;
        Forget();
        if (wasLeaving) GoOn();
    }

    private void Forget()
    {
        world.Counters.Add(Counters.Lost, _expected.Count);
        _expected.Clear();
        _received.Clear();
        _client = null;
        _isEnding = false;
        _vanishNs = long.MaxValue;
        OnLost();
    }
}
