using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>What is computed of several sorted sets.</summary>
internal enum SortedSetOperator : byte { Union, Intersection, Difference }

/// <summary>The arguments of an operation on sorted sets. Plain data; the weights stay where they are.</summary>
internal struct SortedSetPlan
{
    private int _weights;

    /// <summary>The argument of the first source.</summary>
    internal int First { get; private set; }

    /// <summary>Behind that of the last.</summary>
    internal int End { get; private set; }

    /// <summary>How the scores of a member are joined.</summary>
    internal ScoreRule Aggregate { get; private set; }
    internal bool WithScores { get; private set; }

    /// <summary>Where counting ends; 0: nowhere.</summary>
    internal long Limit { get; private set; }

    /// <summary>Reads which arguments are sources; false where that is wrong, which is answered.</summary>
    internal static bool TryReadSources(Arguments args, SetResult result, ReadOnlySpan<byte> command, ref ReplyWriter reply, out SortedSetPlan plan)
    {
        int countAt = result == SetResult.Store ? 2 : 1;
        plan = new SortedSetPlan { First = countAt + 1, Aggregate = ScoreRule.Sum };
        if (!Numbers.TryParseLong(args[countAt], out long count)) reply.Error(Errors.NotInteger);
        else if (count < 1) reply.Error(Errors.NoInputKeys, command);
        else if (count > args.Count - plan.First) reply.Error(Errors.Syntax);
        else
        {
            plan.End = plan.First + (int)count;
            return true;
        }
        return false;
    }

    /// <summary>Reads what stands behind the sources; false where that is wrong, which is answered.</summary>
    internal bool TryReadOptions(Arguments args, SortedSetOperator op, SetResult result, ref ReplyWriter reply)
    {
        bool hasScores = op != SortedSetOperator.Difference && result != SetResult.Count;
        int keys = End - First;
        for (int i = End; i < args.Count; i++)
        {
            int left = args.Count - i;
            ReadOnlySpan<byte> option = args[i];
            if (hasScores && left > keys && Ascii.EqualsIgnoreCase(option, "WEIGHTS"u8))
            {
                _weights = i + 1;
                if (!CheckWeights(args, keys, ref reply)) return false;
                i += keys;
            }
            else if (hasScores && left >= 2 && Ascii.EqualsIgnoreCase(option, "AGGREGATE"u8))
            {
                Aggregate = AggregateOf(args[++i]);
                if (Aggregate == ScoreRule.None) return Refuse(ref reply, Errors.Syntax);
            }
            else if (result == SetResult.Reply && Ascii.EqualsIgnoreCase(option, "WITHSCORES"u8)) WithScores = true;
            else if (result == SetResult.Count && left >= 2 && Ascii.EqualsIgnoreCase(option, "LIMIT"u8))
            {
                if (!Numbers.TryParseLong(args[++i], out long limit) || limit < 0) return Refuse(ref reply, Errors.LimitNegative);
                Limit = limit;
            }
            else return Refuse(ref reply, Errors.Syntax);
        }
        return true;
    }

    /// <summary>What the scores of a source are multiplied by.</summary>
    internal readonly double WeightOf(Arguments args, int source)
    {
        if (_weights == 0) return 1;
        _ = Numbers.TryParseDouble(args[_weights + source - First], out double weight);
        return weight;
    }

    private readonly bool CheckWeights(Arguments args, int keys, ref ReplyWriter reply)
    {
        for (int i = _weights; i < _weights + keys; i++)
            if (!Numbers.TryParseDouble(args[i], out _)) return Refuse(ref reply, Errors.WeightNotFloat);
        return true;
    }

    private static bool Refuse(ref ReplyWriter reply, ErrorReply error)
    {
        reply.Error(error);
        return false;
    }

    private static ScoreRule AggregateOf(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text, "SUM"u8) ? ScoreRule.Sum
        : Ascii.EqualsIgnoreCase(text, "MIN"u8) ? ScoreRule.Min
        : Ascii.EqualsIgnoreCase(text, "MAX"u8) ? ScoreRule.Max : ScoreRule.None;
}
