namespace Anax.Bench.Shards;

/// <summary>
/// What a second thread and a hop between shards cost, measured in one process on the engine alone, without sockets:
/// `Shards [--seconds N] [--rounds N] [--keys N]`. Ends with 2 when an option is wrong.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (ShardsOptions.TryRead(arguments) is not { } options)
        {
            Console.Error.WriteLine(ShardsOptions.Usage);
            return 2;
        }
        using var run = new ShardsRun(options);
        Console.WriteLine(run.Description);
        run.Run().Write(Console.Out);
        IReadOnlyList<string> shared = run.SharedLines();
        Console.WriteLine($"lines of native memory that two loops write: {(shared.Count == 0 ? "none" : string.Join("; ", shared))}");
        return 0;
    }
}
