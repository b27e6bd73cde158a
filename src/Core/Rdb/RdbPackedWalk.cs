using System.Buffers.Binary;
using Anax.Core.Structures;

namespace Anax.Core.Rdb;

// listpack   | bytes, 4 | elements, 2 | element … | FF |                         as Packed has them; 65535 elements: count them
// ziplist    | bytes, 4 | where the last one is, 4 | elements, 2 | element … | FF |
//               an element: length of the one before (1 byte; or FE and 4), kind and length, bytes:
//               00xxxxxx | 01xxxxxx, x(8) | 10xxxxxx, x(32)     a string of so many bytes, most significant first
//               C0 | D0 | E0 | F0 | FE                          a number of 16, 32, 64, 24, 8 bits
//               1111xxxx                                        a number, 1 more than it is
// zipmap     | pairs, 1 (254: count them) | length, key, length, unused, value, unused bytes | … | FF |
//               a length: 1 byte, or FE and 4
// integers   | bytes of each, 4 | how many, 4 | number … |                       ascending

/// <summary>
/// A walk through elements that are packed in a string as nobody knows who has packed them: every length is checked before it is
/// followed. Plain data; it can pause between any two elements.
/// </summary>
internal struct RdbPackedWalk
{
    private const int ListpackHead = 6, ZiplistHead = 10, ZipmapHead = 1;

    /// <summary>Bytes before the numbers of a set of integers.</summary>
    public const int IntegersHead = 8;

    private const byte EndMark = 0xFF, LongMark = 0xFE;
    private const int ManyElements = ushort.MaxValue, ManyPairs = 254, Unknown = -1;

    private RdbPacking _packing;
    private int _at, _end;

    /// <summary>Elements that the head tells of, or none.</summary>
    private int _told;

    /// <summary>Of a ziplist: bytes of the element before, where that begins, and where the last one does by the head.</summary>
    private int _before, _last, _toldLast;

    /// <summary>Of integers: the number before.</summary>
    private long _number;

    /// <summary>Elements so far.</summary>
    public int Count { get; private set; }

    /// <summary>Of integers: how each of them lies.</summary>
    public PackedKind Kind { get; private set; }

    /// <summary>Elements that the head tells of; of integers there are so many.</summary>
    public readonly int Told => _told;

    /// <summary>Begins a walk; false where the frame around the elements is damaged.</summary>
    public static bool TryBegin(RdbPacking packing, ReadOnlySpan<byte> bytes, out RdbPackedWalk walk)
    {
        walk = new RdbPackedWalk { _packing = packing, _end = bytes.Length - 1 };
        if (packing == RdbPacking.Integers) return walk.TryBeginIntegers(bytes);
        walk._at = packing switch { RdbPacking.Listpack => ListpackHead, RdbPacking.Ziplist => ZiplistHead, _ => ZipmapHead };
        if (bytes.Length < walk._at + 1 || bytes[^1] != EndMark) return false;
        if (packing == RdbPacking.Zipmap)
        {
            walk._told = bytes[0] == ManyPairs ? Unknown : 2 * bytes[0];
            return true;
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)bytes.Length) return false;
        walk._told = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(walk._at - sizeof(ushort))..]);
        if (walk._told == ManyElements) walk._told = Unknown;
        if (packing == RdbPacking.Listpack) return true;
        var last = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        if (last >= (uint)bytes.Length) return false;
        walk._last = walk._toldLast = (int)last;
        return true;
    }

    /// <summary>The elements of a listpack, one behind the other.</summary>
    public static ReadOnlySpan<byte> ListpackElements(ReadOnlySpan<byte> bytes) => bytes[ListpackHead..^1];

    /// <summary>All elements were met; whether they are those that the head tells of, <see cref="IsWhole"/> says.</summary>
    public readonly bool IsOver => _at == _end;

    /// <summary>Of a walk that is over.</summary>
    public readonly bool IsWhole => (_told == Unknown || _told == Count) && _last == _toldLast;

    /// <summary>The next element; false where it is damaged.</summary>
    public bool TryNext(ReadOnlySpan<byte> bytes, out PackedItem item)
    {
        var elements = bytes[.._end];
        item = default;
        switch (_packing)
        {
            case RdbPacking.Listpack:
                if (!Packed.TryNext(elements, _at, out _)) return false;
                item = Packed.Read(elements, _at, out _at);
                break;
            case RdbPacking.Ziplist:
                if (!TryReadZiplist(elements, out item)) return false;
                break;
            case RdbPacking.Integers:
                if (!TryReadInteger(elements, out item)) return false;
                break;
            default:
                if (!TryReadZipmap(elements, isValue: Count % 2 != 0, out item)) return false;
                break;
        }
        Count++;
        return true;
    }

    // ---- integers ----

    private bool TryBeginIntegers(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < IntegersHead) return false;
        var width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (width is not (sizeof(short) or sizeof(int) or sizeof(long))) return false;
        Kind = width switch { sizeof(short) => PackedKind.Integers16, sizeof(int) => PackedKind.Integers32, _ => PackedKind.Integers64 };
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        if (count == 0 || count * (ulong)width != (ulong)(bytes.Length - IntegersHead)) return false;
        (_at, _end, _told) = (IntegersHead, bytes.Length, (int)count);
        return true;
    }

    private bool TryReadInteger(ReadOnlySpan<byte> numbers, out PackedItem item)
    {
        var number = PackedIntegers.Read(numbers[_at..], Kind);
        item = new PackedItem(number);
        if (Count > 0 && number <= _number) return false;
        _number = number;
        _at += PackedIntegers.WidthOf(Kind);
        return true;
    }

    // ---- ziplist ----

    private bool TryReadZiplist(ReadOnlySpan<byte> elements, out PackedItem item)
    {
        item = default;
        var at = _at;
        if (!TryReadShortLength(elements, ref at, out var before) || before != (uint)_before || at >= elements.Length) return false;
        var kind = elements[at++];
        var rest = elements[at..];
        var bytes = BytesBehind(kind);
        if (bytes < 0 || bytes > rest.Length) return false;
        if (kind < 0xC0)
        {
            var length = kind switch
            {
                < 0x40 => kind,
                < 0x80 => (uint)(kind & 0x3F) << 8 | rest[0],
                _ => BinaryPrimitives.ReadUInt32BigEndian(rest),
            };
            if (length > (uint)(rest.Length - bytes)) return false;
            item = new PackedItem(rest.Slice(bytes, (int)length));
            bytes += (int)length;
        }
        else
        {
            item = new PackedItem(kind switch
            {
                0xC0 => BinaryPrimitives.ReadInt16LittleEndian(rest),
                0xD0 => BinaryPrimitives.ReadInt32LittleEndian(rest),
                0xE0 => BinaryPrimitives.ReadInt64LittleEndian(rest),
                0xF0 => (sbyte)rest[2] << 16 | rest[1] << 8 | rest[0],
                0xFE => (sbyte)rest[0],
                _ => (kind & 0x0F) - 1,
            });
        }
        _last = _at;
        _before = at + bytes - _at;
        _at = at + bytes;
        return true;
    }

    /// <summary>Bytes of a number, or of a string's length, behind the kind; -1 where there is no such kind.</summary>
    private static int BytesBehind(byte kind) => kind switch
    {
        < 0x40 => 0,
        < 0x80 => 1,
        < 0xC0 => 4,
        0xC0 => 2,
        0xD0 => 4,
        0xE0 => 8,
        0xF0 => 3,
        > 0xF0 and < LongMark => 0,
        LongMark => 1,
        _ => -1,
    };

    // ---- zipmap ----

    private bool TryReadZipmap(ReadOnlySpan<byte> elements, bool isValue, out PackedItem item)
    {
        item = default;
        var start = _at;
        if (!TryReadShortLength(elements, ref _at, out var length)) return false;
        // One byte tells what one byte can tell.
        if (length < LongMark && _at - start > 1) return false;
        var unused = 0;
        if (isValue)
        {
            if (_at >= elements.Length) return false;
            unused = elements[_at++];
        }
        if (length > (uint)(elements.Length - _at) || unused > elements.Length - _at - (int)length) return false;
        item = new PackedItem(elements.Slice(_at, (int)length));
        _at += (int)length + unused;
        return true;
    }

    /// <summary>One byte, or a mark and four.</summary>
    private static bool TryReadShortLength(ReadOnlySpan<byte> bytes, ref int at, out uint length)
    {
        length = 0;
        if (at >= bytes.Length || bytes[at] == EndMark) return false;
        if (bytes[at] != LongMark)
        {
            length = bytes[at++];
            return true;
        }
        if (bytes.Length - at < 1 + sizeof(uint)) return false;
        length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 1)..]);
        at += 1 + sizeof(uint);
        return true;
    }
}
