using System.Text;

namespace Anax.Server.Options;

/// <summary>The text of --help: every option with its default and one line, by group, what works here first.</summary>
internal static class OptionHelp
{
    private const int NameWidth = 46;

    public static string Write()
    {
        var text = new StringBuilder(
            """
            Usage: anax [/path/to/valkey.conf] [options] [-]
                   anax --flagfile=/path/to/flags [options]
                   anax --help | --version

            Options are written --name value or --name=value, with dashes or underscores; a switch is on when it stands
            alone and off with --noname. "-" reads a configuration from standard input. What comes later wins.
            Sizes: kb, mb, gb are powers of 1024, k, m, g of 1000.

            """);
        var group = "";
        foreach (var spec in OptionTable.All)
        {
            if (spec.Effect != OptionEffect.Works)
                continue;
            if (spec.Group != group)
                text.Append($"\n{group = spec.Group}\n");
            Append(text, spec);
        }
        AppendAll(text, "Not available yet: refused unless switched off", OptionEffect.Promises);
        AppendAll(text, "Accepted, without effect here", OptionEffect.Ignored);
        return text.ToString();
    }

    private static void AppendAll(StringBuilder text, string title, OptionEffect effect)
    {
        text.Append($"\n{title}\n");
        foreach (var spec in OptionTable.All)
        {
            if (spec.Effect == effect)
                Append(text, spec);
        }
    }

    private static void Append(StringBuilder text, OptionSpec spec)
    {
        var value = spec.DefaultText.Contains(' ') ? $"\"{spec.DefaultText}\"" : spec.DefaultText;
        var name = $"  --{spec.Name}={value}";
        text.Append(name.PadRight(NameWidth));
        if (name.Length > NameWidth)
            text.Append('\n').Append(' ', NameWidth);
        text.Append(' ').Append(spec.Summary).Append('\n');
    }
}
