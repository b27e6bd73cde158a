using System.Globalization;
using System.Text;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Makes requests that are nearly right: commands from a vocabulary with arguments from the edges, changed as
/// commands and as arguments, then written down well or badly, then perhaps changed as bytes. How often each
/// happens is drawn anew for each iteration, so that some runs are all of one kind.
/// </summary>
public static class RespMutator
{
    private static readonly string[] Words =
    [
        "GET", "SET", "MSET", "APPEND", "INCRBYFLOAT", "SETRANGE", "GETRANGE", "EXPIRE", "DEL", "SCAN",
        "PING", "ECHO", "SELECT", "AUTH", "HELLO", "CLIENT", "CONFIG", "COMMAND", "EX", "PX", "NX", "XX", "KEEPTTL",
        "MATCH", "COUNT", "key", "{tag}a", "{tag}b", "value", "*", "a*b?[c-d]", "nosuchcommand",
    ];

    private static readonly string[] Edges =
    [
        "", "0", "-1", "1", "-0", "+1", "01", " 1", "1 ", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "4294967296", "2147483648",
        "3.14", "1e400", "inf", "-inf", "nan", "0x10", "1e-400", "\r\n", "\0", "\xff", "$3\r\nfoo\r\n",
        "*1\r\n", "'", "\"",
    ];

    // What a count or a length may be replaced by.
    private static readonly string[] BadNumbers =
    [
        "", "-1", "-2", "0", "01", "+1", "1 ", "x", "1x", "2147483647", "2147483648", "536870913", "9999999",
        "9223372036854775807", "9223372036854775808", "99999999999999999999999", "\0",
    ];

    private static readonly string[] Tokens =
    [
        "\r\n", "\n", "\r", "*", "$", "\0", "*3\r\n", "$-1\r\n", "$5\r\n", "\"", "'", "\\", " ", "+OK\r\n",
        ":1\r\n",
    ];

    private static readonly string[] Escapes = ["\\", "\\\\", "\\'", "\\\"", "\\n", "\\x4", "\\x41", "\\xg1", "x"];

    /// <summary>A few commands, argument lists as bytes, some of them changed from the one before.</summary>
    public static List<byte[][]> Commands(Random random)
    {
        var weights = new Weights(random);
        var commands = new List<byte[][]>();
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            commands.Add(commands.Count > 0 && weights.Happens(0)
                ? Changed(random, commands[random.Next(commands.Count)], weights)
                : Fresh(random, weights));
        }
        return commands;
    }

    /// <summary>
    /// The bytes of a connection: commands, written as arrays or lines, well-formed or nearly.
    /// </summary>
    public static byte[] Stream(Random random)
    {
        var weights = new Weights(random);
        var bytes = new List<byte>();
        foreach (var command in Commands(random))
        {
            if (weights.Happens(1)) WriteLine(random, command, bytes);
            else WriteArray(random, command, bytes, weights);
            if (weights.Rarely(2)) bytes.AddRange(Encoding.Latin1.GetBytes(Pick(random, Tokens)));
        }
        if (weights.Happens(3)) ChangeBytes(random, bytes);
        return [.. bytes];
    }

    private static byte[][] Fresh(Random random, Weights weights)
    {
        var command = new byte[random.Next(1, 6)][];
        for (var i = 0; i < command.Length; i++) command[i] = Argument(random, weights, isName: i == 0);
        return command;
    }

    private static byte[] Argument(Random random, Weights weights, bool isName)
    {
        if (isName || weights.Happens(4)) return Encoding.Latin1.GetBytes(Pick(random, Words));
        if (weights.Happens(5)) return Encoding.Latin1.GetBytes(Pick(random, Edges));
        // Mostly short; now and then around the size from which arguments are received in place.
        var usual = random.Next(weights.Happens(7) ? 2000 : 20);
        var length = weights.Rarely(6) ? random.Next(65_000, 67_000) : usual;
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[][] Changed(Random random, byte[][] command, Weights weights)
    {
        var changed = command.ToList();
        var at = random.Next(changed.Count);
        switch (random.Next(6))
        {
            case 0: changed.Insert(at, Argument(random, weights, false)); break;
            case 1 when changed.Count > 1: changed.RemoveAt(at); break;
            case 2: changed.Add(changed[at]); break;
            case 3: (changed[0], changed[at]) = (changed[at], changed[0]); break;
            case 4: changed[at] = Argument(random, weights, isName: false); break;
            default: changed[at] = [.. changed[at], .. changed[random.Next(changed.Count)]]; break;
        }
        return [.. changed];
    }

    private static void WriteArray(Random random, byte[][] command, List<byte> bytes, Weights weights)
    {
        WriteNumber(random, '*', command.Length, bytes, weights);
        foreach (var argument in command)
        {
            var type = weights.Rarely(8) ? Pick(random, ":+-*x") : '$';
            WriteNumber(random, type, argument.Length, bytes, weights);
            bytes.AddRange(argument);
            bytes.AddRange(weights.Rarely(9) ? Encoding.Latin1.GetBytes(Pick(random, Tokens)) : "\r\n"u8);
        }
    }

    private static void WriteNumber(Random random, char type, int number, List<byte> bytes, Weights weights)
    {
        var correct = number.ToString(CultureInfo.InvariantCulture);
        var text = weights.Rarely(10) ? Pick(random, BadNumbers) : correct;
        var end = weights.Rarely(11) ? Pick(random, Tokens) : "\r\n";
        bytes.AddRange(Encoding.Latin1.GetBytes(type + text + end));
    }

    private static void WriteLine(Random random, byte[][] command, List<byte> bytes)
    {
        foreach (var argument in command)
        {
            var quote = random.Next(4) switch { 0 => "\"", 1 => "'", _ => "" };
            bytes.AddRange(Encoding.Latin1.GetBytes(quote));
            foreach (var value in argument.AsSpan(0, Math.Min(argument.Length, 100)))
            {
                if (quote == "\"" && (value < ' ' || value is (byte)'"' or (byte)'\\'))
                    bytes.AddRange(Encoding.ASCII.GetBytes($"\\x{value:x2}"));
                else
                    bytes.Add(value);
            }
            // Something that escapes, or does not, right before the quote that closes.
            if (random.Next(6) == 0) bytes.AddRange(Encoding.Latin1.GetBytes(Pick(random, Escapes)));
            bytes.AddRange(Encoding.Latin1.GetBytes(quote));
            bytes.AddRange(Encoding.ASCII.GetBytes(new string(' ', random.Next(3))));
        }
        bytes.AddRange(random.Next(3) == 0 ? "\n"u8 : "\r\n"u8);
    }

    private static void ChangeBytes(Random random, List<byte> bytes)
    {
        for (var count = random.Next(1, 6); count > 0 && bytes.Count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(bytes.Count - at, random.Next(1, 20));
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 4: bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pick(random, Tokens))); break;
                default: bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pick(random, BadNumbers))); break;
            }
        }
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static char Pick(Random random, string from) => from[random.Next(from.Length)];

    // How likely each kind of thing is in this iteration: never, sometimes, often.
    private sealed class Weights
    {
        private const int Kinds = 12;
        private readonly Random _random;
        private readonly double[] _chances = new double[Kinds];

        public Weights(Random random)
        {
            _random = random;
            for (var i = 0; i < Kinds; i++) _chances[i] = random.Next(4) * 0.3;
        }

        public bool Happens(int kind) => _random.NextDouble() < _chances[kind];

        public bool Rarely(int kind) => _random.NextDouble() < _chances[kind] * 0.1;
    }
}
