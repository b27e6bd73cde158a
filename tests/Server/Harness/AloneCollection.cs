using Xunit;

namespace Anax.Tests.Server.Harness;

/// <summary>
/// Tests that compare times in microseconds run alone: another test's servers would take the processors from under
/// those whose times are compared.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "runs alone";
}
