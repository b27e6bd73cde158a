using Xunit;

namespace Anax.Tests.Unit.Harness;

/// <summary>
/// Tests that count allocated bytes run alone: a collection that another test's thread causes in between leaves a
/// few bytes on this thread's account.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationCollection
{
    public const string Name = "counts allocations";
}
