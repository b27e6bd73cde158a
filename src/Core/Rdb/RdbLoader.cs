using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Core.Rdb;

// A value is read in steps, each of which takes one element, or unpacks a piece of a string:
//
//     Begin ─▶ Text: unpack ─────────────────────────────▶ the value
//           ─▶ Elements: element, element, … ────────────▶ End
//           ─▶ Packed: unpack, walk: element, element, … ▶ End
//           ─▶ Nodes: for each: unpack, walk ────────────▶ End
//           ─▶ Stream: see RdbLoader.Streams.cs ─────────▶ End
//
// Nothing is taken at its word: lengths are held against what is left, counts against what is found, and no memory is taken
// for more than the payload's bytes can become. Elements go through the editors of their types, which find duplicates, put
// numbers and scores in their own form, and decide how the value lies.

/// <summary>Reads a value, its type before it, from bytes that nobody has checked into a place that is empty at first.</summary>
public readonly ref partial struct RdbLoader
{
    /// <summary>Bytes that one step unpacks or copies.</summary>
    private const int BytesPerStep = 16 * 1024;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly ref RdbLoadState _state;
    private readonly ValueSlot _slot;
    private readonly RdbLimits _limits;
    private readonly int _version;

    /// <summary>All of it: the payload is nothing but a value of this version of the format.</summary>
    public RdbLoader(ReadOnlySpan<byte> payload, int version, ref RdbLoadState state, ValueSlot slot, RdbLimits limits)
    {
        _payload = payload;
        _state = ref state;
        _version = version;
        _slot = slot;
        _limits = limits;
    }

    private RdbBuilder Builder => new(_slot, _limits, _state.Form, _state.Told);

    /// <summary>One step. What it has built when it ends otherwise than well is the caller's to delete.</summary>
    public RdbLoad Step()
    {
        if (!_state.IsBegun) return Begin();
        if (_state.IsUnpacking) return Unpack();
        return _state.Form.Layout switch
        {
            RdbLayout.Text => EndText(),
            RdbLayout.Elements => LoadElement(),
            RdbLayout.Stream => LoadStream(),
            RdbLayout.Nodes when !_state.HasBlob => BeginNode(),
            _ => _state.IsWalkBegun ? WalkElement() : BeginWalk(),
        };
    }

    private RdbLoad Begin()
    {
        _state.IsBegun = true;
        var cursor = new RdbCursor(_payload);
        if (!cursor.TryReadByte(out var type)) return RdbLoad.Damaged;
        var form = RdbForm.Of(type, _version);
        _state.Form = form;
        if (form.Layout == RdbLayout.None) return RdbLoad.Damaged;
        if (form.Extra is RdbExtra.ShortExpiryFirst or RdbExtra.ValueAndNumber && !TryReadLeastExpiry(ref cursor)) return RdbLoad.Damaged;
        if (form.Layout == RdbLayout.Stream) return BeginStream(ref cursor);
        if (form.Layout is RdbLayout.Elements or RdbLayout.Nodes)
        {
            if (!cursor.TryReadLength(out var count) || count == 0 || count > (ulong)cursor.Left) return RdbLoad.Damaged;
            _state.Left = count;
            _state.Told = form.Layout == RdbLayout.Elements ? count : 0;
            _state.At = cursor.At;
            return RdbLoad.GoesOn;
        }
        if (!cursor.TryReadString(out var text)) return RdbLoad.Damaged;
        _state.At = cursor.At;
        if (form.Layout == RdbLayout.Packed) return OpenBlob(text, copies: false);
        if (text.Item.IsInteger) return Builder.SetText(text.Item) ? End() : RdbLoad.Refused;
        if (text.IsCompressed || text.Item.Bytes.Length > EntryTable.InlineBytesMax) return OpenBlob(text, copies: true);
        return Builder.SetText(text.Item) ? End() : RdbLoad.Refused;
    }

    private bool TryReadLeastExpiry(ref RdbCursor cursor)
    {
        var isThere = cursor.TryReadLong(out var least);
        _state.LeastExpiry = least;
        // One more than the greatest says that no field expires.
        return isThere && (ulong)least <= RdbBuilder.RedisExpiryMax + 1;
    }

    private RdbLoad End()
    {
        if (_state.At != _payload.Length || !Builder.HasValue) return RdbLoad.Damaged;
        if (_state.Nodes == 1) Builder.SettleList();
        return RdbLoad.Done;
    }

    // ---- strings that hold elements, or are the value ----

    /// <summary>Takes up a string that was just read.</summary>
    private RdbLoad OpenBlob(RdbString text, bool copies)
    {
        if (text.Item.IsInteger) return RdbLoad.Damaged;
        _state.HasBlob = true;
        _state.BlobLength = text.Item.Bytes.Length;
        _state.BlobStart = _state.At - _state.BlobLength;
        if (!text.IsCompressed && !copies) return RdbLoad.GoesOn;
        _state.UnpackedLength = text.IsCompressed ? text.UnpackedLength : _state.BlobLength;
        _state.Unpacked = NativeBlock.Allocate(_state.UnpackedLength);
        if (_state.Unpacked.IsNull) return RdbLoad.Refused;
        _state.IsCompressed = text.IsCompressed;
        (_state.IsUnpacking, _state.PackedAt, _state.UnpackedAt) = (true, 0, 0);
        return RdbLoad.GoesOn;
    }

    private ReadOnlySpan<byte> Blob =>
        _state.Unpacked.IsNull ? _payload.Slice(_state.BlobStart, _state.BlobLength) : _state.Unpacked.Bytes[.._state.UnpackedLength];

    private RdbLoad Unpack()
    {
        var source = _payload.Slice(_state.BlobStart, _state.BlobLength);
        var target = _state.Unpacked.Bytes[.._state.UnpackedLength];
        if (_state.IsCompressed)
        {
            if (!Lzf.TryDecompress(source, target, ref _state.PackedAt, ref _state.UnpackedAt, BytesPerStep)) return RdbLoad.Damaged;
        }
        else
        {
            var bytes = Math.Min(BytesPerStep, source.Length - _state.PackedAt);
            source.Slice(_state.PackedAt, bytes).CopyTo(target[_state.PackedAt..]);
            _state.PackedAt += bytes;
            _state.UnpackedAt += bytes;
        }
        if (_state.PackedAt < source.Length) return RdbLoad.GoesOn;
        _state.IsUnpacking = false;
        return _state.UnpackedAt == target.Length ? RdbLoad.GoesOn : RdbLoad.Damaged;
    }

    private RdbLoad EndText()
    {
        var block = _state.Unpacked;
        block.AddReference();
        // The builder takes the block over where it keeps it.
        var isSet = Builder.SetText(block, _state.UnpackedLength);
        _state.ReleaseBlob();
        return isSet ? End() : RdbLoad.Refused;
    }

    // ---- nodes of lists ----

    private RdbLoad BeginNode()
    {
        const ulong Plain = 1, Packed = 2;
        if (_state.Left == 0) return End();
        _state.Left--;
        var cursor = new RdbCursor(_payload, _state.At);
        var container = Packed;
        if (_state.Form.Packing == RdbPacking.Listpack && !cursor.TryReadLength(out container)) return RdbLoad.Damaged;
        if (container is not (Plain or Packed) || !cursor.TryReadString(out var text)) return RdbLoad.Damaged;
        _state.At = cursor.At;
        if (container == Packed) return OpenBlob(text, copies: false);
        if (!text.Item.IsInteger && text.Item.Bytes.IsEmpty) return RdbLoad.Damaged;
        // Two, so that the list is not packed again.
        _state.Nodes += 2;
        if (!TryUnpack(text, ref _state.FirstScratch, out var item, out var outcome)) return outcome;
        return Builder.Append(item, apart: true);
    }

    private RdbLoad BeginWalk()
    {
        var blob = Blob;
        if (!RdbPackedWalk.TryBegin(_state.Form.Packing, blob, out _state.Walk)) return RdbLoad.Damaged;
        _state.IsWalkBegun = true;
        if (_state.Form.Packing != RdbPacking.Integers || !Builder.TakesIntegers(_state.Walk.Told)) return RdbLoad.GoesOn;
        // So few that they are taken as they lie.
        while (!_state.Walk.IsOver)
            if (!_state.Walk.TryNext(blob, out _)) return RdbLoad.Damaged;
        return EndWalk(Builder.SetIntegers(_state.Walk.Kind, blob[RdbPackedWalk.IntegersHead..]));
    }

    private RdbLoad WalkElement()
    {
        var blob = Blob;
        ref var walk = ref _state.Walk;
        if (walk.IsOver) return walk.IsWhole ? EndWalk(RdbLoad.GoesOn) : RdbLoad.Damaged;
        var isFirst = walk.Count == 0;
        if (!walk.TryNext(blob, out var item)) return RdbLoad.Damaged;
        PackedItem second;
        switch (_state.Form.Value)
        {
            case ValueType.List:
                if (isFirst) _state.Nodes++;
                return Builder.Append(item, isFirst);
            case ValueType.Set:
                return Builder.AddMember(item, 0);
            case ValueType.SortedSet:
                return !walk.IsOver && walk.TryNext(blob, out second) && RdbBuilder.TryReadScore(second, out var score)
                    ? Builder.AddScored(item, score) : RdbLoad.Damaged;
            default:
                if (walk.IsOver || !walk.TryNext(blob, out second)) return RdbLoad.Damaged;
                long expireAtMs = 0;
                if (_state.Form.Extra != RdbExtra.Value)
                {
                    if (walk.IsOver || !walk.TryNext(blob, out var time) || !RdbBuilder.TryReadExpiry(time, out expireAtMs)) return RdbLoad.Damaged;
                }
                return Builder.AddField(item, second, expireAtMs);
        }
    }

    private RdbLoad EndWalk(RdbLoad outcome)
    {
        _state.ReleaseBlob();
        if (outcome != RdbLoad.GoesOn) return outcome;
        return _state.Form.Layout == RdbLayout.Nodes ? RdbLoad.GoesOn : End();
    }

    // ---- elements one by one ----

    private RdbLoad LoadElement()
    {
        if (_state.Left == 0) return End();
        _state.Left--;
        var cursor = new RdbCursor(_payload, _state.At);
        var outcome = _state.Form.Value == ValueType.Hash ? LoadField(ref cursor) : LoadMember(ref cursor);
        _state.At = cursor.At;
        return outcome;
    }

    private RdbLoad LoadMember(ref RdbCursor cursor)
    {
        if (!cursor.TryReadString(out var text)) return RdbLoad.Damaged;
        if (!TryUnpack(text, ref _state.FirstScratch, out var item, out var outcome)) return outcome;
        switch (_state.Form.Extra)
        {
            case RdbExtra.Score:
                return cursor.TryReadDouble(out var score) ? Builder.AddScored(item, score) : RdbLoad.Damaged;
            case RdbExtra.ScoreAndExpiry:
                if (!cursor.TryReadDouble(out score) || !cursor.TryReadLong(out var time)) return RdbLoad.Damaged;
                return RdbBuilder.TryReadExpiry(time, out var expireAtMs) ? Builder.AddScored(item, score, expireAtMs) : RdbLoad.Damaged;
            case RdbExtra.TextScore:
                return cursor.TryReadTextDouble(out score) ? Builder.AddScored(item, score) : RdbLoad.Damaged;
            case RdbExtra.Expiry:
                if (!cursor.TryReadLong(out time) || !RdbBuilder.TryReadExpiry(time, out expireAtMs)) return RdbLoad.Damaged;
                return Builder.AddMember(item, expireAtMs);
        }
        if (_state.Form.Value == ValueType.Set) return Builder.AddMember(item, 0);
        _state.Nodes = 1;
        return Builder.Append(item, apart: false);
    }

    private RdbLoad LoadField(ref RdbCursor cursor)
    {
        long expireAtMs = 0;
        if (_state.Form.Extra is RdbExtra.ExpiryFirst or RdbExtra.ShortExpiryFirst)
        {
            var isShort = _state.Form.Extra == RdbExtra.ShortExpiryFirst;
            if (!cursor.TryReadLength(out var time)) return RdbLoad.Damaged;
            if (!RdbBuilder.TryReadExpiry(time, isShort ? _state.LeastExpiry : 1, out expireAtMs)) return RdbLoad.Damaged;
        }
        if (!cursor.TryReadString(out var fieldText) || !cursor.TryReadString(out var valueText)) return RdbLoad.Damaged;
        if (_state.Form.Extra == RdbExtra.ValueAndExpiry)
        {
            if (!cursor.TryReadLong(out var time) || !RdbBuilder.TryReadExpiry(time, out expireAtMs)) return RdbLoad.Damaged;
        }
        if (!TryUnpack(fieldText, ref _state.FirstScratch, out var field, out var outcome)) return outcome;
        if (!TryUnpack(valueText, ref _state.SecondScratch, out var value, out outcome)) return outcome;
        return Builder.AddField(field, value, expireAtMs);
    }

    /// <summary>What a string holds, in the scratch where it was compressed; false with what is wrong.</summary>
    private static bool TryUnpack(RdbString text, ref NativeBlock scratch, out PackedItem item, out RdbLoad outcome)
    {
        outcome = RdbLoad.GoesOn;
        item = text.Item;
        if (!text.IsCompressed) return true;
        if (scratch.IsNull || scratch.Capacity < text.UnpackedLength)
        {
            if (!scratch.IsNull) scratch.Release();
            scratch = NativeBlock.Allocate(text.UnpackedLength);
            outcome = RdbLoad.Refused;
            if (scratch.IsNull) return false;
        }
        var bytes = scratch.Bytes[..text.UnpackedLength];
        outcome = RdbLoad.Damaged;
        if (!Lzf.TryDecompress(text.Item.Bytes, bytes)) return false;
        outcome = RdbLoad.GoesOn;
        item = new PackedItem(bytes);
        return true;
    }
}
