using Anax.Tests.Simulation;
using Anax.Tests.Simulation.Simulated;

// `./build sim` comes with the word "sim" and what follows it; anything else is for the runner of the tests.
return args is ["sim", ..]
    ? SimulateVerb.Run(args.AsSpan(1), Console.Out)
    : await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
