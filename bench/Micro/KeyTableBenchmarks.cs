using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>One shard's table: lookups and changes, one by one and in a window that is prefetched first.</summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class KeyTableBenchmarks : IDisposable
{
    private const int Window = 32;

    private readonly byte[] _value = Encoding.ASCII.GetBytes(new string('x', 64));
    private readonly ulong[] _hashes = new ulong[Window];
    private Arena _arena = null!;
    private KeyTable _table = null!;
    private KeyRing _present = null!;
    private KeyRing _absent = null!;

    /// <summary>Half of it is in the table, the half that follows the next key: each insertion comes with a deletion.</summary>
    private KeyRing _passing = null!;

    /// <summary>The first fits the processor's cache, the second does not.</summary>
    [Params(10_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var hash = new HashKey(1, 2);
        _arena = new Arena(new ArenaOptions());
        _table = new KeyTable(_arena, hash);
        _present = new KeyRing(hash, 0, Entries);
        _absent = new KeyRing(hash, Entries, Entries);
        _passing = new KeyRing(hash, 2L * Entries, Entries / 2);
        for (int i = 0; i < Entries; i++) Set(_present, i);
        for (int i = _passing.Count / 2; i < _passing.Count; i++) Set(_passing, i);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _table.Dispose();
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int FindHit()
    {
        int i = _present.Next();
        return _table.Entries.Find(_present.Hash(i), _present.Key(i)).ValueLength;
    }

    [Benchmark(OperationsPerInvoke = Window)]
    public int FindHitWindow()
    {
        PrefetchNext(_present);
        int sum = 0;
        for (int i = 0; i < Window; i++) sum += FindHit();
        return sum;
    }

    [Benchmark]
    public bool FindMiss()
    {
        int i = _absent.Next();
        return _table.Entries.Find(_absent.Hash(i), _absent.Key(i)).Exists;
    }

    [Benchmark(OperationsPerInvoke = Window)]
    public bool FindMissWindow()
    {
        PrefetchNext(_absent);
        bool any = false;
        for (int i = 0; i < Window; i++) any |= FindMiss();
        return any;
    }

    [Benchmark]
    public bool Overwrite()
    {
        bool isSet = Set(_present, _present.Next());
        _arena.Settle();
        return isSet;
    }

    [Benchmark(OperationsPerInvoke = Window)]
    public bool OverwriteWindow()
    {
        PrefetchNext(_present);
        bool all = true;
        for (int i = 0; i < Window; i++) all &= Overwrite();
        return all;
    }

    /// <summary>A table of constant size: one key comes, the one that came longest ago goes.</summary>
    [Benchmark]
    public bool InsertAndDelete()
    {
        int i = _passing.Next();
        bool isSet = Set(_passing, i);
        int oldest = _passing.Following(i, _passing.Count / 2);
        Entry entry = _table.Entries.Find(_passing.Hash(oldest), _passing.Key(oldest));
        _table.Entries.Delete(ref entry);
        _arena.Settle();
        return isSet;
    }

    [Benchmark(OperationsPerInvoke = Window)]
    public bool InsertAndDeleteWindow()
    {
        PrefetchNext(_passing);
        PrefetchNext(_passing, later: _passing.Count / 2);
        bool all = true;
        for (int i = 0; i < Window; i++) all &= InsertAndDelete();
        return all;
    }

    private bool Set(KeyRing keys, int index)
    {
        Entry entry = _table.Entries.Find(keys.Hash(index), keys.Key(index));
        return _table.Entries.SetString(ref entry, keys.Key(index), _value, expireAtMs: 0);
    }

    private void PrefetchNext(KeyRing keys, int later = 0)
    {
        keys.CopyNext(_hashes, later);
        _table.Entries.Prefetch(_hashes, writes: false);
    }
}
