using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>
/// Strings of several keys. Each command has a handler for keys that share a shard, and a coordinator that asks the
/// shards first, where there is a condition, and then has each of them store its own pairs.
/// </summary>
public static class MultiKeyStringCommands
{
    private const KeyAccess Overwrites = KeyAccess.Overwrite | KeyAccess.Update;
    private const string MultiShard = "request_policy:multi_shard", AllSucceeded = "response_policy:all_succeeded";

    public static readonly CommandSpec[] Table =
    [
        new("MGET", -2, ReadOnly | Fast, AclCategory.String, Keys.All(KeyAccess.ReadOnly | KeyAccess.Access), MGet,
            "Atomically returns the string values of one or more keys.")
            { Spread = Spread.Elements, Tips = [MultiShard] },
        new("MSET", -3, Write | DenyOom | Brief, AclCategory.String, Keys.All(Overwrites, step: 2), MSet,
            "Atomically creates or modifies the string values of one or more keys.")
            { AsCoordinator = StoreAcross, Spread = Spread.Status, Tips = [MultiShard, AllSucceeded] },
        new("MSETNX", -3, Write | DenyOom, AclCategory.String,
            Keys.All(KeyAccess.Overwrite | KeyAccess.Insert, step: 2), MSetNx,
            "Atomically modifies the string values of one or more keys only when all keys don't exist.")
            { AsCoordinator = StoreNxAcross },
        new("MSETEX", -4, Write | DenyOom, AclCategory.String,
            [new(Overwrites, KeySearch.KeyCount) { FirstKey = 1, Step = 2 }], MSetEx,
            "Atomically creates or modifies the string values of one or more keys, and optionally set their expiration.")
            { AsCoordinator = StoreExAcross, Tips = [MultiShard, AllSucceeded] },
    ];

    /// <summary>What is to be done with the pairs of a command: the same on every shard.</summary>
    private struct PairPlan
    {
        internal int First;
        internal int End;

        /// <summary>New expiry, 0 for none.</summary>
        internal long ExpireAtMs;
        internal SetFlags Flags;

        internal readonly bool HasCondition => (Flags & SetFlags.Conditions) != 0;
    }

    private static void MGet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        reply.Array(args.Count - 1);
        for (int i = 1; i < args.Count; i++)
        {
            Entry entry = shard.Find(args.Key(i));
            if (entry.Exists && entry.Type == ValueType.String) StringValue.Reply(in entry, ref reply);
            else reply.Null();
        }
    }

    // ---- on one shard ----

    private static void MSet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryPlan(args, SetFlags.None, "mset"u8, ref reply, out PairPlan plan)) return;
        Outcome outcome = StoreHere(shard, args, in plan);
        if (outcome == Outcome.Ok) reply.Ok();
        else reply.Error(outcome);
    }

    private static void MSetNx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryPlan(args, SetFlags.IfAbsent, "msetnx"u8, ref reply, out PairPlan plan))
            ReplyDone(StoreHere(shard, args, in plan), ref reply);
    }

    private static void MSetEx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryPlanEx(args, shard.NowMs, ref reply, out PairPlan plan))
            ReplyDone(StoreHere(shard, args, in plan), ref reply);
    }

    private static Outcome StoreHere(ShardScope shard, Arguments args, in PairPlan plan)
    {
        if (plan.HasCondition)
            for (int i = plan.First; i < plan.End; i += 2)
                if (Refuses(shard, args.Key(i), plan.Flags)) return Outcome.NotDone;
        for (int i = plan.First; i < plan.End; i += 2)
        {
            Outcome outcome = StoreOne(shard, args, i, in plan);
            if (outcome != Outcome.Ok) return outcome;
        }
        return Outcome.Ok;
    }

    private static bool Refuses(ShardScope shard, Key key, SetFlags flags) =>
        shard.Peek(key).Exists == ((flags & SetFlags.IfAbsent) != 0);

    private static Outcome StoreOne(ShardScope shard, Arguments args, int index, in PairPlan plan)
    {
        var edit = new Edit(shard, args.Key(index));
        long expireAtMs = (plan.Flags & SetFlags.KeepTtl) != 0 ? edit.ExpireAtMs : plan.ExpireAtMs;
        return StringCommands.StoreAndClose(ref edit, args, index + 1, expireAtMs, isNew: plan.ExpireAtMs != 0);
    }

    private static void ReplyDone(Outcome outcome, ref ReplyWriter reply)
    {
        if (outcome is Outcome.Ok or Outcome.NotDone) reply.Integer(outcome == Outcome.Ok ? 1 : 0);
        else reply.Error(outcome);
    }

    // ---- arguments ----

    /// <summary>MSET and MSETNX: all arguments are pairs. False when they are not, which is answered.</summary>
    private static bool TryPlan(Arguments args, SetFlags flags, ReadOnlySpan<byte> command,
        ref ReplyWriter reply, out PairPlan plan)
    {
        plan = new PairPlan { First = 1, End = args.Count, Flags = flags };
        if (args.Count % 2 != 0) return true;
        reply.WrongArity(command);
        return false;
    }

    private static bool TryPlanEx(Arguments args, long nowMs, ref ReplyWriter reply, out PairPlan plan)
    {
        const SetFlags Allowed = SetFlags.IfAbsent | SetFlags.IfPresent | SetFlags.KeepTtl | SetFlags.Expiry;
        plan = default;
        if (!Numbers.TryParseInt(args[1], out int count) || count < 1)
        {
            reply.Error(Errors.InvalidNumKeys);
            return false;
        }
        long end = 2 + (long)count * 2;
        if (end > args.Count || !SetOptions.TryParse(args, (int)end, Allowed, out SetOptions options))
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        if (!options.TryExpiry(nowMs, "msetex"u8, ref reply, out long expireAtMs)) return false;
        plan = new PairPlan { First = 2, End = (int)end, ExpireAtMs = expireAtMs, Flags = options.Flags };
        return true;
    }

    // ---- over several shards ----

    private static async Co<Nothing> StoreAcross(Coordinator tx)
    {
        if (!Plan(tx, SetFlags.None, "mset"u8)) return default;
        await tx.RunOnKeys(StorePart);
        ReplyWriter reply = tx.Writer();
        Outcome outcome = Worst(tx);
        if (outcome == Outcome.Ok) reply.Ok();
        else reply.Error(outcome);
        tx.Close(ref reply);
        return default;
    }

    private static async Co<Nothing> StoreNxAcross(Coordinator tx)
    {
        if (Plan(tx, SetFlags.IfAbsent, "msetnx"u8)) await StoreIfAllowed(tx);
        return default;
    }

    private static async Co<Nothing> StoreExAcross(Coordinator tx)
    {
        if (PlanEx(tx)) await StoreIfAllowed(tx);
        return default;
    }

    private static async Co<Nothing> StoreIfAllowed(Coordinator tx)
    {
        if (tx.StateOf<PairPlan>(0).HasCondition) await tx.HopKeys(JudgePart);
        if (Worst(tx) == Outcome.Ok) await tx.HopKeys(StorePart, releases: true);
        ReplyWriter reply = tx.Writer();
        ReplyDone(Worst(tx), ref reply);
        tx.Close(ref reply);
        return default;
    }

    /// <summary>Gives every shard the plan; false when the arguments are wrong, which is answered.</summary>
    private static bool Plan(Coordinator tx, SetFlags flags, ReadOnlySpan<byte> command)
    {
        ReplyWriter reply = tx.Writer();
        bool good = TryPlan(tx.Args, flags, command, ref reply, out PairPlan plan);
        tx.Close(ref reply);
        Distribute(tx, in plan);
        return good;
    }

    private static bool PlanEx(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        bool good = TryPlanEx(tx.Args, tx.NowMs, ref reply, out PairPlan plan);
        tx.Close(ref reply);
        Distribute(tx, in plan);
        return good;
    }

    private static void Distribute(Coordinator tx, in PairPlan plan)
    {
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<PairPlan>(shard) = plan;
    }

    private static void JudgePart(ShardScope shard, ref HopFrame hop)
    {
        ref PairPlan plan = ref hop.State<PairPlan>();
        Arguments args = hop.Args;
        for (int i = plan.First; i < plan.End; i += 2)
            if (hop.Owns(i) && Refuses(shard, args.Key(i), plan.Flags)) hop.Value = (long)Outcome.NotDone;
    }

    private static void StorePart(ShardScope shard, ref HopFrame hop)
    {
        ref PairPlan plan = ref hop.State<PairPlan>();
        Arguments args = hop.Args;
        for (int i = plan.First; i < plan.End; i += 2)
        {
            if (!hop.Owns(i)) continue;
            Outcome outcome = StoreOne(shard, args, i, in plan);
            if (outcome != Outcome.Ok) hop.Value = (long)outcome;
        }
    }

    /// <summary>What the parts left as their outcome: Ok when all did.</summary>
    private static Outcome Worst(Coordinator tx)
    {
        Outcome worst = Outcome.Ok;
        for (int shard = 0; shard < tx.Shards; shard++)
            if (tx.ValueOf(shard) != 0) worst = (Outcome)tx.ValueOf(shard);
        return worst;
    }
}
