using System.Globalization;

namespace Anax.Plots;

/// <summary>
/// Numbers as a chart says them, the same in every culture: 5,000 and then 10 K, 1.5 M, 2 G; and coordinates with one
/// decimal, which is finer than a screen shows.
/// </summary>
internal static class NumberText
{
    private const double Ungrouped = 10_000;
    private const double SuffixedMax = 1e18;
    private const double PlainMin = 1e-6;
    private const int DecimalsMax = 15;

    private static readonly (double Divisor, string Suffix)[] Suffixes =
        [(1e15, " P"), (1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " K")];

    public static string Coordinate(double value)
    {
        double rounded = Math.Round(value, 1, MidpointRounding.AwayFromZero);
        // Adding zero makes a negative zero positive.
        return (rounded + 0.0).ToString("0.#", CultureInfo.InvariantCulture);
    }

    /// <summary>The labels of one linear axis: one suffix for all of them, and decimals that tell them apart.</summary>
    public static string[] OfTicks(ReadOnlySpan<double> values, double step)
    {
        double largest = 0;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));

        var texts = new string[values.Length];
        bool isExponential = largest >= SuffixedMax || step < PlainMin;
        (double divisor, string suffix) = isExponential ? (1, "") : SuffixOf(largest);
        int decimals = DecimalsOf(step / divisor);
        if (decimals > 3 && divisor > 1)
        {
            (divisor, suffix) = (1, "");
            decimals = DecimalsOf(step);
        }

        string format = isExponential ? ExponentialFormat(largest, step) : "#,0." + new string('0', decimals);
        for (int i = 0; i < texts.Length; i++)
        {
            string text = (values[i] / divisor).ToString(format, CultureInfo.InvariantCulture);
            texts[i] = values[i] == 0 ? "0" : Signed(text) + suffix;
        }

        return texts;
    }

    /// <summary>A round number alone, such as the label of a decade.</summary>
    public static string OfRound(double value)
    {
        if (value == 0) return "0";
        double magnitude = Math.Abs(value);
        if (magnitude is >= SuffixedMax or < PlainMin)
            return Signed(value.ToString("0.###e0", CultureInfo.InvariantCulture));
        (double divisor, string suffix) = SuffixOf(magnitude);
        return Signed((value / divisor).ToString("#,0.######", CultureInfo.InvariantCulture)) + suffix;
    }

    /// <summary>A measured number, to three digits; those from 1,000 to 9,999 to the integer.</summary>
    public static string OfValue(double value)
    {
        if (double.IsNaN(value)) return "–";
        if (double.IsInfinity(value)) return value > 0 ? "∞" : "−∞";
        if (value == 0) return "0";
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        double rounded = exponent is < -12 or > 15 ? value : RoundTo(value, Math.Max(0, 2 - exponent), exponent);
        double magnitude = Math.Abs(rounded);
        if (magnitude is >= SuffixedMax or < 1e-4)
            return Signed(value.ToString("0.##e0", CultureInfo.InvariantCulture));

        (double divisor, string suffix) = SuffixOf(magnitude);
        double scaled = rounded / divisor;
        // Rounding may have reached the next power of ten, so the digits are counted anew.
        int decimals = scaled == Math.Floor(scaled) && divisor == 1 && value == rounded
            ? 0
            : Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(scaled)) + 1e-12), 0, DecimalsMax);
        return Signed(scaled.ToString("#,0." + new string('0', decimals), CultureInfo.InvariantCulture)) + suffix;
    }

    private static double RoundTo(double value, int decimals, int exponent)
    {
        if (exponent < 3) return Math.Round(value, decimals, MidpointRounding.AwayFromZero);
        double unit = exponent == 3 ? 1 : Math.Pow(10, exponent - 2);
        return Math.Round(value / unit, MidpointRounding.AwayFromZero) * unit;
    }

    private static (double Divisor, string Suffix) SuffixOf(double magnitude)
    {
        if (magnitude < Ungrouped) return (1, "");
        foreach ((double divisor, string suffix) in Suffixes)
        {
            // A hair less, so that a power of ten that came out inexact is still that power.
            if (magnitude >= divisor * (1 - 1e-12)) return (divisor, suffix);
        }

        return (1, "");
    }

    private static int DecimalsOf(double step) => Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, DecimalsMax);

    private static string ExponentialFormat(double largest, double step)
    {
        int digits = (int)Math.Clamp(Math.Ceiling(Math.Log10(largest / step)), 0, DecimalsMax);
        return "0." + new string('#', digits) + "e0";
    }

    private static string Signed(string text) => text.Replace('-', '−');
}
