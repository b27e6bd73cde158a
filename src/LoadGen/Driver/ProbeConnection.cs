using System.Text;
using Anax.LoadGen.Options;
using Anax.LoadGen.Replies;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>
/// The first connection of a run: logs in, asks the server who it is and, on demand, for its cluster, and ends. What
/// the server does not know is left empty; that it cannot be reached, or refuses the password, ends the run.
/// </summary>
internal sealed class ProbeConnection(LoadRun run, BenchOptions options) : SocketEvents
{
    private readonly RespReplyReader _reader = new() { HandsOutValues = true };
    private readonly StringBuilder _value = new();
    private readonly List<string> _answers = [];
    private bool _isOver;

    private int Expected => (options.Password.Length != 0 ? 1 : 0) + (options.ProbeCluster ? 2 : 1);

    public void Ask()
    {
        StringBuilder text = new();
        if (options.Password.Length != 0)
        {
            text.Append(options.User.Length != 0
                ? SetupRequests.Request("AUTH", options.User, options.Password)
                : SetupRequests.Request("AUTH", options.Password));
        }

        text.Append(SetupRequests.Request("INFO", "server"));
        if (options.ProbeCluster) text.Append(SetupRequests.Request("CLUSTER", "NODES"));
        Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, Encoding.UTF8.GetBytes(text.ToString()));
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
                    Fail($"{run.Server} does not answer in RESP: '{Encoding.Latin1.GetString(_reader.Text)}'");
                    return;
                default:
                    Take(kind);
                    break;
            }
        }
    }

    public override void OnClosed(int errno)
    {
        if (_isOver) return;
        _isOver = true;
        run.Fail(errno != 0
            ? $"{run.Server}: connect: {ClientSocket.ErrorText(errno)}"
            : $"{run.Server} closed the connection before it answered");
    }

    private void Take(ReplyKind kind)
    {
        bool isError = kind == ReplyKind.Error;
        if (isError && options.Password.Length != 0 && _answers.Count == 0)
        {
            Fail($"{run.Server}: AUTH: {Encoding.Latin1.GetString(_reader.Text)}");
            return;
        }

        if (isError && _reader.Text.StartsWith("NOAUTH"u8))
        {
            Fail($"{run.Server}: {Encoding.Latin1.GetString(_reader.Text)}");
            return;
        }

        _answers.Add(isError ? "" : _value.ToString());
        _value.Clear();
        if (_answers.Count < Expected) return;
        _isOver = true;
        Loop.Abort(Handle);
        string nodes = options.ProbeCluster ? _answers[^1] : "";
        run.Probed(ServerVersion.Parse(_answers[options.ProbeCluster ? ^2 : ^1]), nodes);
    }

    private void Fail(string reason)
    {
        _isOver = true;
        run.Fail(reason);
    }
}
