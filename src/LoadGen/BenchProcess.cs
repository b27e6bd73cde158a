using Anax.LoadGen.Options;

namespace Anax.LoadGen;

/// <summary>The program: reads the options, runs the load, shows and writes the result.</summary>
public static class BenchProcess
{
    private const int ExitUsage = 2;

    public static int Run(string[] arguments)
    {
        try
        {
            _ = OptionReader.Read(arguments);
            return 0;
        }
        catch (OptionException e)
        {
            Console.Error.WriteLine($"anax-bench: {e.Message}");
            return ExitUsage;
        }
    }
}
