namespace Anax.Plots;

/// <summary>
/// Where values lie along an axis of a chart, as a fraction of its length, and the ticks on it. A horizontal axis ends
/// where its data end, a vertical one at a tick, and that of bars above the longest one and its label.
/// </summary>
internal sealed class Scale
{
    /// <summary>Far outside is as good as infinitely far, and a renderer can compute with it.</summary>
    private const double FractionMax = 50;

    private const double LabelGapPx = 10;
    private const double VerticalTickPx = 38;
    private const double HorizontalTickPx = 52;
    private const int TicksMax = 14;

    /// <summary>Values nearer to each other than this part of them are one value.</summary>
    private const double EqualRatio = 1e-9;

    /// <summary>The part of a nine between the last labelled percentile and the hundredth.</summary>
    private const double HundredthNines = 0.5;

    private readonly AxisScale _kind;
    private readonly double _from;
    private readonly double _to;

    private Scale(AxisScale kind, double from, double to, List<Tick> ticks)
    {
        (_kind, _from, _to, Ticks) = (kind, from, to, ticks);
    }

    public IReadOnlyList<Tick> Ticks { get; private set; }

    public static Scale Horizontal(Axis axis, DataRange data, double lengthPx)
    {
        int count = Math.Clamp((int)(lengthPx / HorizontalTickPx), 2, TicksMax);
        Scale scale = Make(axis, data, lengthPx, count, isVertical: false);
        while (count > 2 && !scale.LabelsFit(lengthPx))
            scale = Make(axis, data, lengthPx, --count, isVertical: false);
        scale.DropOverlaps(lengthPx);
        return scale;
    }

    public static Scale Vertical(Axis axis, DataRange data, double lengthPx) =>
        Make(axis, data, lengthPx, Math.Clamp((int)(lengthPx / VerticalTickPx), 2, TicksMax), isVertical: true);

    /// <summary>From zero up to the highest value, and so far beyond as its label needs.</summary>
    public static Scale Bars(double highest, double lengthPx, double headroomPx)
    {
        double to = highest > 0 ? highest / (1 - Math.Min(0.8, headroomPx / lengthPx)) : 1;
        int count = Math.Clamp((int)(lengthPx / VerticalTickPx), 2, TicksMax);
        return new Scale(AxisScale.Linear, 0, to, Plots.Ticks.Linear(0, to, count));
    }

    public bool CanShow(double value) => DataRange.CanShow(_kind, value);

    /// <summary>Zero at the begin of the axis and one at its end; outside where the axis has limits.</summary>
    public double Fraction(double value)
    {
        double position = _kind switch
        {
            AxisScale.Logarithmic => Math.Log10(value),
            AxisScale.Percentile => value >= 100 ? _to : Plots.Ticks.Nines(value),
            AxisScale.Linear => value,
        };
        return Math.Clamp((position - _from) / (_to - _from), -FractionMax, FractionMax);
    }

    private static Scale Make(Axis axis, DataRange data, double lengthPx, int count, bool isVertical)
    {
        double? minimum = axis.Minimum, maximum = axis.Maximum;
        if (minimum is double low && !DataRange.CanShow(axis.Scale, low)) minimum = null;
        if (maximum is double high && !DataRange.CanShow(axis.Scale, high)) maximum = null;
        if (minimum >= maximum) (minimum, maximum) = (null, null);
        return axis.Scale switch
        {
            AxisScale.Linear => Linear(minimum, maximum, data, count, isVertical),
            AxisScale.Logarithmic => Logarithmic(minimum, maximum, data, lengthPx, count, isVertical),
            AxisScale.Percentile => Percentiles(minimum, maximum, data),
        };
    }

    private static Scale Linear(double? minimum, double? maximum, DataRange data, int count, bool isVertical)
    {
        double from = minimum ?? (data.IsEmpty ? Math.Min(0, maximum - 1 ?? 0) : data.Low);
        double to = maximum ?? (data.IsEmpty ? Math.Max(1, minimum + 1 ?? 1) : data.High);
        if (isVertical && minimum is null && from > 0 && to > 0) from = 0;
        if (isVertical && maximum is null && minimum is null && to < 0) to = 0;
        // A limit beyond all data leaves nothing between.
        if (from > to && minimum is not null) to = from;
        if (from > to) from = to;
        double size = Math.Max(Math.Abs(from), Math.Abs(to));
        if (to - from <= size * EqualRatio)
        {
            double pad = size > 0 ? size * 0.1 : 1;
            if (maximum is null) to += pad;
            if (minimum is null && (size > 0 || maximum is not null)) from -= pad;
        }

        if (isVertical)
        {
            double step = Plots.Ticks.NiceStep(to - from, count);
            if (minimum is null) from = Math.Floor(from / step + EqualRatio) * step;
            if (maximum is null) to = Math.Ceiling(to / step - EqualRatio) * step;
        }

        return new Scale(AxisScale.Linear, from, to, Plots.Ticks.Linear(from, to, count));
    }

    private static Scale Logarithmic(
        double? minimum, double? maximum, DataRange data, double lengthPx, int count, bool isVertical)
    {
        double from = Math.Log10(minimum ?? (data.IsEmpty ? (maximum ?? 10) / 10 : data.Low));
        double to = Math.Log10(maximum ?? (data.IsEmpty ? (minimum ?? 1) * 10 : data.High));
        if (from > to && minimum is not null) to = from;
        if (from > to) from = to;
        if (isVertical && minimum is null) from = Plots.Ticks.RoundExponent(from, isUp: false);
        if (isVertical && maximum is null) to = Plots.Ticks.RoundExponent(to, isUp: true);
        if (to - from <= EqualRatio * Math.Max(1, Math.Abs(to)))
        {
            if (minimum is null) from -= Math.Log10(2);
            if (maximum is null) to += Math.Log10(2);
        }

        return new Scale(AxisScale.Logarithmic, from, to, Plots.Ticks.Logarithmic(from, to, count, lengthPx));
    }

    /// <summary>By numbers of nines; without limits from the lowest percentile to a whole number of nines.</summary>
    private static Scale Percentiles(double? minimum, double? maximum, DataRange data)
    {
        bool hasHundredth = maximum is null ? data.HasHundredth : maximum >= 100;
        double from = minimum is < 100 ? Plots.Ticks.Nines(minimum.Value) : 0;
        double to = maximum is < 100
            ? Plots.Ticks.Nines(maximum.Value)
            : Math.Max(Math.Floor(from) + 1, data.IsEmpty ? 2 : Math.Ceiling(Plots.Ticks.Nines(data.High) - EqualRatio));
        if (to - from <= EqualRatio) to = from + 1;
        if (hasHundredth) to += HundredthNines;
        return new Scale(AxisScale.Percentile, from, to, Plots.Ticks.Percentiles(from, to, hasHundredth));
    }

    private bool LabelsFit(double lengthPx)
    {
        double right = double.NegativeInfinity;
        foreach (Tick tick in Ticks)
        {
            if (tick.Label.Length == 0) continue;
            (double left, double end) = Extent(tick, lengthPx);
            if (left < right + LabelGapPx) return false;
            right = end;
        }

        return true;
    }

    /// <summary>What even two ticks, or the nines, leave too near to each other keeps its line and loses its label.</summary>
    private void DropOverlaps(double lengthPx)
    {
        List<Tick> kept = [];
        double right = double.NegativeInfinity;
        foreach (Tick tick in Ticks)
        {
            (double left, double end) = Extent(tick, lengthPx);
            bool isLabelled = tick.Label.Length > 0 && left >= right + LabelGapPx / 2;
            if (isLabelled) right = end;
            kept.Add(isLabelled ? tick : tick with { Label = "" });
        }

        Ticks = kept;
    }

    private (double Left, double Right) Extent(Tick tick, double lengthPx)
    {
        double middle = Fraction(tick.Value) * lengthPx;
        double half = TextWidth.Of(tick.Label, SvgWriter.FontSize) / 2;
        return (middle - half, middle + half);
    }
}
