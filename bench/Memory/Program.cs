using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Bench.Memory;

/// <summary>
/// Resident memory per entry at every size of a doubling, after fragmentation and compaction, and after
/// everything was freed. `Memory [ttl|plain] [from] [to] [step]`, in thousands of entries; two arenas, as two
/// shards have.
/// </summary>
internal static class Program
{
    private const int Arenas = 2;
    private const int KeySpace = 200_000_000;
    private const int ValueBytes = 64;
    private const int BatchKeys = 32;
    private const long NowMs = 1_800_000_000_000;

    private static readonly HashKey HashKey = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    private static int Main(string[] args)
    {
        var expires = args is not ["plain", ..];
        var from = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5000;
        var to = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 10_000;
        var step = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1000;

        var stores = new Store[Arenas];
        for (var i = 0; i < Arenas; i++) stores[i] = new Store();
        Fill(stores, 1000, expires, 1, out _);
        foreach (var store in stores) store.Restart();
        var start = ResidentBytes();

        var watch = Stopwatch.StartNew();
        var keys = 0L;
        double sum = 0, worst = 0;
        var sizes = 0;
        var random = 1UL;
        for (var thousands = from; thousands <= to; thousands += step)
        {
            keys += Fill(stores, thousands * 1000L, expires, random, out random);
            var growth = ResidentBytes() - start;
            var entries = Sum(stores, s => s.Table.Entries.Count);
            var perEntry = (double)growth / entries;
            sum += perEntry;
            worst = Math.Max(worst, perEntry);
            sizes++;
            var ratio = (double)Sum(stores, s => s.Arena.UsedBytes) / growth;
            Print($"{entries / 1000,6} K entries: {perEntry:F2} B each, used/resident {ratio:F4}, {watch.ElapsedMilliseconds} ms");
        }
        Print($"mean {sum / sizes:F2}, worst {worst:F2}");

        watch.Restart();
        Fragment(stores, keys, expires);
        Report(stores, start, $"two thirds overwritten, one third deleted in {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        var steps = Compact(stores);
        Report(stores, start, $"compacted in {watch.ElapsedMilliseconds} ms, longest step {steps:F2} ms");

        var full = ResidentBytes() - start;
        watch.Restart();
        foreach (var store in stores)
        {
            while (!store.Table.FreeStep(1000))
            {
            }
            store.Arena.ReleaseFreeExtents(int.MaxValue);
        }
        Print($"freed in {watch.ElapsedMilliseconds} ms, {1 - (double)(ResidentBytes() - start) / full:P1} given back");
        return 0;
    }

    private static long Fill(Store[] stores, long target, bool expires, ulong random, out ulong next)
    {
        Span<byte> keys = stackalloc byte[BatchKeys * 16];
        Span<byte> value = stackalloc byte[ValueBytes];
        Span<ulong> hashes = stackalloc ulong[BatchKeys];
        Span<int> lengths = stackalloc int[BatchKeys];
        long written = 0;
        while (Sum(stores, s => s.Table.Entries.Count) < target)
        {
            for (var i = 0; i < BatchKeys; i++)
            {
                lengths[i] = MakeKey(keys[(16 * i)..], ref random);
                hashes[i] = HashKey.Hash(keys.Slice(16 * i, lengths[i]));
            }
            foreach (var store in stores) store.Table.Entries.Prefetch(hashes, writes: true);
            for (var i = 0; i < BatchKeys; i++)
            {
                FillRandom(value, ref random);
                var key = keys.Slice(16 * i, lengths[i]);
                var store = stores[hashes[i] % Arenas];
                var entry = store.Table.Entries.Find(hashes[i], key);
                store.Table.Entries.SetString(ref entry, key, value, expires ? NowMs + 100_000_000 + (long)(random % 10_000_000) : 0);
                store.Arena.Settle();
            }
            written += BatchKeys;
        }
        next = random;
        return written;
    }

    private static void Fragment(Store[] stores, long keys, bool expires)
    {
        Span<byte> keyBytes = stackalloc byte[16];
        Span<byte> value = stackalloc byte[256];
        var random = 1UL;
        var lengths = 77UL;
        for (long i = 0; i < keys; i++)
        {
            var key = keyBytes[..MakeKey(keyBytes, ref random)];
            if (i % BatchKeys == BatchKeys - 1) for (var k = 0; k < BatchKeys; k++) FillRandom(value[..ValueBytes], ref random);
            var hash = HashKey.Hash(key);
            var store = stores[hash % Arenas];
            var entry = store.Table.Entries.Find(hash, key);
            if (i % 3 == 0)
            {
                if (entry.Exists) store.Table.Entries.Delete(ref entry);
            }
            else
            {
                var length = 16 + (int)(Next(ref lengths) % 240);
                store.Table.Entries.SetString(ref entry, key, value[..length], expires ? NowMs + 200_000_000 : 0);
            }
            store.Arena.Settle();
        }
    }

    private static double Compact(Store[] stores)
    {
        long longest = 0;
        foreach (var store in stores)
        {
            for (var pass = 0; pass < 4; pass++)
            {
                var started = Stopwatch.GetTimestamp();
                if (!store.Arena.BeginCompaction()) break;
                longest = Math.Max(longest, Stopwatch.GetTimestamp() - started);
                for (var done = false; !done;)
                {
                    started = Stopwatch.GetTimestamp();
                    var keeper = new Keeper();
                    done = store.Table.Entries.Sweep(ref store.Sweep, NowMs, 1000, ref keeper);
                    longest = Math.Max(longest, Stopwatch.GetTimestamp() - started);
                }
                store.Arena.EndCompaction();
                store.Arena.ReleaseFreeExtents(int.MaxValue);
            }
        }
        return longest * 1000.0 / Stopwatch.Frequency;
    }

    private static void Report(Store[] stores, long start, string what)
    {
        var growth = ResidentBytes() - start;
        var used = Sum(stores, s => s.Arena.UsedBytes);
        Print($"{what}: {Sum(stores, s => s.Table.Entries.Count) / 1000} K entries, resident/used {(double)growth / used:F3}");
    }

    private static int MakeKey(Span<byte> target, ref ulong random)
    {
        "key:"u8.CopyTo(target);
        Utf8Formatter.TryFormat((uint)(Next(ref random) % KeySpace), target[4..], out var digits);
        return 4 + digits;
    }

    private static void FillRandom(Span<byte> bytes, ref ulong random)
    {
        for (var i = 0; i + 8 <= bytes.Length; i += 8) BitConverter.TryWriteBytes(bytes[i..], Next(ref random));
    }

    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    private static long Sum(Store[] stores, Func<Store, long> what)
    {
        long sum = 0;
        foreach (var store in stores) sum += what(store);
        return sum;
    }

    private static long ResidentBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed class Store
    {
        public Arena Arena = MakeArena();
        public KeyTable Table;
        public SweepState Sweep;

        private static Arena MakeArena() => new(new ArenaOptions
        {
            ReserveBytes = Arena.AffordableReserve(ArenaOptions.ReserveBytesDefault, Arenas),
        });

        public Store() => Table = new KeyTable(Arena, HashKey);

        public void Restart()
        {
            Arena.Dispose();
            Arena = MakeArena();
            Table = new KeyTable(Arena, HashKey);
        }
    }

    private readonly struct Keeper : IExpiryVisitor
    {
        public void Expired(ref Entry entry)
        {
        }
    }
}
