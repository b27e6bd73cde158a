using Anax.Core.Text;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>Small work on bytes that nearly every command does.</summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class TextBenchmarks
{
    private readonly byte[] _key = "key:123456789"u8.ToArray();
    private readonly byte[] _number = "1234567890"u8.ToArray();
    private readonly byte[] _target = new byte[Numbers.DoubleTextMax];
    private readonly HashKey _hash = new(1, 2);

    [Benchmark]
    public ulong HashKeyOf13Bytes() => _hash.Hash(_key);

    [Benchmark]
    public long ParseLong() => Numbers.TryParseLong(_number, out long value) ? value : 0;

    [Benchmark]
    public int FormatLong() => Numbers.FormatLong(1234567890, _target);

    [Benchmark]
    public int FormatDouble() => Numbers.FormatDouble(3.14159, _target);

    [Benchmark]
    public bool MatchGlob() => Glob.Matches("key:*9"u8, _key);
}
