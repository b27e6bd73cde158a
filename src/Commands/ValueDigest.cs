using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anax.Core.Structures;
using Anax.Core.Text;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>
/// The fingerprint of values and of whole databases that DEBUG DIGEST shows: SHA-1 chained over what is ordered, exclusive or
/// over what is not, the same numbers as Valkey's. A plain mutable value.
/// </summary>
[InlineArray(Sha1.DigestBytes)]
internal struct ValueDigest
{
    private byte _first;

    /// <summary>Adds something whose place among others does not matter.</summary>
    internal void Xor(scoped ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Sha1.DigestBytes];
        Sha1.Hash(data, hash);
        XorHash(hash);
    }

    internal void XorHash(scoped ReadOnlySpan<byte> hash)
    {
        Span<byte> digest = this;
        for (int i = 0; i < digest.Length; i++) digest[i] ^= hash[i];
    }

    /// <summary>Adds something that comes after what is there.</summary>
    internal void Mix(scoped ReadOnlySpan<byte> data)
    {
        Xor(data);
        Sha1.Hash(this, this);
    }

    internal void MixNumber(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        Mix(bytes);
    }

    /// <summary>Adds a value with the fact that it expires, not when.</summary>
    internal void MixValue(scoped in Entry entry, scoped ValueView value, long nowMs)
    {
        // In Valkey modules have 5.
        MixNumber(entry.Type == ValueType.Stream ? 6 : (int)entry.Type);
        switch (entry.Type)
        {
            case ValueType.Hash:
                XorHashFields(new HashView(value));
                break;
            case ValueType.Set:
                var adder = new MemberAdder { Digest = this };
                _ = new SetView(value, nowMs).Walk(0, int.MaxValue, ref adder);
                this = adder.Digest;
                break;
            case ValueType.SortedSet:
                var scored = new ScoredAdder { Digest = this };
                new SortedSetView(value, nowMs).Walk(0, long.MaxValue, false, ref scored);
                this = scored.Digest;
                break;
            case ValueType.List:
                MixElements(new ListView(value));
                break;
            case ValueType.Stream:
                MixEntries(new StreamView(value));
                break;
            default:
                MixString(in entry);
                break;
        }
        if (entry.ExpireAtMs != 0) Xor("!!expire!!"u8);
    }

    private void MixString(scoped in Entry entry)
    {
        if (entry.TryGetInteger(out long number))
        {
            Span<byte> text = stackalloc byte[Numbers.LongTextMax];
            Mix(text[..Numbers.FormatLong(number, text)]);
        }
        else
        {
            Mix(entry.Bytes);
        }
    }

    private void MixElements(ListView list)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        ListWalk walk = list.Walk(0, backwards: false);
        while (walk.Next(out ListItem item)) Mix(item.Item.Text(scratch));
    }

    private void MixEntries(StreamView stream)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax], id = stackalloc byte[StreamId.TextMax];
        StreamWalk walk = stream.Walk(default, StreamId.Max, backwards: false);
        while (walk.Next(out StreamEntry entry))
        {
            Span<byte> text = id[..entry.Id.Format(id)];
            // As in Valkey, here with a point in the place of the dash.
            text[text.IndexOf((byte)'-')] = (byte)'.';
            Mix(text);
            for (int i = 0; i < entry.FieldCount; i++)
            {
                entry.Next(out PackedItem field, out PackedItem fieldValue);
                Mix(field.Text(scratch));
                Mix(fieldValue.Text(scratch));
            }
        }
    }

    private void XorHashFields(HashView hash)
    {
        var visitor = new FieldDigester();
        ulong position = 0;
        do position = hash.Walk(position, 0, ref visitor);
        while (position != 0);
        XorHash(visitor.Sum);
    }

    private struct FieldDigester : IFieldVisitor
    {
        internal ValueDigest Sum;

        public void Visit(scoped PackedItem field, scoped in FieldValue value)
        {
            Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
            var one = default(ValueDigest);
            one.Mix(field.Text(scratch));
            one.Mix(value.Item.Text(scratch));
            Sum.Xor(one);
        }
    }

    private struct MemberAdder : IMemberReader
    {
        internal ValueDigest Digest;

        public bool Visit(scoped PackedItem member, double score)
        {
            Digest.Xor(member.Text(stackalloc byte[Numbers.LongTextMax]));
            return true;
        }
    }

    private struct ScoredAdder : IMemberReader
    {
        internal ValueDigest Digest;

        public bool Visit(scoped PackedItem member, double score)
        {
            Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
            var one = default(ValueDigest);
            one.Mix(member.Text(stackalloc byte[Numbers.LongTextMax]));
            one.Mix(text[..Numbers.FormatDouble(score, text)]);
            Digest.Xor(one);
            return true;
        }
    }

    /// <summary>Writes it in hexadecimal digits; the target has room for twice the digest.</summary>
    internal readonly void Format(Span<byte> target)
    {
        ReadOnlySpan<byte> digest = this;
        for (int i = 0; i < digest.Length; i++)
        {
            target[2 * i] = "0123456789abcdef"u8[digest[i] >> 4];
            target[2 * i + 1] = "0123456789abcdef"u8[digest[i] & 15];
        }
    }
}
