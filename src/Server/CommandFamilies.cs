using Anax.Commands;
using Anax.Engine.Dispatch;

namespace Anax.Server;

/// <summary>The one command table, composed of every project's rows.</summary>
public static class CommandFamilies
{
    public static CommandTable Build() => CommandTable.Build(
        StringCommands.Table,
        CounterCommands.Table,
        FloatCounterCommands.Table,
        MultiKeyStringCommands.Table,
        LcsCommand.Table,
        KeyCommands.Table,
        ExpireCommands.Table,
        ScanCommands.Table,
        ObjectCommands.Table,
        DatabaseCommands.Table,
        MemoryCommands.Table,
        DebugCommands.Table);
}
