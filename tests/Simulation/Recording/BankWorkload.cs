using System.Globalization;
using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>Transfers between accounts on different shards, by WATCH and MULTI or by script; nobody sees money come or go.</summary>
internal sealed class BankWorkload(ServerUnderTest server, string prefix) : Workload
{
    private const int Accounts = 7, Each = 1000, AmountMax = 10;

    private readonly string[] _accounts = server.KeysOverShards(prefix + "account:", Accounts);

    internal override string Name => "bank";
    internal override Means Needs => Means.MultiKey | Means.Transactions;

    internal override void Prepare(RecordingClient client) => client.Run(Step.MSet(_accounts, [.. _accounts.Select(_ => $"{Each}")]));

    internal override void Act(RecordingClient client, Random random)
    {
        Step[] reads = [.. _accounts.Select(Step.Get)];
        switch (random.Next(6))
        {
            case 0: client.Run(Step.MGet(_accounts)); break;
            case 1: client.TryExecute([], reads); break;
            case 2 when client.May(Means.Scripts): client.RunScript(reads); break;
            case 3 or 4 when client.May(Means.Scripts): Transfer(client, random); break;
            default: TransferWatching(client, random); break;
        }
    }

    internal override Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound) =>
        BankInvariant.Check(history, _accounts, (long)Accounts * Each);

    private void Transfer(RecordingClient client, Random random)
    {
        var (from, to, amount) = Choose(random);
        client.RunScript(Step.IncrBy(from, -amount), Step.IncrBy(to, amount));
    }

    private void TransferWatching(RecordingClient client, Random random)
    {
        var (from, to, amount) = Choose(random);
        Step[] observed = client.Watch(from, to);
        client.TryExecute(observed, Step.Set(from, Moved(observed[0], -amount)), Step.Set(to, Moved(observed[1], amount)));
    }

    private (string From, string To, int Amount) Choose(Random random)
    {
        int from = random.Next(Accounts);
        return (_accounts[from], _accounts[(from + 1 + random.Next(Accounts - 1)) % Accounts], random.Next(1, AmountMax));
    }

    private static string Moved(Step read, int amount) =>
        (long.Parse(read.Result![0]!, CultureInfo.InvariantCulture) + amount).ToString(CultureInfo.InvariantCulture);
}
