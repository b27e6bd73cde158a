using Anax.Commands;
using Anax.Engine.Dispatch;
using Anax.Scripting;
using Anax.Server.Commands;

namespace Anax.Server;

/// <summary>The one command table, composed of every project's rows.</summary>
public static class CommandFamilies
{
    /// <summary>With more families than ours behind them.</summary>
    public static CommandTable Build(params CommandSpec[][] more) => CommandTable.Build(
    [
        ConnectionCommands.Table,
        ClientCommands.Table,
        TrackingCommands.Table,
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
        DigestCommands.Table,
        ThrottleCommand.Table,
        BitmapCommands.Table,
        BitFieldCommands.Table,
        BitOpCommand.Table,
        HyperLogLogCommands.Table,
        HyperLogLogDebug.Table,
        SetCommands.Table,
        SetRandomCommands.Table,
        SetScanCommand.Table,
        SetOperationCommands.Table,
        HashCommands.Table,
        HashWalkCommands.Table,
        HashExpiryCommands.Table,
        FieldExpiryCommands.Table,
        HashExCommands.Table,
        HashCollectCommand.Table,
        SortedSetCommands.Table,
        SortedSetRangeCommands.Table,
        SortedSetPopCommands.Table,
        SortedSetRandomCommands.Table,
        SortedSetOperationCommands.Table,
        GeoCommands.Table,
        GeoSearchCommands.Table,
        ListCommands.Table,
        ListMoveCommands.Table,
        ListWaitCommands.Table,
        SortCommand.Table,
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
        PubSubCommands.Table,
        CommandCommands.Table,
        .. more,
    ]);
}
