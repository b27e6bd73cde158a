using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A round passes all live roots of an arena once, from the youngest to the oldest: those that are made meanwhile stand before
// it, and one that goes hands its place in the round to the next (ValueRoots.Unlink). Most need nothing, which costs two cache
// lines each. The tables of the others are swept as those of keys are.

/// <summary>Where the sweep over an arena's large values stands. Mutable; kept by who drives it, one per arena.</summary>
public struct RootSweep
{
    /// <summary>What a step's budget counts for a root that is passed over, in buckets.</summary>
    private const int PassCost = 2;

    /// <summary>Slots of a tree that a step passes.</summary>
    private const int SlotsPerStep = 1000;

    private SweepState _state;

    /// <summary>The value that the state is about.</summary>
    private uint _root;

    /// <summary>Its members are done, the nodes of its tree are next; where among them.</summary>
    private bool _isAmongNodes;
    private long _nodePosition;

    /// <summary>Starts a round.</summary>
    public void Begin(Arena arena)
    {
        arena.Roots.SweepNext = arena.Roots.Live;
        _root = 0;
    }

    /// <summary>One step over about so many buckets; true at the end of the round.</summary>
    public bool Step<TVisitor>(Arena arena, HashKey hashKey, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IMemberVisitor, allows ref struct
    {
        arena.Settle();
        ref var chains = ref arena.Roots;
        while (chains.SweepNext != 0 && bucketBudget > 0)
        {
            var root = chains.SweepNext;
            if (root != _root) (_root, _state, _isAmongNodes, _nodePosition) = (root, default, false, 0);
            if (!_isAmongNodes && ValueRoots.NeedsSweep(arena, root, nowMs))
            {
                var buckets = ValueRoots.BucketsOf(arena, root);
                var done = new LargeValue(arena, root, hashKey).Sweep(ref _state, nowMs, bucketBudget, ref visitor);
                bucketBudget = done && buckets < bucketBudget ? bucketBudget - (int)buckets : 0;
                if (!done) break;
            }
            _isAmongNodes = true;
            if (arena.IsCompacting && chains.SweepNext == root && !ValueRoots.MoveNodes(arena, root, ref _nodePosition, SlotsPerStep)) break;
            bucketBudget -= PassCost;
            // When the value has gone with its last member, the next one has its place already.
            if (chains.SweepNext == root) chains.SweepNext = ValueRoots.NextOf(arena, root);
            _root = 0;
        }
        return chains.SweepNext == 0;
    }
}
