using Anax.LoadGen.Options;

namespace Anax.LoadGen.Workload;

/// <summary>
/// Draws key numbers for one connection. One after the other means over all connections of the run: each takes every
/// so-manyth number, so that together they touch every number once before any comes again.
/// </summary>
internal sealed class KeySource
{
    private const int NormalTriesMax = 64;
    private const double StddevShare = 6;

    private readonly KeyDistribution _distribution;
    private readonly ulong _minimum;
    private readonly ulong _count;
    private readonly double _stddev;
    private readonly ZipfSampler? _zipf;
    private readonly ulong _stride;
    private ulong _cursor;
    private double _spare = double.NaN;

    public KeySource(BenchOptions options, ZipfSampler? zipf, int connection, int connections)
    {
        _distribution = options.KeyDistribution;
        _minimum = options.KeyMinimum;
        _count = options.KeyMaximum - options.KeyMinimum + 1;
        _stddev = options.KeyStddev > 0 ? options.KeyStddev : _count / StddevShare;
        _zipf = zipf;
        _cursor = (ulong)connection % _count;
        _stride = (ulong)connections % _count;
    }

    /// <summary>What all sources of a run share; null where they need nothing.</summary>
    public static ZipfSampler? MakeZipf(BenchOptions options) =>
        options.KeyDistribution == KeyDistribution.Zipfian
            ? new ZipfSampler(options.KeyMaximum - options.KeyMinimum + 1.0, options.ZipfAlpha)
            : null;

    public ulong Next(ref FastRandom random) => _distribution switch
    {
        KeyDistribution.Normal => _minimum + NextNormal(ref random),
        KeyDistribution.Zipfian => _minimum + Math.Min(_zipf!.Next(ref random), _count) - 1,
        KeyDistribution.Sequential => NextInOrder(),
        _ => _minimum + random.Below(_count),
    };

    private ulong NextInOrder()
    {
        ulong key = _minimum + _cursor;
        // A lap that does not divide by the stride goes on where it ended, so the connections stay side by side.
        _cursor += _stride;
        if (_cursor >= _count) _cursor -= _count;
        return key;
    }

    /// <summary>Around the middle of the range; what falls outside is drawn again.</summary>
    private ulong NextNormal(ref FastRandom random)
    {
        for (int tries = 0; tries < NormalTriesMax; tries++)
        {
            double place = (_count - 1) / 2.0 + NextGaussian(ref random) * _stddev;
            double rounded = Math.Round(place);
            if (rounded >= 0 && rounded <= _count - 1) return (ulong)rounded;
        }

        // A deviation far beyond the range is flat inside it.
        return random.Below(_count);
    }

    /// <summary>Marsaglia's polar method (1964), which makes two at a time.</summary>
    private double NextGaussian(ref FastRandom random)
    {
        if (!double.IsNaN(_spare))
        {
            double kept = _spare;
            _spare = double.NaN;
            return kept;
        }

        while (true)
        {
            double x = 2 * random.NextDouble() - 1;
            double y = 2 * random.NextDouble() - 1;
            double square = x * x + y * y;
            if (square is >= 1 or 0) continue;
            double factor = Math.Sqrt(-2 * Math.Log(square) / square);
            _spare = y * factor;
            return x * factor;
        }
    }
}
