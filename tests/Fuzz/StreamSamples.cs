using System.Globalization;

namespace Anax.Tests.Fuzz;

/// <summary>Whole streams of every age.</summary>
internal static class StreamSamples
{
    private static readonly byte[] Types = [15, 19, 21];

    public static byte[] Any(Random random, int count)
    {
        byte type = Types[random.Next(3)];
        var bytes = new RdbBytes(type);
        int nodes = random.Next(4) == 0 ? 0 : 1 + count / 8, live = 0;
        bytes.Length(nodes);
        for (int i = 0; i < nodes; i++) live += Node(bytes, random, (ulong)(i + 1) * 1000);
        bytes.Length(live).Length((nodes + 1) * 1000).Length(random.Next(3));
        if (type != 15) bytes.Length(1000).Length(0).Length(random.Next(2) * 1000).Length(random.Next(9)).Length(live + random.Next(100));
        int groups = random.Next(3);
        bytes.Length(groups);
        for (int i = 0; i < groups; i++) Group(bytes, random, type, i, random.Next(count));
        return bytes.ToArray();
    }

    /// <summary>Returns how many entries are not deleted.</summary>
    private static int Node(RdbBytes bytes, Random random, ulong ms)
    {
        int entries = random.Next(1, 6), deleted = 0;
        var items = new List<object> { 2, "f", "name", 0 };
        for (int i = 0; i < entries; i++)
        {
            bool isDeleted = random.Next(4) == 0, hasSameFields = i == 0 || random.Next(2) == 0;
            if (isDeleted) deleted++;
            items.AddRange([(isDeleted ? 1 : 0) + (hasSameFields ? 2 : 0), i / 2, i % 2]);
            if (hasSameFields) items.AddRange([i, "value", 5]);
            else items.AddRange([1, "other", new string('z', random.Next(80)), 6]);
        }
        byte[] listpack = RdbBytes.Listpack([entries - deleted, deleted, .. items]);
        bytes.Length(16).Id(ms, 0);
        if (random.Next(3) == 0) bytes.Compressed(listpack);
        else bytes.Text(listpack);
        return entries - deleted;
    }

    private static void Group(RdbBytes bytes, Random random, byte type, int index, int pending)
    {
        bytes.Text("group" + index.ToString(CultureInfo.InvariantCulture)).Length(random.Next(2000)).Length(random.Next(3));
        if (type != 15) bytes.Length(random.Next(-1, 3));
        bytes.Length(pending);
        for (int i = 0; i < pending; i++) bytes.Id(1000, (ulong)i + 1).Long(random.NextInt64(1L << 41)).Length(random.Next(1, 100));
        int consumers = pending == 0 ? random.Next(2) : random.Next(1, 4);
        bytes.Length(consumers);
        for (int i = 0; i < consumers; i++)
        {
            bytes.Text(new string((char)('a' + i), random.Next(1, 40))).Long(random.NextInt64(1L << 41));
            if (type == 21) bytes.Long(random.Next(2) == 0 ? -1 : 1_700_000_000_000);
            int[] owned = [.. Enumerable.Range(0, pending).Where(p => p % consumers == i)];
            bytes.Length(owned.Length);
            foreach (int each in owned) bytes.Id(1000, (ulong)each + 1);
        }
    }
}
