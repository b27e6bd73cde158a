using Anax.Core.Buffers;
using Anax.Core.Memory;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Buffers;

public sealed class ReplyStreamTests : IDisposable
{
    private readonly ChunkPool _pool = new();
    private readonly ChunkPool _otherPool = new();

    public void Dispose()
    {
        _pool.Dispose();
        _otherPool.Dispose();
        Assert.Equal(0, _pool.AllocatedBytes + _otherPool.AllocatedBytes);
    }

    [Fact]
    public void AnEmptyStreamHoldsNothing()
    {
        var stream = default(ReplyStream);
        Assert.True(stream.IsEmpty);
        Assert.Equal(0, stream.FillVectors(new IoVector[4]));
        stream.Consume(_pool, 0);
        stream.Free(_pool);
        Assert.Equal(0, _pool.AllocatedBytes);
    }

    [Fact]
    public void LongTextsGoOverManyChunks()
    {
        var text = Random(1, 100_000);
        var stream = default(ReplyStream);
        stream.AppendCopy(_pool, text);
        Assert.Equal(text, Content(ref stream));
        stream.Consume(_pool, 40_000);
        Assert.Equal(text[40_000..], Content(ref stream));
        stream.Consume(_pool, 60_000);
        Assert.Equal(0, stream.ChunkBytes);
    }

    [Fact]
    public void BlocksAreSentByReferenceAndReleasedWhenConsumed()
    {
        var block = NativeBlock.Allocate(50_000);
        Random(2, 50_000).CopyTo(block.Bytes);
        var stream = default(ReplyStream);
        stream.AppendCopy(_pool, "$20000\r\n"u8);
        stream.AppendBlock(_pool, block, 100, 20_000);
        stream.AppendCopy(_pool, "\r\n"u8);
        Assert.True(block.IsShared);
        var vectors = new IoVector[8];
        Assert.Equal(3, stream.FillVectors(vectors));
        Assert.Equal(20_000u, vectors[1].Length);
        Assert.Equal(2, stream.FillVectors(vectors.AsSpan(0, 2)));
        stream.Consume(_pool, 8 + 19_999);
        Assert.True(block.IsShared);
        stream.Consume(_pool, 1);
        Assert.False(block.IsShared);
        stream.AppendBlock(_pool, block, 0, 50_000);
        stream.Free(_pool);
        Assert.False(block.IsShared);
        block.Release();
    }

    [Fact]
    public void RestoreTakesBackWhatFollowedTheMark()
    {
        var block = NativeBlock.Allocate(20_000);
        var stream = default(ReplyStream);
        var start = stream.Save();
        stream.AppendCopy(_pool, "before"u8);
        var mark = stream.Save();
        stream.AppendCopy(_pool, Random(3, 40_000));
        stream.AppendBlock(_pool, block, 0, 20_000);
        stream.Restore(_pool, mark);
        Assert.False(block.IsShared);
        stream.AppendCopy(_pool, " after"u8);
        Assert.Equal("before after"u8, Content(ref stream));
        stream.Restore(_pool, start);
        Assert.True(stream.IsEmpty);
        Assert.Equal(0, stream.ChunkBytes);
        block.Release();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(16_300)]
    [InlineData(16_330)]
    [InlineData(50_000)]
    public void DeferredHeadersAreFilledInInsideOut(int between)
    {
        var text = Random(between, between);
        var stream = default(ReplyStream);
        stream.AppendCopy(_pool, text);
        var outer = stream.Defer(_pool);
        stream.AppendCopy(_pool, text);
        var inner = stream.Defer(_pool);
        stream.AppendCopy(_pool, text);
        stream.Resolve(inner, "*123456789\r\n"u8);
        stream.AppendCopy(_pool, "x"u8);
        stream.Resolve(outer, "*2\r\n"u8);
        byte[] expected = [.. text, .. "*2\r\n"u8, .. text, .. "*123456789\r\n"u8, .. text, .. "x"u8];
        Assert.Equal(expected, Content(ref stream));
        stream.Free(_pool);
    }

    [Fact]
    public void AnEmbeddedChunkIsUsedFirstAndNeverFreedOrHandedOn()
    {
        using var memory = new NativeBytes(new byte[1000]);
        var stream = ReplyStream.Embedded(memory.Span[1..]);
        var text = Random(4, 900);
        stream.AppendCopy(_pool, text);
        Assert.Equal(0, _pool.AllocatedBytes);
        var target = default(ReplyStream);
        target.Append(_otherPool, ref stream);
        memory.Span.Fill(0xDD);
        Assert.Equal(text, Content(ref target));
        Assert.True(stream.IsEmpty);
        target.Free(_otherPool);

        Assert.True(ReplyStream.Embedded(memory.Span[..40]).IsEmpty);
        Assert.True(ReplyStream.Embedded(default).IsEmpty);
    }

    [Fact]
    public void AnEmbeddedChunkGoesOnInChunks()
    {
        using var memory = new NativeBytes(new byte[200]);
        var stream = ReplyStream.Embedded(memory.Span);
        var text = Random(5, 30_000);
        foreach (var part in text.Chunk(777)) stream.AppendCopy(_pool, part);
        Assert.Equal(text, Content(ref stream));
        stream.Free(_pool);
    }

    [Fact]
    public void RandomWritesMovesAndConsumptionsKeepOrderAndBytes()
    {
        var step = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 40_000], Gen.Int[0, 100]);
        step.List[1, 60].Sample(
            steps =>
            {
                var block = NativeBlock.Allocate(40_000);
                Random(6, 40_000).CopyTo(block.Bytes);
                using var memory = new NativeBytes(new byte[700]);
                var source = ReplyStream.Embedded(memory.Span);
                var target = default(ReplyStream);
                var sourceModel = new List<byte>();
                var targetModel = new List<byte>();
                foreach (var (kind, size, small) in steps)
                {
                    switch (kind)
                    {
                        case 0:
                            source.AppendCopy(_pool, Random(size, small));
                            sourceModel.AddRange(Random(size, small));
                            break;
                        case 1:
                            source.AppendCopy(_pool, Random(small, size));
                            sourceModel.AddRange(Random(small, size));
                            break;
                        case 2:
                            source.AppendBlock(_pool, block, small, size - small < 0 ? 0 : size - small);
                            sourceModel.AddRange(block.Bytes.Slice(small, Math.Max(0, size - small)));
                            break;
                        case 3:
                            var moved = (int)Math.Min(source.Length, size);
                            source.MoveTo(ref target, _otherPool, moved);
                            targetModel.AddRange(sourceModel.GetRange(0, moved));
                            sourceModel.RemoveRange(0, moved);
                            break;
                        case 4:
                            target.Append(_otherPool, ref source);
                            targetModel.AddRange(sourceModel);
                            sourceModel.Clear();
                            break;
                        case 5:
                            var consumed = (int)Math.Min(target.Length, size);
                            target.Consume(_otherPool, consumed);
                            targetModel.RemoveRange(0, consumed);
                            break;
                        default:
                            target.AppendCopy(_otherPool, Random(size, small));
                            targetModel.AddRange(Random(size, small));
                            break;
                    }
                    Assert.Equal(sourceModel.Count, source.Length);
                    Assert.Equal(targetModel.Count, target.Length);
                }
                Assert.True(Content(ref source).SequenceEqual(sourceModel));
                Assert.True(Content(ref target).SequenceEqual(targetModel));
                source.Free(_pool);
                target.Free(_otherPool);
                Assert.False(block.IsShared);
                block.Release();
            },
            iter: 100, threads: 1);
    }

    [Fact]
    public void ThePoolKeepsAFewChunksAndCountsAllOfThem()
    {
        var stream = default(ReplyStream);
        stream.AppendCopy(_pool, new byte[4_000_000]);
        Assert.True(_pool.AllocatedBytes > 4_000_000);
        stream.Free(_pool);
        Assert.InRange(_pool.AllocatedBytes, 1, 2_000_000);
        var kept = _pool.AllocatedBytes;
        stream.AppendCopy(_pool, new byte[500_000]);
        Assert.Equal(kept, _pool.AllocatedBytes);
        stream.GetSpan(_pool, 100_000);
        Assert.True(_pool.AllocatedBytes >= kept + 100_000);
        stream.Free(_pool);
        Assert.Equal(kept, _pool.AllocatedBytes);
    }

    private static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static unsafe byte[] Content(ref ReplyStream stream)
    {
        var vectors = new IoVector[1000];
        var filled = stream.FillVectors(vectors);
        var content = new List<byte>();
        foreach (var vector in vectors.AsSpan(0, filled))
            content.AddRange(new ReadOnlySpan<byte>((void*)vector.Base, (int)vector.Length));
        Assert.Equal(stream.Length, content.Count);
        var copied = new byte[content.Count];
        Assert.Equal(copied.Length, stream.CopyTo(copied));
        Assert.True(copied.SequenceEqual(content));
        return copied;
    }
}
