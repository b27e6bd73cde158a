using System.Globalization;

namespace Anax.Bench.Shards;

/// <summary>The command line.</summary>
internal sealed record ShardsOptions
{
    public const string Usage = "usage: Shards [--seconds N] [--rounds N] [--keys N]     measuring time of all rounds together, and keys per shard";

    private const double SecondsMax = 3600;
    private const int RoundsMax = 99;
    private const int KeysMin = 10_000;
    private const int KeysMax = 100_000_000;

    /// <summary>Measuring time of all rounds together; filling and warming up take some seconds more.</summary>
    public double Seconds { get; init; } = 60;

    public int Rounds { get; init; } = 9;

    public int KeysPerShard { get; init; } = 1_000_000;

    /// <summary>Null where an option is unknown, has no value or a value out of bounds.</summary>
    public static ShardsOptions? TryRead(ReadOnlySpan<string> arguments)
    {
        var options = new ShardsOptions();
        for (; arguments.Length >= 2; arguments = arguments[2..])
        {
            if (!double.TryParse(arguments[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return null;
            switch (arguments[0])
            {
                case "--seconds" when value is > 0 and <= SecondsMax: options = options with { Seconds = value }; break;
                case "--rounds" when value is >= 1 and <= RoundsMax: options = options with { Rounds = (int)value }; break;
                case "--keys" when value is >= KeysMin and <= KeysMax: options = options with { KeysPerShard = (int)value }; break;
                default: return null;
            }
        }
        return arguments.IsEmpty ? options : null;
    }
}
