using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// A set open for a change, perhaps one that does not exist yet. One that has lost its last member is the caller's to delete.
/// </summary>
public readonly ref struct SetEditor
{
    private const int ScratchBytes = 1024;

    private readonly ValueSlot _slot;
    private readonly SetLimits _limits;
    private readonly long _nowMs;

    public SetEditor(ValueSlot slot, SetLimits limits, long nowMs)
    {
        _slot = slot;
        _limits = limits;
        _nowMs = nowMs;
    }

    public SetView View => new(_slot.View, _nowMs);

    public long Count => View.Count;

    private ReadOnlySpan<byte> Packed => _slot.View.Packed;

    // ---- add ----

    /// <summary>
    /// Adds a member that does not expire. So many are about to be added, with this one: more than fit a packed set make it a
    /// table at once.
    /// </summary>
    public SetChange Add(scoped ReadOnlySpan<byte> member, long expected)
    {
        if (!_slot.Exists) return Create(member, expected);
        if (_slot.HasRoot) return AddToTable(_slot.Members, member, 0, keepExpiry: false);
        var isInteger = TryParse(member, out var number);
        if (PackedHead.KindOf(Packed) != PackedKind.Elements)
        {
            if (expected > _limits.IntegersMax) return AddAsTable(member, 0);
            return isInteger ? AddInteger(number, member) : AddToIntegers(member);
        }
        if (expected > _limits.ElementsMax) return AddAsTable(member, 0);
        if (Structures.Packed.Find(Packed, PackedHead.Bytes, member, 1) >= 0) return SetChange.None;
        var count = PackedHead.CountOf(Packed);
        if (count >= _limits.ElementsMax || member.Length > _limits.ElementBytesMax) return AddAsTable(member, 0);
        var at = Packed.Length;
        if (!_slot.Splice(at, 0, Structures.Packed.SizeOf(member), out var packed)) return SetChange.Refused;
        Structures.Packed.Write(packed[at..], member);
        PackedHead.Write(packed, PackedKind.Elements, count + 1);
        return SetChange.Done;
    }

    /// <summary>
    /// Adds a member that expires at a time, Unix milliseconds; one that is there gets that time too, unless it is to keep what
    /// it has. Done only where it is new.
    /// </summary>
    public SetChange AddExpiring(scoped ReadOnlySpan<byte> member, long expireAtMs, bool keepExpiry)
    {
        if (_slot.HasRoot) return AddToTable(_slot.Members, member, expireAtMs, keepExpiry);
        if (!_slot.Exists || !View.Contains(member)) return AddAsTable(member, expireAtMs);
        if (keepExpiry) return SetChange.None;
        if (!TryTurnIntoTable(out var root)) return SetChange.Refused;
        var entry = _slot.MembersOf(root).Find(member);
        if (!_slot.MembersOf(root).SetExpiry(ref entry, expireAtMs))
        {
            _slot.DiscardRoot(root);
            return SetChange.Refused;
        }
        return _slot.SetRoot(ValueType.Set, root) ? SetChange.None : SetChange.Refused;
    }

    private SetChange Create(scoped ReadOnlySpan<byte> member, long expected)
    {
        Span<byte> packed = stackalloc byte[ScratchBytes];
        if (expected <= _limits.IntegersMax && TryParse(member, out var number))
        {
            var kind = PackedIntegers.KindFor(number);
            PackedHead.Write(packed, kind, 1);
            PackedIntegers.Write(packed[PackedHead.Bytes..], kind, number);
            packed = packed[..(PackedHead.Bytes + PackedIntegers.WidthOf(kind))];
            return DoneIf(_slot.SetPacked(ValueType.Set, packed));
        }
        if (expected > _limits.ElementsMax || member.Length > _limits.ElementBytesMax || _limits.ElementsMax < 1)
            return AddAsTable(member, 0);
        // The rest is written where it lies: it may be longer than any scratch.
        PackedHead.Write(packed, PackedKind.Elements, 1);
        var size = PackedHead.Bytes + Structures.Packed.SizeOf(member);
        if (size > ScratchBytes) return CreateLong(member, size);
        Structures.Packed.Write(packed[PackedHead.Bytes..], member);
        return DoneIf(_slot.SetPacked(ValueType.Set, packed[..size]));
    }

    private SetChange CreateLong(scoped ReadOnlySpan<byte> member, int size)
    {
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return SetChange.Refused;
        PackedHead.Write(block.Bytes, PackedKind.Elements, 1);
        Structures.Packed.Write(block.Bytes[PackedHead.Bytes..], member);
        var isSet = _slot.SetPacked(ValueType.Set, block.Bytes[..size]);
        block.Release();
        return DoneIf(isSet);
    }

    /// <summary>
    /// Sets whole numbers in ascending order, as many as may be packed, as they lie packed, in place of whatever is there.
    /// </summary>
    internal SetChange SetIntegers(PackedKind kind, scoped ReadOnlySpan<byte> numbers)
    {
        const int WidthMax = sizeof(long), StackMax = 512 * WidthMax;
        var size = PackedHead.Bytes + numbers.Length;
        var block = size > StackMax ? NativeBlock.Allocate(size) : default;
        if (size > StackMax && block.IsNull) return SetChange.Refused;
        var packed = block.IsNull ? stackalloc byte[StackMax] : block.Bytes;
        PackedHead.Write(packed, kind, numbers.Length / PackedIntegers.WidthOf(kind));
        numbers.CopyTo(packed[PackedHead.Bytes..]);
        var isSet = _slot.SetPacked(ValueType.Set, packed[..size]);
        if (!block.IsNull) block.Release();
        return DoneIf(isSet);
    }

    private SetChange AddInteger(long number, scoped ReadOnlySpan<byte> member)
    {
        if (PackedIntegers.TryFind(Packed, number, out var index)) return SetChange.None;
        var kind = PackedHead.KindOf(Packed);
        var count = PackedHead.CountOf(Packed);
        if (count >= _limits.IntegersMax) return AddAsTable(member, 0);
        var needed = PackedIntegers.KindFor(number);
        Span<byte> packed;
        if (needed > kind)
        {
            // It is less than all of them, or greater.
            var width = PackedIntegers.WidthOf(needed);
            var grown = (count + 1) * width - (Packed.Length - PackedHead.Bytes);
            if (!_slot.Splice(Packed.Length, 0, grown, out packed)) return SetChange.Refused;
            PackedIntegers.Widen(packed[PackedHead.Bytes..], count, kind, needed, number < 0 ? 1 : 0);
            kind = needed;
            index = number < 0 ? 0 : count;
        }
        else
        {
            var width = PackedIntegers.WidthOf(kind);
            if (!_slot.Splice(PackedHead.Bytes + index * width, 0, width, out packed)) return SetChange.Refused;
        }
        PackedIntegers.Write(packed[(PackedHead.Bytes + index * PackedIntegers.WidthOf(kind))..], kind, number);
        PackedHead.Write(packed, kind, count + 1);
        return SetChange.Done;
    }

    /// <summary>A member that is no integer, to a set of integers.</summary>
    private SetChange AddToIntegers(scoped ReadOnlySpan<byte> member)
    {
        var count = PackedHead.CountOf(Packed);
        if (count >= _limits.ElementsMax || member.Length > _limits.ElementBytesMax || LongestNumber(count) > _limits.ElementBytesMax)
            return AddAsTable(member, 0);
        var size = PackedHead.Bytes + Structures.Packed.SizeOf(member);
        for (var i = 0; i < count; i++) size += Structures.Packed.SizeOf(PackedIntegers.At(Packed, i));
        var block = size > ScratchBytes ? NativeBlock.Allocate(size) : default;
        if (size > ScratchBytes && block.IsNull) return SetChange.Refused;
        var packed = block.IsNull ? stackalloc byte[ScratchBytes] : block.Bytes;
        PackedHead.Write(packed, PackedKind.Elements, count + 1);
        var at = PackedHead.Bytes;
        for (var i = 0; i < count; i++) at += Structures.Packed.Write(packed[at..], PackedIntegers.At(Packed, i));
        Structures.Packed.Write(packed[at..], member);
        var isSet = _slot.SetPacked(ValueType.Set, packed[..size]);
        if (!block.IsNull) block.Release();
        return DoneIf(isSet);
    }

    private int LongestNumber(int count) => count == 0 ? 0
        : Math.Max(Numbers.LongTextLength(PackedIntegers.At(Packed, 0)), Numbers.LongTextLength(PackedIntegers.At(Packed, count - 1)));

    // ---- the table ----

    private SetChange AddToTable(EntryTable table, scoped ReadOnlySpan<byte> member, long expireAtMs, bool keepExpiry)
    {
        var entry = table.Find(member);
        var isLive = entry.Exists && (entry.ExpireAtMs == 0 || entry.ExpireAtMs > _nowMs);
        if (!isLive) return DoneIf(table.SetString(ref entry, member, default, expireAtMs));
        if (keepExpiry || expireAtMs == 0) return SetChange.None;
        return table.SetExpiry(ref entry, expireAtMs) ? SetChange.None : SetChange.Refused;
    }

    /// <summary>Makes the set a table, and adds a member that may be there already.</summary>
    private SetChange AddAsTable(scoped ReadOnlySpan<byte> member, long expireAtMs)
    {
        if (!TryTurnIntoTable(out var root)) return SetChange.Refused;
        var change = AddToTable(_slot.MembersOf(root), member, expireAtMs, keepExpiry: true);
        if (change == SetChange.Refused)
        {
            _slot.DiscardRoot(root);
            return change;
        }
        return _slot.SetRoot(ValueType.Set, root) ? change : SetChange.Refused;
    }

    /// <summary>A root that no key names yet, with a table of what is packed.</summary>
    private bool TryTurnIntoTable(out uint root)
    {
        root = _slot.MakeRootWithTable(ValueType.Set);
        if (root == 0) return false;
        var filler = new TableFiller { Table = _slot.MembersOf(root) };
        _ = View.Walk(0, int.MaxValue, ref filler);
        if (!filler.IsRefused) return true;
        _slot.DiscardRoot(root);
        return false;
    }

    private ref struct TableFiller : IMemberReader
    {
        public EntryTable Table;
        public bool IsRefused;

        public bool Visit(scoped PackedItem member, double score)
        {
            var text = member.Text(stackalloc byte[Numbers.LongTextMax]);
            var entry = Table.Find(text);
            IsRefused = !Table.SetString(ref entry, text, default, 0);
            return !IsRefused;
        }
    }

    // ---- remove ----

    /// <summary>Removes a member; one whose time has come is not there, and stays for the sweep.</summary>
    public SetChange Remove(scoped ReadOnlySpan<byte> member)
    {
        if (!_slot.Exists) return SetChange.None;
        if (_slot.HasRoot) return RemoveFromTable(member);
        if (PackedHead.KindOf(Packed) == PackedKind.Elements)
        {
            var at = Structures.Packed.Find(Packed, PackedHead.Bytes, member, 1);
            return at < 0 ? SetChange.None : RemovePacked(at, Structures.Packed.Next(Packed, at) - at);
        }
        if (!TryParse(member, out var number) || !PackedIntegers.TryFind(Packed, number, out var index)) return SetChange.None;
        return RemoveInteger(index);
    }

    private SetChange RemoveFromTable(scoped ReadOnlySpan<byte> member)
    {
        var table = _slot.Members;
        var entry = table.Find(member);
        if (!entry.Exists || entry.ExpireAtMs != 0 && entry.ExpireAtMs <= _nowMs) return SetChange.None;
        table.Delete(ref entry);
        return SetChange.Done;
    }

    private SetChange RemoveInteger(int index)
    {
        var width = PackedIntegers.WidthOf(PackedHead.KindOf(Packed));
        return RemovePacked(PackedHead.Bytes + index * width, width);
    }

    private SetChange RemovePacked(int at, int bytes)
    {
        var kind = PackedHead.KindOf(Packed);
        var count = PackedHead.CountOf(Packed);
        if (!_slot.Splice(at, bytes, 0, out var packed)) return SetChange.Refused;
        PackedHead.Write(packed, kind, count - 1);
        return SetChange.Done;
    }

    // ---- pop ----

    /// <summary>
    /// Removes a member by a random number, each with the same chance, after it has been shown to the visitor. None where there
    /// is none.
    /// </summary>
    public static SetChange Pop<TVisitor>(scoped SetEditor set, ulong random, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        if (!set._slot.Exists) return SetChange.None;
        if (set._slot.HasRoot)
        {
            var table = set._slot.Members;
            if (!SetView.TryRandomEntry(table, random, set._nowMs, out var entry)) return SetChange.None;
            visitor.Visit(new PackedItem(entry.Key), 1);
            table.Delete(ref entry);
            return SetChange.Done;
        }
        // Before it is shown: a change that is refused must not have been.
        if (!set._slot.Splice(set.Packed.Length, 0, 0, out _)) return SetChange.Refused;
        var item = set.View.At((int)RandomTake.NextBelow(ref random, set.Count), out var position);
        visitor.Visit(item, 1);
        if (PackedHead.KindOf(set.Packed) != PackedKind.Elements) return set.RemoveInteger(position);
        return set.RemovePacked(position, Structures.Packed.Next(set.Packed, position) - position);
    }

    /// <summary>
    /// Walks the set as <see cref="SetView.Walk"/> does, and removes what the take chooses, after it has been shown to the
    /// visitor. Of a packed set all at once. False when memory is refused; then nothing was removed or shown.
    /// </summary>
    public static bool TryPopWalk<TVisitor>(
        scoped SetEditor set, ref ulong position, int members, ref RandomTake take, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        if (!set._slot.HasRoot)
        {
            position = 0;
            return TryPopPacked(set, ref take, ref visitor);
        }
        var table = set._slot.Members;
        var popper = new TablePopper<TVisitor> { Visitor = visitor, Table = table, Take = take, From = position, NowMs = set._nowMs };
        for (var met = 0; met < members && popper.Take.Wanted > 0; met += Math.Max(1, popper.Seen))
        {
            popper.Seen = 0;
            position = table.Walk(position, ref popper);
            popper.From = 0;
            if (position == 0) break;
        }
        if (popper.Take.Wanted == 0) position = 0;
        take = popper.Take;
        visitor = popper.Visitor;
        return true;
    }

    private static bool TryPopPacked<TVisitor>(scoped SetEditor set, ref RandomTake take, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        // No change of length: from here on the bytes are nobody else's, and may be changed.
        if (!set._slot.Splice(set.Packed.Length, 0, 0, out var packed)) return false;
        var kind = PackedHead.KindOf(packed);
        var (count, from, to) = (PackedHead.CountOf(packed), PackedHead.Bytes, PackedHead.Bytes);
        while (from < packed.Length)
        {
            var next = kind == PackedKind.Elements ? Structures.Packed.Next(packed, from) : from + PackedIntegers.WidthOf(kind);
            if (take.Next())
            {
                visitor.Visit(kind == PackedKind.Elements
                    ? Structures.Packed.Read(packed, from, out _)
                    : new PackedItem(PackedIntegers.Read(packed[from..], kind)), 1);
                count--;
            }
            else
            {
                packed[from..next].CopyTo(packed[to..]);
                to += next - from;
            }
            from = next;
        }
        PackedHead.Write(packed, kind, count);
        var isCut = set._slot.Splice(to, packed.Length - to, 0, out _);
        Invariant.Holds(isCut, "what nobody shares gets shorter where it lies");
        return true;
    }

    private ref struct TablePopper<TVisitor> : IEntryVisitor
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        public TVisitor Visitor;
        public EntryTable Table;
        public RandomTake Take;
        public ulong From;
        public long NowMs;
        public int Seen;

        public void Visit(ref Entry entry)
        {
            Seen++;
            if (entry.ExpireAtMs != 0 && entry.ExpireAtMs <= NowMs) return;
            if (From != 0 && Table.HashOf(entry.Key) < From) return;
            if (!Take.Next()) return;
            Visitor.Visit(new PackedItem(entry.Key), 1);
            Table.Delete(ref entry);
        }
    }

    // ---- small things ----

    private static bool TryParse(scoped ReadOnlySpan<byte> member, out long number)
    {
        number = 0;
        return member.Length <= Numbers.LongTextMax && Numbers.TryParseLong(member, out number);
    }

    private static SetChange DoneIf(bool isDone) => isDone ? SetChange.Done : SetChange.Refused;
}
