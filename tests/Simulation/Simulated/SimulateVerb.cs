using System.Globalization;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>`./build sim`: one seed, or many until one fails.</summary>
internal sealed class SimulateVerb
{
    private const string Usage =
        """
        ./build sim SEED [--twice]                   runs one seed; with --twice again, and compares the traces
        ./build sim --seeds N [--from SEED] [--twice]  runs N seeds from 1 on, or from SEED, until one fails
        """;

    private ulong _from = 1;
    private ulong _count = 1;
    private bool _isTwice;

    public static int Run(ReadOnlySpan<string> args, TextWriter output)
    {
        SimulateVerb verb = new();
        if (verb.TryRead(args)) return verb.Run(output);
        output.WriteLine(Usage);
        return 2;
    }

    private bool TryRead(ReadOnlySpan<string> args)
    {
        if (args.IsEmpty) return false;
        for (int i = 0; i < args.Length; i++)
        {
            bool isRead = args[i] switch
            {
                "--twice" => _isTwice = true,
                "--seeds" => ++i < args.Length && TryNumber(args[i], out _count),
                "--from" => ++i < args.Length && TryNumber(args[i], out _from),
                var seed => TryNumber(seed, out _from),
            };
            if (!isRead) return false;
        }

        return _count > 0;
    }

    private int Run(TextWriter output)
    {
        Counters sum = new();
        for (ulong seed = _from; seed < _from + _count; seed++)
        {
            // The number first: a broken invariant ends the process.
            output.Write(string.Create(CultureInfo.InvariantCulture, $"seed {seed} "));
            output.Flush();
            try
            {
                SimulationResult result = new SimulationRun(seed).Run();
                if (_isTwice && new SimulationRun(seed).Run().Hash != result.Hash) throw new SimulationException(seed, "two runs, two traces");
                output.WriteLine(result.ToString()[$"seed {seed} ".Length..]);
                sum.Add(result.Counters);
            }
            catch (SimulationException failure)
            {
                output.WriteLine("failed");
                output.WriteLine(failure.Message);
                return 1;
            }
        }

        output.WriteLine($"{_count} {(_count == 1 ? "seed" : "seeds")}: {sum}");
        return 0;
    }

    private static bool TryNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
