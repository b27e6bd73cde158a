using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Adding members with scores, which stand in the arguments as numbers or as coordinates: ZADD, ZINCRBY, GEOADD.</summary>
internal struct ScoredMembers
{
    /// <summary>The argument where the first member's score begins.</summary>
    private int _first;

    /// <summary>Arguments of each member: a score, or two coordinates, and the member.</summary>
    private int _stride;
    private ScoreRule _rule;
    private bool _countsChanges;

    /// <summary>Members go on to expire when they did; ZADD lets them live for ever.</summary>
    private bool _keepsExpiry;

    private readonly bool IsGeo => _stride == 3;

    private readonly bool IsIncrement => (_rule & ScoreRule.Add) != 0;

    internal static void Add(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var call = new ScoredMembers { _first = 2, _stride = 2 };
        if (call.TryReadOptions(args, ref reply)) call.Run(shard, args, ref reply);
    }

    internal static void Increment(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        // ZADD's options are taken for such here too, as Valkey does.
        var call = new ScoredMembers { _first = 2, _stride = 2, _rule = ScoreRule.Add, _keepsExpiry = true };
        if (call.TryReadOptions(args, ref reply)) call.Run(shard, args, ref reply);
    }

    internal static void AddPlaces(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var call = new ScoredMembers { _first = 2, _stride = 3, _keepsExpiry = true };
        for (; call._first < args.Count; call._first++)
        {
            if (Ascii.EqualsIgnoreCase(args[call._first], "NX"u8)) call._rule |= ScoreRule.IfMissing;
            else if (Ascii.EqualsIgnoreCase(args[call._first], "XX"u8)) call._rule |= ScoreRule.IfPresent;
            else if (Ascii.EqualsIgnoreCase(args[call._first], "CH"u8)) call._countsChanges = true;
            else break;
        }
        const ScoreRule Both = ScoreRule.IfMissing | ScoreRule.IfPresent;
        int left = args.Count - call._first;
        if (left == 0 || left % call._stride != 0 || (call._rule & Both) == Both) reply.Error(Errors.Syntax);
        else call.Run(shard, args, ref reply);
    }

    private bool TryReadOptions(Arguments args, ref ReplyWriter reply)
    {
        for (; _first < args.Count; _first++)
        {
            ReadOnlySpan<byte> option = args[_first];
            if (Ascii.EqualsIgnoreCase(option, "NX"u8)) _rule |= ScoreRule.IfMissing;
            else if (Ascii.EqualsIgnoreCase(option, "XX"u8)) _rule |= ScoreRule.IfPresent;
            else if (Ascii.EqualsIgnoreCase(option, "GT"u8)) _rule |= ScoreRule.IfGreater;
            else if (Ascii.EqualsIgnoreCase(option, "LT"u8)) _rule |= ScoreRule.IfLess;
            else if (Ascii.EqualsIgnoreCase(option, "INCR"u8)) _rule |= ScoreRule.Add;
            else if (Ascii.EqualsIgnoreCase(option, "CH"u8)) _countsChanges = true;
            else break;
        }
        int left = args.Count - _first;
        if (left == 0 || left % 2 != 0) reply.Error(Errors.Syntax);
        else if (Has(ScoreRule.IfMissing | ScoreRule.IfPresent)) reply.Error(Errors.ScoreNxWithXx);
        else if (Has(ScoreRule.IfGreater | ScoreRule.IfLess) || Has(ScoreRule.IfMissing | ScoreRule.IfGreater)
            || Has(ScoreRule.IfMissing | ScoreRule.IfLess)) reply.Error(Errors.ScoreGtWithLt);
        else if (IsIncrement && left > 2) reply.Error(Errors.IncrementsOnePair);
        else return true;
        return false;
    }

    private readonly bool Has(ScoreRule rules) => (_rule & rules) == rules;

    private readonly bool TryReadScore(Arguments args, int at, ref ReplyWriter reply, out double score)
    {
        if (IsGeo)
        {
            bool isPlace = GeoArguments.TryReadPlace(args, at, ref reply, out GeoPlace place);
            score = isPlace ? GeoHash.Encode(place, GeoHash.StepMax).Score : 0;
            return isPlace;
        }
        if (Numbers.TryParseDouble(args[at], out score)) return true;
        reply.Error(Errors.NotFloat);
        return false;
    }

    private readonly void Run(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int longest = 0;
        // All scores are read before anything is done, and once more when they are needed.
        for (int i = _first; i < args.Count; i += _stride)
        {
            if (!TryReadScore(args, i, ref reply, out _)) return;
            longest = Math.Max(longest, args[i + _stride - 1].Length);
        }
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.SortedSet, ref reply, out Edit edit)) return;
        var count = default(Counts);
        if (edit.Exists || (_rule & ScoreRule.IfPresent) == 0) SetAll(shard, args, ref edit, longest, ref reply, ref count);
        if (count.Added + count.Updated + count.Freed != 0)
        {
            Effect effect = _rule == ScoreRule.None && !IsGeo && !count.MetExpiring ? Effect.Command : Effect.State;
            SortedSetValue.NoteOverwritten(shard, in edit, count.Overwritten);
            edit.Commit(EventClass.SortedSet, IsIncrement ? "zincr"u8 : "zadd"u8, effect);
        }
        else edit.Abandon();
        Answer(in count, ref reply);
    }

    private readonly void SetAll(ShardScope shard, Arguments args, ref Edit edit, int longest, ref ReplyWriter reply, ref Counts count)
    {
        SortedSetEditor set = SortedSetValue.Editor(shard, edit.Slot);
        count.MetExpiring = set.View.HasExpiring;
        if (!set.Expect((args.Count - _first) / _stride, longest))
        {
            count.Last = ScoreChange.Refused;
            return;
        }
        for (int i = _first; i < args.Count; i += _stride)
        {
            _ = TryReadScore(args, i, ref reply, out double score);
            count.Last = set.Set(args[i + _stride - 1], ref score, _rule, _keepsExpiry);
            count.Score = score;
            (count.Overwritten, count.Freed) = (set.Overwritten, set.Freed);
            if (count.Last == ScoreChange.Added) count.Added++;
            else if (count.Last == ScoreChange.Updated) count.Updated++;
            else if (count.Last >= ScoreChange.NotANumber) return;
        }
    }

    private readonly void Answer(in Counts count, ref ReplyWriter reply)
    {
        if (count.Last == ScoreChange.Refused) reply.Error(Outcome.OutOfMemory);
        else if (count.Last == ScoreChange.NotANumber) reply.Error(Errors.ScoreNotANumber);
        else if (!IsIncrement) reply.Integer(_countsChanges ? count.Added + count.Updated : count.Added);
        else if (count.Last == ScoreChange.Forbidden) reply.Null();
        else reply.Double(count.Score);
    }

    private struct Counts
    {
        internal long Added, Updated;

        /// <summary>What the editor tells of members that expire.</summary>
        internal long Overwritten, Freed;
        internal bool MetExpiring;
        internal ScoreChange Last;
        internal double Score;
    }
}
