using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>One shard's table: lookups and overwrites, one by one and in a window that is prefetched first.</summary>
[MemoryDiagnoser]
public class KeyTableBenchmarks : IDisposable
{
    private const int Window = 32;

    private readonly byte[] _value = Encoding.ASCII.GetBytes(new string('x', 64));
    private readonly ulong[] _hashes = new ulong[Window];
    private Arena _arena = null!;
    private KeyTable _table = null!;
    private byte[][] _keys = [];
    private ulong[] _keyHashes = [];
    private int _next;

    /// <summary>The first fits the processor's cache, the second does not.</summary>
    [Params(10_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var hash = new HashKey(1, 2);
        _arena = new Arena(new ArenaOptions());
        _table = new KeyTable(_arena, hash);
        _keys = new byte[Entries][];
        _keyHashes = new ulong[Entries];
        for (int i = 0; i < Entries; i++)
        {
            // Not in the order of their numbers, so that neighbours in the run are none in memory.
            long number = (long)i * 7919 % Entries;
            _keys[i] = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key:{number:D9}"));
            _keyHashes[i] = hash.Hash(_keys[i]);
            var entry = _table.Find(_keyHashes[i], _keys[i]);
            _table.SetString(ref entry, _keys[i], _value, expireAtMs: 0);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _table.Dispose();
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Find()
    {
        int i = Next();
        return _table.Find(_keyHashes[i], _keys[i]).ValueLength;
    }

    [Benchmark]
    public bool Overwrite()
    {
        int i = Next();
        var entry = _table.Find(_keyHashes[i], _keys[i]);
        return _table.SetString(ref entry, _keys[i], _value, expireAtMs: 0);
    }

    [Benchmark(OperationsPerInvoke = Window)]
    public int FindWindow()
    {
        int start = _next, sum = 0;
        for (int i = 0; i < Window; i++)
            _hashes[i] = _keyHashes[Next()];
        _table.Prefetch(_hashes);
        _next = start;
        for (int i = 0; i < Window; i++)
            sum += Find();
        return sum;
    }

    private int Next()
    {
        if (++_next >= Entries)
            _next = 0;
        return _next;
    }
}
