using System.Globalization;
using System.Text;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Makes random commands from templates: right ones, and ones with arguments dropped, added, doubled or spoilt. In a
/// template, capitals are words, [..] may be left out, a|b is a choice, x* is one or more; the placeholders are k key,
/// v value, M member of a set, h field of a hash or member, e short member, s score, r end of a range of scores, l end of a range of members,
/// x longitude, y latitude, m length, u unit, i integer, n count, f float, t absolute seconds, T absolute milliseconds, d database,
/// I id of a new stream entry, q end of a range of them, G group of consumers, C consumer, A a tilde, p pattern, b place of a bit,
/// w type of a bit field, o its offset, E one of some thousand elements; a family may bring <c>more</c> of its own,
/// which comes first and gives null for what it does not know.
/// </summary>
internal sealed class CommandGrammar(string[] templates, Random random, Func<string, string?>? more = null)
{
    private static readonly string[] Integers =
        ["0", "1", "-1", "2", "10", "100", "-5", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
            "4294967296", "536870912", "01", "+1", " 1", "1 ", "", "abc", "1.5", "1e3", "-0", "18446744073709551615"];

    /// <summary>Times to live that are wrong, or so long that no key goes while the two servers are compared.</summary>
    private static readonly string[] Durations =
        ["0", "-1", "-5", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "4294967296", " 1", "",
            "abc", "1.5", "1e3", "-0", "9223372036854775", "18446744073709551615"];
    private static readonly string[] Floats =
        ["0", "1.5", "-2.25", "3.0e3", "0.1", "1e308", "-1e-300", "inf", "-inf", "nan", "abc", "", " 1", "1 ", "0x10",
            "5.0000000000000001", "17179869184.3", "1e400", ".5", "5.", "+2", "1_0"];
    private static readonly string[] ScoreBounds =
        ["-inf", "+inf", "inf", "0", "1", "(1", "2", "(2", "5", "(5", "-1", "1.5", "(-inf", "(inf", "", "(", "abc", "nan", "1e400", "1e-400", "3", "(3", "((1"];
    private static readonly string[] MemberBounds =
        ["-", "+", "[field1", "(field1", "[field3", "(field3", "[field", "[field4", "(field0", "[", "(", "", "field", "++", "[0", "(3", "[z"];
    private static readonly string[] Degrees = ["0", "180", "-180", "85.05112878", "-85.05112878", "85.06", "181", "abc", "", "inf", "1e300", "90"];
    private static readonly string[] Units = ["m", "km", "km", "ft", "mi", "KM", "yd", ""];
    private static readonly string[] Patterns =
        ["*", "k*", "k?", "{t}*", "[a-k]*", "[^a]*", "k[1-3]", "\\k1", "*1*", "[", "k\\", "", "???", "**k**"];
    private static readonly string[] Junk = ["", "foo", "-1", "NX", "0", "GET", "EX", "j\0\r\n", "999999999999999999999", "*", "COUNT"];

    private static readonly string[] StreamEnds =
        ["-", "+", "0", "0-0", "(0", "(", "5-", "-5", "5-5-5", "5-*", "18446744073709551615-18446744073709551615", "(18446744073709551615-18446744073709551615",
            "18446744073709551615", "18446744073709551616", "1-18446744073709551616", " 5", "+5-+0", "5--1", "05-00", "(-", "abc", "", "9223372036854775808-1"];

    /// <summary>Where ids of streams are now.</summary>
    private int _streamTime;

    public byte[][] Next()
    {
        var words = new List<string>();
        string template = templates[random.Next(templates.Length)];
        Expand(template, words);
        if (random.Next(8) == 0) Spoil(words);
        for (int i = 0; i < words.Count; i++)
            if (random.Next(20) == 0 && i == 0) words[i] = words[i].ToLowerInvariant();
        return [.. words.Select(Encoding.Latin1.GetBytes)];
    }

    private void Spoil(List<string> words)
    {
        for (int times = random.Next(1, 3); times > 0; times--)
        {
            int at = words.Count > 1 ? random.Next(1, words.Count) : 1;
            switch (random.Next(4))
            {
                case 0 when words.Count > 1: words.RemoveAt(at); break;
                case 1: words.Insert(Math.Min(at, words.Count), Junk[random.Next(Junk.Length)]); break;
                case 2 when words.Count > 1: words.Insert(at, words[at]); break;
                default:
                    if (words.Count > 1) words[at] = Junk[random.Next(Junk.Length)];
                    break;
            }
        }
    }

    private void Expand(string template, List<string> words)
    {
        foreach (string part in SplitTop(template, ' '))
        {
            if (part.StartsWith('['))
            {
                if (random.Next(3) == 0) Expand(part[1..^1], words);
                continue;
            }
            string[] choices = SplitTop(part, '|');
            string choice = choices[random.Next(choices.Length)];
            if (choice.StartsWith('('))
            {
                Expand(choice[1..^1], words);
                continue;
            }
            int repeat = choice.EndsWith('*') && choice.Length > 1 ? random.Next(1, 6) : 1;
            if (repeat > 1 || choice.EndsWith('*') && choice.Length > 1) choice = choice[..^1];
            for (; repeat > 0; repeat--)
                foreach (string word in choice.Split('_')) words.Add(Word(word));
        }
    }

    private string Word(string word) => more?.Invoke(word) ?? word switch
    {
        "k" => Key(),
        "v" => Value(),
        "h" => random.Next(10) == 0 ? Value() : random.Next(4) == 0 ? $"{random.Next(4)}" : $"field{random.Next(5)}",
        "e" => random.Next(5) == 0 ? Integers[random.Next(Integers.Length)] : $"field{random.Next(6)}",
        "s" => random.Next(3) == 0 ? Floats[random.Next(Floats.Length)] : $"{random.Next(-3, 8)}",
        "r" => ScoreBounds[random.Next(ScoreBounds.Length)],
        "l" => MemberBounds[random.Next(MemberBounds.Length)],
        "x" => random.Next(10) == 0 ? Degrees[random.Next(Degrees.Length)] : Degree(-180, 180),
        "y" => random.Next(10) == 0 ? Degrees[random.Next(Degrees.Length)] : Degree(-85, 85),
        "u" => Units[random.Next(Units.Length)],
        "m" => random.Next(8) == 0 ? Floats[random.Next(Floats.Length)] : $"{random.Next(1, 20_000)}",
        "M" => Member(),
        "i" => Integers[random.Next(Integers.Length)],
        "n" => random.Next(4) == 0 ? Durations[random.Next(Durations.Length)] : random.Next(1_000_000, 9_000_000).ToString(CultureInfo.InvariantCulture),
        "f" => Floats[random.Next(Floats.Length)],
        "t" => random.Next(3) == 0 ? Integers[random.Next(Integers.Length)] : Seconds(),
        "T" => random.Next(3) == 0 ? Integers[random.Next(Integers.Length)] : Seconds() + "000",
        "d" => random.Next(6) == 0 ? Integers[random.Next(Integers.Length)] : random.Next(4).ToString(CultureInfo.InvariantCulture),
        "b" => random.Next(random.Next(4) == 0 ? 3000 : 90).ToString(CultureInfo.InvariantCulture),
        "w" => random.Next(12) == 0 ? Junk[random.Next(Junk.Length)] : $"{(random.Next(2) == 0 ? 'i' : 'u')}{(random.Next(3) == 0 ? 8 : random.Next(66))}",
        "o" => random.Next(12) == 0 ? Integers[random.Next(Integers.Length)] : $"{(random.Next(3) == 0 ? "#" : "")}{random.Next(60)}",
        "E" => $"element:{random.Next(4000)}",
        "p" => Patterns[random.Next(Patterns.Length)],
        "I" => NewStreamId(),
        "q" => StreamEnd(),
        "G" => random.Next(12) == 0 ? Value() : $"group{random.Next(2)}",
        "C" => random.Next(12) == 0 ? Value() : $"consumer{random.Next(3)}",
        "A" => "~",
        // An underscore that stays one.
        _ => word.Replace('~', '_'),
    };

    /// <summary>Near a few places, so that searches find something.</summary>
    private string Degree(int from, int to)
    {
        double center = from + (to - from) * (random.Next(4) + 1) / 5.0;
        return (center + random.NextDouble() * random.Next(1, 4)).ToString("R", CultureInfo.InvariantCulture);
    }

    private string Member() => random.Next(6) switch
    {
        0 => $"member{random.Next(200)}",
        1 => random.Next(-70_000, 70_000).ToString(CultureInfo.InvariantCulture),
        2 => new string('z', random.Next(62, 67)),
        _ => random.Next(-5, 15).ToString(CultureInfo.InvariantCulture),
    };

    private string NewStreamId()
    {
        _streamTime += random.Next(1, 3);
        return random.Next(8) switch
        {
            0 => $"{_streamTime / 4}-*",
            1 => $"{_streamTime / 4 + 1}",
            _ => $"{_streamTime / 4}-{_streamTime % 4}",
        };
    }

    private string StreamEnd()
    {
        int time = Math.Max(0, _streamTime - random.Next(60));
        return random.Next(16) switch
        {
            0 => StreamEnds[random.Next(StreamEnds.Length)],
            1 => $"({time / 4}-{time % 4}",
            2 => $"{time / 4}",
            _ => $"{time / 4}-{time % 4}",
        };
    }

    private string Seconds() => (4_000_000_000L + random.Next(3)).ToString(CultureInfo.InvariantCulture);

    private string Key() => random.Next(12) switch
    {
        0 => "",
        1 => "a key with spaces and \0\r\n\xff",
        2 => $"{{t}}{random.Next(3)}",
        _ => $"k{random.Next(9)}",
    };

    private string Value() => random.Next(12) switch
    {
        0 => "",
        1 => new string('x', random.Next(40, 50)),
        2 => new string('y', random.Next(16300, 16500)),
        3 => "b\0\r\n\xff\x80binary",
        4 or 5 or 6 => Integers[random.Next(Integers.Length)],
        7 => Floats[random.Next(Floats.Length)],
        8 => random.Next().ToString(CultureInfo.InvariantCulture),
        _ => "hello world"[..random.Next(12)],
    };

    /// <summary>Splits at a sign that is in no bracket.</summary>
    private static string[] SplitTop(string text, char at)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '[' or '(') depth++;
            else if (text[i] is ']' or ')') depth--;
            else if (text[i] == at && depth == 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }
        parts.Add(text[start..]);
        return [.. parts];
    }
}
