namespace Anax.Plots;

/// <summary>
/// The round values of an axis: multiples of 1, 2 or 5 times a power of ten; on a logarithmic axis as many of 1, 2 and 5
/// of each decade as there is room for; on that of percentiles the half and the nines.
/// </summary>
internal static class Ticks
{
    /// <summary>A double does not tell apart percentiles with more nines.</summary>
    public const int NinesMax = 12;

    /// <summary>Positions this near to the end of an axis are its end.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Less than this of a decade shows too few of 1, 2 and 5, and is nearly linear.</summary>
    private const double NearlyLinearDecades = 0.8;

    /// <summary>A decade narrower than this has no lines within it.</summary>
    private const double DecadeWithLinesPx = 36;

    /// <summary>The step of which at most so many span the distance.</summary>
    public static double NiceStep(double distance, int countMax)
    {
        double raw = distance / Math.Max(1, countMax);
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / power) switch
        {
            <= 1 + Tolerance => power,
            <= 2 + Tolerance => 2 * power,
            <= 5 + Tolerance => 5 * power,
            _ => 10 * power,
        };
    }

    public static List<Tick> Linear(double from, double to, int countMax)
    {
        double step = NiceStep(to - from, countMax);
        double first = Math.Ceiling(from / step - Tolerance * Math.Max(1, Math.Abs(from / step)));
        double last = Math.Floor(to / step + Tolerance * Math.Max(1, Math.Abs(to / step)));
        List<double> values = [];
        // A count, since at a large value the next multiple may be the same double.
        for (int i = 0; i <= countMax + 1 && first + i <= last; i++) values.Add((first + i) * step);

        string[] labels = NumberText.OfTicks(values.ToArray(), step);
        List<Tick> ticks = [];
        for (int i = 0; i < labels.Length; i++) ticks.Add(new Tick(values[i], labels[i]));
        return ticks;
    }

    /// <summary>Between two powers of ten, given by their exponents.</summary>
    public static List<Tick> Logarithmic(double from, double to, int countMax, double lengthPx)
    {
        double decades = to - from;
        if (decades < NearlyLinearDecades)
        {
            List<Tick> linear = Linear(Math.Pow(10, from), Math.Pow(10, to), countMax);
            if (linear.Count >= 2) return linear;
        }

        bool isDense = 3 * decades <= countMax;
        int every = isDense ? 1 : Math.Max(1, (int)Math.Ceiling(decades / countMax));
        bool hasLines = every == 1 && lengthPx / decades >= DecadeWithLinesPx;
        List<Tick> ticks = [];
        for (int exponent = (int)Math.Floor(from); exponent <= (int)Math.Ceiling(to); exponent++)
        {
            if (exponent % every != 0) continue;
            for (int digit = 1; digit <= 9; digit++)
            {
                bool isLabelled = digit == 1 || (isDense && digit is 2 or 5);
                double position = exponent + Math.Log10(digit);
                if (position < from - Tolerance || position > to + Tolerance || !(isLabelled || hasLines)) continue;
                double value = digit * Math.Pow(10, exponent);
                ticks.Add(new Tick(value, isLabelled ? NumberText.OfRound(value) : ""));
            }
        }

        return ticks;
    }

    /// <summary>Between two numbers of nines; the end is the hundredth percentile where that is shown.</summary>
    public static List<Tick> Percentiles(double from, double to, bool hasHundredth)
    {
        List<Tick> ticks = [];
        double lastNines = hasHundredth ? to - 0.4 : to + Tolerance;
        if (from <= Tolerance) ticks.Add(new Tick(0, "0 %"));
        if (from <= Nines(50) + Tolerance && lastNines >= Nines(50)) ticks.Add(new Tick(50, "50 %"));
        for (int nines = 1; nines <= Math.Min(lastNines, NinesMax); nines++)
        {
            if (nines < from - Tolerance) continue;
            string digits = nines == 1 ? "90" : nines == 2 ? "99" : "99." + new string('9', nines - 2);
            ticks.Add(new Tick(100 - Math.Pow(10, 2 - nines), digits + " %"));
        }

        if (hasHundredth) ticks.Add(new Tick(100, "100 %"));
        return ticks;
    }

    /// <summary>How many nines a percentile has: 1 for 90 %, 2 for 99 %, 0.3 for 50 %.</summary>
    public static double Nines(double percentile) => Math.Min(2 - Math.Log10(100 - percentile), NinesMax);

    /// <summary>The nearest of 1, 2 and 5 times a power of ten that is at most, or at least, this one; as an exponent.</summary>
    public static double RoundExponent(double exponent, bool isUp)
    {
        double whole = Math.Floor(exponent + Tolerance);
        double rest = exponent - whole;
        double two = Math.Log10(2), five = Math.Log10(5);
        if (isUp) return whole + (rest <= Tolerance ? 0 : rest <= two + Tolerance ? two : rest <= five + Tolerance ? five : 1);
        return whole + (rest >= five - Tolerance ? five : rest >= two - Tolerance ? two : 0);
    }
}

/// <summary>A line of the grid, and its label unless that is empty.</summary>
internal readonly record struct Tick(double Value, string Label);
