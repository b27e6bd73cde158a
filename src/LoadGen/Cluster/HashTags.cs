using System.Text;
using Anax.Core.Text;

namespace Anax.LoadGen.Cluster;

/// <summary>For every hash slot the smallest number whose text hashes into it.</summary>
internal static class HashTags
{
    private static readonly byte[][] Tags = MakeTags();

    public static ReadOnlySpan<byte> Of(int hashSlot) => Tags[hashSlot];

    private static byte[][] MakeTags()
    {
        byte[][] tags = new byte[Crc16.HashSlots][];
        for (int number = 0, filled = 0; filled < tags.Length; number++)
        {
            byte[] text = Encoding.ASCII.GetBytes($"{number}");
            ref byte[]? tag = ref tags[Crc16.HashSlotOf(text)]!;
            if (tag is not null) continue;
            tag = text;
            filled++;
        }

        return tags;
    }
}
