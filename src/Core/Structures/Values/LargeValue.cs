using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>A value behind a root, as the sweep meets it: it knows which key names it. Valid during the step.</summary>
public readonly unsafe struct LargeValue
{
    private readonly Arena _arena;
    private readonly HashKey _hashKey;

    internal LargeValue(Arena arena, uint root, HashKey hashKey)
    {
        _arena = arena;
        _hashKey = hashKey;
        Root = root;
    }

    public ValueType Type => ValueRoots.At(_arena, Root)->Type;

    /// <summary>Of the key that names it.</summary>
    public ulong KeyHash => ValueRoots.At(_arena, Root)->KeyHash;

    /// <summary>Members that are left.</summary>
    public long Count => ValueRoots.MembersOf(_arena, Root, _hashKey).Count;

    /// <summary>Bytes of the table of members, without their records.</summary>
    public long IndexBytes => ValueRoots.MembersOf(_arena, Root, _hashKey).UsedBytes;

    internal uint Root { get; }

    /// <summary>Does a key of this table name it?</summary>
    public bool IsIn(in EntryTable keys) => ValueRoots.At(_arena, Root)->Owner == keys.HeaderHandle;

    /// <summary>The entry of the key that names it, in that key's table.</summary>
    public Entry FindKey(in EntryTable keys) => keys.FindRoot(KeyHash, Root);

    /// <summary>Takes a member away. The last one may go, too; then the key is to be deleted.</summary>
    public void Remove(ref Entry member) => ValueRoots.Remove(_arena, Root, _hashKey, ref member);

    /// <summary>One step of a sweep over its members from a position on, 0 at first; true at the end.</summary>
    public bool Sweep<TVisitor>(ref ulong position, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IMemberVisitor, allows ref struct
    {
        var state = new SweepState { Position = position };
        var isDone = Sweep(ref state, nowMs, bucketBudget, ref visitor);
        position = state.Position;
        return isDone;
    }

    /// <summary>
    /// One step of the sweep over its members, of about so many buckets or chunks; true at the end of a round.
    /// </summary>
    internal bool Sweep<TVisitor>(ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IMemberVisitor, allows ref struct
    {
        if (Type == ValueType.List)
        {
            var position = (long)state.Position;
            var isOver = new ListChain(_arena, Root).MoveStep(ref position, bucketBudget);
            state.Position = (ulong)position;
            return isOver;
        }
        if (Type == ValueType.Stream) return new StreamStore(_arena, Root).MoveStep(ref state, bucketBudget);
        var done = SweepDue(nowMs, bucketBudget, ref visitor);
        if (done && Count != 0 && ValueRoots.NeedsTableSweep(_arena, Root))
        {
            var adapter = new Adapter<TVisitor> { Value = this, Visitor = visitor };
            done = ValueRoots.MembersOf(_arena, Root, _hashKey).SweepMembers(Root, ref state, nowMs, bucketBudget, ref adapter);
            visitor = adapter.Visitor;
        }
        visitor.Leave(this);
        return done;
    }

    /// <summary>
    /// Shows the members of a sorted set whose time has come, earliest first; false while more of them are left. What the visitor
    /// does not remove is left for a later round.
    /// </summary>
    private bool SweepDue<TVisitor>(long nowMs, int bucketBudget, ref TVisitor visitor) where TVisitor : struct, IMemberVisitor, allows ref struct
    {
        var members = ValueRoots.MembersOf(_arena, Root, _hashKey);
        for (var left = (long)bucketBudget * Bucket.Slots; ValueRoots.HasDue(_arena, Root, nowMs); left--)
        {
            if (left <= 0) return false;
            var count = members.Count;
            var member = ValueRoots.FindEarliest(_arena, Root, members);
            visitor.Expired(this, ref member);
            if (members.Count == count) return true;
        }
        return true;
    }

    private ref struct Adapter<TVisitor> : IExpiryVisitor where TVisitor : struct, IMemberVisitor, allows ref struct
    {
        public LargeValue Value;
        public TVisitor Visitor;

        public void Expired(ref Entry member) => Visitor.Expired(Value, ref member);
    }
}

/// <summary>Sees the members of large values whose time has come, during a sweep over them.</summary>
public interface IMemberVisitor
{
    /// <summary>Removes the member (or not) on behalf of the key's owner.</summary>
    void Expired(in LargeValue value, ref Entry member);

    /// <summary>A step over a value has ended, whether or not anything was expired.</summary>
    void Leave(in LargeValue value);
}
