using Anax.Engine.Dispatch;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>What the server has: clients use no command that it does not know.</summary>
internal sealed class Capabilities(CommandTable commands)
{
    public bool HasTransactions { get; } = Has(commands, "MULTI") && Has(commands, "WATCH");
    public bool HasScripts { get; } = Has(commands, "EVAL");
    public bool HasSubscriptions { get; } = Has(commands, "SUBSCRIBE") && Has(commands, "PUBLISH");
    public bool HasBlocking { get; } = Has(commands, "BLPOP") && Has(commands, "RPUSH");

    private static bool Has(CommandTable commands, string name) => commands.Find(System.Text.Encoding.ASCII.GetBytes(name)) is not null;
}
