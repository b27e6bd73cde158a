using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

// GCRA: a request costs time. The key holds the moment, Unix nanoseconds, at which all that was granted will be paid for. A
// request is granted if that moment, moved on by its cost, lies no further ahead than the tolerance, which is the price of a
// whole burst:
//
//     now          key's moment     moved on by the cost     now + tolerance
//      |───────────────|─────────────────────|──────────────────────|
//
// The key expires at its moment: from then on it says nothing.

/// <summary>CL.THROTTLE, as redis-cell and Dragonfly have it: may so much be done now, at a rate and with a burst?</summary>
public static class ThrottleCommand
{
    private const long NsPerMs = 1_000_000, NsPerSecond = 1_000_000_000, MsPerSecond = 1000;

    public static readonly CommandSpec[] Table =
    [
        new("CL.THROTTLE", -5, Write | DenyOom | Fast, AclCategory.String,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), Throttle,
            "Limits a rate: says whether an action is allowed now, and counts it."),
    ];

    /// <summary>What a call asks for; times in nanoseconds.</summary>
    private struct Rate
    {
        /// <summary>Requests in one burst.</summary>
        internal long Limit;

        /// <summary>Time that a unit costs.</summary>
        internal long IntervalNs;

        /// <summary>Time that this request costs.</summary>
        internal long CostNs;

        /// <summary>Time that a burst costs.</summary>
        internal long ToleranceNs;
    }

    /// <summary>The answer; times in nanoseconds.</summary>
    private struct Verdict
    {
        internal bool IsLimited;

        /// <summary>The key's moment from now on, if the request is granted.</summary>
        internal long NextNs;
        internal long Remaining;

        /// <summary>Until the same request would be granted; negative when it is, or never would be.</summary>
        internal long RetryAfterNs;

        /// <summary>Until nothing counts any more.</summary>
        internal long ResetAfterNs;
    }

    private static void Throttle(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int ArgumentsMax = 6;
        if (args.Count > ArgumentsMax)
        {
            reply.WrongArity("cl.throttle"u8);
            return;
        }
        if (!TryRead(args, ref reply, out Rate rate)) return;
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        long momentNs = 0;
        if (entry.Exists && !StringValue.TryReadLong(in entry, out momentNs) || !TryJudge(in rate, momentNs, shard.NowMs * NsPerMs, out Verdict verdict))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (!verdict.IsLimited && rate.CostNs != 0 && Store(shard, args.Key(1), verdict.NextNs) is var outcome and not Outcome.Ok)
        {
            reply.Error(outcome);
            return;
        }
        reply.Array(5);
        reply.Integer(verdict.IsLimited ? 1 : 0);
        reply.Integer(rate.Limit);
        reply.Integer(verdict.Remaining);
        reply.Integer(verdict.RetryAfterNs < 0 ? -1 : WholeSeconds(verdict.RetryAfterNs));
        reply.Integer(WholeSeconds(verdict.ResetAfterNs));
    }

    /// <summary>Reads burst, count, period and quantity. False where one is wrong or something overflows, which is answered.</summary>
    private static bool TryRead(Arguments args, ref ReplyWriter reply, out Rate rate)
    {
        rate = default;
        long quantity = 1;
        if (!TryReadAmount(args[2], out long burst) || !TryReadAmount(args[3], out long count) || !TryReadAmount(args[4], out long period)
            || args.Count > 5 && !TryReadAmount(args[5], out quantity) || burst == long.MaxValue || count == 0)
        {
            reply.Error(Errors.NotInteger);
            return false;
        }
        rate.Limit = burst + 1;
        if (!TryFit((Int128)period * NsPerSecond / count, out rate.IntervalNs))
        {
            reply.Error(Errors.NotInteger);
            return false;
        }
        if (rate.IntervalNs == 0)
        {
            reply.Error(Errors.ZeroRate);
            return false;
        }
        if (TryFit((Int128)rate.IntervalNs * rate.Limit, out rate.ToleranceNs) && TryFit((Int128)rate.IntervalNs * quantity, out rate.CostNs))
            return true;
        reply.Error(Errors.NotInteger);
        return false;
    }

    private static bool TryReadAmount(ReadOnlySpan<byte> text, out long amount) => Numbers.TryParseLong(text, out amount) && amount >= 0;

    private static bool TryFit(Int128 number, out long value)
    {
        bool fits = number <= long.MaxValue;
        value = fits ? (long)number : 0;
        return fits;
    }

    /// <summary>False when the key's next moment lies beyond what a number can say.</summary>
    private static bool TryJudge(in Rate rate, long momentNs, long nowNs, out Verdict verdict)
    {
        verdict = new Verdict { RetryAfterNs = -1 };
        momentNs = Math.Max(momentNs, nowNs);
        if (!TryFit((Int128)momentNs + rate.CostNs, out verdict.NextNs)) return false;
        long aheadNs = verdict.NextNs - nowNs;
        verdict.IsLimited = aheadNs > rate.ToleranceNs;
        if (verdict.IsLimited && rate.CostNs <= rate.ToleranceNs) verdict.RetryAfterNs = aheadNs - rate.ToleranceNs;
        verdict.ResetAfterNs = verdict.IsLimited ? momentNs - nowNs : aheadNs;
        verdict.Remaining = Math.Max(0, rate.ToleranceNs - verdict.ResetAfterNs) / rate.IntervalNs;
        return true;
    }

    private static Outcome Store(ShardScope shard, Key key, long momentNs)
    {
        var edit = new Edit(shard, key);
        Outcome outcome = edit.SetInteger(momentNs, WholeMs(momentNs));
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            return outcome;
        }
        edit.Commit(EventClass.String, "set"u8, Effect.State);
        edit.Also(EventClass.Generic, "expire"u8, Effect.Expiry);
        return Outcome.Ok;
    }

    private static long WholeMs(long ns) => ns / NsPerMs + (ns % NsPerMs != 0 ? 1 : 0);

    /// <summary>A client that waits for so many seconds has waited long enough: one more than there are whole ones.</summary>
    private static long WholeSeconds(long ns) => ns == 0 ? 0 : WholeMs(ns) / MsPerSecond + 1;
}
