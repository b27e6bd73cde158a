using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What SCAN and its kin take behind the cursor: MATCH, COUNT, TYPE, NOVALUES. Plain data, so that it outlives a wait.</summary>
internal struct ScanOptions
{
    private const long CountDefault = 10;

    /// <summary>How many entries to look at.</summary>
    internal long Count;

    /// <summary>Index of the argument with the pattern; 0 when every key matches.</summary>
    internal int Pattern;

    internal bool HasType;
    internal ValueType Type;

    /// <summary>Only the fields of a hash, or the members of a sorted set.</summary>
    internal bool OnlyKeys;

    /// <summary>
    /// False, with the error written, when the arguments are wrong. Options begin at an index; of a scan over members, the type
    /// of their value is given.
    /// </summary>
    internal static bool TryRead(Arguments args, int first, ref ReplyWriter reply, out ScanOptions options, ValueType? members = null)
    {
        options = new ScanOptions { Count = CountDefault };
        for (int i = first; i < args.Count; i++)
        {
            bool hasValue = i + 1 < args.Count;
            if (hasValue && Ascii.EqualsIgnoreCase(args[i], "COUNT"u8))
            {
                if (!TryReadCount(args[++i], ref reply, out options.Count)) return false;
            }
            else if (hasValue && Ascii.EqualsIgnoreCase(args[i], "MATCH"u8))
            {
                i++;
                options.Pattern = args[i].SequenceEqual("*"u8) ? 0 : i;
            }
            else if (hasValue && members is null && Ascii.EqualsIgnoreCase(args[i], "TYPE"u8))
            {
                options.HasType = true;
                if (!TryReadType(args[++i], ref reply, out options.Type)) return false;
            }
            else if (LeavesValues(args[i], members))
            {
                options.OnlyKeys = true;
            }
            else
            {
                Refuse(args[i], ref reply);
                return false;
            }
        }
        return true;
    }

    private static bool LeavesValues(ReadOnlySpan<byte> option, ValueType? members) => members switch
    {
        ValueType.Hash => Ascii.EqualsIgnoreCase(option, "NOVALUES"u8),
        ValueType.SortedSet => Ascii.EqualsIgnoreCase(option, "NOSCORES"u8),
        _ => false,
    };

    private static bool TryReadCount(ReadOnlySpan<byte> text, ref ReplyWriter reply, out long count)
    {
        if (!Numbers.TryParseLong(text, out count)) reply.Error(Errors.NotInteger);
        else if (count < 1) reply.Error(Errors.Syntax);
        else return true;
        return false;
    }

    private static bool TryReadType(ReadOnlySpan<byte> name, ref ReplyWriter reply, out ValueType type)
    {
        ReadOnlySpan<byte> printed = ClientText.Printed(name);
        if (TypeNames.TryParse(printed, out type)) return true;
        reply.Error(Errors.UnknownTypeName, printed);
        return false;
    }

    private static void Refuse(ReadOnlySpan<byte> option, ref ReplyWriter reply)
    {
        if (Ascii.EqualsIgnoreCase(option, "NOVALUES"u8)) reply.Error(Errors.NoValuesOnlyHscan);
        else if (Ascii.EqualsIgnoreCase(option, "NOSCORES"u8)) reply.Error(Errors.NoScoresOnlyZscan);
        else reply.Error(Errors.Syntax);
    }
}
