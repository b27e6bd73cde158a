using System.Text;
using Anax.LoadGen.Options;
using Anax.LoadGen.Replies;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>
/// The first connection of a run: logs in, asks the server who it is and, on demand, for its cluster, and ends. What
/// the server does not know is left empty; that it cannot be reached, or refuses the password, ends the run.
/// </summary>
internal sealed class ProbeConnection : SocketEvents
{
    /// <summary>A server that is asked who it is has nothing to think about.</summary>
    private const long PatienceNs = 10_000_000_000;

    private readonly LoadRun _run;
    private readonly BenchOptions _options;
    private readonly CallTimer _timer;
    private readonly RespReplyReader _reader = new() { HandsOutValues = true };
    private readonly StringBuilder _value = new();
    private readonly List<string> _answers = [];
    private string _refusal = "";
    private bool _isOver;

    public ProbeConnection(LoadRun run, BenchOptions options)
    {
        (_run, _options) = (run, options);
        _timer = new CallTimer(() => Fail($"{run.Server} has answered nothing for {PatienceNs / 1_000_000_000} seconds"));
    }

    private int Expected => (_options.Password.Length != 0 ? 1 : 0) + (_options.ProbeCluster ? 2 : 1);

    public void Ask()
    {
        StringBuilder text = new();
        if (_options.Password.Length != 0)
        {
            text.Append(_options.User.Length != 0
                ? SetupRequests.Request("AUTH", _options.User, _options.Password)
                : SetupRequests.Request("AUTH", _options.Password));
        }

        text.Append(SetupRequests.Request("INFO", "server"));
        if (_options.ProbeCluster) text.Append(SetupRequests.Request("CLUSTER", "NODES"));
        Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, Encoding.UTF8.GetBytes(text.ToString()));
        Loop.Schedule(_timer, Loop.NowNs + PatienceNs);
    }

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (!_isOver)
        {
            ReplyKind kind = _reader.Next(bytes, ref at);
            switch (kind)
            {
                case ReplyKind.Incomplete:
                    return;
                case ReplyKind.Piece:
                    _value.Append(Encoding.Latin1.GetString(bytes[_reader.Piece]));
                    break;
                case ReplyKind.Push:
                    break;
                case ReplyKind.Broken:
                    Fail($"{_run.Server} does not answer in RESP: '{_reader.ShownText}'");
                    return;
                default:
                    Take(kind);
                    break;
            }
        }
    }

    public override void OnClosed(int errno)
    {
        Loop.Cancel(_timer);
        if (_isOver) return;
        _isOver = true;
        // One that takes no more clients says so before it hangs up.
        _run.Fail(_refusal.Length != 0 ? $"{_run.Server}: {_refusal}"
            : errno != 0 ? $"{_run.Server}: connect: {ClientSocket.ErrorText(errno)}"
            : $"{_run.Server} closed the connection before it answered");
    }

    private void Take(ReplyKind kind)
    {
        bool isError = kind == ReplyKind.Error;
        if (isError && _options.Password.Length != 0 && _answers.Count == 0)
        {
            Fail($"{_run.Server}: AUTH: {_reader.ShownText}");
            return;
        }

        if (isError && _reader.Text.StartsWith("NOAUTH"u8))
        {
            Fail($"{_run.Server}: {_reader.ShownText}");
            return;
        }

        if (isError) _refusal = _reader.ShownText;
        _answers.Add(isError ? "" : _value.ToString());
        _value.Clear();
        if (_answers.Count < Expected) return;
        _isOver = true;
        Loop.Abort(Handle);
        string nodes = _options.ProbeCluster ? _answers[^1] : "";
        _run.Probed(ServerVersion.Parse(_answers[_options.ProbeCluster ? ^2 : ^1]), nodes);
    }

    private void Fail(string reason)
    {
        _isOver = true;
        Loop.Abort(Handle);
        _run.Fail(reason);
    }
}
