using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The range that a call of ZRANGE or one of its kin names. Plain data; the ends themselves stay in the arguments.</summary>
internal struct SortedSetRange
{
    private RangeKind _kind;
    private int _min, _max;
    private long _first, _last;
    private long _offset;
    private long _limit;

    internal bool Backwards { get; private set; }
    internal bool WithScores { get; private set; }

    /// <summary>
    /// Reads what stands behind the key at an index. What the command's name does not say, options do. False where something is
    /// wrong, which is answered.
    /// </summary>
    internal static bool TryRead(
        Arguments args, int source, RangeKind? kind, bool? backwards, bool stores, ref ReplyWriter reply, out SortedSetRange range)
    {
        range = new SortedSetRange { _limit = -1, _kind = kind ?? RangeKind.Rank, Backwards = backwards ?? false };
        bool isOpen = kind is null, mayTurn = backwards is null;
        for (int i = source + 3; i < args.Count; i++)
        {
            ReadOnlySpan<byte> option = args[i];
            if (!stores && Ascii.EqualsIgnoreCase(option, "WITHSCORES"u8)) range.WithScores = true;
            else if (Ascii.EqualsIgnoreCase(option, "LIMIT"u8) && args.Count - i - 1 >= 2)
            {
                if (!RangeArguments.TryReadRanks(args, i + 1, ref reply, out range._offset, out range._limit)) return false;
                i += 2;
            }
            else if (mayTurn && Ascii.EqualsIgnoreCase(option, "REV"u8)) (range.Backwards, mayTurn) = (true, false);
            else if (isOpen && Ascii.EqualsIgnoreCase(option, "BYLEX"u8)) (range._kind, isOpen) = (RangeKind.Lex, false);
            else if (isOpen && Ascii.EqualsIgnoreCase(option, "BYSCORE"u8)) (range._kind, isOpen) = (RangeKind.Score, false);
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        return range.TryReadEnds(args, source, ref reply);
    }

    private bool TryReadEnds(Arguments args, int source, ref ReplyWriter reply)
    {
        if (_limit != -1 && _kind == RangeKind.Rank) reply.Error(Errors.RangeLimit);
        else if (WithScores && _kind == RangeKind.Lex) reply.Error(Errors.RangeScoresByLex);
        else
        {
            bool isTurned = Backwards && _kind != RangeKind.Rank;
            (_min, _max) = isTurned ? (source + 2, source + 1) : (source + 1, source + 2);
            return TryReadEnds(args, ref reply);
        }
        return false;
    }

    /// <summary>A range of a command that has no options.</summary>
    internal static bool TryReadPlain(Arguments args, RangeKind kind, ref ReplyWriter reply, out SortedSetRange range)
    {
        range = new SortedSetRange { _kind = kind, _min = 2, _max = 3, _limit = -1 };
        return range.TryReadEnds(args, ref reply);
    }

    private bool TryReadEnds(Arguments args, ref ReplyWriter reply) => _kind switch
    {
        RangeKind.Score => RangeArguments.TryReadScores(args, _min, _max, ref reply, out _),
        RangeKind.Lex => RangeArguments.TryReadMembers(args, _min, _max, ref reply, out _),
        _ => RangeArguments.TryReadRanks(args, _min, ref reply, out _first, out _last),
    };

    /// <summary>The members of a set that it names, by their ranks in ascending order.</summary>
    internal readonly RankRange Find(SortedSetView set, Arguments args, ref ReplyWriter reply)
    {
        if (_kind == RangeKind.Rank)
        {
            RankRange ranks = RangeArguments.Clamp(_first, _last, set.Count);
            return Backwards ? new RankRange(set.Count - ranks.End, set.Count - ranks.First) : ranks;
        }
        if (_kind == RangeKind.Score)
        {
            _ = RangeArguments.TryReadScores(args, _min, _max, ref reply, out ScoreRange scores);
            return Limit(set, set.RangeOf(scores));
        }
        _ = RangeArguments.TryReadMembers(args, _min, _max, ref reply, out LexRange members);
        return Limit(set, set.RangeOf(in members, Backwards));
    }

    private readonly RankRange Limit(SortedSetView set, RankRange range)
    {
        if (range.Count == 0) return default;
        long first = range.First, end = range.End;
        if (_offset < 0)
        {
            // Valkey counts from the other end, where its list is not packed; what is packed it takes for exhausted.
            if (!set.HasTree || _offset < -range.Count) return default;
            if (Backwards) end = first - _offset;
            else first = end + _offset;
        }
        else if (_offset >= range.Count) return default;
        else if (Backwards) end -= _offset;
        else first += _offset;
        if (_limit < 0 || _limit >= end - first) return new RankRange(first, end);
        return Backwards ? new RankRange(end - _limit, end) : new RankRange(first, first + _limit);
    }
}
