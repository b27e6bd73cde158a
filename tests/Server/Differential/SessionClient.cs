using System.Globalization;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// One of several clients of a server: what it was sent is read up to a known end, and replies are told apart from what
/// comes beside them.
/// </summary>
internal sealed class SessionClient : IDisposable
{
    private static readonly string[] Messages = ["message", "pmessage", "smessage"];

    private readonly RespClient _client;
    private int _markers;

    public SessionClient(int port)
    {
        _client = new RespClient(port);
        Id = _client.Call("CLIENT", "ID").Integer;
    }

    public long Id { get; }

    /// <summary>Commands are queued, so that nothing may be asked beside them.</summary>
    public bool IsInMulti { get; private set; }

    /// <summary>All that came since <see cref="Forget"/>, in order.</summary>
    public List<RespValue> Values { get; } = [];

    public IEnumerable<RespValue> Replies => Values.Where(value => !IsAside(value));

    public IEnumerable<RespValue> Asides => Values.Where(IsAside);

    public void Forget() => Values.Clear();

    public void Send(byte[][][] commands) => _client.SendRaw([.. commands.SelectMany(RespClient.Encode)]);

    /// <summary>Reads the one reply of a command; confirmations of subscriptions are left to <see cref="ReadToMarker"/>.</summary>
    public void ReadReply(byte[][] command)
    {
        string name = Comparison.Name(command);
        if (IsSubscription(name) && !IsInMulti) return;
        RespValue reply = Read();
        while (IsAside(reply)) reply = Read();
        if (name == "MULTI" && reply.Text == "OK") IsInMulti = true;
        else if (name is "EXEC" or "DISCARD" or "RESET" && reply.Text?.StartsWith("ERR wrong number", StringComparison.Ordinal) != true) IsInMulti = false;
    }

    public void SendMarker()
    {
        if (!IsInMulti) _client.Send("PING", Marker(++_markers));
    }

    /// <summary>Reads what stands before the answer to the last marker; nothing while commands are queued.</summary>
    public void ReadToMarker()
    {
        if (IsInMulti) return;
        string marker = Marker(_markers);
        while (true)
        {
            RespValue value = Read();
            if (value.Text != marker && !Array.Exists(value.Items, item => item.Text == marker)) continue;
            Values.RemoveAt(Values.Count - 1);
            return;
        }
    }

    /// <summary>Ends transactions, subscriptions and tracking.</summary>
    public void Reset(int resp)
    {
        _client.Send("RESET");
        while (_client.Read().Text != "RESET") { }
        _ = _client.Call("HELLO", $"{resp}");
        IsInMulti = false;
        Forget();
    }

    public RespValue Call(params string[] command) => _client.Call(command);

    public void Dispose() => _client.Dispose();

    public static bool IsSubscription(string name) => name.EndsWith("SUBSCRIBE", StringComparison.Ordinal);

    public static bool IsAside(RespValue value) =>
        value.Type == '>' || value is { Type: '*', Items: [{ Text: { } kind }, _, ..] } && Messages.Contains(kind);

    private RespValue Read()
    {
        RespValue value = _client.Read();
        Values.Add(value);
        return value;
    }

    private static string Marker(int number) => string.Create(CultureInfo.InvariantCulture, $"~marker {number}~");
}
