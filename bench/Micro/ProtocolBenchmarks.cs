using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>What a SETEX and a GET cost in bytes: a pipeline parsed, and its replies written.</summary>
[MemoryDiagnoser]
public class ProtocolBenchmarks : IDisposable
{
    private const int Commands = 30;

    private readonly ArgumentList _arguments = new();
    private readonly ChunkPool _chunks = new();
    private readonly RequestParser _parser = new();
    private readonly byte[] _value = Encoding.ASCII.GetBytes(new string('x', 64));
    private InputBuffer _input;

    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < Commands; i++)
        {
            if (!_input.TryAppend("*4\r\n$5\r\nSETEX\r\n$13\r\nkey:123456789\r\n$4\r\n3600\r\n$64\r\n"u8)
                || !_input.TryAppend(_value) || !_input.TryAppend("\r\n"u8))
                throw new InvalidOperationException("no memory for the input");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _input.Free();
        _parser.Dispose();
        _arguments.Dispose();
        _chunks.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Commands)]
    public int Parse()
    {
        _arguments.Clear();
        var input = _input.Bytes;
        while (_parser.Next(input, _arguments, out int consumed) == ParseStatus.Complete)
            input = input[consumed..];
        return _arguments.Count;
    }

    [Benchmark(OperationsPerInvoke = Commands)]
    public long WriteBulks()
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, _chunks, RespVersion.Resp2);
        for (int i = 0; i < Commands; i++)
            reply.Bulk(_value);
        reply.Flush();
        long length = stream.Length;
        stream.Free(_chunks);
        return length;
    }
}
