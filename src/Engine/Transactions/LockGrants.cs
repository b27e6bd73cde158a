using Anax.Core.Memory;
using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>
/// Gives locks back and tells those who waited for them: coordinators of other loops by their answer, at once; what goes
/// on here, parked batches and this loop's own coordinators, in the loop's own turn, because it may write to sockets.
/// </summary>
internal sealed class LockGrants(EngineLoop loop) : BackgroundWork
{
    private readonly NativeList<int> _ready = new();
    private int _taken;

    internal void Release(int request)
    {
        LockTable locks = loop.Shard.Locks;
        locks.Close(request);
        if (locks.Granted.Count == 0) return;
        foreach (int granted in locks.Granted.Span)
        {
            LockOwner owner = locks.OwnerOf(granted);
            if (owner.Kind == LockOwnerKind.Coordinator && owner.Loop != loop.Index) loop.Coordinators.AnswerGranted(owner);
            else _ready.Add(granted);
        }
        locks.Granted.Clear();
        if (_ready.Count != 0) loop.Events.AddBackground(this);
    }

    /// <summary>Lets go on who was granted what it waited for.</summary>
    internal void Run()
    {
        // What goes on may release, and so grant, more.
        while (_taken < _ready.Count)
        {
            LockOwner owner = loop.Shard.Locks.OwnerOf(_ready[_taken++]);
            if (owner.Kind == LockOwnerKind.Batch) loop.Parked.Resume(owner.Handle);
            else loop.Coordinators.Granted(owner.Handle);
        }
        _ready.Clear();
        _taken = 0;
    }

    public override bool Run(long deadlineNs)
    {
        Run();
        return false;
    }

    internal void Dispose() => _ready.Dispose();
}
