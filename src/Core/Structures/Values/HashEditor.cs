using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// A hash, open for a change. Each change either takes place as a whole or is refused and leaves the fields as they were. A
/// hash that has lost its last field is to be deleted with its key.
/// </summary>
public ref struct HashEditor
{
    /// <summary>Instead of an expiry: the one that the field has, if it is live.</summary>
    public const long KeepExpiry = -1;

    private const int Pair = 2;

    /// <summary>A packed hash that would grow beyond gets a table, whatever the limits say.</summary>
    private const int PackedBytesMax = 1 << 30;

    private readonly ValueSlot _slot;
    private readonly PackedLimits _limits;
    private readonly long _nowMs;
    private bool _wantsTable;

    /// <summary>What has expired by this time counts as gone, except that it takes room; 0: nothing has.</summary>
    public HashEditor(ValueSlot slot, PackedLimits limits, long nowMs)
    {
        _slot = slot;
        _limits = limits;
        _nowMs = nowMs;
    }

    public readonly HashView View => new(_slot.View);

    /// <summary>Lets the next field that is set go to a table.</summary>
    public void PreferTable() => _wantsTable = true;

    /// <summary>
    /// Sets a field and its expiry in Unix milliseconds, 0 for none, <see cref="KeepExpiry"/> for the one that it has. A block
    /// that holds just the value may be given; where it is kept, it gets a reference of its own. False when memory is refused.
    /// </summary>
    public bool Set(
        scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, long expireAtMs, NativeBlock block, out FieldState before)
    {
        before = FieldState.Missing;
        if (_slot.HasRoot) return SetInTable(_slot.Members, field, value, expireAtMs, block, out before);
        var packed = _slot.View.Packed;
        var at = HashView.FindPacked(packed, field);
        if (at >= 0) before = FieldState.Live;
        if (expireAtMs > 0 || !MayStayPacked(field, value, packed.Length, at >= 0)) return Convert(field, value, Math.Max(0, expireAtMs), block);
        if (!_slot.Exists) return SetFirst(field, value);
        return at >= 0 ? Replace(packed, at, value) : Append(packed.Length, field, value);
    }

    /// <summary>Sets or, with 0, removes the expiry of a field that is there. False when memory is refused.</summary>
    public bool SetExpiry(scoped ReadOnlySpan<byte> field, long expireAtMs)
    {
        if (!_slot.HasRoot)
        {
            if (expireAtMs == 0) return true;
            if (!Convert(default, default, 0, default, addsField: false)) return false;
        }
        var members = _slot.Members;
        var entry = members.Find(field);
        Invariant.Holds(entry.Exists, "only a field that is there expires");
        return members.SetExpiry(ref entry, expireAtMs);
    }

    /// <summary>True when the field was there.</summary>
    public bool Delete(scoped ReadOnlySpan<byte> field)
    {
        if (_slot.HasRoot)
        {
            var members = _slot.Members;
            var entry = members.Find(field);
            if (!HashView.IsLive(in entry, _nowMs)) return false;
            members.Delete(ref entry);
            return true;
        }
        var packed = _slot.View.Packed;
        var at = HashView.FindPacked(packed, field);
        if (at < 0) return false;
        var count = PackedHead.CountOf(packed);
        var isDone = _slot.Splice(at, Packed.Skip(packed, at, Pair) - at, 0, out var shorter);
        Invariant.Holds(isDone, "a value that gets shorter is never refused");
        PackedHead.Write(shorter, PackedKind.Elements, count - Pair);
        return true;
    }

    // ---- packed ----

    private readonly bool MayStayPacked(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, int packedBytes, bool isThere)
    {
        if (_wantsTable || Math.Max(field.Length, value.Length) > _limits.BytesMax) return false;
        if ((long)packedBytes + field.Length + value.Length + 2 * Packed.OverheadMax > PackedBytesMax) return false;
        return isThere || View.Count < _limits.EntriesMax;
    }

    private bool SetFirst(scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value)
    {
        const int StackMax = 512;
        var size = PackedHead.Bytes + Packed.SizeOf(field) + Packed.SizeOf(value);
        if (size <= StackMax)
        {
            Span<byte> packed = stackalloc byte[StackMax];
            return SetFirst(packed[..size], field, value);
        }
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return false;
        var isDone = SetFirst(block.Bytes[..size], field, value);
        block.Release();
        return isDone;
    }

    private bool SetFirst(scoped Span<byte> packed, scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value)
    {
        PackedHead.Write(packed, PackedKind.Elements, Pair);
        var at = PackedHead.Bytes;
        at += Packed.Write(packed[at..], field);
        _ = Packed.Write(packed[at..], value);
        return _slot.SetPacked(ValueType.Hash, packed);
    }

    private bool Replace(ReadOnlySpan<byte> packed, int fieldAt, scoped ReadOnlySpan<byte> value)
    {
        var at = Packed.Next(packed, fieldAt);
        if (!_slot.Splice(at, Packed.Next(packed, at) - at, Packed.SizeOf(value), out var changed)) return false;
        _ = Packed.Write(changed[at..], value);
        return true;
    }

    private bool Append(int at, scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value)
    {
        if (!_slot.Splice(at, 0, Packed.SizeOf(field) + Packed.SizeOf(value), out var longer)) return false;
        var count = PackedHead.CountOf(longer[..at]);
        at += Packed.Write(longer[at..], field);
        _ = Packed.Write(longer[at..], value);
        PackedHead.Write(longer, PackedKind.Elements, count + Pair);
        return true;
    }

    // ---- table ----

    private readonly bool SetInTable(
        EntryTable members, scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, long expireAtMs, NativeBlock block,
        out FieldState before)
    {
        var entry = members.Find(field);
        before = !entry.Exists ? FieldState.Missing : HashView.IsLive(in entry, _nowMs) ? FieldState.Live : FieldState.Expired;
        if (expireAtMs == KeepExpiry) expireAtMs = before == FieldState.Live ? entry.ExpireAtMs : 0;
        return Store(members, ref entry, field, value, expireAtMs, block);
    }

    private static bool Store(
        EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, long expireAtMs,
        NativeBlock block)
    {
        if (value.Length <= Numbers.LongTextMax && Numbers.TryParseLong(value, out var number))
            return members.SetInteger(ref entry, field, number, expireAtMs);
        if (block.IsNull || value.Length <= EntryTable.InlineBytesMax) return members.SetString(ref entry, field, value, expireAtMs);
        block.AddReference();
        if (members.SetBlock(ref entry, field, block, value.Length, expireAtMs)) return true;
        block.Release();
        return false;
    }

    /// <summary>
    /// Puts the fields into a table, with one more that may replace one of them; the key names it once it is complete.
    /// </summary>
    private bool Convert(
        scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, long expireAtMs, NativeBlock block, bool addsField = true)
    {
        var root = _slot.MakeRootWithTable(ValueType.Hash);
        if (root == 0) return false;
        var members = _slot.MembersOf(root);
        var isDone = CopyPacked(_slot.View.Packed, members);
        if (isDone && addsField)
        {
            var entry = members.Find(field);
            isDone = Store(members, ref entry, field, value, expireAtMs, block);
        }
        if (!isDone)
        {
            _slot.DiscardRoot(root);
            return false;
        }
        return _slot.SetRoot(ValueType.Hash, root);
    }

    private static bool CopyPacked(ReadOnlySpan<byte> packed, EntryTable members)
    {
        Span<byte> fieldScratch = stackalloc byte[Numbers.LongTextMax], valueScratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = PackedHead.Bytes; at < packed.Length;)
        {
            var field = Packed.Read(packed, at, out at).Text(fieldScratch);
            var value = Packed.Read(packed, at, out at).Text(valueScratch);
            var entry = members.Find(field);
            if (!Store(members, ref entry, field, value, 0, default)) return false;
        }
        return true;
    }
}
