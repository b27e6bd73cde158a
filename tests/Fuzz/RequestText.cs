using System.Globalization;
using System.Text;

namespace Anax.Tests.Fuzz;

/// <summary>Random commands as clients write them, and the ways in which bytes of them go wrong.</summary>
internal static class RequestText
{
    /// <summary>Arguments that once broke a server somewhere, beside random ones.</summary>
    public static readonly byte[][] Nasty =
    [
        .. new[]
        {
            "", "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400",
            "nan", "-inf", "+1", " 1", "1 ", "0x10", "3.0", "-0", "*", "?", "[a-z]", "[^", "\\", "\r\n",
            "$-1", "*1\r\n", "\0", "'", "\"", "\"\\xff\"", "EX", "PX", "NX", "XX", "GT", "LT", "GET", "KEEPTTL",
            "PERSIST", "MATCH", "COUNT", "TYPE", "LIMIT", "WITHSCORES", "REPLACE", "DB", "IFEQ", "LEN", "IDX",
            "MINMATCHLEN", "FIELDS", "MEMBERS", "WITHMATCHLEN", "EXAT", "PXAT", "SYNC", "ASYNC", "HELP", "ON", "OFF", "a", "b",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public static byte[] Argument(Random random)
    {
        if (random.Next(3) != 0)
            return Nasty[random.Next(Nasty.Length)];
        // Mostly short; now and then beyond what is received in place.
        int length = random.Next(50) == 0 ? random.Next(200_000) : random.Next(40);
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    public static byte[][] Arguments(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => Argument(random))];

    public static byte[] Encode(byte[][] command)
    {
        using var bytes = new MemoryStream();
        Write(bytes, $"*{command.Length}\r\n");
        foreach (byte[] argument in command)
        {
            Write(bytes, $"${argument.Length}\r\n");
            bytes.Write(argument);
            Write(bytes, "\r\n");
        }
        return bytes.ToArray();
    }

    /// <summary>The same as a line, with every byte that needs it escaped.</summary>
    public static byte[] EncodeInline(byte[][] command)
    {
        var line = new StringBuilder();
        foreach (byte[] argument in command)
        {
            line.Append('"');
            foreach (byte b in argument)
            {
                if (b is >= 32 and < 127 and not (byte)'"' and not (byte)'\\')
                    line.Append((char)b);
                else
                    line.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            }
            line.Append("\" ");
        }
        return Encoding.Latin1.GetBytes(line.Append("\r\n").ToString());
    }

    /// <summary>Changes, adds or takes away a few bytes.</summary>
    public static byte[] Spoil(byte[] bytes, Random random)
    {
        var spoilt = new List<byte>(bytes);
        for (int i = random.Next(1, 4); i > 0 && spoilt.Count > 0; i--)
        {
            int at = random.Next(spoilt.Count);
            switch (random.Next(3))
            {
                case 0: spoilt[at] = (byte)random.Next(256); break;
                case 1: spoilt.Insert(at, "*$\r\n-0129\0"u8[random.Next(10)]); break;
                default: spoilt.RemoveRange(at, Math.Min(random.Next(1, 5), spoilt.Count - at)); break;
            }
        }
        return [.. spoilt];
    }

    private static void Write(MemoryStream target, string text) =>
        target.Write(Encoding.Latin1.GetBytes(text));
}
