using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The options of XADD and XTRIM.</summary>
internal struct StreamTrimOptions
{
    internal StreamTrim Trim;

    /// <summary>XADD: makes no stream where there is none.</summary>
    internal bool OnlyThere;

    /// <summary>XADD: where the id stands, and which it is; the star gives none, and one in place of its number leaves that open.</summary>
    internal int IdAt;
    internal StreamId Id;
    internal bool HasId;
    internal bool IsOpen;

    /// <summary>Reads all options, of XADD up to the id. False, with the error written, where one is wrong.</summary>
    internal static bool TryRead(Arguments args, bool adds, StreamLimits limits, ref ReplyWriter reply, out StreamTrimOptions options)
    {
        options = default;
        bool hasLimit = false;
        int i = 2;
        for (; i < args.Count; i++)
        {
            ReadOnlySpan<byte> option = args[i];
            bool hasMore = i + 1 < args.Count;
            if (adds && StreamIds.IsSign(option, '*')) break;
            if (hasMore && Ascii.EqualsIgnoreCase(option, "MAXLEN"u8))
            {
                if (!options.TryReadBound(args, ref i, byCount: true, ref reply)) return false;
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "MINID"u8))
            {
                if (!options.TryReadBound(args, ref i, byCount: false, ref reply)) return false;
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(option, "LIMIT"u8))
            {
                if (!StreamValue.TryReadLong(args[++i], ref reply, out options.Trim.Limit)) return false;
                hasLimit = true;
                if (options.Trim.Limit >= 0) continue;
                reply.Error(Errors.TrimLimit);
                return false;
            }
            else if (adds && Ascii.EqualsIgnoreCase(option, "NOMKSTREAM"u8))
            {
                options.OnlyThere = true;
            }
            else if (adds)
            {
                options.HasId = StreamIds.TryParse(option, 0, out options.Id, out options.IsOpen);
                if (options.HasId) break;
                reply.Error(Errors.StreamId);
                return false;
            }
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        options.IdAt = i;
        return options.TryComplete(adds, hasLimit, limits, ref reply);
    }

    /// <summary>MAXLEN or MINID at a place, with what follows it; the place is the last one of it then.</summary>
    private bool TryReadBound(Arguments args, ref int i, bool byCount, ref ReplyWriter reply)
    {
        if (Trim.Kind != StreamTrimKind.None)
        {
            reply.Error(Errors.TrimBothWays);
            return false;
        }
        bool hasSign = i + 2 < args.Count && (StreamIds.IsSign(args[i + 1], '~') || StreamIds.IsSign(args[i + 1], '='));
        Trim.IsApproximate = hasSign && args[i + 1][0] == '~';
        i += hasSign ? 2 : 1;
        Trim.Kind = byCount ? StreamTrimKind.ByCount : StreamTrimKind.ById;
        if (!byCount) return StreamIds.TryRead(args[i], ref reply, out Trim.MinId);
        if (!StreamValue.TryReadLong(args[i], ref reply, out Trim.CountMax)) return false;
        if (Trim.CountMax >= 0) return true;
        reply.Error(Errors.TrimMaxLength);
        return false;
    }

    private bool TryComplete(bool adds, bool hasLimit, StreamLimits limits, ref ReplyWriter reply)
    {
        if (Trim.Limit != 0 && Trim.Kind == StreamTrimKind.None) reply.Error(Errors.TrimLimitAlone);
        else if (!adds && Trim.Kind == StreamTrimKind.None) reply.Error(Errors.TrimNoStrategy);
        else if (hasLimit && !Trim.IsApproximate) reply.Error(Errors.TrimLimitExact);
        else
        {
            if (!hasLimit && Trim.IsApproximate) Trim.Limit = limits.TrimmedMax;
            return true;
        }
        return false;
    }
}
