using Anax.Engine;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>The limit holds over all loops, up to one step for each, and what is idle comes back.</summary>
public sealed class MemoryBudgetTests
{
    private const long Mb = 1 << 20;

    [Fact]
    public void LeasesNeverExceedTheLimit()
    {
        using var budget = new MemoryBudget(10 * Mb);
        long one = 0, two = 0;
        Assert.True(budget.TryExtend(ref one, 6 * Mb));
        Assert.True(one >= 6 * Mb);
        Assert.False(budget.TryExtend(ref two, 6 * Mb));
        Assert.Equal(0, two);
        Assert.True(budget.TryExtend(ref two, 3 * Mb));
        Assert.True(one + two <= 10 * Mb);
        Assert.Equal(one + two, budget.LentBytes);
    }

    [Fact]
    public void TheLimitItselfIsAllowedAndOneByteMoreIsNot()
    {
        using var budget = new MemoryBudget(5 * Mb);
        long lease = 0;
        Assert.True(budget.TryExtend(ref lease, 5 * Mb));
        Assert.False(budget.TryExtend(ref lease, 5 * Mb + 1));
    }

    [Fact]
    public void IdleRoomComesBack()
    {
        using var budget = new MemoryBudget(100 * Mb);
        long one = 0, two = 0;
        Assert.True(budget.TryExtend(ref one, 90 * Mb));
        Assert.False(budget.TryExtend(ref two, 50 * Mb));
        budget.Trim(ref one, 10 * Mb);
        Assert.InRange(one, 10 * Mb, 12 * Mb);
        Assert.True(budget.TryExtend(ref two, 50 * Mb));
    }

    [Fact]
    public void ALimitBelowWhatIsUsedIsSeenUntilEnoughIsFreed()
    {
        using var budget = new MemoryBudget(100 * Mb);
        long one = 0, two = 0;
        Assert.True(budget.TryExtend(ref one, 40 * Mb));
        Assert.True(budget.TryExtend(ref two, 30 * Mb));

        budget.Limit = 60 * Mb;

        Assert.False(budget.TrySettle(ref one, 40 * Mb));
        Assert.False(budget.TrySettle(ref two, 30 * Mb));
        Assert.Equal(70 * Mb, budget.LentBytes);
        Assert.True(budget.TrySettle(ref two, 20 * Mb));
        Assert.True(budget.TrySettle(ref one, 40 * Mb));
        Assert.False(budget.TryExtend(ref one, 40 * Mb + 1));
    }

    [Fact]
    public void WithoutALimitEverythingIsAllowed()
    {
        using var budget = new MemoryBudget(0);
        long lease = 0;
        Assert.True(budget.TryExtend(ref lease, long.MaxValue / 2));
    }
}
