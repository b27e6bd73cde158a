using Anax.Core.Memory;
using Anax.Engine;

namespace Anax.Scripting;

/// <summary>What one loop keeps for scripts: those it knows, the runs under way, and states that wait for the next run.</summary>
public sealed class ScriptHost : IDisposable
{
    private const int SpareMax = 16;

    private readonly Stack<ScriptRun> _spare = [];
    private readonly List<ScriptRun> _active = [];
    private readonly NativeArray<int> _busy = new(2);
    private readonly NativeArray<long> _stateBytes = new(2);
    private long _generation;

    private ScriptHost(EngineLoop loop, IScriptLog log)
    {
        Loop = loop;
        Log = log;
        Scripts = new ScriptCache(loop.Settings.HashKey);
    }

    internal EngineLoop Loop { get; }
    internal IScriptLog Log { get; }
    internal ScriptCache Scripts { get; }
    internal FunctionSet Functions { get; } = new();

    /// <summary>Runs that outlasted the turn in which they began.</summary>
    internal IReadOnlyList<ScriptRun> Active => _active;

    /// <summary>Figures for reports from any thread, hence approximate.</summary>
    public int RunsUnderWay => _active.Count;

    /// <summary>Lua states that a run has now.</summary>
    public int StatesInUse { get; private set; }

    /// <summary>Runs that could not end in their batch, and went on beyond its turn.</summary>
    public long Suspended { get; internal set; }

    /// <summary>Times that a run gave the loop its turn, for the end of a slice.</summary>
    public long Rests { get; internal set; }

    /// <summary>Runs that began anew, for the token.</summary>
    public long Restarts { get; internal set; }
    public int CachedScripts => Scripts.Count;
    public long CachedBytes => Scripts.Bytes;
    public long EvictedScripts { get; internal set; }

    /// <summary>Scripts that have ended in their batch.</summary>
    public long InlineScripts { get; internal set; }
    public int LibraryCount => Functions.Libraries.Count;
    public int FunctionCount => Functions.Names;
    public long LibraryBytes => Functions.Bytes;

    /// <summary>Bytes of the Lua states that wait; those at work are counted when they come back.</summary>
    public long StateBytes => _stateBytes[0] + _stateBytes[1];

    /// <summary>Of these, the bytes of states that ran functions last.</summary>
    public long FunctionStateBytes => _stateBytes[1];

    /// <summary>Gives a loop what it needs for scripts; before it runs.</summary>
    public static void Attach(EngineLoop loop, IScriptLog log) => loop.Scripting = new ScriptHost(loop, log);

    public static ScriptHost Of(EngineLoop loop) => (ScriptHost)loop.Scripting!;

    /// <summary>A state for one run; null when there is no memory for it.</summary>
    internal ScriptRun? Rent()
    {
        if (_spare.TryPop(out ScriptRun? run)) _stateBytes[run.IsFunction ? 1 : 0] -= run.KeptBytes;
        else run = ScriptRun.Create(this, _generation);
        if (run is not null) StatesInUse++;
        return run;
    }

    internal void Return(ScriptRun run)
    {
        StatesInUse--;
        run.Clear();
        if (run.Generation != _generation || _spare.Count == SpareMax)
        {
            run.Dispose();
            return;
        }
        run.KeptBytes = run.Lua.MemoryUsed;
        _stateBytes[run.IsFunction ? 1 : 0] += run.KeptBytes;
        _spare.Push(run);
    }

    /// <summary>Lua states begin anew, but for those of runs under way.</summary>
    internal void DropStates()
    {
        _generation++;
        _stateBytes.Span.Clear();
        while (_spare.TryPop(out ScriptRun? run)) run.Dispose();
    }

    internal void Enter(ScriptRun run) => _active.Add(run);

    internal void Leave(ScriptRun run) => _active.Remove(run);

    /// <summary>Some loop's script has run for too long, or one that had has ended.</summary>
    internal void CountBusy(bool isFunction, int difference)
    {
        _busy[isFunction ? 1 : 0] += difference;
        Loop.Busy = _busy[0] > 0 ? BusyWith.Script : _busy[1] > 0 ? BusyWith.Function : BusyWith.Nothing;
    }

    public void Dispose()
    {
        while (_spare.TryPop(out ScriptRun? run)) run.Dispose();
        foreach (ScriptRun run in _active) run.Dispose();
        _busy.Dispose();
        _stateBytes.Dispose();
    }
}
