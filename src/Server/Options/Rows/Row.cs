using System.Globalization;

namespace Anax.Server.Options.Rows;

/// <summary>The words in which the rows of the options table are written.</summary>
internal static class Row
{
    public const long IntMax = int.MaxValue;
    public const long LongMax = long.MaxValue;
    public const long UIntMax = uint.MaxValue;
    /// <summary>The largest unsigned 64-bit number, in the bits of a signed one.</summary>
    public const long ULongMax = -1;
    public const long Kib = 1024;
    public const long Mib = 1024 * 1024;

    public static OptionSpec Switch(string name, bool on, string summary) =>
        new OptionSpec(name, OptionKind.Switch, on ? "yes" : "no", summary);

    /// <summary>A signed number within bounds.</summary>
    public static OptionSpec Number(string name, long value, long min, long max, string summary) =>
        new OptionSpec(name, OptionKind.Number, Write(value), summary).Within(min, max);

    /// <summary>A number whose bounds compare as unsigned, so that -1 is far too large.</summary>
    public static OptionSpec Count(string name, long value, long min, long max, string summary) =>
        new OptionSpec(name, OptionKind.Number, Write(value), summary).Within(min, max, isUnsigned: true);

    /// <summary>A number of bytes; kb, mb and gb are powers of 1024, k, m and g of 1000.</summary>
    public static OptionSpec Memory(string name, long value, long min, long max, string summary,
        bool isUnsigned = true) =>
        new OptionSpec(name, OptionKind.Memory, Write(value), summary).Within(min, max, isUnsigned);

    public static OptionSpec Real(string name, string value, string summary) =>
        new OptionSpec(name, OptionKind.Real, value, summary);

    public static OptionSpec Choice(string name, string value, string summary) =>
        new OptionSpec(name, OptionKind.Choice, value, summary);

    public static OptionSpec Text(string name, string value, string summary) =>
        new OptionSpec(name, OptionKind.Text, value, summary);

    public static OptionSpec Special(string name, OptionKind kind, string value, string summary) =>
        new OptionSpec(name, kind, value, summary);

    private static string Write(long value) => value.ToString(CultureInfo.InvariantCulture);
}
