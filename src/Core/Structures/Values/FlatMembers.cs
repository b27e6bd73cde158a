using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// The members of a table, one behind the other, each as three packed elements:
//
//     | key | value | expiry, 0 for none |

/// <summary>A whole table of members as bytes, on its way from one arena to another.</summary>
internal static class FlatMembers
{
    /// <summary>False when memory is refused, or there is more than a block can hold.</summary>
    public static bool TryWrite(EntryTable members, out NativeBlock flat, out int length)
    {
        flat = default;
        length = 0;
        var sizer = default(Sizer);
        Walk(members, ref sizer);
        if (sizer.Bytes > NativeBlock.CapacityMax) return false;
        flat = NativeBlock.Allocate((int)sizer.Bytes);
        if (flat.IsNull) return false;
        var writer = new Writer { Target = flat.Bytes };
        Walk(members, ref writer);
        length = (int)sizer.Bytes;
        return true;
    }

    /// <summary>Adds all members to an empty table. False when the arena refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> flat, EntryTable members)
    {
        Span<byte> keyScratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = 0; at < flat.Length;)
        {
            var key = Packed.Read(flat, at, out at).Text(keyScratch);
            var value = Packed.Read(flat, at, out at);
            var expireAtMs = Packed.Read(flat, at, out at).Number;
            var entry = members.Find(key);
            var isAdded = value.IsInteger
                ? members.SetInteger(ref entry, key, value.Number, expireAtMs)
                : members.SetString(ref entry, key, value.Bytes, expireAtMs);
            if (!isAdded) return false;
        }
        return true;
    }

    private static void Walk<TVisitor>(EntryTable members, ref TVisitor visitor) where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        ulong position = 0;
        do position = members.Walk(position, ref visitor);
        while (position != 0);
    }

    private struct Sizer : IEntryVisitor
    {
        public long Bytes;

        public void Visit(ref Entry entry)
        {
            Bytes += Packed.SizeOf(entry.Key) + Packed.SizeOf(entry.ExpireAtMs);
            Bytes += entry.TryGetInteger(out var number) ? Packed.SizeOf(number) : Packed.SizeOf(entry.Bytes);
        }
    }

    private ref struct Writer : IEntryVisitor
    {
        public Span<byte> Target;

        public void Visit(ref Entry entry)
        {
            Target = Target[Packed.Write(Target, entry.Key)..];
            Target = Target[(entry.TryGetInteger(out var number) ? Packed.Write(Target, number) : Packed.Write(Target, entry.Bytes))..];
            Target = Target[Packed.Write(Target, entry.ExpireAtMs)..];
        }
    }
}
