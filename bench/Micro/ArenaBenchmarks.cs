using Anax.Core.Memory;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>Cells of a shard's memory: taken and freed, in small sizes as records have them.</summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class ArenaBenchmarks : IDisposable
{
    private const int Window = 32;
    private const int SizeMin = 16;
    private const int SizeMax = 320;

    /// <summary>Prime to the number of cells, so that each has its turn and neighbours in time are none in memory.</summary>
    private const int Stride = 7919;

    private readonly int[] _sizes = new int[1024];
    private readonly uint[] _window = new uint[Window];
    private Arena _arena = null!;
    private uint[] _cells = [];
    private int _at;
    private int _nextSize;

    /// <summary>Cells that live all the time: the first fit the processor's cache, the second do not.</summary>
    [Params(10_000, 1_000_000)]
    public int Cells { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _arena = new Arena(new ArenaOptions());
        for (int i = 0; i < _sizes.Length; i++) _sizes[i] = SizeMin + i * Stride % (SizeMax - SizeMin);
        _cells = new uint[Cells];
        for (int i = 0; i < Cells; i++) _cells[i] = _arena.Allocate(NextSize());
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A cell of the many is freed, and one of another size taken.</summary>
    [Benchmark]
    public uint Replace()
    {
        _at = (_at + Stride) % Cells;
        _arena.Free(_cells[_at]);
        _arena.Settle();
        return _cells[_at] = _arena.Allocate(NextSize());
    }

    /// <summary>A window of cells is taken and freed again, as by commands whose keys come and go.</summary>
    [Benchmark(OperationsPerInvoke = Window)]
    public uint AllocateAndFree()
    {
        uint sum = 0;
        for (int i = 0; i < Window; i++) sum += _window[i] = _arena.Allocate(NextSize());
        for (int i = 0; i < Window; i++) _arena.Free(_window[i]);
        _arena.Settle();
        return sum;
    }

    private int NextSize()
    {
        _nextSize = (_nextSize + 1) & (_sizes.Length - 1);
        return _sizes[_nextSize];
    }
}
