using Xunit.MicrosoftTestingPlatform;

namespace Anax.Tests.Simulation;

/// <summary>The tests, or with <c>sim</c> as the first argument one of the long runs.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments) =>
        await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
