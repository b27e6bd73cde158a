using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>DEBUG DIGEST and DIGEST-VALUE: fingerprints by which two servers' data are compared.</summary>
internal static class DebugDigest
{
    /// <summary>A shard's part of the digest of one database.</summary>
    private struct DigestPart
    {
        internal ulong Position;
        internal ValueDigest Sum;
        internal ushort Database;
        internal bool Done;
    }

    internal static async Co<Nothing> Digest(Coordinator tx)
    {
        var digest = default(ValueDigest);
        for (int database = 0; database < tx.Loop.Settings.Databases && !tx.Session.Gone; database++)
        {
            for (int shard = 0; shard < tx.Shards; shard++)
                tx.StateOf<DigestPart>(shard) = new DigestPart { Database = (ushort)database };
            await tx.HopAll(DigestSlice);
            while (!AllDone(tx) && !tx.Session.Gone)
            {
                await tx.Yield();
                await tx.HopAll(DigestSlice);
            }
            if (tx.SumOfValues() != 0) Add(tx, database, ref digest);
        }
        Write(tx, digest);
        return default;
    }

    private static bool AllDone(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (!tx.StateOf<DigestPart>(shard).Done) return false;
        return true;
    }

    private static void Add(Coordinator tx, int database, ref ValueDigest digest)
    {
        digest.MixNumber(database);
        for (int shard = 0; shard < tx.Shards; shard++) digest.XorHash(tx.StateOf<DigestPart>(shard).Sum);
    }

    private static void DigestSlice(ShardScope shard, ref HopFrame hop)
    {
        ref DigestPart part = ref hop.State<DigestPart>();
        if (part.Done) return;
        hop.Value = shard.CountKeys(part.Database);
        if (shard.TableIn(part.Database) is not { } table)
        {
            part.Done = true;
            return;
        }
        var visitor = new DigestVisitor { Sum = part.Sum, Table = table.Entries };
        var slice = new WorkSlice(shard);
        do part.Position = table.Entries.Walk(part.Position, ref visitor);
        while (part.Position != 0 && slice.MayGoOn(shard));
        part.Sum = visitor.Sum;
        part.Done = part.Position == 0;
    }

    private struct DigestVisitor : IEntryVisitor
    {
        internal ValueDigest Sum;
        internal EntryTable Table;

        public void Visit(ref Entry entry)
        {
            var one = default(ValueDigest);
            one.Mix(entry.Key);
            one.MixValue(in entry, in Table);
            Sum.Xor(one);
        }
    }

    internal static async Co<Nothing> DigestValues(Coordinator tx)
    {
        WriteCount(tx);
        for (int i = 2; i < tx.Args.Count; i++)
        {
            int shard = tx.Locate(i);
            tx.StateOf<DigestPart>(shard) = new DigestPart { Position = (ulong)i };
            await tx.Hop(shard, DigestOne);
            Write(tx, tx.StateOf<DigestPart>(shard).Sum);
        }
        return default;
    }

    private static void WriteCount(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(tx.Args.Count - 2);
        tx.Close(ref reply);
    }

    private static void DigestOne(ShardScope shard, ref HopFrame hop)
    {
        ref DigestPart part = ref hop.State<DigestPart>();
        Entry entry = shard.Peek(hop.Args.Key((int)part.Position));
        if (entry.Exists) part.Sum.MixValue(in entry, in shard.TableIn(shard.Database)!.Entries);
    }

    private static void Write(Coordinator tx, ValueDigest digest)
    {
        Span<byte> text = stackalloc byte[2 * Sha1.DigestBytes];
        digest.Format(text);
        ReplyWriter reply = tx.Writer();
        reply.Simple(text);
        tx.Close(ref reply);
    }
}
