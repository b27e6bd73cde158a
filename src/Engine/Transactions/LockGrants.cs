using Anax.Core.Memory;
using Anax.Engine.Keyspace;
using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>
/// Gives locks back and tells those who waited for them: coordinators of other loops by their answer, at once; what goes
/// on here, parked batches and this loop's own coordinators, in the loop's own turn, because it may write to sockets.
/// </summary>
internal sealed class LockGrants(EngineLoop loop) : BackgroundWork
{
    private readonly NativeList<LockOwner> _ready = new();
    private int _taken;

    internal void Release(int request)
    {
        loop.Shard.Locks.Close(request);
        Deliver();
        if ((loop.Shard.Counters.Care & ShardCare.ReadyKeys) != 0) loop.Waits.Serve();
    }

    /// <summary>Turns out who must not wait for the dynamic transaction: their coordinators hear a refusal.</summary>
    internal void TurnOut()
    {
        LockTable locks = loop.Shard.Locks;
        if (locks.TurnedOut.Count == 0) return;
        foreach (int request in locks.TurnedOut.Span)
        {
            LockOwner owner = locks.OwnerOf(request);
            locks.Close(request);
            loop.Peers[owner.Loop].Coordinators[owner.Handle].TakeRefusal(loop);
            Tell(owner);
        }
        locks.TurnedOut.Clear();
        Deliver();
    }

    private void Deliver()
    {
        LockTable locks = loop.Shard.Locks;
        if (locks.Granted.Count == 0) return;
        foreach (int request in locks.Granted.Span)
        {
            LockOwner owner = locks.OwnerOf(request);
            if (owner.Kind == LockOwnerKind.Coordinator) loop.Peers[owner.Loop].Coordinators[owner.Handle].TakeGrant(loop);
            Tell(owner);
        }
        locks.Granted.Clear();
    }

    /// <summary>What an owner waits for here has come: it goes on in its loop's turn.</summary>
    internal void Tell(LockOwner owner)
    {
        if (owner.Kind == LockOwnerKind.Coordinator && owner.Loop != loop.Index)
        {
            loop.Events.Answer(owner.Loop, new Message { Kind = (ushort)MessageKind.HopDone, A = owner.Handle });
            return;
        }
        _ready.Add(owner);
        loop.Events.AddBackground(this);
    }

    /// <summary>Lets go on who was granted what it waited for.</summary>
    internal void Run()
    {
        // What goes on may release, and so grant, more.
        while (_taken < _ready.Count)
        {
            LockOwner owner = _ready[_taken++];
            if (owner.Kind == LockOwnerKind.Batch) loop.Parked.Resume(owner.Handle);
            else loop.Coordinators[owner.Handle].Answered();
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
