namespace Anax.Tests.Simulation.Checking;

/// <summary>What is known of an operation's effects.</summary>
public enum Outcome
{
    Happened,

    /// <summary>The connection died before the answer: it happened, or will at any later time, or never.</summary>
    Unknown,

    /// <summary>The server said that it did nothing: an EXEC that a watched key stopped.</summary>
    Aborted,
}

/// <summary>
/// What a client asked for as one: a command, a MULTI … EXEC, a script. Times are ticks of one clock; it took effect at
/// some instant between the two. A client is a connection: its operations on one key take effect in the order
/// of <paramref name="Sequence"/>, also when several were under way at once (a pipeline).
/// </summary>
public sealed record Operation(int Client, int Sequence, long Invoked, long Returned, Outcome Outcome, Step[] Steps)
{
    public const long Never = long.MaxValue;

    /// <summary>All keys, each once.</summary>
    public IEnumerable<string> Keys => Steps.SelectMany(step => step.Keys).Distinct();

    public static Operation Done(int client, int sequence, long invoked, long returned, params Step[] steps) =>
        new(client, sequence, invoked, returned, Outcome.Happened, steps);

    public static Operation Lost(int client, int sequence, long invoked, params Step[] steps) =>
        new(client, sequence, invoked, Never, Outcome.Unknown, [.. steps.Select(step => step.Unanswered())]);

    public override string ToString()
    {
        string until = Returned == Never ? "?" : $"{Returned}";
        string what = string.Join(" | ", (object[])Steps);
        string how = Outcome == Outcome.Happened ? "" : $" ({Outcome.ToString().ToLowerInvariant()})";
        return $"client {Client} [{Invoked} … {until}] {what}{how}";
    }
}
