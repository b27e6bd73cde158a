using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>
/// How many different elements there were: PFADD, PFCOUNT, PFMERGE. Several HyperLogLogs are merged into registers of one
/// byte each, on each shard those that it owns.
/// </summary>
public static class HyperLogLogCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("PFADD",   -2, Write | DenyOom | Fast, AclCategory.HyperLogLog, Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert), Add,
            "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist."),
        new("PFCOUNT", -2, ReadOnly | MayReplicate, AclCategory.HyperLogLog,
            [new(KeyAccess.ReadWrite | KeyAccess.Access, KeySearch.Range)
                { LastKey = -1, Notes = "RW because it may change the internal representation of the key, and propagate to replicas" }], Count,
            "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).")
            { AsCoordinator = CountAcross },
        new("PFMERGE", -2, Write | DenyOom,        AclCategory.HyperLogLog,
            [
                new(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Insert, KeySearch.Range),
                new(KeyAccess.ReadOnly | KeyAccess.Access, KeySearch.Range) { BeginIndex = 2, LastKey = -1 },
            ], Merge, "Merges one or more HyperLogLog values into a single key.")
            { AsCoordinator = MergeAcross },
    ];

    /// <summary>What has been merged, of one shard's keys or of all.</summary>
    private struct Merged
    {
        /// <summary>One byte for each register; null before there was a key.</summary>
        internal NativeBlock Registers;

        /// <summary>The first argument that could not be merged, and why; 0 where all could.</summary>
        internal int FailedAt;
        internal Outcome Outcome;
        internal bool HasDense;

        internal readonly void Release()
        {
            if (!Registers.IsNull) Registers.Release();
        }
    }

    private static void Add(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var sketch = new HyperLogLogEdit(shard, args.Key(1));
        bool isChanged = !sketch.Exists;
        Outcome outcome = sketch.Exists ? HyperLogLogEdit.Check(sketch.Entry) : sketch.Begin();
        for (int i = 2; i < args.Count && outcome == Outcome.Ok; i++)
        {
            (int index, int register) = HyperLogLog.Place(args[i]);
            outcome = sketch.Add(index, register);
            isChanged |= outcome == Outcome.Ok;
            if (outcome == Outcome.NotDone) outcome = Outcome.Ok;
        }
        if (outcome == Outcome.Ok && isChanged)
        {
            sketch.MarkStale();
            outcome = sketch.Commit(EventClass.String, "pfadd"u8, Effect.Command);
        }
        else if (outcome == Outcome.CorruptHyperLogLog && isChanged)
        {
            // As in Valkey, the elements before stay, and nobody is told.
            Outcome kept = sketch.Commit(EventClass.None, "pfadd"u8, Effect.State);
            if (kept != Outcome.Ok) outcome = kept;
        }
        else
        {
            sketch.Abandon();
        }
        if (outcome == Outcome.Ok) reply.Integer(isChanged ? 1 : 0);
        else reply.Error(outcome);
    }

    // ---- PFCOUNT ----

    private static void Count(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2)
        {
            CountOne(shard, args.Key(1), ref reply);
            return;
        }
        var merged = default(Merged);
        for (int i = 1; i < args.Count && merged.FailedAt == 0; i++) MergeOne(shard, args.Key(i), i, ref merged);
        if (merged.FailedAt != 0) reply.Error(merged.Outcome);
        else reply.Integer(EstimateOf(in merged));
        merged.Release();
    }

    private static long EstimateOf(in Merged merged) =>
        merged.Registers.IsNull ? 0 : HyperLogLog.Estimate(merged.Registers.Bytes[..HyperLogLog.Registers]);

    /// <summary>The estimate is kept in the value, so this changes it, which is no event.</summary>
    private static void CountOne(ShardScope shard, Key key, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(key);
        if (!entry.Exists)
        {
            reply.Integer(0);
            return;
        }
        Outcome outcome = HyperLogLogEdit.Check(entry);
        long estimate = 0;
        if (outcome == Outcome.Ok && !HyperLogLog.TryReadEstimate(entry.Bytes, out estimate))
        {
            if (HyperLogLog.TryEstimate(entry.Bytes, out estimate)) Keep(shard, key, estimate);
            else outcome = Outcome.CorruptHyperLogLog;
        }
        if (outcome == Outcome.Ok) reply.Integer(estimate);
        else reply.Error(outcome);
    }

    private static void Keep(ShardScope shard, Key key, long estimate)
    {
        Edit edit = new Edit(shard, key);
        if (edit.Resize(edit.Entry.ValueLength, out Span<byte> bytes) == Outcome.Ok)
        {
            HyperLogLog.WriteEstimate(bytes, estimate);
            edit.Commit(EventClass.None, "pfcount"u8, Effect.State);
        }
        else
        {
            edit.Abandon();
        }
    }

    private static async Co<Nothing> CountAcross(Coordinator tx)
    {
        await tx.HopKeys(MergePart, releases: true);
        Merged merged = Join(tx);
        if (merged.FailedAt != 0) tx.Fail(merged.Outcome);
        else tx.Answer(EstimateOf(in merged));
        merged.Release();
        return default;
    }

    // ---- PFMERGE ----

    private static void Merge(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var merged = default(Merged);
        for (int i = 1; i < args.Count && merged.FailedAt == 0; i++) MergeOne(shard, args.Key(i), i, ref merged);
        Outcome outcome = merged.FailedAt != 0 ? merged.Outcome : Store(shard, args.Key(1), in merged);
        merged.Release();
        if (outcome == Outcome.Ok) reply.Ok();
        else reply.Error(outcome);
    }

    private static async Co<Nothing> MergeAcross(Coordinator tx)
    {
        await tx.HopKeys(MergePart);
        Merged merged = Join(tx);
        Outcome outcome = merged.Outcome;
        if (outcome == Outcome.Ok)
        {
            int target = tx.ShardOf(1);
            tx.StateOf<Merged>(target) = merged;
            await tx.Hop(target, StorePart, releases: true);
            outcome = tx.StateOf<Merged>(target).Outcome;
        }
        merged.Release();
        if (outcome == Outcome.Ok) tx.AnswerOk();
        else tx.Fail(outcome);
        return default;
    }

    private static void StorePart(ShardScope shard, ref HopFrame hop)
    {
        ref Merged merged = ref hop.State<Merged>();
        merged.Outcome = Store(shard, hop.Args.Key(1), in merged);
    }

    private static Outcome Store(ShardScope shard, Key key, in Merged merged)
    {
        ReadOnlySpan<byte> registers = merged.Registers.IsNull ? default : merged.Registers.Bytes[..HyperLogLog.Registers];
        var sketch = new HyperLogLogEdit(shard, key);
        Outcome outcome = merged.HasDense ? sketch.MakeDense() : sketch.Begin();
        if (outcome == Outcome.Ok && merged.HasDense) sketch.WriteRegisters(registers);
        else if (outcome == Outcome.Ok) outcome = RaiseAll(ref sketch, registers);
        if (outcome != Outcome.Ok)
        {
            sketch.Abandon();
            return outcome;
        }
        sketch.MarkStale();
        return sketch.Commit(EventClass.String, "pfadd"u8, Effect.State);
    }

    private static Outcome RaiseAll(ref HyperLogLogEdit sketch, ReadOnlySpan<byte> registers)
    {
        var place = default(SparsePlace);
        for (int i = 0; i < registers.Length; i++)
        {
            if (registers[i] == 0) continue;
            Outcome outcome = sketch.Raise(i, registers[i], ref place);
            if (outcome is not (Outcome.Ok or Outcome.NotDone)) return outcome;
        }
        return Outcome.Ok;
    }

    // ---- merging ----

    private static void MergePart(ShardScope shard, ref HopFrame hop)
    {
        ref Merged merged = ref hop.State<Merged>();
        for (int i = 1; i < hop.Args.Count && merged.FailedAt == 0; i++)
            if (hop.Owns(i)) MergeOne(shard, hop.Args.Key(i), i, ref merged);
    }

    private static void MergeOne(ShardScope shard, Key key, int argument, ref Merged merged)
    {
        Entry entry = shard.Find(key);
        if (!entry.Exists) return;
        Outcome outcome = HyperLogLogEdit.Check(entry);
        if (outcome == Outcome.Ok) outcome = TryMakeRoom(ref merged);
        if (outcome == Outcome.Ok)
        {
            merged.HasDense |= HyperLogLog.IsDense(entry.Bytes);
            if (!HyperLogLog.TryMerge(entry.Bytes, merged.Registers.Bytes, shard.Loop.MergesVectors)) outcome = Outcome.CorruptHyperLogLog;
        }
        if (outcome != Outcome.Ok) (merged.FailedAt, merged.Outcome) = (argument, outcome);
    }

    private static Outcome TryMakeRoom(ref Merged merged)
    {
        if (!merged.Registers.IsNull) return Outcome.Ok;
        merged.Registers = NativeBlock.Allocate(HyperLogLog.Registers);
        if (merged.Registers.IsNull) return Outcome.OutOfMemory;
        merged.Registers.Bytes.Clear();
        return Outcome.Ok;
    }

    /// <summary>What the shards have merged becomes the coordinator's. Of several failures the first argument's counts.</summary>
    private static Merged Join(Coordinator tx)
    {
        var all = default(Merged);
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            ref Merged part = ref tx.StateOf<Merged>(shard);
            all.HasDense |= part.HasDense;
            if (part.FailedAt != 0 && (all.FailedAt == 0 || part.FailedAt < all.FailedAt))
                (all.FailedAt, all.Outcome) = (part.FailedAt, part.Outcome);
            if (all.Registers.IsNull)
            {
                all.Registers = part.Registers;
            }
            else if (!part.Registers.IsNull)
            {
                HyperLogLog.Raise(all.Registers.Bytes, part.Registers.Bytes);
                part.Release();
            }
            part = default;
        }
        return all;
    }
}
