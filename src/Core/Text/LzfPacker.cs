using Anax.Core.Memory;

namespace Anax.Core.Text;

// A table names, for each three bytes by their hash, where they were met last. The format leaves hash and choice of matches to
// the packer; these are LibLZF's own, so that what Valkey compresses and what is compressed here are the same bytes:
//
// 1. Three equal bytes at most 8192 back are a match, as long as it goes, up to 264 bytes.
// 2. Of the bytes that a match covers, only the last two are entered in the table.
// 3. The very first place is never matched, nor are matches sought in the last two bytes.
// 4. A match leaves the last two bytes alone, unless it has less than three bytes or just 17 or 18 then.

/// <summary>
/// Compresses as LibLZF does (see <see cref="Lzf"/>), in memory of its own, which it takes when it is first used. One thread's.
/// </summary>
public sealed class LzfPacker : IDisposable
{
    /// <summary>Longer input is not taken: half a millisecond's work.</summary>
    public const int SourceMax = 128 * 1024;

    private const int TableBits = 16, HashBits = 24;

    /// <summary>What a match may take beside the length of the run before it: three bytes, and the head of the next run.</summary>
    private const int MatchRoom = 4;

    private NativeArray<uint>? _places;
    private NativeArray<byte>? _output, _room;

    /// <summary>Places in the table are counted from here: those below are of earlier inputs. Set by tests.</summary>
    internal uint Origin { get; set; } = 1;

    /// <summary>Memory for what is put together before it is compressed, undefined bytes.</summary>
    public Span<byte> Room(int length) => (_room ??= new NativeArray<byte>(SourceMax)).Span[..length];

    /// <summary>
    /// The input compressed to at most so many bytes; empty where it does not fit. Valid until the next call. At most
    /// <see cref="SourceMax"/> bytes, neither of both empty.
    /// </summary>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> source, int most)
    {
        var places = (_places ??= new NativeArray<uint>(1 << TableBits)).Span;
        var output = (_output ??= new NativeArray<byte>(SourceMax)).Span[..Math.Min(most, SourceMax)];
        if (Origin > uint.MaxValue - SourceMax)
        {
            places.Clear();
            Origin = 1;
        }
        var length = Pack(source, output, places, Origin);
        Origin += (uint)source.Length;
        return output[..length];
    }

    private static int Pack(ReadOnlySpan<byte> source, Span<byte> output, Span<uint> places, uint origin)
    {
        // Behind the head of the first run.
        int at = 0, to = 1, literals = 0;
        while (at < source.Length - 2)
        {
            ref var place = ref places[HashOf(source, at)];
            var from = (long)place - origin;
            place = origin + (uint)at;
            if (from <= 0 || at - from > Lzf.DistanceMax || !source.Slice((int)from, 3).SequenceEqual(source.Slice(at, 3)))
            {
                if (!TryCopyLiteral(source[at++], output, ref to, ref literals)) return 0;
                continue;
            }
            // A run of nothing needs no head.
            if (to - (literals == 0 ? 1 : 0) + MatchRoom >= output.Length) return 0;
            EndRun(output, ref to, ref literals);
            var count = MatchLength(source, (int)from, at);
            WriteMatch(output, ref to, at - (int)from - 1, count);
            // The head of the next run.
            to++;
            at += count;
            if (at >= source.Length - 2) break;
            places[HashOf(source, at - 2)] = origin + (uint)at - 2;
            places[HashOf(source, at - 1)] = origin + (uint)at - 1;
        }
        if (to + 3 > output.Length) return 0;
        while (at < source.Length)
            if (!TryCopyLiteral(source[at++], output, ref to, ref literals)) return 0;
        EndRun(output, ref to, ref literals);
        return to;
    }

    /// <summary>Three bytes as a number of 24 bits, folded to the table's.</summary>
    private static int HashOf(ReadOnlySpan<byte> source, int at)
    {
        var three = (uint)(source[at] << 16 | source[at + 1] << 8 | source[at + 2]);
        return (int)((three >> (HashBits - TableBits)) - three * 5 & ((1 << TableBits) - 1));
    }

    private static bool TryCopyLiteral(byte literal, Span<byte> output, ref int to, ref int literals)
    {
        if (to >= output.Length) return false;
        output[to++] = literal;
        if (++literals < Lzf.LiteralMax) return true;
        EndRun(output, ref to, ref literals);
        to++;
        return true;
    }

    /// <summary>Writes the head of the run that ends here; that of an empty one is taken back.</summary>
    private static void EndRun(Span<byte> output, ref int to, ref int literals)
    {
        if (literals == 0) to--;
        else output[to - literals - 1] = (byte)(literals - 1);
        literals = 0;
    }

    private static int MatchLength(ReadOnlySpan<byte> source, int from, int at)
    {
        const int MatchMin = 3, Unchecked = 16, UncheckedMax = 19;
        var most = Math.Min(Lzf.MatchMax, source.Length - at - 2);
        most = Math.Max(most, most > Unchecked ? UncheckedMax : MatchMin);
        return source.Slice(from, most).CommonPrefixLength(source.Slice(at, most));
    }

    private static void WriteMatch(Span<byte> output, ref int to, int distance, int count)
    {
        var length = count - Lzf.MatchMin;
        var isLong = length >= Lzf.LongLength;
        output[to++] = (byte)(distance >> 8 | (isLong ? Lzf.LongLength : length) << 5);
        if (isLong) output[to++] = (byte)(length - Lzf.LongLength);
        output[to++] = (byte)distance;
    }

    public void Dispose()
    {
        _places?.Dispose();
        _output?.Dispose();
        _room?.Dispose();
    }
}
