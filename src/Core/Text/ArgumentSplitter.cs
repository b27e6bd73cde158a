using System.Text;

namespace Anax.Core.Text;

/// <summary>
/// Splits a line into words by the rules of Redis's configuration files: blanks part words; "double quotes" know
/// \n \r \t \b \a \xHH and backslash before anything else; 'single quotes' know only \'. A quote may start and end
/// anywhere in a word.
/// </summary>
public static class ArgumentSplitter
{
    /// <summary>Null when a quote is not closed.</summary>
    public static string[]? Split(string line)
    {
        var words = new List<string>();
        var position = 0;
        while (true)
        {
            while (position < line.Length && IsBlank(line[position]))
                position++;
            if (position == line.Length || line[position] == '\0')
                return words.ToArray();
            if (!TryReadWord(line, ref position, out var word))
                return null;
            words.Add(word);
        }
    }

    /// <summary>The text in double quotes, so that splitting gives it back.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '\\' => "\\\\",
                '"' => "\\\"",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\a' => "\\a",
                '\b' => "\\b",
                >= ' ' and <= '~' => character.ToString(),
                _ => $"\\x{(int)character:x2}",
            });
        }
        return quoted.Append('"').ToString();
    }

    private static bool TryReadWord(string line, ref int position, out string word)
    {
        var read = new StringBuilder();
        var quote = '\0';
        while (position < line.Length && line[position] != '\0')
        {
            var character = line[position];
            if (quote == '\0')
            {
                position++;
                if (character is ' ' or '\n' or '\r' or '\t')
                    break;
                if (character is '"' or '\'')
                    quote = character;
                else
                    read.Append(character);
            }
            else if (character == quote)
            {
                position++;
                quote = '\0';
            }
            else if (character == '\\')
            {
                read.Append(ReadEscape(line, ref position, quote));
            }
            else
            {
                position++;
                read.Append(character);
            }
        }
        word = read.ToString();
        return quote == '\0';
    }

    private static char ReadEscape(string line, ref int position, char quote)
    {
        var next = position + 1 < line.Length ? line[position + 1] : '\0';
        if (next == '\0' || (quote == '\'' && next != '\''))
        {
            position++;
            return '\\';
        }
        if (quote == '"' && next == 'x' && position + 3 < line.Length
            && char.IsAsciiHexDigit(line[position + 2]) && char.IsAsciiHexDigit(line[position + 3]))
        {
            var code = Convert.FromHexString(line.AsSpan(position + 2, 2))[0];
            position += 4;
            return (char)code;
        }
        position += 2;
        return quote == '\'' ? next : next switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\b',
            'a' => '\a',
            _ => next,
        };
    }

    private static bool IsBlank(char character) => character is ' ' or (>= '\t' and <= '\r');
}
