using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;
using BenchmarkDotNet.Attributes;

namespace Anax.Bench.Micro;

/// <summary>The common replies, a pipeline's worth of each written into one stream.</summary>
[MemoryDiagnoser]
[ExpectedBytes(0)]
public class ReplyBenchmarks : IDisposable
{
    private const int Pipeline = 30;
    private const long Number = 1_234_567_890;

    private readonly ChunkPool _chunks = new();
    private readonly byte[] _value = Encoding.ASCII.GetBytes(new string('x', 64));

    [GlobalCleanup]
    public void Dispose()
    {
        _chunks.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public long Bulk()
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, _chunks, RespVersion.Resp2);
        for (int i = 0; i < Pipeline; i++) reply.Bulk(_value);
        reply.Flush();
        return LengthOf(ref stream);
    }

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public long Integer()
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, _chunks, RespVersion.Resp2);
        for (int i = 0; i < Pipeline; i++) reply.Integer(Number);
        reply.Flush();
        return LengthOf(ref stream);
    }

    [Benchmark(OperationsPerInvoke = Pipeline)]
    public long Ok()
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, _chunks, RespVersion.Resp2);
        for (int i = 0; i < Pipeline; i++) reply.Ok();
        reply.Flush();
        return LengthOf(ref stream);
    }

    private long LengthOf(ref ReplyStream stream)
    {
        long length = stream.Length;
        stream.Free(_chunks);
        return length;
    }
}
