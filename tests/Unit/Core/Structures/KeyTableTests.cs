using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Tests.Unit.Harness;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

[Collection(AloneCollection.Name)]
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
            Assert.Equal(length > EntryTable.InlineBytesMax, model.Find("key").Encoding == ValueEncoding.Block);
        }
        model.Check();
    }

    [Fact]
    public void HitsAreTheKeysWhateverItHolds()
    {
        using var model = new KeyTableModel();
        model.SetInteger("key", 1, 0);
        var entry = model.Find("key");
        model.Table.Entries.Touch(ref entry);
        model.Table.Entries.Touch(ref entry);
        model.SetInteger("key", 2, 0);
        model.Set("key", Value(1, 100), Now);
        model.Resize("key", 200, 7);
        model.Set("key", Value(1, 20_000), 0);
        model.Resize("key", 30_000, 7);
        model.Set("key", Value(2, 3), 0);
        Assert.Equal(2, model.Find("key").Hits);
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
        for (var i = 0; i < 110_000; i++)
        {
            model.SetInteger("key:" + i, i, i % 3 == 0 ? Now + i * 20_000 : 0);
            if (i % 7 == 0 && System.Numerics.BitOperations.IsPow2(i / 7)) model.Check();
        }
        model.Check();
        var grown = model.Table.Entries.Shape;
        Assert.Equal(DirectoryShape.Rooted, grown.Shape);
        Assert.InRange(model.Table.Entries.Count / (double)grown.Capacity, 0.7, 0.95);
        for (var i = 0; i < 109_990; i++)
        {
            model.Delete("key:" + i);
            if (i % 30_000 == 29_999) model.Sweep(Now - 1000);
            if (i % 50_000 == 0) model.Check();
        }
        for (var round = 0; round < 20; round++) model.Sweep(Now - 1000);
        model.Check();
        Assert.Equal(DirectoryShape.Single, model.Table.Entries.Shape.Shape);
        Assert.InRange(model.Table.Entries.UsedBytes, 64, 1024);
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
            case < 93:
                model.Stick(key);
                break;
            case < 95:
                model.SetAs(key, random.NextInt64() >> random.Next(64), random.Next(2) == 0);
                break;
            default:
                model.Look(key);
                break;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(20_000)]
    [InlineData(3_000_000)]
    public void AStickyKeyStaysSoUnderEveryValue(int length)
    {
        using var model = new KeyTableModel();
        var key = new string('k', length);
        model.SetInteger(key, 1, 0);
        model.Stick(key);
        model.Stick(key);
        foreach (var size in new[] { 1, 127, 128, 5000, 20_000, 3 })
        {
            model.Set(key, Value(size, size), size % 2 == 0 ? 0 : Now);
            model.Resize(key, size + 1, 7);
            model.SetExpiry(key, size % 2 == 0 ? Now : 0);
        }
        model.SetAs(key, 5, sticky: false);
        model.SetAs(key, 6, sticky: true);
        model.Check();
        model.Delete(key);
        model.SetInteger(key, 7, 0);
        model.Check();
    }

    [Fact]
    public void AKeyThatMemoryIsRefusedToStaysAsItWas()
    {
        using var model = new KeyTableModel(new ArenaOptions { ReserveBytes = 4 << 20 });
        var keys = 0;
        for (var isFull = false; !isFull; keys++)
        {
            var name = Encoding.Latin1.GetBytes($"key:{keys:D8}");
            var entry = model.Find($"key:{keys:D8}");
            isFull = !model.Table.Entries.SetString(ref entry, name, Value(keys, keys % 60), 0);
        }
        var refused = 0;
        for (var i = 0; i < keys - 1; i++)
        {
            var entry = model.Find($"key:{i:D8}");
            var isDone = model.Table.Entries.SetSticky(ref entry);
            if (!isDone) refused++;
            entry = model.Find($"key:{i:D8}");
            Assert.Equal(isDone, entry.IsSticky);
            Assert.True(entry.Bytes.SequenceEqual(Value(i, i % 60)));
            model.Arena.Settle();
        }
        Assert.InRange(refused, 1, keys - 1);
        model.Table.Entries.Verify(Now);
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
            position = model.Table.Entries.Walk(position, ref collector);
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
            var entry = table.Entries.Find(hash, key);
            table.Entries.SetString(ref entry, key, value, Now);
            table.Entries.Touch(ref entry);
            table.Entries.Resize(ref entry, 2000 * i, out _);
            table.Entries.SetExpiry(ref entry, 0);
            table.Entries.SetInteger(ref entry, key, i, 0);
            for (key[0] = 0; key[0] < 50; key[0]++)
            {
                for (key[1] = 0; key[1] < 50; key[1]++)
                {
                    var other = table.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
                    if (other.Exists) table.Entries.Delete(ref other);
                    else table.Entries.SetInteger(ref other, key, i, 0);
                }
            }
            key[0] = key[1] = (byte)'k';
            entry = table.Entries.Find(hash, key);
            table.Entries.Delete(ref entry);
            model.Arena.Settle();
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void ValuesMayComeFromTheTableItself()
    {
        using var model = new KeyTableModel();
        model.Set("a", Value(1, 60), 0);
        // From its own record, with a longer header, in the same cell or another.
        var entry = model.Find("a");
        Assert.True(model.Table.Entries.SetString(ref entry, entry.Key, entry.Bytes[2..], Now));
        Assert.True(entry.Bytes.SequenceEqual(Value(1, 60).AsSpan(2)));
        model.Set("a", Value(1, 20_000), 0);
        entry = model.Find("a");
        Assert.True(model.Table.Entries.SetString(ref entry, entry.Key, entry.Bytes[..40], 0));
        Assert.True(entry.Bytes.SequenceEqual(Value(1, 20_000).AsSpan(0, 40)));
        // What a command deletes it may still read.
        entry = model.Find("a");
        var bytes = entry.Bytes;
        model.Table.Entries.Delete(ref entry);
        var other = model.Find("b");
        Assert.True(model.Table.Entries.SetString(ref other, "b"u8, bytes, 0));
        Assert.True(other.Bytes.SequenceEqual(Value(1, 20_000).AsSpan(0, 40)));
        model.Forget("a");
    }

    [Fact]
    public void AnEntryFoundBeforeAnotherChangeIsFoundAgain()
    {
        using var model = new KeyTableModel();
        var first = model.Find("a");
        var second = model.Find("a");
        var third = model.Find("b");
        Assert.True(model.Table.Entries.SetInteger(ref first, "a"u8, 1, 0));
        Assert.True(model.Table.Entries.SetInteger(ref second, "a"u8, 2, 0));
        Assert.True(model.Table.Entries.SetInteger(ref third, "b"u8, 3, 0));
        Assert.Equal(2, model.Table.Entries.Count);
        model.Table.Entries.Verify(Now);
        model.Set("a", [1], 0);
        model.Set("b", [2], 0);
        model.Check();
    }

    [Fact]
    public void AValueThatRepliesStillReferToIsCountedUntilTheLastIsGone()
    {
        using var model = new KeyTableModel();
        model.Set("small", [1], 0);
        long without = model.Arena.UsedBytes;
        model.Set("big", Value(1, 500_000), 0);
        NativeBlock block = model.Find("big").Block;
        long footprint = block.FootprintBytes;
        block.AddReference();
        block.AddReference();
        model.Set("big", [2], 0);
        Assert.Equal(footprint, model.Arena.LentBytes);
        Assert.InRange(model.Arena.UsedBytes, without + footprint, without + footprint + 200);
        block.Release();
        Assert.Equal(footprint, model.Arena.LentBytes);
        // A lent block that becomes a value again is counted once.
        var entry = model.Find("again");
        block.AddReference();
        Assert.True(model.Table.Entries.SetBlock(ref entry, "again"u8, block, 500_000, 0));
        Assert.Equal(0, model.Arena.LentBytes);
        model.Table.Entries.Delete(ref entry);
        Assert.Equal(footprint, model.Arena.LentBytes);
        block.Release();
        Assert.Equal(0, model.Arena.LentBytes);
        Assert.InRange(model.Arena.UsedBytes, without, without + 400);
    }

    [Fact]
    public void ASharedBlockIsCopiedBeforeItChanges()
    {
        using var model = new KeyTableModel();
        model.Set("big", Value(1, 50_000), 0);
        var block = model.Find("big").Block;
        block.AddReference();
        model.Resize("big", 50_001, 99);
        Assert.NotEqual(block, model.Find("big").Block);
        Assert.True(block.Bytes[..50_000].SequenceEqual(Value(1, 50_000)));
        Assert.False(block.IsShared);
        block.Release();
        model.Check();
    }

    [Fact]
    public void AppendingIsNotQuadratic()
    {
        using var model = new KeyTableModel();
        model.Set("log", [], 0);
        var entry = model.Find("log");
        long copied = 0;
        var blocks = 0;
        nint last = 0;
        for (var length = 100; length <= 5_000_000; length += 100)
        {
            Assert.True(model.Table.Entries.Resize(ref entry, length, out var bytes));
            bytes[^1] = 1;
            model.Arena.Settle();
            if (entry.Block.IsNull || entry.Block.Address == last) continue;
            last = entry.Block.Address;
            blocks++;
            copied += length;
        }
        Assert.InRange(blocks, 5, 30);
        Assert.InRange(copied, 5_000_000, 20_000_000);
        Assert.InRange(model.Arena.ExternalBytes, 5_000_000, 7_600_000);
        model.Forget("log");
    }

    [Fact]
    public void TheListenerHearsOfEveryChangeBeforeIt()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 3000; i++) model.SetInteger("k" + i, i, 0);
        var listener = new Listener(model.Table);
        model.Arena.UnitListener = listener;
        model.SetInteger("k5", 77, 0);
        Assert.Contains("k5=5", listener.Last);
        model.SetExpiry("k6", Now);
        Assert.Contains("k6=6", listener.Last);
        model.Delete("k7");
        Assert.Contains("k7=7", listener.Last);
        model.Resize("k8", 10, 65);
        Assert.Contains("k8=8", listener.Last);
        var calls = listener.Calls;
        model.SetInteger("fresh", 1, 0);
        Assert.Equal(calls + 1, listener.Calls);
        Assert.DoesNotContain("fresh=1", listener.Last);
        model.Look("k9");
        Assert.Equal(calls + 1, listener.Calls);
    }

    [Fact]
    public void RandomEntriesAreSpread()
    {
        using var model = new KeyTableModel();
        Assert.False(model.Table.Entries.TryRandom(1, out _));
        for (var i = 0; i < 100; i++) model.SetInteger("k" + i, i, 0);
        var random = new Random(11);
        var seen = new Dictionary<string, int>();
        for (var i = 0; i < 20_000; i++)
        {
            Assert.True(model.Table.Entries.TryRandom((ulong)random.NextInt64() << 1, out var entry));
            var key = Encoding.Latin1.GetString(entry.Key);
            seen[key] = seen.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(100, seen.Count);
        Assert.InRange(seen.Values.Max(), 200, 1000);
        for (var i = 1; i < 100; i++) model.Delete("k" + i);
        Assert.True(model.Table.Entries.TryRandom(ulong.MaxValue, out var last));
        Assert.True(last.Key.SequenceEqual("k0"u8));
    }

    [Fact]
    public void PrefetchingFindsTheSame()
    {
        using var model = new KeyTableModel();
        var hashes = new ulong[200];
        for (var i = 0; i < 200; i++) hashes[i] = KeyTableModel.HashKey.Hash(Encoding.Latin1.GetBytes("k" + i));
        model.Table.Entries.Prefetch(hashes, writes: false);
        for (var i = 0; i < 3000; i++) model.SetInteger("k" + i, i, 0);
        model.Table.Entries.Prefetch(hashes, writes: false);
        model.Table.Entries.Prefetch([], writes: true);
        model.Check();
    }

    [Fact]
    public void AFullArenaRefusesAndLosesNothing()
    {
        using var model = new KeyTableModel(new ArenaOptions { ReserveBytes = 6 << 20 });
        var key = new byte[8];
        var count = 0;
        for (; ; count++)
        {
            BitConverter.TryWriteBytes(key, (long)count);
            var entry = model.Table.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
            if (!model.Table.Entries.SetString(ref entry, key, new byte[50], 0)) break;
        }
        Assert.InRange(count, 30_000, 80_000);
        Assert.Equal(count, model.Table.Entries.Count);
        model.Table.Entries.Verify(Now);
        for (var i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(key, (long)i);
            var entry = model.Table.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
            Assert.True(entry.Exists);
            if (i % 2 == 0) continue;
            // Another size needs another cell; the same size does not.
            if (i == 1) Assert.False(model.Table.Entries.SetExpiry(ref entry, Now));
            if (i == 1) Assert.True(model.Table.Entries.SetString(ref entry, key, new byte[50], 0));
            model.Table.Entries.Delete(ref entry);
        }
        model.Arena.Settle();
        BitConverter.TryWriteBytes(key, -1L);
        var again = model.Table.Entries.Find(KeyTableModel.HashKey.Hash(key), key);
        Assert.True(model.Table.Entries.SetString(ref again, key, new byte[50], 0));
    }

    [Fact]
    public void MemoryUsageCountsRecordBlockAndIndex()
    {
        using var model = new KeyTableModel();
        for (var i = 0; i < 10_000; i++) model.Set("key:" + (100_000_000 + i), new byte[64], Now);
        var entry = model.Find("key:100000007");
        Assert.InRange(model.Table.Entries.MemoryUsage(entry, 5), 88 + 5, 88 + 14);
        model.Set("big", new byte[100_000], 0);
        Assert.InRange(model.Table.Entries.MemoryUsage(model.Find("big"), 5), 100_000, 110_000);
    }

    private sealed class Listener(KeyTable table) : IUnitListener
    {
        public int Calls { get; private set; }

        /// <summary>The entries of the unit as they were when it was announced.</summary>
        public List<string> Last { get; } = [];

        public void Before(uint container, ulong unit)
        {
            Assert.Equal(table.Entries.HeaderHandle, container);
            Calls++;
            Last.Clear();
            var reader = new Reader { Lines = Last };
            table.Entries.Walk(unit, ref reader);
        }
    }

    private struct Reader : IEntryVisitor
    {
        public List<string> Lines;

        public readonly void Visit(ref Entry entry)
        {
            entry.TryGetInteger(out var number);
            Lines.Add(Encoding.Latin1.GetString(entry.Key) + "=" + number);
        }
    }

    /// <summary>As from a dump, or a copy: one corner of the table is split before the rest, and its directory with it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeysThatComeInTheOrderOfTheirHashesAreFound(bool backwards)
    {
        const int Count = 800_000;
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 512 << 20 });
        using var keys = new KeyTable(arena, KeyTableModel.HashKey);
        var hashes = new ulong[Count];
        var numbers = new int[Count];
        for (var i = 0; i < Count; i++) (hashes[i], numbers[i]) = (KeyTableModel.HashKey.Hash(BitConverter.GetBytes(i)), i);
        Array.Sort(hashes, numbers);
        if (backwards)
        {
            Array.Reverse(hashes);
            Array.Reverse(numbers);
        }
        for (var i = 0; i < Count; i++)
        {
            var key = BitConverter.GetBytes(numbers[i]);
            var entry = keys.Entries.Find(hashes[i], key);
            Assert.True(keys.Entries.SetInteger(ref entry, key, numbers[i], 0));
        }
        Assert.Equal(Count, keys.Entries.Count);
        keys.Entries.Verify(Now);
        for (var i = 0; i < Count; i++)
        {
            var entry = keys.Entries.Find(hashes[i], BitConverter.GetBytes(numbers[i]));
            Assert.True(entry.Exists && entry.TryGetInteger(out var number) && number == numbers[i]);
        }
    }
}
