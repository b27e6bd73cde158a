using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Core.Rdb;

/// <summary>Puts elements that were read into the value that they make, by the editors of its type.</summary>
internal readonly ref struct RdbBuilder
{
    /// <summary>The last millisecond that Redis gives to a field.</summary>
    public const ulong RedisExpiryMax = (1UL << 48) - 1;

    private const long NoExpiry = -1;

    private readonly ValueSlot _slot;
    private readonly RdbLimits _limits;
    private readonly RdbForm _form;
    private readonly ulong _told;

    /// <summary>Of a form; so many elements are told of, where their number is known.</summary>
    public RdbBuilder(ValueSlot slot, RdbLimits limits, RdbForm form, ulong told)
    {
        _slot = slot;
        _limits = limits;
        _form = form;
        _told = told;
    }

    public bool HasValue => _slot.Exists;

    /// <summary>What another server has packed stays packed however long its elements are.</summary>
    private bool CountsOnly => _form.Packing is RdbPacking.Listpack or RdbPacking.Ziplist;

    // ---- strings and lists ----

    public bool SetText(PackedItem item)
    {
        if (item.TryGetInteger(out var number)) return _slot.SetInteger(number);
        return _slot.SetString(item.Bytes);
    }

    /// <summary>Takes over one reference to the block in any case.</summary>
    public bool SetText(NativeBlock block, int length)
    {
        if (length > EntryTable.InlineBytesMax)
        {
            var isSet = _slot.SetBlock(block, length);
            if (!isSet) block.Release();
            return isSet;
        }
        var isDone = SetText(new PackedItem(block.Bytes[..length]));
        block.Release();
        return isDone;
    }

    public RdbLoad Append(PackedItem element, bool apart)
    {
        var text = element.Text(stackalloc byte[Numbers.LongTextMax]);
        return DoneIf(new ListEditor(_slot, _limits.Lists).Build(text, apart));
    }

    public void SettleList() => new ListEditor(_slot, _limits.Lists).Settle();

    // ---- sets ----

    /// <summary>May so many whole numbers lie packed?</summary>
    public bool TakesIntegers(int count) => count <= _limits.Sets.IntegersMax;

    public RdbLoad SetIntegers(PackedKind kind, ReadOnlySpan<byte> numbers) =>
        OutcomeOf(new SetEditor(_slot, _limits.Sets, 0).SetIntegers(kind, numbers));

    public RdbLoad AddMember(PackedItem member, long expireAtMs)
    {
        var text = member.Text(stackalloc byte[Numbers.LongTextMax]);
        var limits = _form.Packing switch
        {
            RdbPacking.None when _told <= (ulong)Math.Max(0, _limits.Sets.IntegersMax) => _limits.Sets,
            // Too many to be packed; Valkey goes by the number of integers, whatever the members are.
            RdbPacking.None or RdbPacking.Integers => default,
            _ => new SetLimits(0, _limits.Sets.ElementsMax, long.MaxValue),
        };
        var set = new SetEditor(_slot, limits, 0);
        if (expireAtMs != 0) return OutcomeOf(set.AddExpiring(text, expireAtMs, keepExpiry: false));
        var expected = _form.Extra == RdbExtra.Expiry ? ulong.MaxValue : Math.Max(1, _told);
        return OutcomeOf(set.Add(text, (long)Math.Min(expected, long.MaxValue)));
    }

    private static RdbLoad OutcomeOf(SetChange change) => change switch
    {
        SetChange.Done => RdbLoad.GoesOn,
        SetChange.Refused => RdbLoad.Refused,
        // It was there already.
        _ => RdbLoad.Damaged,
    };

    // ---- sorted sets ----

    /// <summary>Of a set whose members expire, 0 for one that does not: it is never packed.</summary>
    public RdbLoad AddScored(PackedItem member, double score, long expireAtMs)
    {
        var text = member.Text(stackalloc byte[Numbers.LongTextMax]);
        var set = new SortedSetEditor(_slot, _limits.SortedSets, 0);
        if (double.IsNaN(score) || set.View.TryGetScore(text, out _)) return RdbLoad.Damaged;
        return DoneIf(set.AddExpiring(text, score, expireAtMs));
    }

    public RdbLoad AddScored(PackedItem member, double score)
    {
        if (double.IsNaN(score)) return RdbLoad.Damaged;
        var text = member.Text(stackalloc byte[Numbers.LongTextMax]);
        var limits = CountsOnly ? _limits.SortedSets with { BytesMax = long.MaxValue } : _limits.SortedSets;
        var set = new SortedSetEditor(_slot, limits, 0);
        if (!set.Expect((long)Math.Min(_told, long.MaxValue), 0)) return RdbLoad.Refused;
        return set.Set(text, ref score, ScoreRule.IfMissing) switch
        {
            ScoreChange.Added => RdbLoad.GoesOn,
            ScoreChange.Refused => RdbLoad.Refused,
            _ => RdbLoad.Damaged,
        };
    }

    public static bool TryReadScore(PackedItem item, out double score)
    {
        score = item.Number;
        return item.IsInteger || Numbers.TryParseDouble(item.Bytes, out score);
    }

    // ---- hashes ----

    public RdbLoad AddField(PackedItem field, PackedItem value, long expireAtMs)
    {
        var fieldText = field.Text(stackalloc byte[Numbers.LongTextMax]);
        var valueText = value.Text(stackalloc byte[Numbers.LongTextMax]);
        var limits = CountsOnly ? _limits.Hashes with { BytesMax = long.MaxValue } : _limits.Hashes;
        var hash = new HashEditor(_slot, limits, 0);
        if (_form.Extra == RdbExtra.ValueAndExpiry || _told > (ulong)Math.Max(0, limits.EntriesMax)) hash.PreferTable();
        if (!hash.Set(fieldText, valueText, expireAtMs, default, out var before)) return RdbLoad.Refused;
        return before == FieldState.Missing ? RdbLoad.GoesOn : RdbLoad.Damaged;
    }

    // ---- expiry ----

    /// <summary>Of Valkey, and ours: -1 for none. What has expired at the beginning of time expires a little later.</summary>
    public static bool TryReadExpiry(long time, out long expireAtMs)
    {
        expireAtMs = time == NoExpiry ? 0 : Math.Max(1, time);
        return time >= NoExpiry;
    }

    /// <summary>Of Redis: 0 for none, else so many milliseconds and one less than the least of all.</summary>
    public static bool TryReadExpiry(ulong time, long least, out long expireAtMs)
    {
        expireAtMs = 0;
        if (time == 0) return true;
        if (time > RedisExpiryMax || time + (ulong)least - 1 > RedisExpiryMax) return false;
        expireAtMs = Math.Max(1, (long)time + least - 1);
        return true;
    }

    /// <summary>Of Redis's listpacks: 0 for none.</summary>
    public static bool TryReadExpiry(PackedItem item, out long expireAtMs)
    {
        expireAtMs = 0;
        return item.TryGetInteger(out var time) && time >= 0 && TryReadExpiry((ulong)time, 1, out expireAtMs);
    }

    private static RdbLoad DoneIf(bool isDone) => isDone ? RdbLoad.GoesOn : RdbLoad.Refused;
}
