using System.Globalization;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>Figures in words' clothing: three digits, no more than what a run repeats.</summary>
internal static class FigureText
{
    /// <summary>Where nothing was measured.</summary>
    public const string None = "–";

    private const int Digits = 3;

    public static string Of(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value == 0 ? "0" : None;
        int decimals = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return value.ToString($"F{Math.Clamp(decimals, 0, 9)}", CultureInfo.InvariantCulture);
    }

    /// <summary>The median in another unit.</summary>
    public static string Median(Spread? spread, double unit = 1) => spread is { } known ? Of(known.Median / unit) : None;

    /// <summary>The median, and the range of the rounds where there are several.</summary>
    public static string WithRange(Spread? spread, double unit = 1)
    {
        if (spread is not { } known) return None;
        return known.Count == 1
            ? Of(known.Median / unit)
            : $"{Of(known.Median / unit)} ({Of(known.Low / unit)}…{Of(known.High / unit)})";
    }

    /// <summary>A ratio has two decimals, however small it is.</summary>
    public static string Ratio(Spread? spread)
    {
        if (spread is not { } known) return None;
        return known.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{known.Median:F2}")
            : string.Create(CultureInfo.InvariantCulture, $"{known.Median:F2} ({known.Low:F2}…{known.High:F2})");
    }
}
