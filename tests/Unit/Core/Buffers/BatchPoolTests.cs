using Anax.Core.Buffers;
using Xunit;

namespace Anax.Tests.Unit.Core.Buffers;

/// <summary>Batch blocks: their two sizes, those that are made to measure, and what is kept of them.</summary>
public sealed class BatchPoolTests
{
    [Fact]
    public void ABlockHasTheSizeThatItNeeds()
    {
        Assert.Equal(BatchPool.SmallBytes, Bytes(0));
        // What one command with one argument takes beside the argument's bytes: found by the last that still fits.
        long roomOfSmall = LargestOf(BatchPool.SmallBytes);
        long beside = BatchPool.SmallBytes - roomOfSmall;
        Assert.InRange(beside, 512, 1024);
        Assert.Equal(BatchPool.LargeBytes, Bytes(roomOfSmall + 1));
        Assert.Equal(BatchPool.LargeBytes, Bytes(BatchPool.LargeBytes - beside));
        Assert.Equal(BatchPool.LargeBytes + 1, Bytes(BatchPool.LargeBytes - beside + 1));
    }

    [Theory]
    [InlineData(0, BatchPool.SmallBytes)]
    [InlineData(8000, BatchPool.LargeBytes)]
    public void AMebibyteOfEachSizeIsKept(long argumentBytes, long blockBytes)
    {
        using BatchPool pool = new();
        long fits = BatchPool.KeptBytesMax / blockBytes;
        var blocks = new List<BatchBlock>();
        for (int i = 0; i <= fits; i++) blocks.Add(pool.Rent(1, 1, argumentBytes));
        Assert.Equal((fits + 1) * blockBytes, pool.AllocatedBytes);
        foreach (BatchBlock block in blocks) pool.Return(block);
        Assert.Equal(BatchPool.KeptBytesMax, pool.AllocatedBytes);
        BatchBlock again = pool.Rent(1, 1, argumentBytes);
        Assert.Equal(BatchPool.KeptBytesMax, pool.AllocatedBytes);
        Assert.Contains(again, blocks);
        pool.Return(again);
    }

    [Fact]
    public void WhatWasMadeToMeasureIsFreed()
    {
        using BatchPool pool = new();
        BatchBlock block = pool.Rent(1, 1, 1_000_000);
        Assert.InRange(pool.AllocatedBytes, 1_000_000, 1_001_000);
        pool.Return(block);
        Assert.Equal(0, pool.AllocatedBytes);
    }

    /// <summary>Of the block that one command with one argument of so many bytes gets.</summary>
    private static long Bytes(long argumentBytes)
    {
        using BatchPool pool = new();
        pool.Return(pool.Rent(1, 1, argumentBytes));
        BatchBlock block = pool.Rent(1, 1, argumentBytes);
        long bytes = pool.AllocatedBytes;
        pool.Return(block);
        return bytes;
    }

    private static long LargestOf(long blockBytes)
    {
        long argumentBytes = 0;
        while (Bytes(argumentBytes + 1) == blockBytes) argumentBytes++;
        return argumentBytes;
    }
}
