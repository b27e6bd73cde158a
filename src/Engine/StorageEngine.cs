using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Engine;

/// <summary>The store: one engine loop per event loop of a group, with one command table and one memory budget.</summary>
public sealed class StorageEngine : IDisposable
{
    private readonly EngineLoop[] _loops;
    private readonly NativeArray<long> _transactionIds = new(1);

    public StorageEngine(LoopGroup group, CommandTable commands, EngineSettings settings)
    {
        Commands = commands;
        Budget = new MemoryBudget(settings.MaxMemory);
        _loops = new EngineLoop[group.Count];
        for (int i = 0; i < _loops.Length; i++)
            _loops[i] = new EngineLoop(group[i], _loops, commands, settings, Budget, _transactionIds);
    }

    public CommandTable Commands { get; }
    public MemoryBudget Budget { get; }
    public ReadOnlySpan<EngineLoop> Loops => _loops;

    public void Dispose()
    {
        foreach (EngineLoop loop in _loops) loop.Dispose();
        Budget.Dispose();
        _transactionIds.Dispose();
    }
}
