using Anax.Tests.Simulation.Recording;
using Anax.Tests.Simulation.Simulated;
using Xunit.MicrosoftTestingPlatform;

namespace Anax.Tests.Simulation;

/// <summary>The tests, or with <c>sim</c> as the first argument one of the long runs.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments) => arguments switch
    {
        ["sim", "--histories", .. string[] rest] => HistoryRun.Run(rest, Console.Out),
        ["sim", "--storm", .. string[] rest] => StormRun.Run(rest, Console.Out),
        ["sim", .. string[] rest] => SimulateVerb.Run(rest, Console.Out),
        _ => await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
