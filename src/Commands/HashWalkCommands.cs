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
    /// <summary>More fields are written in several turns.</summary>
    private const int FieldsPerTurn = 4096;

    /// <summary>More draws are made only while there is memory for them: their number knows no other bound.</summary>
    private const int DrawsFree = 65_536;

    /// <summary>More fields, some of which expire, are counted in several turns before some of them are chosen.</summary>
    private const int CountedPerTurn = 16_384;

    /// <summary>Of a long read's mode, beside the parts: it is known among how many fields it chooses.</summary>
    private const int IsCounted = 1 << 8;

    private static readonly LongReadStep StepHandler = Step;
    private static readonly LongReadStep DrawHandler = DrawStep;
    private static readonly LongReadStep ChooseHandler = ChooseStep;
    private static readonly LongReadHeader HeaderHandler = WriteHeader;
    private static readonly string[] Unordered = ["nondeterministic_output_order"];
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        //   name     arity  flags    categories        keys  handler
        new("HGETALL",    2, ReadOnly | ReadsLong, AclCategory.Hash, Read, HGetAll, "Returns all fields and values in a hash.") { Tips = Unordered },
        new("HKEYS",      2, ReadOnly | ReadsLong, AclCategory.Hash, Read, HKeys, "Returns all fields in a hash.") { Tips = Unordered },
        new("HVALS",      2, ReadOnly | ReadsLong, AclCategory.Hash, Read, HVals, "Returns all values in a hash.") { Tips = Unordered },
        new("HSCAN",     -3, ReadOnly, AclCategory.Hash, Read, HScan, "Iterates over fields and values of a hash.") { Tips = Nondeterministic },
        new("HRANDFIELD", -2, ReadOnly | ReadsLong, AclCategory.Hash, Read, HRandField, "Returns one or more random fields from a hash.")
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
        var parts = (HashParts)(state.Mode & ~IsCounted);
        if (parts == HashParts.Both) reply.Map(state.Written);
        else if ((parts & HashParts.Pairs) != 0 && reply.Version == RespVersion.Resp2) reply.Array(2 * state.Written);
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
        if (!HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) return;
        HashParts parts = withValues ? HashParts.Both | HashParts.Pairs : HashParts.Fields;
        bool isAll = count >= hash.Count && hash.Count > FieldsPerTurn;
        bool isChoice = count > 0 && (count > FieldsPerTurn || hash.ExpiringCount != 0) && hash.Count > CountedPerTurn;
        if (hash.Count != 0 && shard.MaySuspend && (isAll || isChoice || count < -FieldsPerTurn))
            shard.ReadLong(args, (int)parts, isAll ? StepHandler : isChoice ? ChooseHandler : DrawHandler, HeaderHandler);
        else Pick(shard, hash, count, parts, ref reply);
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
    private static void Pick(ShardScope shard, HashView hash, long count, HashParts parts, ref ReplyWriter reply)
    {
        if (count == 0 || hash.Count == 0)
        {
            reply.Array(0);
            return;
        }
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        ulong random = shard.NextRandom();
        var writer = new HashWriter(reply, parts);
        bool isRefused = count < 0 ? !TryDraw(shard, hash, -count, random, ref writer) : hash.Sample(count, random, shard.NowMs, ref writer) < 0;
        reply = writer.Reply;
        if (isRefused)
        {
            reply.Restore(before);
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        bool isFlat = (parts & HashParts.Pairs) != 0 && reply.Version == RespVersion.Resp2;
        reply.ResolveArray(header, isFlat ? 2 * writer.Written : writer.Written);
    }

    /// <summary>So many draws in one go; false when the reply takes too much memory.</summary>
    private static bool TryDraw(ShardScope shard, HashView hash, long draws, ulong random, ref HashWriter writer)
    {
        while (draws > 0)
        {
            long some = Math.Min(draws, FieldsPerTurn);
            if (hash.Draw(some, ref random, shard.NowMs, ref writer) < some) return true;
            draws -= some;
            if (writer.Written > DrawsFree && !shard.AllowsMemory) return false;
        }
        return true;
    }

    /// <summary>A few draws of many; the position only says that more are to come.</summary>
    private static void DrawStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        const int DrawsPerStep = 64;
        _ = Numbers.TryParseLong(args[2], out long count);
        long draws = Math.Min(DrawsPerStep, -count - state.Written);
        ulong random = shard.NextRandom();
        var writer = new HashWriter(reply, (HashParts)state.Mode);
        bool isEnough = new HashView(shard.View(shard.Peek(args.Key(1)))).Draw(draws, ref random, shard.NowMs, ref writer) == draws;
        state.Written += writer.Written;
        state.IsRefused = state.Written > DrawsFree && !shard.AllowsMemory;
        state.Position = isEnough && !state.IsRefused && state.Written < -count ? 1UL : 0;
        reply = writer.Reply;
    }

    /// <summary>
    /// Meets a bucket or two of fields and writes those that are chosen; before that, in as many steps, it counts them where some
    /// expire. The mark has how many are still to be met, and to be chosen.
    /// </summary>
    private static void ChooseStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        var hash = new HashView(shard.View(shard.Peek(args.Key(1))));
        bool isResumed = state.IsResumed && state.Position != 0;
        long population = (long)(ulong)(state.Mark >> 64), wanted = (long)(ulong)state.Mark;
        if ((state.Mode & IsCounted) == 0)
        {
            var counter = new FieldCounter { Met = population };
            if (hash.ExpiringCount == 0) counter.Met = hash.Count;
            else state.Position = hash.Walk(state.Position, shard.NowMs, ref counter, isResumed);
            population = counter.Met;
            state.Mark = new UInt128((ulong)population, 0);
            if (state.Position != 0) return;
            _ = Numbers.TryParseLong(args[2], out long count);
            wanted = Math.Min(count, population);
            state.Mode |= IsCounted;
            state.Checksum = shard.NextRandom();
            isResumed = false;
        }
        var chooser = new FieldChooser
        {
            Writer = new HashWriter(reply, (HashParts)(state.Mode & ~IsCounted)),
            Take = new RandomTake(population, wanted, state.Checksum),
        };
        state.Position = hash.Walk(state.Position, shard.NowMs, ref chooser, isResumed);
        reply = chooser.Writer.Reply;
        state.Written += chooser.Writer.Written;
        state.Mark = new UInt128((ulong)chooser.Take.Population, (ulong)chooser.Take.Wanted);
        state.Checksum = chooser.Take.Random;
        if (chooser.Take.Wanted == 0) state.Position = 0;
    }

    private struct FieldCounter : IFieldVisitor
    {
        internal long Met;

        public void Visit(scoped PackedItem field, scoped in FieldValue value) => Met++;
    }

    private ref struct FieldChooser : IFieldVisitor
    {
        internal HashWriter Writer;
        internal RandomTake Take;

        public void Visit(scoped PackedItem field, scoped in FieldValue value)
        {
            if (Take.Next()) Writer.Visit(field, in value);
        }
    }
}
