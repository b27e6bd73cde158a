using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>SSCAN: the members of a set by a cursor, which is a position in its table. What is packed comes at once.</summary>
public static class SetScanCommand
{
    /// <summary>Members that one call looks at within a turn.</summary>
    private const int LooksAtOnceMax = 1000;

    public static readonly CommandSpec[] Table =
    [
        new("SSCAN", -3, ReadOnly | MayBeLong, AclCategory.Set, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Scan,
            "Iterates over members of a set.") { AsCoordinator = ScanLong, Tips = ["nondeterministic_output"] },
    ];

    /// <summary>A scan under way: plain data, the state of a hop.</summary>
    private struct ScanPart
    {
        internal ulong Position;

        /// <summary>Members that are still to be looked at.</summary>
        internal long Looks;
        internal int Pattern;
        internal bool IsAnswered;
    }

    private static void Scan(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryBegin(shard, args, ref reply, out ScanPart part)) return;
        if (part.Looks > LooksAtOnceMax)
        {
            shard.LeaveToCoordinator();
            return;
        }
        var step = new SetStep { Position = part.Position };
        SetAlgebra.Walk(shard, args.Key(1), ref step, (int)part.Looks);
        if (step.IsRefused) reply.Error(Outcome.OutOfMemory);
        else
        {
            if (part.Pattern != 0) Match(args[part.Pattern], ref step.Batch);
            WriteHead(ref reply, step.Position, step.Batch.Count);
            SetAlgebra.Write(in step.Batch, ref reply);
        }
        step.Batch.Release();
    }

    private static void Match(ReadOnlySpan<byte> pattern, ref MemberBatch batch)
    {
        var filter = new PatternFilter { Pattern = pattern };
        batch.Filter(ref filter);
    }

    /// <summary>False where it is answered already.</summary>
    private static bool TryBegin(ShardScope shard, Arguments args, ref ReplyWriter reply, out ScanPart part)
    {
        part = default;
        if (!ScanCursor.TryRead(args[2], out ulong cursor))
        {
            reply.Error(Errors.InvalidCursor);
            return false;
        }
        if (!SetCommands.TryRead(shard, args.Key(1), ref reply, out SetView set)) return false;
        if (set.Count == 0)
        {
            WriteHead(ref reply, 0, 0);
            return false;
        }
        if (!ScanOptions.TryRead(args, 3, ref reply, out ScanOptions options, Core.Structures.ValueType.Set)) return false;
        // What is packed has no positions that a change would leave as they are.
        bool isTable = set.Encoding == SetEncoding.Table;
        part.Position = isTable ? ScanCursor.Decode(cursor).Position : 0;
        part.Looks = isTable ? options.Count : set.Count;
        part.Pattern = options.Pattern;
        return true;
    }

    private static void WriteHead(ref ReplyWriter reply, ulong position, long count)
    {
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        ulong cursor = position == 0 ? 0 : new ScanCursor(0, position).Encode(shards: 1);
        reply.Array(2);
        reply.Bulk(text[..Numbers.FormatLong((long)cursor, text)]);
        reply.Array(count);
    }

    private static async Co<Nothing> ScanLong(Coordinator tx)
    {
        int shard = tx.ShardOf(1);
        await tx.Hop(shard, Begin);
        if (tx.StateOf<ScanPart>(shard).IsAnswered)
        {
            tx.AnswerPart(shard);
            return default;
        }
        do
        {
            await tx.Hop(shard, ScanSlice);
            if (MayGoOn(tx, shard)) await tx.Yield();
        }
        while (MayGoOn(tx, shard));
        Answer(tx, shard);
        return default;
    }

    private static bool MayGoOn(Coordinator tx, int shard)
    {
        ref ScanPart part = ref tx.StateOf<ScanPart>(shard);
        return part.Position != 0 && part.Looks > 0 && !tx.Session.Gone;
    }

    private static void Answer(Coordinator tx, int shard)
    {
        ReplyWriter reply = tx.Writer();
        WriteHead(ref reply, tx.StateOf<ScanPart>(shard).Position, tx.ValueOf(shard));
        reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    private static void Begin(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        bool isBegun = TryBegin(shard, hop.Args, ref reply, out ScanPart part);
        part.IsAnswered = !isBegun;
        hop.State<ScanPart>() = part;
        reply.Flush();
    }

    private static void ScanSlice(ShardScope shard, ref HopFrame hop)
    {
        const int LooksPerStep = 200;
        ref ScanPart part = ref hop.State<ScanPart>();
        var set = new SetView(shard.View(shard.Peek(hop.Args.Key(1))), shard.NowMs);
        var reader = new ScanReader { Writer = new MemberWriter { Reply = hop.Writer() }, MatchesAll = part.Pattern == 0, Pattern = hop.Args[part.Pattern] };
        var slice = new WorkSlice(shard);
        do
        {
            int looks = (int)Math.Min(part.Looks, LooksPerStep);
            part.Position = set.Walk(part.Position, looks, ref reader);
            part.Looks -= looks;
        }
        while (part.Position != 0 && part.Looks > 0 && slice.MayGoOn(shard));
        hop.Value += reader.Found;
        reader.Writer.Reply.Flush();
    }

    private ref struct PatternFilter : IMemberFilter
    {
        internal ReadOnlySpan<byte> Pattern;

        public readonly bool Keeps(scoped PackedItem member) =>
            Glob.Matches(Pattern, member.Text(stackalloc byte[Numbers.LongTextMax]));
    }

    private ref struct ScanReader : IMemberReader
    {
        internal MemberWriter Writer;
        internal ReadOnlySpan<byte> Pattern;
        internal bool MatchesAll;
        internal long Found;

        public bool Visit(scoped PackedItem member, double score)
        {
            if (!MatchesAll && !Glob.Matches(Pattern, member.Text(stackalloc byte[Numbers.LongTextMax]))) return true;
            Found++;
            return Writer.Visit(member, score);
        }
    }
}
