using System.Text;
using Anax.Core.Text;

namespace Anax.Server.Options;

/// <summary>
/// Gathers the directives of a start, from files and from the command line, into values. Whether a value promises what
/// does not exist yet is judged at the end, so that a later line may take an earlier one back.
/// </summary>
internal sealed class OptionLoader
{
    private const int IncludeDepthMax = 16;

    private readonly OptionValue[] _values = OptionTable.Defaults.Copy();
    private readonly Directive?[] _given = new Directive?[OptionTable.All.Length];
    private readonly List<string> _notices = [];
    private int _depth;

    public IReadOnlyList<string> Notices => _notices;

    /// <summary>Whether the name, or what follows its "no", is a switch.</summary>
    public static bool IsSwitch(string name) =>
        TryFind(name, out var spec, out _) && spec!.Kind == OptionKind.Switch;

    public OptionValues Finish()
    {
        var ignored = new List<string>();
        foreach (var spec in OptionTable.All)
        {
            var value = _values[spec.Index];
            if (_given[spec.Index] is not { } directive)
                continue;
            if (spec.Asks(value, isGiven: true))
                throw new OptionException(OptionMessages.Promise(spec), directive);
            if (spec.Effect == OptionEffect.Ignored && value.Text != OptionTable.Defaults[spec].Text)
                ignored.Add(spec.Name);
        }
        if (ignored.Count > 0)
            _notices.Add(OptionMessages.Ignored(ignored));
        return new OptionValues(_values);
    }

    public void Apply(Directive directive)
    {
        if (!TryApplyFileWord(directive))
            ApplyOption(directive);
    }

    /// <summary>Answers the file's absolute path.</summary>
    public string ReadFile(string path)
    {
        if (++_depth > IncludeDepthMax)
            throw new OptionException($"Too many configuration files include each other, down to '{path}'");
        string content;
        try
        {
            path = Path.GetFullPath(path);
            content = File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception error) when (FileReason.IsKnown(error))
        {
            throw new OptionException($"Fatal error, can't open config file '{path}': {FileReason.Of(error)}");
        }
        ReadLines(content, path);
        _depth--;
        return path;
    }

    public void ReadStream(Stream stream)
    {
        _notices.Add("Reading config from stdin");
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        ReadLines(reader.ReadToEnd(), "<stdin>");
    }

    private void ReadLines(string content, string file)
    {
        var number = 0;
        foreach (var raw in content.Split('\n'))
        {
            number++;
            var line = raw.Trim(' ', '\t', '\r', '\n');
            if (line.Length == 0 || line[0] == '#')
                continue;
            // Lines of a flag file carry the dashes of the command line.
            if (line.StartsWith("--", StringComparison.Ordinal))
            {
                foreach (var directive in CommandLine.Read([line]).Directives)
                    Apply(directive with { File = file, LineNumber = number, Line = line });
                continue;
            }
            var words = ArgumentSplitter.Split(line);
            if (words is null)
            {
                throw new OptionException("Unbalanced quotes in configuration line",
                    new Directive("", [], line, file, number));
            }
            if (words.Length > 0)
                Apply(new Directive(words[0], words[1..], line, file, number));
        }
    }

    /// <summary>Words that name no option but say what else to read, or what the server does not have.</summary>
    private bool TryApplyFileWord(Directive directive)
    {
        var words = directive.Words;
        switch (OptionTable.Normalize(directive.Name))
        {
            case "include" when words.Length == 1:
                Include(OptionText.ToNative(words[0]));
                return true;
            case "flagfile" when words.Length == 1:
                ReadFile(OptionText.ToNative(words[0]));
                return true;
            case "list-max-ziplist-entries" or "list-max-ziplist-value" or "lua-replicate-commands" or "sanitize-dump-payload"
                when words.Length == 1:
                return true;
            case "user" when words.Length > 1:
                throw Missing("the access control list", directive);
            case "rename-command":
                throw Missing("renaming commands", directive);
            case "loadmodule":
                throw Missing("loading modules", directive);
            case "sentinel":
                throw Missing("sentinel mode", directive);
            default:
                return false;
        }
    }

    private void ApplyOption(Directive directive)
    {
        if (!TryFind(directive.Name, out var spec, out var isOff))
            throw new OptionException(OptionMessages.Unknown(directive.Name), directive);
        var words = directive.Words;
        if (isOff)
        {
            if (words is not ["yes"])
                throw new OptionException($"'{directive.Name}' takes no value", directive);
            words = ["no"];
        }
        if (spec!.TakesSeveral && words.Length == 1 && words[0].Length > 0)
            words = ArgumentSplitter.Split(words[0]) ?? [];
        var previous = _values[spec.Index];
        var error = OptionReader.TryRead(spec, words, previous, OptionSource.Start, out _values[spec.Index]);
        if (error is not null)
            throw new OptionException(error, directive);
        _given[spec.Index] = directive;
    }

    /// <summary>Without wildcards the file must exist; with them no file at all is fine, as in an empty conf.d.</summary>
    private void Include(string path)
    {
        if (path.AsSpan().IndexOfAny('*', '?', '[') < 0 || path.Contains('\0'))
        {
            ReadFile(path);
            return;
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!Directory.Exists(folder))
            return;
        var pattern = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        var files = Directory.GetFiles(folder);
        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (Glob.Matches(pattern, Encoding.UTF8.GetBytes(Path.GetFileName(file))))
                ReadFile(file);
        }
    }

    private static bool TryFind(string name, out OptionSpec? spec, out bool isOff)
    {
        isOff = false;
        if (OptionTable.TryFind(name, out spec))
            return true;
        if (!name.StartsWith("no", StringComparison.OrdinalIgnoreCase)
            || !OptionTable.TryFind(name[2..].TrimStart('-', '_'), out spec) || spec.Kind != OptionKind.Switch)
        {
            spec = null;
            return false;
        }
        isOff = true;
        return true;
    }

    private static OptionException Missing(string what, Directive directive) =>
        new($"{what} is not available yet; leave it out", directive);
}
