using System.Diagnostics;
using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// A client that writes down when it asked, when it was answered, and what. Each connection counts as a client of its
/// own, since the order in which two take effect is nobody's promise.
/// </summary>
internal sealed class RecordingClient : IDisposable
{
    /// <summary>Runs the commands that its arguments spell out, each behind the number of its words.</summary>
    private const string Interpreter = """
        local replies, at = {}, 1
        while at <= #ARGV do
          local count = tonumber(ARGV[at])
          replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + count))
          at = at + count + 1
        end
        return replies
        """;

    private readonly Func<RespConnection> _connect;
    private readonly Func<int> _nextId;
    private readonly long _origin;
    private RespConnection _connection;
    private List<Operation> _operations = [];
    private int _id, _sequence, _values;

    /// <summary>Times are counted from the origin, which all clients of a history share.</summary>
    internal RecordingClient(Func<RespConnection> connect, Means means, long origin, Func<int> nextId)
    {
        (_connect, _nextId, _origin, Means) = (connect, nextId, origin, means);
        _connection = connect();
        _id = nextId();
    }

    /// <summary>What workloads may use.</summary>
    internal Means Means { get; }

    /// <summary>A value that nobody else writes, eight letters long.</summary>
    internal string NewValue() => $"{_id:x4}{_values++:x4}";

    internal bool May(Means means) => (Means & means) == means;

    /// <summary>Puts what is done from now on into a list.</summary>
    internal void RecordInto(List<Operation> operations) => _operations = operations;

    /// <summary>One command; its answer.</summary>
    internal string?[] Run(Step step) => Pipeline(step)[0];

    /// <summary>Commands in one piece, each an operation of its own.</summary>
    internal string?[][] Pipeline(params Step[] steps)
    {
        long invoked = Now();
        _connection.Send([.. steps.Select(step => step.ToCommand())]);
        var answers = new string?[steps.Length][];
        for (int i = 0; i < steps.Length; i++)
        {
            answers[i] = _connection.Read().Values;
            Note(invoked, Outcome.Happened, steps[i].AnsweredAll(answers[i]));
        }
        return answers;
    }

    /// <summary>
    /// MULTI … EXEC in one piece, as one operation; false when a watched key stopped it. What was read under WATCH is part
    /// of the transaction.
    /// </summary>
    internal bool TryExecute(Step[] observed, params Step[] steps)
    {
        long invoked = Now();
        _connection.Send([["MULTI"], .. steps.Select(step => step.ToCommand()), ["EXEC"]]);
        for (int i = 0; i <= steps.Length; i++) ExpectStatus(i == 0 ? "OK" : "QUEUED");
        RespReply reply = ReadAnswer();
        if (reply.Items is null)
        {
            Note(invoked, Outcome.Aborted, [.. steps.Select(step => step.Unanswered())]);
            return false;
        }
        Note(invoked, Outcome.Happened, [.. observed, .. steps.Zip(reply.Items, (step, item) => step.AnsweredAll(item.Values))]);
        return true;
    }

    /// <summary>A script that does the steps, with its keys declared, as one operation.</summary>
    internal void RunScript(params Step[] steps)
    {
        string[] keys = [.. steps.SelectMany(step => step.Keys).Distinct()];
        var words = steps.Select(step => step.ToCommand()).SelectMany(command => command.Prepend($"{command.Length}"));
        long invoked = Now();
        _connection.Send([["EVAL", Interpreter, $"{keys.Length}", .. keys, .. words]]);
        RespReply reply = ReadAnswer();
        Note(invoked, Outcome.Happened, [.. steps.Zip(reply.Items!, (step, item) => step.AnsweredAll(item.Values))]);
    }

    /// <summary>Watches keys and reads them, which is written down with the transaction that follows.</summary>
    internal Step[] Watch(params string[] keys)
    {
        _connection.Send([["WATCH", .. keys], .. keys.Select(key => Step.Get(key).ToCommand())]);
        ExpectStatus("OK");
        return [.. keys.Select(key => Step.Get(key).AnsweredAll(ReadAnswer().Values))];
    }

    internal void Unwatch()
    {
        _connection.Send([["UNWATCH"]]);
        ExpectStatus("OK");
    }

    /// <summary>SET with a time to live; for the checkers a SET like any other.</summary>
    internal void SetBriefly(string key, string value, int ms)
    {
        long invoked = Now();
        _connection.Send([["SET", key, value, "PX", $"{ms}"]]);
        ExpectStatus("OK");
        Note(invoked, Outcome.Happened, Step.Set(key, value).Answered("OK"));
    }

    /// <summary>Sends a command and hangs up at once: whether it happened, nobody knows. Goes on as a new client.</summary>
    internal void RunAndHangUp(Step step)
    {
        long invoked = Now();
        _connection.Send([step.ToCommand()]);
        _connection.Dispose();
        _operations.Add(Operation.Lost(_id, _sequence++, invoked, step));
        _connection = _connect();
        _id = _nextId();
    }

    public void Dispose() => _connection.Dispose();

    private long Now() => Stopwatch.GetTimestamp() - _origin;

    private void Note(long invoked, Outcome outcome, params Step[] steps) =>
        _operations.Add(new Operation(_id, _sequence++, invoked, Now(), outcome, steps));

    private void ExpectStatus(string expected)
    {
        RespReply reply = ReadAnswer();
        if (reply.Text != expected) throw new InvalidDataException($"{reply} instead of {expected}");
    }

    private RespReply ReadAnswer()
    {
        RespReply reply = _connection.Read();
        return reply.IsError ? throw new InvalidDataException(reply.Text) : reply;
    }
}
