using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>HCOLLECT and ZCOLLECT, as Garnet has them: what has expired in values is removed at once, and not left to the sweep.</summary>
public static class CollectCommands
{
    private static readonly KeySpec[] Values = Keys.All(KeyAccess.ReadWrite | KeyAccess.Delete);

    public static readonly CommandSpec[] Table =
    [
        new("HCOLLECT", -2, Write, AclCategory.Hash, Values, new Collection(ValueType.Hash).Run,
            "Removes the expired fields of hashes, of all where the key is *."),
        new("ZCOLLECT", -2, Write, AclCategory.SortedSet, Values, new Collection(ValueType.SortedSet).Run,
            "Removes the expired members of sorted sets, of all where the key is *."),
    ];

    /// <summary>Of values of one type.</summary>
    private sealed class Collection(ValueType type)
    {
        internal ValueType Type => type;

        internal Co<Nothing> Run(Coordinator tx)
        {
            tx.Payload = this;
            return Collect(tx);
        }
    }

    /// <summary>A shard's part: which key it is at, and where among its members, or among all keys.</summary>
    private struct Part
    {
        internal ulong Position;
        internal int Key;
        internal bool Done;
    }

    private static async Co<Nothing> Collect(Coordinator tx)
    {
        if (tx.Args.Count == 2 && tx.Args[1].SequenceEqual("*"u8))
        {
            await tx.HopAll(CollectAll);
            while (!AllDone(tx) && !tx.Session.Gone)
            {
                await tx.Yield();
                await tx.HopAll(CollectAll);
            }
            tx.AnswerOk();
            return default;
        }
        for (int key = 1; key < tx.Args.Count; key++)
        {
            int shard = tx.ShardOf(key);
            tx.StateOf<Part>(shard) = new Part { Key = key };
            await tx.Hop(shard, CollectOne);
            while (!tx.StateOf<Part>(shard).Done)
            {
                await tx.Yield();
                await tx.Hop(shard, CollectOne);
            }
            if (tx.ValueOf(shard) == (long)Outcome.Ok) continue;
            tx.Fail((Outcome)tx.ValueOf(shard));
            return default;
        }
        tx.AnswerOk();
        return default;
    }

    private static void CollectOne(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        var slice = new WorkSlice(shard);
        do
        {
            Entry entry = shard.Peek(hop.Args.Key(part.Key));
            bool isRight = !entry.Exists || entry.Type == ((Collection)hop.Payload!).Type;
            hop.Value = (long)(isRight ? Outcome.Ok : Outcome.WrongType);
            part.Done = !isRight || !entry.Exists || shard.RemoveExpired(in entry, ref part.Position);
        }
        while (!part.Done && slice.MayGoOn(shard));
    }

    private static bool AllDone(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (!tx.StateOf<Part>(shard).Done) return false;
        return true;
    }

    private static void CollectAll(ShardScope shard, ref HopFrame hop)
    {
        ref Part part = ref hop.State<Part>();
        if (part.Done) return;
        if (shard.TableIn(shard.Database) is { } table)
        {
            var visitor = new Collector { Shard = shard, Type = ((Collection)hop.Payload!).Type };
            var slice = new WorkSlice(shard);
            do part.Position = table.Entries.Walk(part.Position, ref visitor);
            while (part.Position != 0 && slice.MayGoOn(shard));
        }
        part.Done = part.Position == 0;
    }

    /// <summary>Removes what has expired from each value that it meets, of one type.</summary>
    private ref struct Collector : IEntryVisitor
    {
        internal ShardScope Shard;
        internal ValueType Type;

        public readonly void Visit(ref Entry entry)
        {
            if (entry.Type != Type) return;
            ulong position = 0;
            while (!Shard.RemoveExpired(in entry, ref position)) { }
        }
    }
}
