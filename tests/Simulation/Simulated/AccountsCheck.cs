using System.Globalization;
using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>Whoever looks at all accounts at one instant sees all the money.</summary>
internal sealed class AccountsCheck : IHistoryCheck
{
    public string? Judge(History history, Counters counters)
    {
        foreach (Operation operation in history.Operations)
        {
            if (!operation.IsAnswered || operation.IsVoid || SumOf(operation) is not { } sum) continue;
            counters.Add("sums of accounts", 1);
            if (sum != CommandMaker.Accounts * CommandMaker.AccountBalance) return $"the accounts hold {sum}: {operation}";
        }

        return null;
    }

    /// <summary>The sum of the accounts where the operation read each of them, and nothing else.</summary>
    private static long? SumOf(Operation operation)
    {
        Reply[] balances =
            operation.Commands is [{ Name: "MGET" } one] && one.Keys.SequenceEqual(CommandMaker.AccountNames) ? [.. operation.Replies[0].Items]
            : operation.Commands.Count == CommandMaker.Accounts && operation.Commands.Select(AccountOf).SequenceEqual(CommandMaker.AccountNames)
                ? [.. operation.Replies]
                : [];
        return balances.Length == 0 ? null : balances.Sum(reply => long.Parse(reply.Text, CultureInfo.InvariantCulture));
    }

    private static string AccountOf(Command command) => command.Name == "GET" ? command.Keys[0] : "";
}
