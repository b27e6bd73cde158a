using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// What a client asked for as one unit, a command or all commands of a transaction, and what it heard of it. Commands of
/// one session lie in the order of sending; a reconnected client is a new session.
/// </summary>
internal sealed class Operation(int session, long invokeNs, IReadOnlyList<Command> commands)
{
    public const long Never = long.MaxValue;

    public int Session => session;
    public long InvokeNs => invokeNs;
    public IReadOnlyList<Command> Commands { get; private set; } = commands;

    /// <summary>When the reply was read; <see cref="Never"/> where the connection was lost before, so that nobody knows.</summary>
    public long ReturnNs { get; private set; } = Never;

    /// <summary>A reply per command; empty while there is none, and where a watched key prevented all of it.</summary>
    public IReadOnlyList<Reply> Replies { get; private set; } = [];

    public bool IsAnswered => ReturnNs != Never;

    /// <summary>It was answered, and did nothing.</summary>
    public bool IsVoid => IsAnswered && Replies.Count == 0;

    public void Answer(long nowNs, IReadOnlyList<Reply> replies) => (ReturnNs, Replies) = (nowNs, replies);

    /// <summary>Some of its commands were refused, and so are none of it.</summary>
    public void Refuse(Func<Reply, bool> isRefusal)
    {
        Commands = [.. Commands.Where((_, i) => !isRefusal(Replies[i]))];
        Replies = [.. Replies.Where(reply => !isRefusal(reply))];
    }

    public override string ToString()
    {
        string until = IsAnswered ? $"{ReturnNs / 1e6:F4}" : "…";
        string what = string.Join("; ", Commands.Select((c, i) => i < Replies.Count ? $"{c} → {Short(Replies[i].Text)}" : $"{c}"));
        return $"session {session}, {invokeNs / 1e6:F4} to {until} ms: {what}{(IsVoid ? " → did nothing" : "")}";
    }

    private static string Short(string text) => text.Length > 60 ? $"{text[..20]}…{text.Length}" : text;
}
