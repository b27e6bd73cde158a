using System.Globalization;
using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Places, units and distances in arguments and replies. Where an argument is wrong, that is answered.</summary>
internal static class GeoArguments
{
    internal static bool TryReadPlace(Arguments args, int at, ref ReplyWriter reply, out GeoPlace place)
    {
        place = default;
        if (!Numbers.TryParseDouble(args[at], out double longitude) || !Numbers.TryParseDouble(args[at + 1], out double latitude))
        {
            reply.Error(Errors.NotFloat);
            return false;
        }
        place = new GeoPlace(longitude, latitude);
        if (Math.Abs(longitude) <= GeoHash.LongitudeMax && Math.Abs(latitude) <= GeoHash.LatitudeMax) return true;
        Span<byte> first = stackalloc byte[Numbers.PlainDoubleTextMax], second = stackalloc byte[Numbers.PlainDoubleTextMax];
        reply.Error(Errors.InvalidPlace, first[..FormatSix(longitude, first)], second[..FormatSix(latitude, second)]);
        return false;
    }

    /// <summary>The meters of a unit.</summary>
    internal static bool TryReadUnit(ReadOnlySpan<byte> text, ref ReplyWriter reply, out double meters)
    {
        meters = Ascii.EqualsIgnoreCase(text, "M"u8) ? 1
            : Ascii.EqualsIgnoreCase(text, "KM"u8) ? 1000
            : Ascii.EqualsIgnoreCase(text, "FT"u8) ? 0.3048
            : Ascii.EqualsIgnoreCase(text, "MI"u8) ? 1609.34 : 0;
        if (meters == 0) reply.Error(Errors.UnknownUnit);
        return meters != 0;
    }

    /// <summary>A distance, as bulk string with four digits behind the point.</summary>
    internal static void WriteDistance(double distance, ref ReplyWriter reply)
    {
        const int Digits = 4, Scale = 10_000;
        Span<byte> text = stackalloc byte[Numbers.LongTextMax + Digits + 1];
        long scaled = (long)Math.Round(distance * Scale, MidpointRounding.ToEven);
        int length = Numbers.FormatLong(scaled / Scale, text);
        text[length++] = (byte)'.';
        long rest = Math.Abs(scaled % Scale);
        for (int i = Digits - 1; i >= 0; i--, rest /= 10) text[length + i] = (byte)('0' + rest % 10);
        reply.Bulk(text[..(length + Digits)]);
    }

    internal static void WritePlace(GeoPlace place, ref ReplyWriter reply)
    {
        reply.Array(2);
        WriteDegrees(place.Longitude, ref reply);
        WriteDegrees(place.Latitude, ref reply);
    }

    private static void WriteDegrees(double degrees, ref ReplyWriter reply)
    {
        Span<byte> text = stackalloc byte[Numbers.PlainDoubleTextMax];
        reply.DoubleText(text[..Numbers.FormatPlainDouble(degrees, text)]);
    }

    /// <summary>As C's %f.</summary>
    private static int FormatSix(double value, Span<byte> target)
    {
        if (!double.IsFinite(value)) return Numbers.FormatDouble(value, target);
        value.TryFormat(target, out int written, "F6", CultureInfo.InvariantCulture);
        return written;
    }
}
