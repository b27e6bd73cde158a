using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Engine.Keyspace;

/// <summary>
/// A value on its way from one shard to another, with its expiry and stickiness: the state of a coordinator that renames or copies.
/// Holds one reference to a block, which <see cref="Release"/> drops; a value that had no block gets one for the way.
/// </summary>
public struct LooseValue
{
    private nint _block;
    private long _expireAtMs;
    private long _number;
    private ValueEncoding _encoding;
    private ValueType _type;

    /// <summary>The block holds all members of a large value (see <see cref="EntryTable.TryFlatten"/>).</summary>
    private bool _isFlat;
    private bool _isSticky;

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
        if (entry.HasRoot) return TakeLarge(in entry, shard.TableIn(shard.Database)!.Entries, ref value);
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

    private static Outcome TakeLarge(scoped in Entry entry, scoped in EntryTable table, ref LooseValue value)
    {
        if (!table.TryFlatten(in entry, out NativeBlock flat, out int length)) return Outcome.OutOfMemory;
        value._block = flat.Address;
        value._number = length;
        value._isFlat = true;
        return Outcome.Ok;
    }

    /// <summary>Sets it as the value of the key that is being edited.</summary>
    public readonly Outcome Put(scoped ref Edit edit)
    {
        edit.StickAs(_isSticky);
        if (_type == ValueType.String && _encoding == ValueEncoding.Integer) return edit.SetInteger(_number, _expireAtMs);
        NativeBlock block = NativeBlock.From(_block);
        if (_isFlat) return edit.SetFlat(_type, block.Bytes[..(int)_number], _expireAtMs);
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
