using Anax.Core.Buffers;
using Anax.Protocol;
using Anax.Tests.Unit.Core.Buffers;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Protocol;

[Collection(AloneCollection.Name)]
public class AllocationTests
{
    [Fact]
    public void FromRequestToReplyNothingIsAllocated()
    {
        using var parser = new RequestParser();
        using var arguments = new ArgumentList();
        using var pool = new ChunkPool();
        using var input = new NativeBytes(
            Requests.Encode("SET", "key:000001234", new string('v', 64)) + Requests.Encode("GET", "key") +
            "PING \"a b\"\r\n");
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10_000; i++) Serve(input.Span, parser, arguments, pool);
        }));
    }

    [Fact]
    public void RequestsInPiecesAndLargeOnesAllocateNothingManaged()
    {
        using var parser = new RequestParser();
        using var arguments = new ArgumentList();
        using var pool = new ChunkPool();
        using var input = new NativeBytes(Requests.Encode("SET", "key", new string('v', 100_000)));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 200; i++) ServePieces(input.Span, parser, arguments, pool);
        }));
    }

    private static void Serve(
        ReadOnlySpan<byte> input, RequestParser parser, ArgumentList arguments, ChunkPool pool)
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, pool, RespVersion.Resp3);
        while (parser.Next(input, arguments, out var consumed) == ParseStatus.Complete)
        {
            Answer(arguments, ref reply);
            arguments.Clear();
            input = input[consumed..];
        }
        Invariant(input.IsEmpty);
        reply.Flush();
        stream.Free(pool);
    }

    private static void ServePieces(
        ReadOnlySpan<byte> input, RequestParser parser, ArgumentList arguments, ChunkPool pool)
    {
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, pool, RespVersion.Resp2);
        var status = parser.Next(input[..7], arguments, out var consumed);
        Invariant(status == ParseStatus.Incomplete && consumed == 0);
        status = parser.Next(input[..500], arguments, out consumed);
        Invariant(status == ParseStatus.Direct && consumed == 500);
        status = parser.Next(input[500..], arguments, out consumed);
        Invariant(status == ParseStatus.Complete && consumed == input.Length - 500);
        Answer(arguments, ref reply);
        arguments.Clear();
        reply.Flush();
        stream.Free(pool);
    }

    private static void Answer(ArgumentList list, ref ReplyWriter reply)
    {
        var arguments = list.Arguments(0, list.Count);
        reply.Reset();
        var header = reply.Defer();
        for (var i = 0; i < arguments.Count; i++) reply.Bulk(arguments[i]);
        reply.ResolveArray(header, arguments.Count);
        if (arguments.TryTakeBlock(arguments.Count - 1, out var block))
        {
            reply.BulkBlock(block, 0, block.Capacity);
            block.Release();
        }
        reply.Integer(arguments[1].Length);
        reply.Double(0.1);
        reply.Null();
        reply.Error(Errors.WrongType);
        reply.Error(Errors.UnknownTypeName, arguments[0]);
        reply.UnknownCommand(arguments);
    }

    private static void Invariant(bool holds)
    {
        if (!holds) throw new InvalidOperationException();
    }
}
