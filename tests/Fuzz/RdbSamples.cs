using System.Globalization;
using Anax.Core.Rdb;

namespace Anax.Tests.Fuzz;

/// <summary>Whole values of every type and age, small ones mostly.</summary>
public static class RdbSamples
{
    private const int RedisVersion = 12;

    /// <summary>A value and the version of the format that it is in.</summary>
    public static (byte[] Value, int Version) Any(Random random)
    {
        int count = random.Next(1, random.Next(5) == 0 ? 60 : 6);
        byte[] value = random.Next(28) switch
        {
            0 => String(new RdbBytes(0), random, Text(random)).ToArray(),
            1 => Number(new RdbBytes(0), random).ToArray(),
            2 => Each(new RdbBytes(1).Length(count), count, (b, i) => String(b, random, Text(random))),
            3 => Each(new RdbBytes(2).Length(count), count, (b, i) => String(b, random, $"m{i}")),
            4 => Each(new RdbBytes(3).Length(count), count, (b, i) => TextScore(String(b, random, $"m{i}"), random)),
            5 => Each(new RdbBytes(4).Length(count), count, (b, i) => String(String(b, random, $"f{i}"), random, Text(random))),
            6 => Each(new RdbBytes(5).Length(count), count, (b, i) => String(b, random, $"m{i}").Double(Score(random))),
            7 => Blob(9, random, RdbBytes.Zipmap(random.Next(3), [.. Enumerable.Range(0, 2 * count).Select(i => $"f{i}")])),
            8 => Blob(10, random, RdbBytes.Ziplist(Items(random, count))),
            9 => Blob(11, random, RdbBytes.Integers(2 << random.Next(3), [.. Enumerable.Range(0, count).Select(i => (long)(i * 7 - 20))])),
            10 => Blob(12, random, RdbBytes.Ziplist(Pairs(random, count, scored: true))),
            11 => Blob(13, random, RdbBytes.Ziplist(Pairs(random, count, scored: false))),
            12 => Each(new RdbBytes(14).Length(count), count, (b, i) => String(b, random, RdbBytes.Ziplist(Items(random, i == 0 ? 1 : random.Next(4))))),
            13 => Blob(16, random, RdbBytes.Listpack(Pairs(random, count, scored: false))),
            14 => Blob(17, random, RdbBytes.Listpack(Pairs(random, count, scored: true))),
            15 or 16 => Each(new RdbBytes(18).Length(count), count, (b, i) => Node(b, random, i)),
            17 => Blob(20, random, RdbBytes.Listpack([.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? (object)i : $"m{i}")])),
            18 => Each(new RdbBytes(22).Length(count), count, (b, i) => String(String(b, random, $"f{i}"), random, Text(random)).Long(Expiry(random))),
            19 => Each(new RdbBytes((byte)RdbType.SetExpiring).Length(count), count, (b, i) => String(b, random, $"m{i}").Long(Expiry(random))),
            23 => Each(new RdbBytes((byte)RdbType.SortedSetExpiring).Length(count), count,
                (b, i) => String(b, random, $"m{i}").Double(Score(random)).Long(Expiry(random))),
            20 or 21 or 22 => StreamSamples.Any(random, count),
            _ => [],
        };
        return value.Length != 0 ? (value, RdbVersion.Written) : (Redis(random, count), RedisVersion);
    }

    /// <summary>Hashes of Redis 7.4 and later.</summary>
    private static byte[] Redis(Random random, int count)
    {
        object[] triples = [.. Enumerable.Range(0, count).SelectMany(i => new object[] { $"f{i}", Text(random), i % 2 == 0 ? 0 : 5_000_000_000 + i })];
        return random.Next(4) switch
        {
            0 => Each(new RdbBytes(22).Length(count), count,
                (b, i) => String(String(b.Length(i % 2 == 0 ? 0 : 5_000_000 + i), random, $"f{i}"), random, Text(random))),
            1 => Each(new RdbBytes(24).Long(5_000_000_000).Length(count), count, (b, i) => String(String(b.Length(i), random, $"f{i}"), random, Text(random))),
            2 => Blob(23, random, RdbBytes.Listpack(triples)),
            _ => String(new RdbBytes(25).Long(5_000_000_001), random, RdbBytes.Listpack(triples)).ToArray(),
        };
    }

    private static void Node(RdbBytes bytes, Random random, int index)
    {
        if (random.Next(4) == 0) String(bytes.Length(1), random, "plain " + Text(random));
        else String(bytes.Length(2), random, RdbBytes.Listpack(Items(random, index == 0 ? 1 : random.Next(4))));
    }

    private static byte[] Each(RdbBytes bytes, int count, Action<RdbBytes, int> write)
    {
        for (int i = 0; i < count; i++) write(bytes, i);
        return bytes.ToArray();
    }

    private static byte[] Blob(byte type, Random random, byte[] content) => String(new RdbBytes(type), random, content).ToArray();

    private static RdbBytes String(RdbBytes bytes, Random random, string text) => String(bytes, random, System.Text.Encoding.Latin1.GetBytes(text));

    private static RdbBytes String(RdbBytes bytes, Random random, byte[] text) =>
        random.Next(3) == 0 && text.Length > 2 ? bytes.Compressed(text) : bytes.Text(text);

    private static RdbBytes Number(RdbBytes bytes, Random random) => random.Next(3) switch
    {
        0 => bytes.Raw(0xC0, (byte)random.Next(256)),
        1 => bytes.Raw(0xC1, (byte)random.Next(256), (byte)random.Next(256)),
        _ => bytes.Raw(0xC2, (byte)random.Next(256), 1, 2, (byte)random.Next(256)),
    };

    private static RdbBytes TextScore(RdbBytes bytes, Random random)
    {
        if (random.Next(4) == 0) return bytes.Raw((byte)random.Next(254, 256));
        string text = Score(random).ToString("R", CultureInfo.InvariantCulture);
        return bytes.Raw((byte)text.Length).Raw(System.Text.Encoding.ASCII.GetBytes(text));
    }

    private static double Score(Random random) => random.Next(3) == 0 ? random.Next(-5, 5) : random.Next(100) / 8.0;

    private static long Expiry(Random random) => random.Next(2) == 0 ? -1 : random.NextInt64(1, 1L << 41);

    private static object[] Items(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(2) == 0 ? (object)Text(random) : random.NextInt64() >> random.Next(64) ^ -random.Next(2))];

    private static object[] Pairs(Random random, int count, bool scored)
    {
        object[] items = Items(random, count);
        return [.. Enumerable.Range(0, count).SelectMany(i => new[] { $"f{i}", scored ? i % 2 == 0 ? i : i + ".5" : items[i] })];
    }

    private static string Text(Random random) => random.Next(8) switch
    {
        0 => "",
        1 => new string('x', random.Next(300)),
        2 => string.Concat(Enumerable.Repeat("abcabd", random.Next(1, 30))),
        3 => random.Next(20) == 0 ? new string('y', 20_000) : "yy",
        _ => "text " + random.Next(1000).ToString(CultureInfo.InvariantCulture),
    };
}
