using Anax.Core.Memory;
using Xunit;

namespace Anax.Tests.Unit.Core.Memory;

public class NativeBlockTests
{
    [Fact]
    public void HoldsItsBytesAndComesBackFromItsAddress()
    {
        var block = NativeBlock.Allocate(1000);
        Assert.Equal(1000, block.Capacity);
        block.Bytes.Fill(7);
        var same = NativeBlock.From(block.Address);
        Assert.Equal(block, same);
        Assert.Equal(7, same.Bytes[999]);
        Assert.True(default(NativeBlock).IsNull);
        Assert.False(block.IsNull);
        block.Release();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(128 * 1024)]
    [InlineData(10_000_000)]
    public void CountsAtLeastWhatItHolds(int capacity)
    {
        var block = NativeBlock.Allocate(capacity);
        Assert.Equal(NativeBlock.FootprintOf(capacity), block.FootprintBytes);
        Assert.InRange(block.FootprintBytes, capacity + NativeBlock.HeaderBytes, capacity + 4096 + 64);
        block.Release();
    }

    [Fact]
    public void IsSharedWhileSeveralHoldIt()
    {
        var block = NativeBlock.Allocate(10);
        Assert.False(block.IsShared);
        block.AddReference();
        Assert.True(block.IsShared);
        block.Release();
        Assert.False(block.IsShared);
        block.Release();
    }

    [Fact]
    public void ReferencesMayBeDroppedOnAnyThread()
    {
        var block = NativeBlock.Allocate(100);
        var threads = new Thread[4];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (var n = 0; n < 10_000; n++)
                {
                    block.AddReference();
                    block.Release();
                }
            });
            threads[i].Start();
        }
        foreach (var thread in threads) thread.Join();
        Assert.False(block.IsShared);
        block.Release();
    }

    [Fact]
    public void WhatCannotBeHadIsNull()
    {
        Assert.True(NativeBlock.Allocate(-1).IsNull);
        Assert.True(NativeBlock.Allocate(int.MaxValue).IsNull);
    }
}
