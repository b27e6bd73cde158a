using System.Globalization;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>Something that Anax shall reach, and what it has; null where it was not measured.</summary>
internal sealed record Goal(string Subject, GoalBound Bound, Spread? Reached)
{
    /// <summary>What the figure is divided by for people to read; 0: it is a ratio.</summary>
    public double Unit { get; init; }

    /// <summary>The same ratio of the control, which would be 1.00 without noise; null where there is none.</summary>
    public Spread? Control { get; init; }

    public string Remark { get; init; } = "";

    public string Verdict => Reached is not { } reached ? "not measured" : Bound.Holds(reached) ? "yes" : "**no**";

    public string ReachedText => Unit == 0 ? FigureText.Ratio(Reached) : FigureText.WithRange(Reached, Unit);
}

/// <summary>What the rounds of a figure have to hold, in words and as a test.</summary>
internal sealed record GoalBound(string Text, Func<Spread, bool> Holds)
{
    public static GoalBound AlwaysBelowOne { get; } = new("< 1 in every round", rounds => rounds.High < 1);

    public static GoalBound NeverAboveOne { get; } = new("≤ 1 in every round", rounds => rounds.High <= 1);

    /// <param name="limit">Of the median.</param>
    /// <param name="unit">What the limit is divided by in words.</param>
    /// <param name="unitName">Stands behind it.</param>
    public static GoalBound AtMost(double limit, double unit = 1, string unitName = "") =>
        new(Words("≤", limit / unit, unitName), rounds => rounds.Median <= limit);

    public static GoalBound AtLeast(double limit) => new(Words("≥", limit, ""), rounds => rounds.Median >= limit);

    private static string Words(string sign, double limit, string unitName) =>
        string.Create(CultureInfo.InvariantCulture, $"{sign} {limit:0.##} {unitName}").TrimEnd();
}
