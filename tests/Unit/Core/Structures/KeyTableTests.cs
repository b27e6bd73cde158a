using Anax.Core.Memory;
using Anax.Core.Structures;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

public class KeyTableTests
{
    private const long Now = KeyTableModel.Now;

    private static byte[] Value(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void KeepsAndReplacesValuesOfEverySize()
    {
        using var model = new KeyTableModel();
        int[] lengths = [0, 1, 44, 127, 128, 4000, 16383, 16384, 100_000, 5, 16384, 0];
        foreach (var length in lengths)
        {
            model.Set("key", Value(length, length), length % 2 == 0 ? 0 : Now);
            model.Set("key" + length, Value(length + 1, length), 0);
            Assert.Equal(length > KeyTable.InlineBytesMax, model.Find("key").Encoding == ValueEncoding.Block);
        }
        model.Check();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(17_000)]
    [InlineData(40_000)]
    [InlineData(3_000_000)]
    public void KeepsKeysOfEverySize(int length)
    {
        using var model = new KeyTableModel();
        var key = new string('k', length);
        model.Set(key, Value(1, 10), 0);
        model.SetExpiry(key, Now);
        model.Set(key, Value(2, 20_000), Now + 5);
        model.Resize(key, 50_000, 7);
        model.SetInteger(key, 12345, 0);
        model.Resize(key, 3, 9);
        model.Check();
        model.Delete(key);
        model.Check();
    }

    [Theory]
    [InlineData(0L, 1)]
    [InlineData(-128L, 1)]
    [InlineData(128L, 2)]
    [InlineData(-40_000L, 4)]
    [InlineData(long.MinValue, 8)]
    [InlineData(long.MaxValue, 8)]
    public void IntegersTakeTheBytesThatTheyNeed(long value, int width)
    {
        using var model = new KeyTableModel();
        model.SetInteger("n", value, 0);
        var entry = model.Find("n");
        Assert.Equal(ValueEncoding.Integer, entry.Encoding);
        Assert.Equal(3 + 1 + width, entry.Record.SizeBytes);
        Assert.True(entry.TryGetInteger(out var read));
        Assert.Equal(value, read);
        model.Check();
    }

    [Fact]
    public void GrowsAndShrinksWithItsEntries()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 150_000; i++)
        {
            model.SetInteger("key:" + i, i, i % 3 == 0 ? Now + i * 20_000 : 0);
            if (System.Numerics.BitOperations.IsPow2(i)) model.Check();
        }
        model.Check();
        var grown = model.Table.Shape;
        Assert.Equal(DirectoryShape.Rooted, grown.Shape);
        Assert.InRange(model.Table.Count / (double)grown.Capacity, 0.7, 0.95);
        for (var i = 0; i < 149_990; i++)
        {
            model.Delete("key:" + i);
            if (i % 30_000 == 29_999) model.Sweep(Now - 1000);
            if (i % 50_000 == 0) model.Check();
        }
        for (var round = 0; round < 20; round++) model.Sweep(Now - 1000);
        model.Check();
        Assert.Equal(DirectoryShape.Single, model.Table.Shape.Shape);
        Assert.InRange(model.Table.UsedBytes, 64, 1024);
    }

    [Fact]
    public void RandomOperationsAgreeWithTheModel()
    {
        Gen.Select(Gen.UInt, Gen.Int[0, 3]).Sample(
            (seed, kind) => RunRandom(new Random((int)seed), kind), iter: 24, threads: 1);
    }

    private static bool RunRandom(Random random, int kind)
    {
        using var model = new KeyTableModel(new ArenaOptions
        {
            ReserveBytes = 256 << 20,
            GranuleBytes = kind == 3 ? 16 : 8,
        });
        var keys = kind == 0 ? 50 : kind == 1 ? 800 : 8000;
        var operations = 4 * keys;
        for (var i = 0; i < operations; i++) Operate(model, random, "k" + random.Next(keys));
        model.Check();
        model.Sweep(Now + 5000);
        model.Check();
        // The same once more with more deletes than inserts: merges.
        for (var i = 0; i < operations; i++)
        {
            model.Delete("k" + random.Next(keys));
            if (random.Next(4) == 0) Operate(model, random, "k" + random.Next(keys));
            if (i % (keys + 1) == keys) model.Sweep(Now + 6000 + i);
        }
        model.Check();
        return true;
    }

    private static void Operate(KeyTableModel model, Random random, string key)
    {
        var expireAtMs = random.Next(3) == 0 ? Now + random.Next(10_000) : random.Next(8) == 0 ? Now + random.NextInt64(1L << 40) : 0;
        switch (random.Next(100))
        {
            case < 45:
                model.Set(key, Value(random.Next(), random.Next(random.Next(50) == 0 ? 20_000 : 200)), expireAtMs, random.Next(2) == 0);
                break;
            case < 60:
                model.SetInteger(key, random.NextInt64() >> random.Next(64), expireAtMs);
                break;
            case < 70:
                model.Delete(key);
                break;
            case < 80:
                model.Resize(key, random.Next(random.Next(20) == 0 ? 40_000 : 300), (byte)random.Next());
                break;
            case < 90:
                model.SetExpiry(key, expireAtMs);
                break;
            default:
                model.Look(key);
                break;
        }
    }

    [Fact]
    public void AWalkMeetsEveryKeyThatIsPresentThroughout()
    {
        Gen.UInt.Sample(seed => WalkWhileChanging(new Random((int)seed)), iter: 12, threads: 1);
    }

    private static bool WalkWhileChanging(Random random)
    {
        using var model = new KeyTableModel();
        var stable = 1 + random.Next(4000);
        for (var i = 0; i < stable; i++) model.SetInteger("stable" + i, i, 0);
        var moving = random.Next(8000);
        var isGrowing = random.Next(2) == 0;
        if (!isGrowing) for (var i = 0; i < moving; i++) model.SetInteger("moving" + i, i, 0);
        var collector = new KeyTableModel.Collector { Seen = [] };
        ulong position = 0;
        var next = 0;
        var steps = 0;
        do
        {
            position = model.Table.Walk(position, ref collector);
            Assert.Equal(0UL, position << 42);
            var batch = random.Next(40);
            for (var i = 0; i < batch && next < moving; i++, next++)
            {
                if (isGrowing) model.SetInteger("moving" + next, next, 0);
                else model.Delete("moving" + next);
            }
            if (random.Next(10) == 0) model.Sweep(Now);
            Assert.True(++steps < 1_000_000, "a walk that does not end");
        }
        while (position != 0);
        for (var i = 0; i < stable; i++) Assert.True(collector.Seen.ContainsKey("stable" + i), "stable" + i);
        model.Check();
        return true;
    }

    [Fact]
    public void OperationsAllocateNothing()
    {
        using var model = new KeyTableModel();
        var table = model.Table;
        var key = "kkme key"u8.ToArray();
        var hash = KeyTableModel.HashKey.Hash(key);
        var value = new byte[100];
        long before = 0;
        for (var i = 0; i < 20; i++)
        {
            if (i == 10) before = GC.GetAllocatedBytesForCurrentThread();
            var entry = table.Find(hash, key);
            table.SetString(ref entry, key, value, Now);
            table.Touch(ref entry);
            table.Resize(ref entry, 2000 * i, out _);
            table.SetExpiry(ref entry, 0);
            table.SetInteger(ref entry, key, i, 0);
            for (key[0] = 0; key[0] < 50; key[0]++)
            {
                for (key[1] = 0; key[1] < 50; key[1]++)
                {
                    var other = table.Find(KeyTableModel.HashKey.Hash(key), key);
                    if (other.Exists) table.Delete(ref other);
                    else table.SetInteger(ref other, key, i, 0);
                }
            }
            key[0] = key[1] = (byte)'k';
            entry = table.Find(hash, key);
            table.Delete(ref entry);
            model.Arena.Settle();
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
    }
}
