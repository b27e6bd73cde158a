using Anax.Tests.Fuzz;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>A short run of the fuzzer of commands; the long ones are `./build fuzz commands 600`.</summary>
public sealed class CommandFuzzTests
{
    [Fact]
    public void EveryRequestGetsOneReply() =>
        Fuzzer.All.Single(f => f.Name == "commands").Play(TimeSpan.FromSeconds(3), Random.Shared.Next());
}
