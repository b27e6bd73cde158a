using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Engine.Keyspace;

/// <summary>
/// A value on its way from one key to another, perhaps on another shard, with its expiry and stickiness: the state of a coordinator
/// that renames or copies. Holds one reference to a block, which <see cref="Release"/> drops; a value that had no block gets one for the
/// way. What lies behind a root goes to a draft, apart from this.
/// </summary>
public struct LooseValue
{
    private nint _block;
    private long _expireAtMs;

    /// <summary>The number that it is, or its length; of a large value its draft.</summary>
    private long _number;
    private ValueEncoding _encoding;
    private ValueType _type;

    private bool _isSticky;

    /// <summary>It has a root.</summary>
    public bool IsLarge { get; private set; }

    /// <summary>Where it goes; of use to the coordinator only.</summary>
    public ushort Database;

    /// <summary>It may replace what is there; of use to the coordinator only.</summary>
    public bool MayReplace;

    /// <summary>What an entry of the command's database has; NoSuchKey when it does not exist.</summary>
    public static Outcome Take(ShardScope shard, scoped in Entry entry, out LooseValue value)
    {
        value = default;
        if (!entry.Exists) return Outcome.NoSuchKey;
        value._expireAtMs = entry.ExpireAtMs;
        value._encoding = entry.Encoding;
        value._type = entry.Type;
        value._isSticky = entry.IsSticky;
        value.IsLarge = entry.HasRoot;
        if (value.IsLarge) return Outcome.Ok;
        if (entry.TryGetInteger(out value._number)) return Outcome.Ok;
        value._number = entry.ValueLength;
        NativeBlock block = entry.Block;
        if (entry.Encoding == ValueEncoding.Block)
        {
            block.AddReference();
        }
        else
        {
            block = NativeBlock.Allocate(Math.Max(1, entry.ValueLength));
            if (block.IsNull) return Outcome.OutOfMemory;
            entry.Bytes.CopyTo(block.Bytes);
        }
        value._block = block.Address;
        return Outcome.Ok;
    }

    /// <summary>Makes the draft of a large value, on the shard where it goes: empty at first.</summary>
    public Outcome MakeDraft(ShardScope shard)
    {
        ulong number = 0;
        Draft draft = shard.Draft(ref number);
        _number = (long)number;
        return draft.Slot.MakeEmpty(_type) ? Outcome.Ok : Outcome.OutOfMemory;
    }

    /// <summary>Of a large value whose draft was made.</summary>
    public readonly long DraftNumber => _number;

    /// <summary>Sets it as the value of the key that is being edited; the draft is that of a large one.</summary>
    public readonly Outcome Put(scoped ref Edit edit, scoped ref Draft draft)
    {
        edit.StickAs(_isSticky);
        // Before the key takes it: so a refusal leaves the key as it was.
        if (IsLarge) return draft.Slot.SetExpiry(_expireAtMs) ? edit.SetDraft(ref draft) : Outcome.OutOfMemory;
        if (_type == ValueType.String && _encoding == ValueEncoding.Integer) return edit.SetInteger(_number, _expireAtMs);
        NativeBlock block = NativeBlock.From(_block);
        if (_type != ValueType.String && _encoding != ValueEncoding.Block) return edit.SetPacked(_type, block.Bytes[..(int)_number], _expireAtMs);
        if (_encoding != ValueEncoding.Block)
            return edit.SetBytes(block.Bytes[..(int)_number], _expireAtMs, _encoding == ValueEncoding.Raw);
        block.AddReference();
        Outcome outcome = edit.SetBlock(_type, block, (int)_number, _expireAtMs);
        if (outcome != Outcome.Ok) block.Release();
        return outcome;
    }

    public void Release()
    {
        if (_block != 0) NativeBlock.From(_block).Release();
        _block = 0;
    }
}
