using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>Requests cut into arguments: the common shapes, one by one and a pipeline of them.</summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class RequestBenchmarks : IDisposable
{
    private const int Pipeline = 30;
    private const string Key = "$13\r\nkey:123456789\r\n";

    private static readonly string Value = $"$64\r\n{new string('x', 64)}\r\n";

    private readonly ArgumentList _arguments = new();
    private readonly RequestParser _parser = new();
    private InputBuffer _get;
    private InputBuffer _set;
    private InputBuffer _setEx;

    [GlobalSetup]
    public void Fill()
    {
        Repeat(ref _get, $"*2\r\n$3\r\nGET\r\n{Key}");
        Repeat(ref _set, $"*3\r\n$3\r\nSET\r\n{Key}{Value}");
        Repeat(ref _setEx, $"*4\r\n$5\r\nSETEX\r\n{Key}$4\r\n3600\r\n{Value}");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _get.Free();
        _set.Free();
        _setEx.Free();
        _parser.Dispose();
        _arguments.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Get() => Parse(_get.Bytes, commands: 1);

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public int GetPipeline() => Parse(_get.Bytes, Pipeline);

    [Benchmark]
    public int Set() => Parse(_set.Bytes, commands: 1);

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public int SetPipeline() => Parse(_set.Bytes, Pipeline);

    [Benchmark]
    public int SetEx() => Parse(_setEx.Bytes, commands: 1);

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public int SetExPipeline() => Parse(_setEx.Bytes, Pipeline);

    private int Parse(ReadOnlySpan<byte> input, int commands)
    {
        _arguments.Clear();
        for (; commands > 0 && _parser.Next(input, _arguments, out int consumed) == ParseStatus.Complete; commands--)
            input = input[consumed..];
        return _arguments.Count;
    }

    private static void Repeat(ref InputBuffer input, string request)
    {
        for (int i = 0; i < Pipeline; i++)
        {
            if (!input.TryAppend(Encoding.ASCII.GetBytes(request))) throw new InvalidOperationException("no memory for the input");
        }
    }
}
