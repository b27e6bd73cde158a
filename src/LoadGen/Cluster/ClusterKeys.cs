using Anax.Core.Text;
using Anax.LoadGen.Workload;

namespace Anax.LoadGen.Cluster;

/// <summary>
/// Draws keys for a connection to one shard of a cluster: those whose hash slot the shard owns. Where keys carry tags,
/// the tag follows from the number, so that a number always means the same key.
/// </summary>
internal sealed class ClusterKeys(ClusterMap map, int shard, bool addsTags)
{
    /// <summary>No key of the range lies in the shard's slots, as far as so many draws tell.</summary>
    public const ulong None = ulong.MaxValue;

    private const int DrawsMax = 1_000_000;

    private int _tagged;

    public bool AddsTags => addsTags;

    public ulong Next(KeyArgument argument, KeySource keys, ref FastRandom random)
    {
        if (map.SlotsOf(shard) == 0) return None;
        for (int draws = 0; draws < DrawsMax; draws++)
        {
            ulong key = keys.Next(ref random);
            if (map.ShardOf(HashSlotOf(argument, key)) == shard) return key;
        }

        return None;
    }

    public int HashSlotOf(KeyArgument argument, ulong key)
    {
        if (addsTags) return TaggedSlot(key);
        int length = argument.Prefix.Length;
        Span<byte> text = stackalloc byte[length + Digits.CountMax + argument.Suffix.Length];
        argument.Prefix.CopyTo(text);
        length += Digits.Write(key, text[length..]);
        argument.Suffix.CopyTo(text[length..]);
        return Crc16.HashSlotOf(text[..(length + argument.Suffix.Length)]);
    }

    /// <summary>The first key of a request decides the tag of all its keys.</summary>
    public void BeginRequest(ulong firstKey) => _tagged = addsTags ? TaggedSlot(firstKey) : 0;

    /// <summary>Header, prefix, tag and number of a key argument; returns the length.</summary>
    public int ComposeTagged(KeyArgument argument, ulong key, Span<byte> target)
    {
        ReadOnlySpan<byte> tag = HashTags.Of(_tagged);
        int bytes = argument.Prefix.Length + tag.Length + 2 + Digits.Count(key) + argument.Suffix.Length;
        target[0] = (byte)'$';
        int used = 1 + Numbers.FormatLong(bytes, target[1..]);
        "\r\n"u8.CopyTo(target[used..]);
        used += 2;
        argument.Prefix.CopyTo(target[used..]);
        used += argument.Prefix.Length;
        target[used++] = (byte)'{';
        tag.CopyTo(target[used..]);
        used += tag.Length;
        target[used++] = (byte)'}';
        return used + Digits.Write(key, target[used..]);
    }

    private static int TaggedSlot(ulong key) => (int)(FastRandom.Split(ref key) % Crc16.HashSlots);
}
