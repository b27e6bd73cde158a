using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// What several clients see of each other equals Valkey's: transactions, scripts, subscriptions, tracking. The number of
/// commands per run is ANAX_DIFFERENTIAL, short by default.
/// </summary>
public sealed class SessionDifferentialTests
{
    private static int Commands { get; } = DifferentialRuns.Commands(2000);

    public static TheoryData<string, int, int> Runs() => DifferentialRuns.Of(nameof(SessionFamilies.Transactions),
        nameof(SessionFamilies.Scripts), nameof(SessionFamilies.Subscribers), nameof(SessionFamilies.Tracking));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void EveryClientSeesWhatItSeesOfValkey(string family, int shards, int resp)
    {
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", $"{shards}", "--enable-debug-command", "yes");
        using ServerProcess valkey = ServerProcess.Valkey("--enable-debug-command", "yes");
        using SessionComparison comparison = Comparing(anax.Port, valkey.Port, family, resp);
        comparison.Run(Commands);
        bool hasMessages = family is nameof(SessionFamilies.Subscribers) or nameof(SessionFamilies.Tracking);
        // How many messages a short run brings is chance: it goes on until there were some.
        for (int more = 0; hasMessages && more < 5 && comparison.Asides <= Commands / 20; more++) comparison.Run(comparison.Sent + Commands / 2);

        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences\n{string.Join('\n', comparison.Differences)}");
        Assert.True(comparison.Sent >= Commands, $"only {comparison.Sent} commands");
        if (hasMessages) Assert.True(comparison.Asides > Commands / 20, $"only {comparison.Asides} messages");
    }

    [Theory]
    [InlineData(nameof(SessionFamilies.Transactions), "EXECABORT", "EXECABOOT")]
    [InlineData(nameof(SessionFamilies.Scripts), "NOSCRIPT", "NOSKRIPT")]
    [InlineData(nameof(SessionFamilies.Subscribers), "pmessage", "pmassage")]
    [InlineData(nameof(SessionFamilies.Tracking), "invalidate", "invalidote")]
    public void APlantedDifferenceIsReported(string family, string from, string to)
    {
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", "1", "--enable-debug-command", "yes");
        using ServerProcess valkey = ServerProcess.Valkey("--enable-debug-command", "yes");
        using var planted = new RewritingProxy(anax.Port, from, to);
        using SessionComparison comparison = Comparing(planted.Port, valkey.Port, family, resp: 3);
        comparison.Run(2000);

        Assert.Contains(comparison.Differences, d => d.Contains(to, StringComparison.Ordinal));
    }

    private static SessionComparison Comparing(int anax, int valkey, string family, int resp) =>
        new(anax, valkey, TemplatesOf(family), resp, asidesInOrder: family == nameof(SessionFamilies.Subscribers), DifferentialRuns.SessionSeed);

    private static string[] TemplatesOf(string family) => family switch
    {
        nameof(SessionFamilies.Transactions) => SessionFamilies.Transactions,
        nameof(SessionFamilies.Scripts) => SessionFamilies.Scripts,
        nameof(SessionFamilies.Subscribers) => SessionFamilies.Subscribers,
        nameof(SessionFamilies.Tracking) => SessionFamilies.Tracking,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "no such family"),
    };
}
