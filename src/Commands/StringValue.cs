using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>How string values are stored, read and compared: what all commands on strings share.</summary>
internal static class StringValue
{
    /// <summary>
    /// Stores an argument as the key's value: a number as a number, a large argument that has a block of its own by
    /// taking that block over, everything else as bytes.
    /// </summary>
    internal static Outcome Store(ref Edit edit, Arguments args, int index, long expireAtMs)
    {
        ReadOnlySpan<byte> value = args[index];
        if (value.Length <= Numbers.LongTextMax && Numbers.TryParseLong(value, out long number))
            return edit.SetInteger(number, expireAtMs);
        if (value.Length < ReplyWriter.ByReferenceMin || !args.TryTakeBlock(index, out NativeBlock block))
            return edit.SetString(value, expireAtMs);
        Outcome outcome = edit.SetBlock(block, value.Length, expireAtMs);
        if (outcome != Outcome.Ok) block.Release();
        return outcome;
    }

    /// <summary>Answers with the whole value.</summary>
    internal static void Reply(in Entry entry, ref ReplyWriter reply)
    {
        if (entry.Encoding == ValueEncoding.Block) reply.BulkBlock(entry.Block, 0, entry.ValueLength);
        else if (entry.TryGetInteger(out long number)) reply.Bulk(number);
        else reply.Bulk(entry.Bytes);
    }

    /// <summary>
    /// The value as bytes; a number is written into the scratch, which has room for <see cref="Numbers.LongTextMax"/>.
    /// </summary>
    internal static ReadOnlySpan<byte> Text(Entry entry, Span<byte> scratch) =>
        entry.TryGetInteger(out long number) ? scratch[..Numbers.FormatLong(number, scratch)] : entry.Bytes;

    internal static bool Equals(in Entry entry, ReadOnlySpan<byte> other)
    {
        if (entry.ValueLength != other.Length) return false;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        return Text(entry, scratch).SequenceEqual(other);
    }

    /// <summary>The value as a number: stored as one, or bytes that spell one.</summary>
    internal static bool TryReadLong(in Entry entry, out long number) =>
        entry.TryGetInteger(out number) || Numbers.TryParseLong(entry.Bytes, out number);

    /// <summary>May a string become so long? The limit of one argument is also that of a value.</summary>
    internal static bool LengthAllowed(ShardScope shard, long length) =>
        length >= 0 && length <= Math.Min(shard.Settings.BulkLengthMax, NativeBlock.CapacityMax);
}
