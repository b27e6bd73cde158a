using Anax.Core.Memory;
using Xunit;

namespace Anax.Tests.Unit.Core.Memory;

public sealed class NativePoolTests
{
    [Fact]
    public void ANumberIsTakenAgainOnlyWhenItWasGiven()
    {
        using var pool = new NativePool<long>();
        int first = pool.Take(1), second = pool.Take(2);
        Assert.NotEqual(first, second);
        pool.Give(first);
        int third = pool.Take(3);

        Assert.Equal(first, third);
        Assert.Equal(3, pool[third]);
        Assert.Equal(2, pool[second]);
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void AnEmptyPoolGivesALargeUseBack()
    {
        using var pool = new NativePool<long>();
        for (int i = 0; i < 100_000; i++) pool.Take(i);
        for (int i = 0; i < 100_000; i++) pool.Give(i);

        Assert.Equal(0, pool.Count);
        Assert.True(pool.Bytes < 200_000, $"{pool.Bytes}");
        Assert.Equal(0, pool.Take(7));
    }
}
