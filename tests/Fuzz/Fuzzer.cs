namespace Anax.Tests.Fuzz;

/// <summary>
/// A named fuzzer. Its rounds depend on nothing but their seed, so a failed round fails again from the seed
/// that it names.
/// </summary>
public sealed record Fuzzer(string Name, Func<IFuzzRounds> Start)
{
    /// <summary>
    /// Every fuzzer there is. The canary fails on purpose: it shows that a failure is seen and repeated.
    /// </summary>
    public static readonly Fuzzer[] All =
    [
        new("request_parser", () => new RequestParserFuzzer()),
        new("reply_writer", () => new ReplyWriterFuzzer()),
        new("smoke", () => new Smoke()),
        new("restore", () => new RestoreFuzzer()),
        new("models", () => new ModelFuzzer()),
        new("commands", () => new CommandFuzzer()),
        new("canary", () => new Canary()),
    ];

    /// <summary>
    /// Plays rounds for a time, at least one; throws <see cref="FuzzException"/> with the seed of the first
    /// that fails.
    /// </summary>
    public long Play(TimeSpan time, int seed)
    {
        long end = Environment.TickCount64 + (long)time.TotalMilliseconds;
        long rounds = 0;
        using var run = Start();
        do
        {
            int roundSeed = unchecked(seed + (int)rounds++);
            try
            {
                run.Round(new Random(roundSeed));
            }
            catch (Exception e) when (e is not FuzzException)
            {
                string again = $"./build fuzz {Name} 0 {roundSeed}";
                throw new FuzzException($"{Name}, seed {roundSeed}: {e.Message}\nagain: {again}", e);
            }
        }
        while (Environment.TickCount64 < end);
        return rounds;
    }
}

/// <summary>What a fuzzer plays, one round at a time.</summary>
public interface IFuzzRounds : IDisposable
{
    void Round(Random random);
}

/// <summary>A round that went wrong, with the seed that repeats it.</summary>
public sealed class FuzzException(string message, Exception cause) : Exception(message, cause);

/// <summary>A round of each fuzzer that needs no server.</summary>
internal sealed class Smoke : IFuzzRounds
{
    private readonly IFuzzRounds[] _all = [new RequestParserFuzzer(), new ReplyWriterFuzzer()];

    public void Round(Random random)
    {
        foreach (var one in _all) one.Round(random);
    }

    public void Dispose()
    {
        foreach (var one in _all) one.Dispose();
    }
}

internal sealed class Canary : IFuzzRounds
{
    public void Round(Random random)
    {
        if (random.Next(100) == 42)
            throw new InvalidOperationException("the canary sings");
    }

    public void Dispose()
    {
        // Nothing to give back.
    }
}
