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

/// <summary>Hashes as a whole, or any of their fields: HGETALL, HKEYS, HVALS, HSCAN, HRANDFIELD.</summary>
public static class HashWalkCommands
{
    private static readonly KeySpec[] Read = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);
    /// <summary>A hash with more fields is written in several turns.</summary>
    private const int FieldsPerTurn = 4096;

    private static readonly LongReadStep StepHandler = Step;
    private static readonly LongReadHeader HeaderHandler = WriteHeader;
    private static readonly string[] Unordered = ["nondeterministic_output_order"];
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        //   name     arity  flags    categories        keys  handler
        new("HGETALL",    2, ReadOnly, AclCategory.Hash, Read, HGetAll, "Returns all fields and values in a hash.") { Tips = Unordered },
        new("HKEYS",      2, ReadOnly, AclCategory.Hash, Read, HKeys, "Returns all fields in a hash.") { Tips = Unordered },
        new("HVALS",      2, ReadOnly, AclCategory.Hash, Read, HVals, "Returns all values in a hash.") { Tips = Unordered },
        new("HSCAN",     -3, ReadOnly, AclCategory.Hash, Read, HScan, "Iterates over fields and values of a hash.") { Tips = Nondeterministic },
        new("HRANDFIELD", -2, ReadOnly, AclCategory.Hash, Read, HRandField, "Returns one or more random fields from a hash.")
            { Tips = Nondeterministic },
    ];

    // ---- all ----

    private static void HGetAll(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        WriteAll(shard, args, HashParts.Both, ref reply);

    private static void HKeys(ShardScope shard, Arguments args, ref ReplyWriter reply) => WriteAll(shard, args, HashParts.Fields, ref reply);

    private static void HVals(ShardScope shard, Arguments args, ref ReplyWriter reply) => WriteAll(shard, args, HashParts.Values, ref reply);

    private static void WriteAll(ShardScope shard, Arguments args, HashParts parts, ref ReplyWriter reply)
    {
        if (!HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) return;
        if (hash.Count > FieldsPerTurn && shard.MaySuspend)
        {
            shard.ReadLong(args, (int)parts, StepHandler, HeaderHandler);
            return;
        }
        ReplyStream.DeferredHeader header = default;
        bool isCounted = hash.ExpiringCount != 0;
        var state = new LongReadState { Mode = (int)parts, Written = hash.Count };
        if (isCounted) header = reply.Defer();
        else WriteHeader(in state, ref reply);
        state.Written = 0;
        do Step(shard, hash, ref state, ref reply);
        while (state.Position != 0);
        if (isCounted && parts == HashParts.Both) reply.ResolveMap(header, state.Written);
        else if (isCounted) reply.ResolveArray(header, state.Written);
    }

    private static void WriteHeader(in LongReadState state, ref ReplyWriter reply)
    {
        if ((HashParts)state.Mode == HashParts.Both) reply.Map(state.Written);
        else reply.Array(state.Written);
    }

    private static void Step(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        Entry entry = shard.Peek(args.Key(1));
        Step(shard, new HashView(shard.View(entry)), ref state, ref reply);
    }

    private static void Step(ShardScope shard, HashView hash, ref LongReadState state, ref ReplyWriter reply)
    {
        var writer = new HashWriter(reply, (HashParts)state.Mode);
        state.Position = hash.Walk(state.Position, shard.NowMs, ref writer, state.IsResumed);
        state.Written += writer.Written;
        reply = writer.Reply;
    }

    // ---- scan ----

    private static void HScan(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!ScanCursor.TryRead(args[2], out ulong cursor))
        {
            reply.Error(Errors.InvalidCursor);
            return;
        }
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists)
        {
            reply.Array(2);
            reply.Bulk("0"u8);
            reply.Array(0);
            return;
        }
        if (entry.Type != ValueType.Hash)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        if (!ScanOptions.TryRead(args, 3, ref reply, out ScanOptions options, ValueType.Hash)) return;
        var hash = new HashView(shard.View(entry));
        ulong start = ScanCursor.DecodeMember(cursor);
        var counter = new HashScanner { Options = options, Pattern = args[options.Pattern] };
        // Which cursor comes first in the reply is known when the fields have been seen, so they are seen twice.
        ulong end = Scan(shard, hash, start, ref counter);
        reply.Array(2);
        reply.Bulk((long)ScanCursor.EncodeMember(end));
        reply.Array(options.OnlyKeys ? counter.Found : 2 * counter.Found);
        counter.Writer = new HashWriter(reply, options.OnlyKeys ? HashParts.Fields : HashParts.Both);
        counter.Writes = true;
        counter.Looked = 0;
        _ = Scan(shard, hash, start, ref counter);
        reply = counter.Writer.Reply;
    }

    /// <summary>Looks at as many fields as the options say, or as one turn bears; returns the position behind them.</summary>
    private static ulong Scan(ShardScope shard, HashView hash, ulong position, ref HashScanner scanner)
    {
        const long LooksMax = 10_000;
        long looks = Math.Min(scanner.Options.Count, LooksMax), buckets = looks * ScanCommands.BucketsPerCount;
        do position = hash.Walk(position, shard.NowMs, ref scanner);
        while (position != 0 && scanner.Looked < looks && --buckets > 0);
        return position;
    }

    // ---- any ----

    private static void HRandField(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2)
        {
            PickOne(shard, args.Key(1), ref reply);
            return;
        }
        if (!Numbers.TryParseLong(args[2], out long count))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (count == long.MinValue)
        {
            reply.Error(Errors.OutOfRangeBetween, -long.MaxValue, long.MaxValue);
            return;
        }
        bool withValues = args.Count == 4 && Ascii.EqualsIgnoreCase(args[3], "WITHVALUES"u8);
        if (args.Count > 3 && !withValues)
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (withValues && count is < -long.MaxValue / 2 or > long.MaxValue / 2)
        {
            reply.Error(Errors.OutOfRange);
            return;
        }
        if (HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) Pick(shard, hash, count, withValues, ref reply);
    }

    private static void PickOne(ShardScope shard, Key key, ref ReplyWriter reply)
    {
        if (!HashValue.TryFind(shard, key, ref reply, out HashView hash)) return;
        ulong random = shard.NextRandom();
        var writer = new HashWriter(reply, HashParts.Fields);
        bool isFound = hash.Count != 0 && hash.TryRandom(ref random, shard.NowMs, ref writer);
        reply = writer.Reply;
        if (!isFound) reply.Null();
    }

    /// <summary>Fields at random: so many different ones, or with a negative count so many draws.</summary>
    private static void Pick(ShardScope shard, HashView hash, long count, bool withValues, ref ReplyWriter reply)
    {
        if (count == 0 || hash.Count == 0)
        {
            reply.Array(0);
            return;
        }
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        ulong random = shard.NextRandom();
        HashParts parts = withValues ? HashParts.Both | HashParts.Pairs : HashParts.Fields;
        var writer = new HashWriter(reply, parts);
        long picked = count < 0
            ? hash.Draw(-count, ref random, shard.NowMs, ref writer)
            : hash.Sample(count, random, shard.NowMs, ref writer);
        reply = writer.Reply;
        if (picked < 0)
        {
            reply.Restore(before);
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        reply.ResolveArray(header, withValues && reply.Version == RespVersion.Resp2 ? 2 * picked : picked);
    }
}
