using Xunit;

namespace Anax.Tests.Simulation.RecordingTests;

/// <summary>Tests with a server and many client threads run alone: they load the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "runs alone";
}
