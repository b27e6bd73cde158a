using System.CommandLine;
using Anax.Core.Text;

namespace Anax.LoadGen.Options;

/// <summary>
/// The many spellings of an option (-x v, --x v, --x=v, -x=v, --nox, --no-x, - for _) made one: "--x" "v", the last
/// one of a repeated option alone.
/// </summary>
internal sealed class ArgumentSpelling
{
    private const int SlipsMax = 3;

    private readonly Dictionary<string, Option> _names = [];
    private readonly OptionSet _options;

    public ArgumentSpelling(OptionSet options)
    {
        _options = options;
        foreach (Option option in options.Command.Options)
        {
            _names.Add(Plain(option.Name), option);
            foreach (string alias in option.Aliases) _names.Add(Plain(alias), option);
        }
    }

    /// <summary>The arguments for System.CommandLine; throws for what is no option.</summary>
    public List<string> Rewrite(IReadOnlyList<string> arguments)
    {
        Dictionary<Option, string> values = [];
        List<string> commands = [], weights = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument.Length < 2 || argument[0] != '-') throw new OptionException($"'{argument}' is not an option; see --help");
            int equals = argument.IndexOf('=');
            string written = equals < 0 ? argument : argument[..equals];
            Option option = Find(written, out bool isNegated);
            string value;
            if (equals >= 0 && !isNegated)
                value = argument[(equals + 1)..];
            else if (option is Option<bool>)
                value = isNegated ? "false" : "true";
            else if (++i < arguments.Count)
                value = arguments[i];
            else
                throw new OptionException($"{written} needs a value");

            if (equals >= 0 && isNegated) throw new OptionException($"{written} takes no value");
            if (option == _options.Commands)
            {
                commands.Add(value);
                weights.Add("1");
            }
            else if (option == _options.Weights)
            {
                if (commands.Count == 0) throw new OptionException($"{written} belongs behind the --command that it weighs");
                weights[^1] = value;
            }
            else
            {
                values[option] = value;
            }
        }

        List<string> rewritten = [];
        foreach ((Option option, string value) in values) rewritten.AddRange([option.Name, value]);
        foreach (string command in commands) rewritten.AddRange([_options.Commands.Name, command]);
        foreach (string weight in weights) rewritten.AddRange([_options.Weights.Name, weight]);
        return rewritten;
    }

    private Option Find(string written, out bool isNegated)
    {
        string name = Plain(written);
        isNegated = false;
        if (_names.TryGetValue(name, out Option? option)) return option;
        if (name.StartsWith("no", StringComparison.Ordinal)
            && _names.TryGetValue(name[2..].TrimStart('_'), out option) && option is Option<bool>)
        {
            isNegated = true;
            return option;
        }

        throw new OptionException($"unknown option '{written}'{Nearest(name)}");
    }

    private string Nearest(string name)
    {
        int least = Math.Min(SlipsMax, name.Length / 2) + 1;
        string nearest = "";
        foreach ((string candidate, Option option) in _names)
        {
            int slips = EditDistance.Between(name, candidate);
            if (slips >= least) continue;
            least = slips;
            nearest = Plain(option.Name) == candidate ? OptionHelp.Spell(option.Name) : "--" + candidate;
        }

        return nearest.Length == 0 ? "; see --help" : $"; did you mean {nearest}?";
    }

    /// <summary>Without the dashes before it, and with one kind of dash inside.</summary>
    private static string Plain(string written) => written.TrimStart('-').Replace('-', '_');
}
