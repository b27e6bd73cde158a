using Anax.Commands;
using Anax.Engine.Dispatch;
using Anax.Scripting;
using Anax.Server.Commands;

namespace Anax.Server;

/// <summary>The one command table, composed of every project's rows.</summary>
public static class CommandFamilies
{
    public static CommandTable Build() => CommandTable.Build(
        ConnectionCommands.Table,
        ClientCommands.Table,
        ServerCommands.Table,
        InfoCommand.Table,
        ConfigCommands.Table,
        CommandLogCommands.Table,
        LatencyCommands.Table,
        MonitorCommands.Table,
        ClusterCommands.Table,
        AclCommands.Table,
        LolwutCommand.Table,
        StringCommands.Table,
        CounterCommands.Table,
        FloatCounterCommands.Table,
        MultiKeyStringCommands.Table,
        LcsCommand.Table,
        TransactionCommands.Table,
        ScriptingCommands.Table,
        ScriptCommands.Table,
        FunctionCommands.Table,
        KeyCommands.Table,
        ExpireCommands.Table,
        ScanCommands.Table,
        ObjectCommands.Table,
        DatabaseCommands.Table,
        MemoryCommands.Table,
        DebugCommands.Table,
        CommandCommands.Table);
}
