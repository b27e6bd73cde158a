using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Whole databases: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.</summary>
public static class DatabaseCommands
{
    private const AclCategory Sweeping = AclCategory.Keyspace | AclCategory.Dangerous;
    private const int AllDatabases = -1;
    private static readonly string[] AllSucceeded = ["request_policy:all_shards", "response_policy:all_succeeded"];

    public static readonly CommandSpec[] Table =
    [
        new("DBSIZE",   1, ReadOnly | Fast, AclCategory.Keyspace, Keys.None, DbSize, "Returns the number of keys in the database.")
            { Tips = ["request_policy:all_shards", "response_policy:agg_sum"] },
        new("FLUSHDB", -1, Write | Global,  Sweeping, Keys.None, FlushDb,  "Removes all keys from the current database.") { Tips = AllSucceeded },
        new("FLUSHALL", -1, Write | Global, Sweeping, Keys.None, FlushAll, "Removes all keys from all databases.") { Tips = AllSucceeded },
        new("SWAPDB",   3, Write | Fast | Global, Sweeping, Keys.None, SwapDb,   "Swaps two databases."),
    ];

    private static async Co<Nothing> DbSize(Coordinator tx)
    {
        await tx.HopAll(CountKeys);
        tx.Answer(tx.SumOfValues());
        return default;
    }

    private static void CountKeys(ShardScope shard, ref HopFrame hop) => hop.Value = shard.CountKeys(shard.Database);

    // --- FLUSHDB and FLUSHALL ----------------------------------------------------------------------------

    private static Co<Nothing> FlushDb(Coordinator tx) => Flush(tx, FlushOne);

    private static Co<Nothing> FlushAll(Coordinator tx) => Flush(tx, FlushEvery);

    /// <summary>The keys are gone at once. SYNC also waits until their memory is free.</summary>
    private static async Co<Nothing> Flush(Coordinator tx, HopCallback flush)
    {
        if (!TryReadFlush(tx, out bool isSync)) return default;
        await tx.HopAll(flush, releases: true);
        while (isSync && !tx.Session.Gone)
        {
            await tx.HopAll(FreeSlice);
            if (IsFree(tx)) break;
            await tx.Yield();
        }
        tx.AnswerOk();
        return default;
    }

    private static bool TryReadFlush(Coordinator tx, out bool isSync)
    {
        Arguments args = tx.Args;
        isSync = args.Count == 2 && Ascii.EqualsIgnoreCase(args[1], "SYNC"u8);
        if (isSync) return true;
        if (args.Count == 1)
        {
            isSync = !tx.Loop.Settings.LazyUserFlush;
            return true;
        }
        if (args.Count == 2 && Ascii.EqualsIgnoreCase(args[1], "ASYNC"u8)) return true;
        tx.Fail(Errors.Syntax);
        return false;
    }

    private static void FlushOne(ShardScope shard, ref HopFrame hop) => shard.Flush(shard.Database);

    private static void FlushEvery(ShardScope shard, ref HopFrame hop) => shard.Flush(AllDatabases);

    private static void FreeSlice(ShardScope shard, ref HopFrame hop)
    {
        var slice = new WorkSlice(shard);
        bool more = shard.FreeFlushed();
        while (more && slice.MayGoOn(shard)) more = shard.FreeFlushed();
        hop.Value = more ? 1 : 0;
    }

    private static bool IsFree(Coordinator tx)
    {
        for (int shard = 0; shard < tx.Shards; shard++)
            if (tx.ValueOf(shard) != 0) return false;
        return true;
    }

    // --- SWAPDB ------------------------------------------------------------------------------------------

    private static async Co<Nothing> SwapDb(Coordinator tx)
    {
        if (!TryReadSwap(tx)) return default;
        await tx.HopAll(Swap, releases: true);
        tx.AnswerOk();
        return default;
    }

    private static bool TryReadSwap(Coordinator tx)
    {
        if (!Numbers.TryParseInt(tx.Args[1], out int first)) tx.Fail(Errors.InvalidFirstDb);
        else if (!Numbers.TryParseInt(tx.Args[2], out int second)) tx.Fail(Errors.InvalidSecondDb);
        else if ((uint)first >= tx.Loop.Settings.Databases || (uint)second >= tx.Loop.Settings.Databases) tx.Fail(Errors.InvalidDb);
        else return true;
        return false;
    }

    private static void Swap(ShardScope shard, ref HopFrame hop)
    {
        _ = Numbers.TryParseInt(hop.Args[1], out int first);
        _ = Numbers.TryParseInt(hop.Args[2], out int second);
        if (first != second) shard.SwapDatabases(first, second);
    }
}
