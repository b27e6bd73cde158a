namespace Anax.Tests.Simulation.Checking;

/// <summary>What a checker says of a history. One that ran out of time has accepted nothing.</summary>
public sealed record Verdict(bool IsAccepted, bool IsDecided, string Words)
{
    public static Verdict Accepted { get; } = new(true, true, "accepted");

    public static Verdict Rejected(string why) => new(false, true, why);

    public static Verdict Undecided(string why) => new(false, false, "undecided: " + why);

    public bool IsRejected => IsDecided && !IsAccepted;
}
