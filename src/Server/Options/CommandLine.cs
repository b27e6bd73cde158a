using Anax.Core.Text;

namespace Anax.Server.Options;

internal enum CommandLineQuestion : byte { None, Help, Version }

/// <summary>
/// Takes the arguments of the process apart into directives, as Valkey and Dragonfly would:
/// "--name value value", "--name=value", "--name" alone for a switch, "--noname", "name and value" in one argument.
/// The first word behind a name is its value whatever it looks like; further ones must not start with two dashes.
/// </summary>
internal sealed class CommandLine
{
    private readonly List<Directive> _directives = [];
    private readonly List<string> _words = [];
    private string? _name;
    private string? _raw;
    private bool _needsWord;

    private CommandLine() { }

    public string? ConfigFile { get; private set; }
    public bool ReadsStandardInput { get; private set; }
    public CommandLineQuestion Asks { get; private set; }
    public IReadOnlyList<Directive> Directives => _directives;

    public static CommandLine Read(string[] arguments)
    {
        var line = new CommandLine();
        var first = 0;
        if (arguments.Length > 0 && !arguments[0].StartsWith('-'))
        {
            line.ConfigFile = arguments[0];
            first = 1;
        }
        for (var i = first; i < arguments.Length && line.Asks == CommandLineQuestion.None; i++)
            line.Take(arguments, i);
        line.Close();
        return line;
    }

    private void Take(string[] arguments, int index)
    {
        var argument = arguments[index];
        var isLast = index == arguments.Length - 1;
        if (argument == "-" && (index == 0 || isLast))
            ReadsStandardInput = true;
        else if (!_needsWord && IsOption(argument))
            Open(argument.TrimStart('-'), isLast ? null : arguments[index + 1]);
        else
            TakeWord(argument);
    }

    private void TakeWord(string word)
    {
        // A bare word before any option is taken for one, as Valkey does.
        if (_name is null)
            _name = word;
        else
            _words.Add(word);
        _needsWord = false;
    }

    private void Open(string body, string? next)
    {
        Close();
        Asks = body switch
        {
            "help" or "h" => CommandLineQuestion.Help,
            "version" or "v" => CommandLineQuestion.Version,
            _ => CommandLineQuestion.None,
        };
        if (Asks != CommandLineQuestion.None)
            return;

        var equals = body.IndexOf('=');
        var blank = body.AsSpan().IndexOfAny(' ', '\t');
        if (equals > 0 && (blank < 0 || equals < blank))
        {
            _name = body[..equals];
            _words.Add(body[(equals + 1)..]);
            return;
        }
        if (blank >= 0)
        {
            _raw = body;
            var words = ArgumentSplitter.Split(body)
                ?? throw new OptionException("Unbalanced quotes in configuration line", new Directive("", [], body));
            _name = words.Length == 0 ? "" : words[0];
            _words.AddRange(words.AsSpan(Math.Min(1, words.Length)));
            _needsWord = words.Length == 1;
            return;
        }
        _name = body;
        TakeImpliedWord(next);
    }

    /// <summary>A switch without a word is on; "--save" without one drops all save points.</summary>
    private void TakeImpliedWord(string? next)
    {
        var endsHere = next is null || next.StartsWith("--", StringComparison.Ordinal);
        if (OptionTable.Normalize(_name!) == "save" && endsHere)
            _words.Add("");
        else if (OptionLoader.IsSwitch(_name!) && (endsHere || !IsSwitchWord(next!)))
            _words.Add("yes");
        else
            _needsWord = true;
    }

    private void Close()
    {
        if (_name is not null)
        {
            var quoted = _words.ConvertAll(ArgumentSplitter.Quote);
            var line = _raw ?? (quoted.Count == 0 ? _name : $"{_name} {string.Join(' ', quoted)}");
            _directives.Add(new Directive(_name, _words.ToArray(), line));
        }
        (_name, _raw, _needsWord) = (null, null, false);
        _words.Clear();
    }

    /// <summary>Dragonfly also takes one dash; then the name must be one that we know, since values may start so.</summary>
    private static bool IsOption(string argument)
    {
        if (argument.StartsWith("--", StringComparison.Ordinal))
            return true;
        if (argument.Length < 2 || argument[0] != '-')
            return false;
        var name = argument[1..].Split('=', 2)[0];
        return name is "h" or "v" or "help" or "version" or "flagfile" || OptionTable.TryFind(name, out _);
    }

    private static bool IsSwitchWord(string word) => word.ToLowerInvariant() is
        "yes" or "no" or "true" or "false" or "on" or "off" or "1" or "0" or "y" or "n" or "t" or "f";
}
