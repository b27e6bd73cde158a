using System.Globalization;
using System.Text;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Protocol;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Writes random replies with the reply writer and into a list of bytes, takes some back, merges streams and
/// consumes them in pieces, and compares what a client would get.
/// </summary>
internal sealed class ReplyWriterFuzzer : IFuzzRounds
{
    public void Round(Random random)
    {
        using var pool = new ChunkPool();
        using var otherPool = new ChunkPool();
        var block = NativeBlock.Allocate(100_000);
        random.NextBytes(block.Bytes);
        var source = default(ReplyStream);
        var target = default(ReplyStream);
        var written = new List<byte>();
        var got = new List<byte>();
        for (var round = random.Next(1, 10); round > 0; round--)
        {
            var resp3 = random.Next(2) == 0;
            var reply = new ReplyWriter(ref source, pool, resp3 ? RespVersion.Resp3 : RespVersion.Resp2);
            for (var count = random.Next(20); count > 0; count--)
                Write(random, ref reply, written, resp3, block, depth: 0);
            reply.Flush();
            source.MoveTo(ref target, otherPool, random.NextInt64(source.Length + 1));
            Receive(ref target, otherPool, random.Next(50_000), got);
        }
        target.Append(otherPool, ref source);
        Receive(ref target, otherPool, int.MaxValue, got);

        if (!got.SequenceEqual(written))
            throw new InvalidOperationException($"{got.Count} of {written.Count} bytes, or others");
        if (block.IsShared) throw new InvalidOperationException("a reference to the block was lost");
        block.Release();
        source.Free(pool);
        target.Free(otherPool);
    }

    public void Dispose()
    {
        // A round gives back what it took.
    }

    private static void Receive(ref ReplyStream stream, ChunkPool pool, int atMost, List<byte> got)
    {
        var bytes = new byte[Math.Min(stream.Length, atMost)];
        stream.CopyTo(bytes);
        stream.Consume(pool, bytes.Length);
        got.AddRange(bytes);
    }

    private static void Write(
        Random random, ref ReplyWriter reply, List<byte> written, bool resp3, NativeBlock block, int depth)
    {
        switch (random.Next(depth < 3 ? 9 : 6))
        {
            case 0:
                var number = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
                reply.Integer(number);
                Put(written, $":{number}\r\n");
                break;
            case 1:
                var text = new byte[random.Next(random.Next(4) == 0 ? 30_000 : 30)];
                random.NextBytes(text);
                reply.Bulk(text);
                PutBulk(written, text);
                break;
            case 2:
                var start = random.Next(50_000);
                var length = random.Next(50_000);
                reply.BulkBlock(block, start, length);
                PutBulk(written, block.Bytes.Slice(start, length));
                break;
            case 3:
                reply.Null();
                Put(written, resp3 ? "_\r\n" : "$-1\r\n");
                break;
            case 4:
                reply.Error(Errors.UnknownTypeName, "a\nb"u8);
                Put(written, "-ERR unknown type name 'a b'\r\n");
                break;
            case 5:
                reply.Verbatim("txt"u8, "t"u8);
                Put(written, resp3 ? "=5\r\ntxt:t\r\n" : "$1\r\nt\r\n");
                break;
            case 6:
                var mark = reply.Save();
                var count = written.Count;
                for (var i = random.Next(4); i > 0; i--)
                    Write(random, ref reply, written, resp3, block, depth + 1);
                reply.Restore(mark);
                written.RemoveRange(count, written.Count - count);
                break;
            default:
                WriteMap(random, ref reply, written, resp3, block, depth);
                break;
        }
    }

    private static void WriteMap(
        Random random, ref ReplyWriter reply, List<byte> written, bool resp3, NativeBlock block, int depth)
    {
        var inside = new List<byte>();
        var pairs = random.Next(5);
        var header = reply.Defer();
        for (var i = 0; i < pairs * 2; i++) Write(random, ref reply, inside, resp3, block, depth + 1);
        reply.ResolveMap(header, pairs);
        Put(written, resp3 ? $"%{pairs}\r\n" : $"*{pairs * 2}\r\n");
        written.AddRange(inside);
    }

    private static void Put(List<byte> written, string text) =>
        written.AddRange(Encoding.Latin1.GetBytes(text));

    private static void PutBulk(List<byte> written, ReadOnlySpan<byte> text)
    {
        Put(written, "$" + text.Length.ToString(CultureInfo.InvariantCulture) + "\r\n");
        written.AddRange(text);
        Put(written, "\r\n");
    }
}
