using System.Text;
using Anax.LoadGen.Options;

namespace Anax.LoadGen.Workload;

/// <summary>Makes templates: of the user's commands, of SET and GET, and of memcached's set and get.</summary>
internal sealed class TemplateCompiler(BenchOptions options)
{
    public const string KeyMark = "__key__";
    public const string ValueMark = "__data__";
    public const string ScoreMark = "__score__";

    /// <summary>The bytes of a key before and behind its number.</summary>
    public const int KeyTextBytesMax = 1000;

    private const int LengthDigitsMax = 10;
    private const int TagBytesMax = 16;
    private const int Slack = 16;

    /// <summary>Room for one of the longest values and whatever stands beside it.</summary>
    private const int RequestBytesMax = 1 << 30;

    private readonly List<byte> _literals = [];
    private readonly List<Step> _steps = [];
    private readonly List<KeyArgument> _keys = [];
    private int _literalStart;
    private long _bytesMax;

    public static CommandTemplate Compile(BenchOptions options, string text)
    {
        TemplateCompiler compiler = new(options);
        List<List<string>> commands = Split(text);
        foreach (List<string> arguments in commands)
        {
            compiler.Append($"*{arguments.Count}\r\n");
            foreach (string argument in arguments) compiler.AddArgument(text, argument);
        }

        return compiler.Finish(text, isNoReply: false, commands.Count);
    }

    public static CommandTemplate MemcacheSet(BenchOptions options)
    {
        TemplateCompiler compiler = new(options);
        compiler.Append("set ");
        compiler.AddPlainKey();
        compiler.Append(" 0 0 ");
        compiler.AddValueLength(0);
        compiler.Append(options.NoReply ? " noreply\r\n" : "\r\n");
        compiler.AddValue();
        compiler.Append("\r\n");
        return compiler.Finish("set", options.NoReply);
    }

    public static CommandTemplate MemcacheGet(BenchOptions options)
    {
        TemplateCompiler compiler = new(options);
        compiler.Append("get ");
        compiler.AddPlainKey();
        compiler.Append("\r\n");
        return compiler.Finish("get", isNoReply: false);
    }

    /// <summary>
    /// Blanks separate arguments; quotes of either kind keep them together. A semicolon that stands alone separates commands.
    /// </summary>
    private static List<List<string>> Split(string text)
    {
        List<List<string>> commands = [[]];
        StringBuilder argument = new();
        bool isOpen = false, isQuoted = false;
        char quote = '\0';
        foreach (char letter in text)
        {
            if (quote != '\0')
            {
                if (letter == quote) quote = '\0';
                else argument.Append(letter);
            }
            else if (letter is '"' or '\'')
            {
                (quote, isOpen, isQuoted) = (letter, true, true);
            }
            else if (letter != ' ')
            {
                argument.Append(letter);
                isOpen = true;
            }
            else if (isOpen)
            {
                Add();
            }
        }

        if (quote != '\0') throw new OptionException($"--command '{text}': a quote is not closed");
        if (isOpen) Add();
        if (commands.Exists(arguments => arguments.Count == 0)) throw new OptionException($"--command '{text}': there is no command in it");
        return commands;

        void Add()
        {
            if (!isQuoted && argument.Length == 1 && argument[0] == ';') commands.Add([]);
            else commands[^1].Add(argument.ToString());
            argument.Clear();
            isOpen = isQuoted = false;
        }
    }

    private void AddArgument(string text, string argument)
    {
        string mark = "";
        int at = -1;
        foreach (string candidate in (ReadOnlySpan<string>)[KeyMark, ValueMark, ScoreMark])
        {
            int found = argument.IndexOf(candidate, StringComparison.Ordinal);
            if (found < 0) continue;
            if (at >= 0 || argument.IndexOf(candidate, found + 1, StringComparison.Ordinal) >= 0)
                throw new OptionException($"--command '{text}': '{argument}' has more than one placeholder");
            (mark, at) = (candidate, found);
        }

        if (at < 0)
        {
            Append($"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
            return;
        }

        string before = argument[..at];
        string behind = argument[(at + mark.Length)..];
        int around = Encoding.UTF8.GetByteCount(before + behind);
        switch (mark)
        {
            case KeyMark:
                AddKey(StepKind.KeyArgument, before, behind);
                break;
            case ScoreMark:
                Append($"${around + RequestComposer.ScoreBytes}\r\n{before}");
                AddStep(new Step(StepKind.Score, 0, 0), RequestComposer.ScoreBytes);
                break;
            default:
                if (options.ValueBytesMin == options.ValueBytesMax)
                {
                    Append($"${around + options.ValueBytesMin}\r\n{before}");
                }
                else
                {
                    Append("$");
                    AddValueLength(around);
                    Append($"\r\n{before}");
                }

                AddValue();
                break;
        }

        Append($"{behind}\r\n");
    }

    private void AddPlainKey() => AddKey(StepKind.Key, "", "");

    private void AddKey(StepKind kind, string before, string behind)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(before + options.KeyPrefix);
        byte[] suffix = Encoding.UTF8.GetBytes(behind);
        if (prefix.Length + suffix.Length > KeyTextBytesMax)
            throw new OptionException($"a key has {prefix.Length + suffix.Length} bytes beside its number, {KeyTextBytesMax} at most");
        AddStep(new Step(kind, _keys.Count, 0), prefix.Length + Digits.CountMax + LengthDigitsMax + TagBytesMax);
        _keys.Add(new KeyArgument(prefix, suffix));
    }

    /// <summary>
    /// A value's length stands before it, so it is drawn here; where it is always the same, it is a literal.
    /// </summary>
    private void AddValueLength(int around)
    {
        if (options.ValueBytesMin == options.ValueBytesMax)
            Append($"{options.ValueBytesMin + around}");
        else
            AddStep(new Step(StepKind.ValueLength, 0, around), LengthDigitsMax);
    }

    private void AddValue() => AddStep(new Step(StepKind.Value, 0, 0), options.ValueBytesMax);

    private void Append(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _literals.AddRange(bytes);
        _bytesMax += bytes.Length;
    }

    private void AddStep(Step step, int bytesMax)
    {
        FlushLiteral();
        _steps.Add(step);
        _bytesMax += bytesMax;
    }

    private void FlushLiteral()
    {
        if (_literals.Count == _literalStart) return;
        _steps.Add(new Step(StepKind.Literal, _literalStart, _literals.Count - _literalStart));
        _literalStart = _literals.Count;
    }

    private CommandTemplate Finish(string text, bool isNoReply, int replies = 1)
    {
        FlushLiteral();
        if (_bytesMax > RequestBytesMax)
            throw new OptionException($"--command '{text}': a request of up to {_bytesMax} bytes; at most {RequestBytesMax}");
        return new CommandTemplate
        {
            Text = text,
            Steps = [.. _steps],
            Literals = [.. _literals],
            Keys = [.. _keys],
            BytesMax = (int)_bytesMax + Slack,
            Replies = replies,
            IsNoReply = isNoReply,
        };
    }
}
