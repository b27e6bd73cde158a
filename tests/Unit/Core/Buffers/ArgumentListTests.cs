using Anax.Core.Buffers;
using Anax.Core.Memory;
using Xunit;

namespace Anax.Tests.Unit.Core.Buffers;

public class ArgumentListTests
{
    [Fact]
    public void GrowsAndIsCutBack()
    {
        using var bytes = new NativeBytes("0123456789");
        using var list = new ArgumentList();
        for (var i = 0; i < 10_000; i++) list.Add(ArgumentSlice.From(bytes.Span.Slice(i % 10, 1)));
        Assert.Equal(10_000, list.Count);
        for (var i = 0; i < 10_000; i++) Assert.Equal(bytes.Span[i % 10], list[i].Span[0]);
        list.Truncate(3);
        Assert.Equal(3, list.Count);
        Assert.Equal("12"u8, new[] { list.Arguments(1, 2)[0][0], list.Arguments(1, 2)[1][0] });
        list.Clear();
        Assert.Equal(0, list.AllocatedBytes);
    }

    [Fact]
    public void OwnsOneReferenceToEachBlock()
    {
        var whole = NativeBlock.Allocate(100);
        var attached = NativeBlock.Allocate(100);
        whole.AddReference();
        attached.AddReference();
        var list = new ArgumentList();
        list.AddBlock(whole, 100);
        list.Attach(attached);
        Assert.Equal(whole.FootprintBytes + attached.FootprintBytes, list.BlockBytes);

        Assert.True(list.Arguments(0, 1).TryTakeBlock(0, out var taken));
        Assert.Equal(whole, taken);
        taken.Release();
        Assert.True(whole.IsShared);
        list.Truncate(0);
        Assert.False(whole.IsShared);
        Assert.True(attached.IsShared);
        list.Dispose();
        Assert.False(attached.IsShared);
        Assert.Equal(0, list.BlockBytes);
        whole.Release();
        attached.Release();
    }

    [Fact]
    public void DetachedSlicesSurviveThatTheirBytesMove()
    {
        using var list = new ArgumentList();
        using var pending = new ArgumentList();
        using (var before = new NativeBytes("firstsecond"))
        {
            list.Add(ArgumentSlice.From(before.Span[..5]));
            list.Add(ArgumentSlice.From(before.Span[5..]));
            list.DetachTo(pending, 0, before.Span);
        }
        Assert.Equal(0, list.Count);
        using var after = new NativeBytes("firstsecondthird");
        list.Add(ArgumentSlice.From(after.Span[11..]));
        list.InsertFrom(0, pending, after.Span);
        Assert.Equal("first"u8, list[0].Span);
        Assert.Equal("second"u8, list[1].Span);
        Assert.Equal("third"u8, list[2].Span);
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    public void SavedSlicesNeedTheirBytesNoMore()
    {
        using var list = new ArgumentList();
        using var pending = new ArgumentList();
        using (var bytes = new NativeBytes("ab"))
        {
            list.Add(ArgumentSlice.From(bytes.Span[..1]));
            list.Add(ArgumentSlice.From(bytes.Span[1..1]));
            list.Add(ArgumentSlice.From(bytes.Span[1..]));
            list.DetachTo(pending, 0, bytes.Span);
            Assert.True(pending.TrySaveDetached(bytes.Span));
        }
        list.InsertFrom(0, pending, default);
        Assert.Equal("a"u8, list[0].Span);
        Assert.True(list[1].Span.IsEmpty);
        Assert.Equal("b"u8, list[2].Span);
        Assert.True(list.BlockBytes > 0);
    }

    [Fact]
    public void HashesStayWithTheirSlices()
    {
        using var bytes = new NativeBytes("key");
        using var copy = new NativeBytes("key");
        using var list = new ArgumentList();
        list.Add(ArgumentSlice.From(bytes.Span));
        list[0].Hash = 42;
        Assert.Equal(42u, list.Arguments(0, 1).Key(0).Hash);
        Assert.Equal(42u, list[0].MovedTo(copy.Span).Hash);
        Assert.Equal("key"u8, list.Arguments(0, 1).From(0).Key(0).Bytes);
    }
}
