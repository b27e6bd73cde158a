using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// | flags | key length, varint | value length, varint | expiry, 6 B, only if there is one | key | value |
//
//     flags   | 0…2 type | 3…4 encoding | 5 expires | 6…7 hits |
//
// A key that is sticky, which is never evicted, has a byte of 0 behind the bytes that its length needs: nothing of it costs
// the others anything.
//
// The value's bytes by encoding: Inline and Raw as long as the value length says; Integer 1, 2, 4 or 8 bytes, the value
// length says which; Root 4 bytes, the root's handle; Block 8 bytes, the block's address, the value length is the string's.
// A record larger than a cell may be lies in a block of its own; type 7 then marks a stub in the arena:
//
//     | flags: 7 | address of the block, 8 B |

/// <summary>A parsed view of a key's record.</summary>
internal unsafe struct KeyRecord : IRecord
{
    public const byte ExpiresBit = 1 << 5;
    public const int HitShift = 6;
    public const byte HitsBits = 0b1100_0000;
    /// <summary>Of what is no string.</summary>
    public const ValueEncoding RootEncoding = ValueEncoding.Raw;

    public const int StubBytes = 1 + sizeof(long);

    private const byte TypeMask = 7;
    private const byte ExternalType = 7;
    private const int EncodingShift = 3;
    private const int EncodingMask = 3;
    private const int ExpiryBytes = 6;

    /// <summary>The year 10889: what lies beyond is kept as this.</summary>
    public const long ExpiryMax = (1L << (ExpiryBytes * 8)) - 1;

    public byte* Start;
    public byte* Key;
    public int KeyLength;
    public int ValueLength;

    public readonly byte Flags => *Start;

    public readonly ValueType Type => (ValueType)(*Start & TypeMask);

    public readonly ValueEncoding Encoding => EncodingOf(*Start);

    public readonly byte* Value => Key + KeyLength;

    public readonly int StoredBytes => Encoding == ValueEncoding.Block ? sizeof(long) : ValueLength;

    public readonly int SizeBytes => (int)(Value - Start) + StoredBytes;

    public readonly int Hits => *Start >> HitShift;

    public readonly long Expiry => (*Start & ExpiresBit) == 0 ? 0 : ReadExpiry(Key - ExpiryBytes);

    /// <summary>The key is never evicted.</summary>
    public readonly bool IsSticky => Start[1] >= 128 && EndsWithZero(Start + 1);

    public readonly bool HasRoot => Type != ValueType.String && Encoding == RootEncoding;

    public readonly uint Root => Unsafe.ReadUnaligned<uint>(Value);

    public readonly NativeBlock Block => NativeBlock.From((nint)Unsafe.ReadUnaligned<long>(Value));

    public static ValueEncoding EncodingOf(byte flags) => (ValueEncoding)(flags >> EncodingShift & EncodingMask);

    public static byte FlagsOf(ValueType type, ValueEncoding encoding, bool expires) =>
        (byte)((int)type | (int)encoding << EncodingShift | (expires ? ExpiresBit : 0));

    public static bool IsExternal(byte* cell) => (*cell & TypeMask) == ExternalType;

    public static NativeBlock ExternalBlock(byte* cell) => NativeBlock.From((nint)Unsafe.ReadUnaligned<long>(cell + 1));

    public static void WriteStub(byte* cell, NativeBlock block)
    {
        *cell = ExternalType;
        Unsafe.WriteUnaligned(cell + 1, (long)block.Address);
    }

    /// <summary>Bytes before the key.</summary>
    public static int HeaderBytes(int keyLength, int valueLength, bool expires, bool sticky) =>
        1 + VarintBytes(keyLength) + (sticky ? 1 : 0) + VarintBytes(valueLength) + (expires ? ExpiryBytes : 0);

    /// <summary>Writes what stands before the key; returns where the key goes.</summary>
    public static byte* WriteHeader(byte* at, byte flags, int keyLength, int valueLength, long expireAtMs, bool sticky)
    {
        *at++ = flags;
        at = WriteVarint(at, keyLength);
        if (sticky)
        {
            at[-1] |= 128;
            *at++ = 0;
        }
        at = WriteVarint(at, valueLength);
        if (expireAtMs == 0) return at;
        expireAtMs = Math.Min(expireAtMs, ExpiryMax);
        Unsafe.WriteUnaligned(at, (uint)expireAtMs);
        Unsafe.WriteUnaligned(at + sizeof(uint), (ushort)(expireAtMs >> 32));
        return at + ExpiryBytes;
    }

    /// <summary>Parses the record of a cell, following a stub.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyRecord At(byte* cell)
    {
        var start = IsExternal(cell) ? ExternalBlock(cell).Start : cell;
        KeyRecord record;
        record.Start = start;
        var expiry = (*start & ExpiresBit) != 0 ? ExpiryBytes : 0;
        if (((start[1] | start[2]) & 0x80) == 0)
        {
            record.KeyLength = start[1];
            record.ValueLength = start[2];
            record.Key = start + 3 + expiry;
            return record;
        }
        var at = ReadVarint(start + 1, out record.KeyLength);
        at = ReadVarint(at, out record.ValueLength);
        record.Key = at + expiry;
        return record;
    }

    public static ulong Hash(byte* record, HashKey key)
    {
        var view = At(record);
        return key.Hash(new ReadOnlySpan<byte>(view.Key, view.KeyLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasKey(byte* record, ReadOnlySpan<byte> key)
    {
        var view = At(record);
        return view.KeyLength == key.Length && new ReadOnlySpan<byte>(view.Key, key.Length).SequenceEqual(key);
    }

    public static long ExpireAtMs(byte* record)
    {
        if (!IsExternal(record) && (*record & ExpiresBit) == 0) return 0;
        return At(record).Expiry;
    }

    public static void Drop(Arena arena, byte* record)
    {
        var isExternal = IsExternal(record);
        if (!isExternal && EncodingOf(*record) < ValueEncoding.Raw) return;
        var view = At(record);
        view.Outside.Drop(arena);
        if (isExternal) Release(arena, ExternalBlock(record));
    }

    /// <summary>What the value has outside its record.</summary>
    public readonly OutsideValue Outside =>
        Encoding == ValueEncoding.Block ? new OutsideValue(Block, 0) : HasRoot ? new OutsideValue(default, Root) : default;

    public static void Release(Arena arena, NativeBlock block) => arena.DropExternal(block);

    private static int VarintBytes(int value) =>
        value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;

    private static byte* WriteVarint(byte* at, int value)
    {
        for (; value >= 128; value >>= 7) *at++ = (byte)(value | 128);
        *at++ = (byte)value;
        return at;
    }

    private static bool EndsWithZero(byte* varint)
    {
        while (*varint >= 128) varint++;
        return *varint == 0;
    }

    private static byte* ReadVarint(byte* at, out int value)
    {
        value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = *at++;
            value |= (part & 127) << shift;
            if (part < 128) return at;
        }
    }

    private static long ReadExpiry(byte* at) =>
        Unsafe.ReadUnaligned<uint>(at) | (long)Unsafe.ReadUnaligned<ushort>(at + sizeof(uint)) << 32;
}
