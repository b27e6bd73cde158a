using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>
/// LOLWUT: a landscape of segments that double, each at its own phase, as the table beneath the server grows. Every
/// call draws another one.
/// </summary>
public static class LolwutCommand
{
    private const long VersionToday = 9;
    private const int ColumnsDefault = 66, RowsDefault = 9, ColumnsMax = 1000, RowsMax = 100;

    public static readonly CommandSpec[] Table =
    [
        new("LOLWUT", -1, ReadOnly | Fast, AclCategory.None, Lolwut,
            "Displays computer art and the server version."),
    ];

    /// <summary>LOLWUT [VERSION number] [columns rows] [real imaginary]: what Valkey's pictures take, each version its own.</summary>
    private static void Lolwut(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        int next = 1;
        long version = VersionToday;
        if (args.Count >= 3 && Ascii.EqualsIgnoreCase(args[1], "VERSION"u8))
        {
            if (!Numbers.TryParseLong(args[2], out version))
            {
                reply.Error(Errors.NotInteger);
                return;
            }
            next = 3;
        }
        Arguments numbers = args.From(next);
        if (version == VersionToday && numbers.Count is not (0 or 2 or 4))
        {
            reply.Error(Errors.LolwutArguments);
            return;
        }
        long columns = ColumnsDefault, rows = RowsDefault;
        int known = version switch { VersionToday or 6 => 2, 5 => 3, _ => 0 };
        bool areIntegers = known < 1 || numbers.Count < 1 || Numbers.TryParseLong(numbers[0], out columns);
        areIntegers = areIntegers && (known < 2 || numbers.Count < 2 || Numbers.TryParseLong(numbers[1], out rows));
        areIntegers = areIntegers && (known < 3 || numbers.Count < 3 || Numbers.TryParseLong(numbers[2], out _));
        if (!areIntegers)
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        bool areFloats = version != VersionToday || numbers.Count < 4
            || (Numbers.TryParseDouble(numbers[2], out _) && Numbers.TryParseDouble(numbers[3], out _));
        if (!areFloats)
        {
            reply.Error(Errors.NotFloat);
            return;
        }
        var text = new TextBuilder(stackalloc byte[2048]);
        Draw(ref text, connection.Loop, (int)Math.Clamp(columns, 1, ColumnsMax), (int)Math.Clamp(rows, 1, RowsMax));
        text.Add("\nSegments grow one after the other, so nobody waits. Anax ver. "u8);
        text.Add(ProductVersion.Text);
        text.Add((byte)'\n');
        reply.Verbatim("txt"u8, text.Written);
        text.Dispose();
    }

    private static void Draw(ref TextBuilder text, EngineLoop loop, int columns, int rows)
    {
        ReadOnlySpan<byte> levels = " .:-=+*#%@"u8;
        ulong seed = loop.Events.NextRandom();
        for (int row = rows - 1; row >= 0; row--)
        {
            for (int column = 0; column < columns; column++)
            {
                // A segment is a run of columns; its fill, from half to full, is its phase of the doubling.
                ulong segment = (ulong)(column / 4) * 0x9E37_79B9_7F4A_7C15 + seed;
                segment ^= segment >> 29;
                segment *= 0xBF58_476D_1CE4_E5B9;
                double fill = 0.5 + (segment >> 40) / (double)(1 << 25);
                double above = fill * rows - row;
                int level = above <= 0 ? 0 : above >= 1 ? levels.Length - 1 : (int)(above * levels.Length);
                text.Add(levels[level]);
            }
            text.Add((byte)'\n');
        }
    }
}
