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

// So many different members, each choice of them with the same chance, are found in one of two ways (SetView.IsWalkedFor):
//
//     walk    every member is met once and taken by the chance that it has among those that are left (RandomTake); where some
//             expire, a first walk counts those that are there
//     draw    members are drawn one by one; SRANDMEMBER keeps the hashes of what it has drawn, to leave out what comes again
//
// What takes long goes on in slices, as a coordinator under the key's lock.

/// <summary>Members by chance: SPOP and SRANDMEMBER.</summary>
public static class SetRandomCommands
{
    /// <summary>Members that are met, or drawn, within a turn.</summary>
    private const int WalkedAtOnceMax = 2000, DrawnAtOnceMax = 500;

    public static readonly CommandSpec[] Table =
    [
        new("SPOP", -2, Write | Fast | MayBeLong, AclCategory.Set, Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete),
            Pop, "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.")
            { AsCoordinator = PopLong, Tips = ["nondeterministic_output"] },
        new("SRANDMEMBER", -2, ReadOnly | MayBeLong, AclCategory.Set, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Choose,
            "Gets one or multiple random members from a set.") { AsCoordinator = ChooseLong, Tips = ["nondeterministic_output"] },
    ];

    /// <summary>A command under way on its shard: plain data, the state of a hop.</summary>
    private struct WalkPart
    {
        internal RandomTake Take;
        internal ulong Position;
    }

    /// <summary>As <see cref="WalkPart"/>, for one that draws.</summary>
    private struct DrawPart
    {
        internal HashSieve Drawn;
        internal ulong Random;
        internal long Left;
        internal bool IsRefused;
    }

    // --- Arguments ---------------------------------------------------------------------------------------

    private static bool TryReadPop(Arguments args, ref ReplyWriter reply, out long count)
    {
        count = 0;
        if (args.Count > 3) reply.Error(Errors.Syntax);
        else if (!Numbers.TryParseLong(args[2], out count) || count < 0) reply.Error(Errors.OutOfRangePositive);
        else return true;
        return false;
    }

    private static bool TryReadChoice(Arguments args, ref ReplyWriter reply, out long count)
    {
        count = 0;
        if (args.Count > 3) reply.Error(Errors.Syntax);
        else if (!Numbers.TryParseLong(args[2], out count)) reply.Error(Errors.NotInteger);
        else if (count == long.MinValue) reply.Error(Errors.OutOfRangeBetween, -long.MaxValue, long.MaxValue);
        else return true;
        return false;
    }

    private static SetView ViewOf(ShardScope shard, Key key) => new(shard.View(shard.Peek(key)), shard.NowMs);

    /// <summary>Is it done within a turn?</summary>
    private static bool IsShort(scoped SetView set, long wanted) => set.IsWalkedFor(wanted)
        ? set.Count <= WalkedAtOnceMax
        : wanted <= DrawnAtOnceMax;

    private static long CountLive(scoped SetView set)
    {
        if (!set.HasExpiring) return set.Count;
        var counter = default(Counter);
        for (ulong position = 0; ;)
        {
            position = set.Walk(position, int.MaxValue, ref counter);
            if (position == 0) return counter.Met;
        }
    }

    // --- SPOP --------------------------------------------------------------------------------------------

    private static void Pop(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2)
        {
            PopOne(shard, args, ref reply);
            return;
        }
        if (!TryReadPop(args, ref reply, out long count)) return;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Set, ref reply, out Edit edit)) return;
        SetView set = SetCommands.Editor(shard, edit.Slot).View;
        long live = count == 0 || !IsShort(set, count) ? 0 : CountLive(set);
        if (count != 0 && !IsShort(set, count)) shard.LeaveToCoordinator();
        else if (live == 0) reply.Set(0);
        else
        {
            PopHere(shard, args.Key(1), ref edit, live, Math.Min(count, live), ref reply);
            return;
        }
        edit.Abandon();
    }

    private static void PopOne(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Set, ref reply, out Edit edit)) return;
        SetEditor set = SetCommands.Editor(shard, edit.Slot);
        var writer = new MemberWriter { Reply = reply };
        ReplyStream.Mark mark = writer.Reply.Save();
        SetChange change = SetEditor.Pop(set, shard.NextRandom(), ref writer);
        reply = writer.Reply;
        if (change == SetChange.Done)
        {
            SetCommands.CommitRemoval(ref edit, set.Count == 0, "spop"u8, Effect.State);
            return;
        }
        edit.Abandon();
        if (change == SetChange.Refused)
        {
            reply.Restore(mark);
            reply.Error(Outcome.OutOfMemory);
        }
        else reply.Null();
    }

    private static void PopHere(ShardScope shard, Key key, scoped ref Edit edit, long live, long wanted, ref ReplyWriter reply)
    {
        SetEditor set = SetCommands.Editor(shard, edit.Slot);
        bool takesAll = wanted == set.Count;
        bool isWalked = set.View.IsWalkedFor(wanted);
        reply.Set(wanted);
        var writer = new MemberWriter { Reply = reply };
        if (takesAll)
        {
            SetView all = ViewOf(shard, key);
            for (ulong position = 0; ;)
            {
                position = all.Walk(position, int.MaxValue, ref writer);
                if (position == 0) break;
            }
        }
        else if (isWalked)
        {
            var take = new RandomTake(live, wanted, shard.NextRandom());
            ulong position = 0;
            do _ = SetEditor.TryPopWalk(set, ref position, int.MaxValue, ref take, ref writer);
            while (position != 0);
        }
        else
        {
            for (long i = 0; i < wanted; i++) _ = SetEditor.Pop(set, shard.NextRandom(), ref writer);
        }
        reply = writer.Reply;
        SetCommands.CommitRemoval(ref edit, takesAll || set.Count == 0, "spop"u8, Effect.State);
    }

    private static async Co<Nothing> PopLong(Coordinator tx)
    {
        if (!TryBegin(tx, isPop: true, out long count)) return default;
        int shard = tx.ShardOf(1);
        await tx.Hop(shard, LookToPop);
        var outcome = (Outcome)tx.ValueOf(shard);
        if (outcome != Outcome.Ok)
        {
            tx.Fail(outcome);
            return default;
        }
        long size = tx.StateOf<SetFigures>(shard).Count;
        bool isWalked = tx.StateOf<SetFigures>(shard).IsWalked;
        long live = size;
        if (tx.StateOf<SetFigures>(shard).HasExpiring) live = await Count(tx, shard);
        long wanted = Math.Min(count, live);
        if (isWalked)
        {
            tx.StateOf<WalkPart>(shard) = new WalkPart { Take = new RandomTake(live, wanted, tx.NextRandom()) };
            HopCallback slice = wanted == size ? ShowSlice : PopWalkSlice;
            do await HopSlice(tx, shard, slice);
            while (tx.StateOf<WalkPart>(shard).Position != 0);
        }
        else
        {
            tx.StateOf<DrawPart>(shard) = new DrawPart { Left = wanted, Random = tx.NextRandom() };
            do await HopSlice(tx, shard, PopDrawSlice);
            while (tx.StateOf<DrawPart>(shard).Left > 0);
        }
        if (wanted != 0) await tx.Hop(shard, wanted == size ? EndPopOfAll : EndPop);
        Answer(tx, shard, wanted, isSet: true);
        return default;
    }

    private static void PopWalkSlice(ShardScope shard, ref HopFrame hop)
    {
        ref WalkPart part = ref hop.State<WalkPart>();
        Edit edit = new Edit(shard, hop.Args.Key(1));
        SetEditor set = SetCommands.Editor(shard, edit.Slot);
        var writer = new MemberWriter { Reply = hop.Writer() };
        var slice = new WorkSlice(shard);
        do _ = SetEditor.TryPopWalk(set, ref part.Position, MembersPerStep, ref part.Take, ref writer);
        while (part.Position != 0 && slice.MayGoOn(shard));
        writer.Reply.Flush();
        edit.Pause();
    }

    private static void PopDrawSlice(ShardScope shard, ref HopFrame hop)
    {
        ref DrawPart part = ref hop.State<DrawPart>();
        Edit edit = new Edit(shard, hop.Args.Key(1));
        SetEditor set = SetCommands.Editor(shard, edit.Slot);
        var writer = new MemberWriter { Reply = hop.Writer() };
        var slice = new WorkSlice(shard);
        do _ = SetEditor.Pop(set, (ulong)RandomTake.NextBelow(ref part.Random, long.MaxValue), ref writer);
        while (--part.Left > 0 && slice.MayGoOn(shard));
        writer.Reply.Flush();
        edit.Pause();
    }

    private static void EndPop(ShardScope shard, ref HopFrame hop)
    {
        Edit edit = new Edit(shard, hop.Args.Key(1));
        bool isEmpty = SetCommands.Editor(shard, edit.Slot).Count == 0;
        SetCommands.CommitRemoval(ref edit, isEmpty, "spop"u8, Effect.State);
    }

    private static void EndPopOfAll(ShardScope shard, ref HopFrame hop)
    {
        Edit edit = new Edit(shard, hop.Args.Key(1));
        SetCommands.CommitRemoval(ref edit, isEmpty: true, "spop"u8, Effect.State);
    }

    // --- SRANDMEMBER -------------------------------------------------------------------------------------

    private static void Choose(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        long count = 0;
        if (args.Count > 2 && !TryReadChoice(args, ref reply, out count)) return;
        if (!SetCommands.TryRead(shard, args.Key(1), ref reply, out SetView set)) return;
        if (args.Count == 2)
        {
            if (set.TryRandom(shard.NextRandom(), out PackedItem member)) reply.Bulk(member);
            else reply.Null();
            return;
        }
        if (count == 0 || set.Count == 0)
        {
            reply.Array(0);
            return;
        }
        bool isShort = count < 0 ? -count <= DrawnAtOnceMax && set.LookupCost <= WalkedAtOnceMax / DrawnAtOnceMax * 4 : IsShort(set, count);
        if (!isShort || count > 0 && !set.IsWalkedFor(count))
        {
            shard.LeaveToCoordinator();
            return;
        }
        ulong random = shard.NextRandom();
        if (count < 0) RepeatHere(set, -count, random, ref reply);
        else TakeHere(shard, args.Key(1), count, random, ref reply);
    }

    private static void RepeatHere(scoped SetView set, long count, ulong random, ref ReplyWriter reply)
    {
        if (!set.TryRandom(random, out _))
        {
            reply.Array(0);
            return;
        }
        reply.Array(count);
        for (; count > 0; count--)
        {
            bool isThere = set.TryRandom((ulong)RandomTake.NextBelow(ref random, long.MaxValue), out PackedItem member);
            Core.Invariant.Holds(isThere, "a member that was there is there");
            reply.Bulk(member);
        }
    }

    private static void TakeHere(ShardScope shard, Key key, long count, ulong random, ref ReplyWriter reply)
    {
        SetView set = ViewOf(shard, key);
        long live = CountLive(set), wanted = Math.Min(count, live);
        reply.Array(wanted);
        var taker = new Taker { Take = new RandomTake(live, wanted, random), Writer = new MemberWriter { Reply = reply } };
        for (ulong position = 0; taker.Take.Wanted > 0;)
        {
            position = set.Walk(position, int.MaxValue, ref taker);
            if (position == 0) break;
        }
        reply = taker.Writer.Reply;
    }

    private static async Co<Nothing> ChooseLong(Coordinator tx)
    {
        if (!TryBegin(tx, isPop: false, out long count)) return default;
        int shard = tx.ShardOf(1);
        await tx.Hop(shard, LookToChoose);
        if ((Outcome)tx.ValueOf(shard) != Outcome.Ok)
        {
            tx.Fail((Outcome)tx.ValueOf(shard));
            return default;
        }
        SetFigures figures = tx.StateOf<SetFigures>(shard);
        long live = figures.HasExpiring ? await Count(tx, shard) : figures.Count;
        if (tx.Args.Count == 2)
        {
            tx.StateOf<DrawPart>(shard) = new DrawPart { Left = Math.Min(live, 1), Random = tx.NextRandom() };
            await tx.Hop(shard, RepeatSlice);
            AnswerOne(tx, shard, live != 0);
            return default;
        }
        long wanted = live == 0 ? 0 : count < 0 ? -count : Math.Min(count, live);
        bool isRefused = false;
        if (count > 0 && figures.IsWalked)
        {
            tx.StateOf<WalkPart>(shard) = new WalkPart { Take = new RandomTake(live, wanted, tx.NextRandom()) };
            do await HopSlice(tx, shard, TakeSlice);
            while (tx.StateOf<WalkPart>(shard).Position != 0 && !tx.Session.Gone);
        }
        else if (wanted != 0) isRefused = await Draw(tx, shard, wanted, isDistinct: count > 0);
        if (isRefused) tx.Fail(Outcome.OutOfMemory);
        else Answer(tx, shard, wanted, isSet: false);
        return default;
    }

    /// <summary>Draws in slices; true where memory is refused.</summary>
    private static async Co<bool> Draw(Coordinator tx, int shard, long wanted, bool isDistinct)
    {
        var part = new DrawPart { Left = wanted, Random = tx.NextRandom() };
        if (isDistinct && !HashSieve.TryMake(wanted, out part.Drawn)) return true;
        tx.StateOf<DrawPart>(shard) = part;
        do await HopSlice(tx, shard, isDistinct ? DrawSlice : RepeatSlice);
        while (tx.StateOf<DrawPart>(shard).Left > 0 && !tx.Session.Gone);
        tx.StateOf<DrawPart>(shard).Drawn.Release();
        return false;
    }

    private static void TakeSlice(ShardScope shard, ref HopFrame hop)
    {
        ref WalkPart part = ref hop.State<WalkPart>();
        SetView set = ViewOf(shard, hop.Args.Key(1));
        var taker = new Taker { Take = part.Take, Writer = new MemberWriter { Reply = hop.Writer() } };
        var slice = new WorkSlice(shard);
        do part.Position = set.Walk(part.Position, MembersPerStep, ref taker);
        while (part.Position != 0 && taker.Take.Wanted > 0 && slice.MayGoOn(shard));
        part.Take = taker.Take;
        if (part.Take.Wanted == 0) part.Position = 0;
        taker.Writer.Reply.Flush();
    }

    private static void DrawSlice(ShardScope shard, ref HopFrame hop)
    {
        ref DrawPart part = ref hop.State<DrawPart>();
        SetView set = ViewOf(shard, hop.Args.Key(1));
        ReplyWriter reply = hop.Writer();
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        var slice = new WorkSlice(shard);
        while (part.Left > 0 && slice.MayGoOn(shard))
        {
            if (!set.TryRandom((ulong)RandomTake.NextBelow(ref part.Random, long.MaxValue), out PackedItem member)) break;
            ulong hash = shard.Settings.HashKey.Hash(member.Text(scratch));
            if (!part.Drawn.TryAdd(hash)) continue;
            reply.Bulk(member);
            part.Left--;
        }
        reply.Flush();
    }

    private static void RepeatSlice(ShardScope shard, ref HopFrame hop)
    {
        ref DrawPart part = ref hop.State<DrawPart>();
        SetView set = ViewOf(shard, hop.Args.Key(1));
        ReplyWriter reply = hop.Writer();
        var slice = new WorkSlice(shard);
        while (part.Left > 0 && slice.MayGoOn(shard))
        {
            if (!set.TryRandom((ulong)RandomTake.NextBelow(ref part.Random, long.MaxValue), out PackedItem member)) break;
            reply.Bulk(member);
            part.Left--;
        }
        reply.Flush();
    }

    // --- In slices ---------------------------------------------------------------------------------------

    /// <summary>Members that are met between two looks at the clock.</summary>
    private const int MembersPerStep = 100;

    /// <summary>What a coordinator must know of its set.</summary>
    private struct SetFigures
    {
        internal long Count;
        internal bool HasExpiring;
        internal bool IsWalked;
    }

    /// <summary>Reads the count, 1 where none is given; false where the arguments are wrong, which is answered.</summary>
    private static bool TryBegin(Coordinator tx, bool isPop, out long count)
    {
        count = 1;
        if (tx.Args.Count == 2) return true;
        ReplyWriter reply = tx.Writer();
        bool ok = isPop ? TryReadPop(tx.Args, ref reply, out count) : TryReadChoice(tx.Args, ref reply, out count);
        tx.Close(ref reply);
        return ok;
    }

    private static void LookToPop(ShardScope shard, ref HopFrame hop) => Look(shard, shard.Peek(hop.Args.Key(1)), ref hop);

    private static void LookToChoose(ShardScope shard, ref HopFrame hop) => Look(shard, shard.Find(hop.Args.Key(1)), ref hop);

    private static void Look(ShardScope shard, Entry entry, ref HopFrame hop)
    {
        if (entry.Exists && entry.Type != ValueType.Set)
        {
            hop.Value = (long)Outcome.WrongType;
            return;
        }
        var set = new SetView(shard.View(entry), shard.NowMs);
        long wanted = hop.Args.Count > 2 && Numbers.TryParseLong(hop.Args[2], out long count) ? count : 1;
        hop.State<SetFigures>() = new SetFigures
        {
            Count = set.Count,
            HasExpiring = set.HasExpiring,
            IsWalked = set.IsWalkedFor(wanted),
        };
    }

    private static async Co<long> Count(Coordinator tx, int shard)
    {
        tx.StateOf<WalkPart>(shard) = default;
        do await HopSlice(tx, shard, CountSlice);
        while (tx.StateOf<WalkPart>(shard).Position != 0);
        return tx.ValueOf(shard);
    }

    /// <summary>One slice on the shard; between two the loop takes its turn.</summary>
    private static async Co<Nothing> HopSlice(Coordinator tx, int shard, HopCallback slice)
    {
        await tx.Hop(shard, slice);
        await tx.Yield();
        return default;
    }

    private static void CountSlice(ShardScope shard, ref HopFrame hop)
    {
        ref WalkPart part = ref hop.State<WalkPart>();
        SetView set = ViewOf(shard, hop.Args.Key(1));
        var counter = default(Counter);
        var slice = new WorkSlice(shard);
        do part.Position = set.Walk(part.Position, MembersPerStep, ref counter);
        while (part.Position != 0 && slice.MayGoOn(shard));
        hop.Value += counter.Met;
    }

    private static void ShowSlice(ShardScope shard, ref HopFrame hop)
    {
        ref WalkPart part = ref hop.State<WalkPart>();
        SetView set = ViewOf(shard, hop.Args.Key(1));
        var writer = new MemberWriter { Reply = hop.Writer() };
        var slice = new WorkSlice(shard);
        do part.Position = set.Walk(part.Position, MembersPerStep, ref writer);
        while (part.Position != 0 && slice.MayGoOn(shard));
        writer.Reply.Flush();
    }

    private static void Answer(Coordinator tx, int shard, long count, bool isSet)
    {
        ReplyWriter reply = tx.Writer();
        if (isSet && tx.Args.Count == 2) AnswerPopped(ref reply, count);
        else if (isSet) reply.Set(count);
        else reply.Array(count);
        reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    /// <summary>SPOP of one member: it stands alone.</summary>
    private static void AnswerPopped(ref ReplyWriter reply, long count)
    {
        if (count == 0) reply.Null();
    }

    private static void AnswerOne(Coordinator tx, int shard, bool isThere)
    {
        if (isThere)
        {
            tx.AnswerPart(shard);
            return;
        }
        ReplyWriter reply = tx.Writer();
        reply.Null();
        tx.Close(ref reply);
    }

    // --- Readers -----------------------------------------------------------------------------------------

    private struct Counter : IMemberReader
    {
        internal long Met;

        public bool Visit(scoped PackedItem member, double score)
        {
            Met++;
            return true;
        }
    }

    /// <summary>Writes the members that chance takes. Mutable: knows how many are left.</summary>
    private ref struct Taker : IMemberReader
    {
        internal RandomTake Take;
        internal MemberWriter Writer;

        public bool Visit(scoped PackedItem member, double score)
        {
            if (Take.Next()) Writer.Visit(member, score);
            return Take.Wanted > 0;
        }
    }
}
