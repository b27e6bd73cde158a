using System.Globalization;
using Anax.Tests.Fuzz;

// usage: Fuzz [name] [seconds] [seed]       without a name: each for ten seconds, but for the canary
string? name = args.Length > 0 ? args[0] : null;
int seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
int seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : Environment.TickCount;

var chosen = Fuzzer.All.Where(f => name is null ? f.Name != "canary" : f.Name == name).ToArray();
if (chosen.Length == 0)
{
    string known = string.Join(' ', Fuzzer.All.Select(f => f.Name));
    Console.Error.WriteLine($"no fuzzer {name}, there are: {known}");
    return 2;
}
foreach (var fuzzer in chosen)
{
    try
    {
        long rounds = fuzzer.Play(TimeSpan.FromSeconds(seconds), seed);
        Console.WriteLine($"{fuzzer.Name}: {rounds} rounds from seed {seed}");
    }
    catch (FuzzException failure)
    {
        Console.WriteLine($"FAILED {failure.Message}\n{failure.InnerException}");
        return 1;
    }
}
return 0;
