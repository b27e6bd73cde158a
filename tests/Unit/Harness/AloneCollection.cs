using Xunit;

namespace Anax.Tests.Unit.Harness;

/// <summary>
/// Tests that count allocated bytes or a thread's own time run alone: a collection that another test's thread causes
/// in between leaves a few bytes, and its work, on this thread's account.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "runs alone";
}
