using System.Globalization;
using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>Figures as people read them, the same in tables, in the terminal and in the report.</summary>
internal static class FigureText
{
    /// <summary>Where there is nothing to tell.</summary>
    public const string None = "-";

    private const double RoundedFrom = 100;
    private const double RoundedMicrosecondsFrom = 1000;

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) =>
        perSecond.ToString(perSecond < RoundedFrom ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => seconds.ToString("#,0.00", CultureInfo.InvariantCulture);

    public static string Microseconds(double ns) => (ns / 1e3).ToString("#,0.0", CultureInfo.InvariantCulture);

    /// <summary>Without the decimal where there are digits enough: while figures change, and where many stand in a row.</summary>
    public static string ShortMicroseconds(double ns) =>
        (ns / 1e3).ToString(ns / 1e3 < RoundedMicrosecondsFrom ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Reads that found something.</summary>
    public static string HitRate(PhaseRecord phase) =>
        phase.Reads == 0 ? None : Percent((double)phase.Hits / phase.Reads);

    public static string Kilobytes(PhaseRecord phase) =>
        phase.Seconds == 0 ? None : Rate((phase.SentBytes + phase.ReplyBytes) / 1024.0 / phase.Seconds);

    /// <summary>One line that a terminal shows as it is: a server's error may hold anything.</summary>
    public static string OneLine(string text) =>
        string.Create(text.Length, text, (line, from) =>
        {
            for (int i = 0; i < line.Length; i++) line[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
}
