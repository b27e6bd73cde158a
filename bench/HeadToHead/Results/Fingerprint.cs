using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>Names everything that results depend on: settings, the machine, and the servers with their binaries.</summary>
internal static class Fingerprint
{
    private const int Digits = 16;

    public static string Of(ResultSettings settings, ResultMachine machine, IReadOnlyList<ResultServer> servers)
    {
        List<string> lines =
        [
            Line($"{settings.IsQuick} {settings.Rounds} {settings.Seconds} {settings.RateSeconds}"),
            Line($"{settings.FillEntries} {settings.ManyKeys} {string.Join(',', settings.Layouts)}"),
            Line($"{string.Join(',', settings.Cells)}"),
            Line($"{settings.ServerCpus} {settings.ClientCpus} {settings.SharedCpus}"),
            settings.BenchSha256,
            .. settings.ClientCommands,
            Line($"{machine.Processor} {machine.Cpus} {machine.MemoryGibibytes} {machine.System} {machine.Kernel}"),
        ];
        foreach (ResultServer server in servers)
        {
            lines.Add(Line($"{server.Name} {server.Version} {server.Sha256} {server.Missing.Length == 0}"));
            lines.Add(Line($"{server.SplitCommand} {server.SharedCommand}"));
        }

        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..Digits];
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
