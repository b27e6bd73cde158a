using System.CommandLine;
using System.Globalization;

namespace Anax.LoadGen.Options;

/// <summary>--help: every option with what it means and what it is without being given.</summary>
internal static class OptionHelp
{
    private const int NameColumns = 24;
    private const int TextColumns = 86;

    public static void Write(OptionSet set, TextWriter output)
    {
        output.WriteLine($"anax-bench [option]...\n\n{set.Command.Description}\n");
        output.WriteLine("Spellings: -x v, --x v, --x=v; of switches --x, --nox, --no-x.\n");
        foreach (Option option in set.Command.Options)
        {
            string name = Spell(option.Name);
            foreach (string alias in option.Aliases) name += $", {alias}";
            string value = option.GetDefaultValue() switch
            {
                bool isOn => isOn ? "true" : "false",
                string text => text,
                Array => "",
                object number => Convert.ToString(number, CultureInfo.InvariantCulture)!,
                null => "",
            };
            string description = value.Length == 0 ? option.Description! : $"{option.Description} [{value}]";
            string before = $"  {name}";
            // A long name has a line of its own.
            if (before.Length >= NameColumns)
            {
                output.WriteLine(before);
                before = "";
            }

            foreach (string line in Wrap(description))
            {
                output.WriteLine(before.PadRight(NameColumns) + line);
                before = "";
            }
        }

        output.WriteLine("\nWrites, then reads, as fast as the answers come:");
        output.WriteLine("  anax-bench -n 100000 -p 6380 --qps=0 -d 64 -c 30 --command \"setex __key__ 10000 __data__\"");
        output.WriteLine("  anax-bench -n 100000 -p 6380 --qps=0 -d 64 -c 30 --ratio 0:1");
    }

    /// <summary>As it is written usually: one dash before a letter, two before a word.</summary>
    public static string Spell(string name) => name.Length == "--x".Length ? name[1..] : name;

    private static IEnumerable<string> Wrap(string text)
    {
        while (text.Length > TextColumns)
        {
            int space = text.LastIndexOf(' ', TextColumns);
            yield return text[..space];
            text = text[(space + 1)..];
        }

        yield return text;
    }
}
