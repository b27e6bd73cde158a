using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// A HyperLogLog opened for changes: a dense one in place, a sparse one in memory of its own, from which it is stored when
/// the changes end. Must end with <see cref="Commit"/>, or with <see cref="Abandon"/> when nothing has changed.
/// </summary>
internal ref struct HyperLogLogEdit
{
    /// <summary>A sparse value has at most a run of two bytes for each register.</summary>
    private const int SparseBytesMax = HyperLogLog.HeaderBytes + 2 * HyperLogLog.Registers;
    private const int SparseRoom = SparseBytesMax + SparseRegisters.GrowthMax;

    private readonly long _sparseLengthMax;
    private Edit _edit;

    /// <summary>Room for a sparse value, and behind it for what becomes of it when it gets too large.</summary>
    private NativeBlock _work;

    /// <summary>The value, and room behind it, where it may be written; empty before the first change.</summary>
    private Span<byte> _bytes;
    private int _length;

    internal HyperLogLogEdit(ShardScope shard, Key key)
    {
        _edit = new Edit(shard, key);
        _sparseLengthMax = shard.Settings.HyperLogLogSparseBytesMax;
    }

    internal readonly bool Exists => _edit.Exists;
    internal readonly Entry Entry => _edit.Entry;

    /// <summary>The value as it is now.</summary>
    internal readonly ReadOnlySpan<byte> Value => _bytes.IsEmpty ? _edit.Entry.Bytes : _bytes[.._length];

    /// <summary>Is it a HyperLogLog? Or WrongType, NotHyperLogLog.</summary>
    internal static Outcome Check(Entry entry)
    {
        if (entry.Type != Core.Structures.ValueType.String) return Outcome.WrongType;
        bool ok = entry.Encoding != ValueEncoding.Integer && HyperLogLog.HasForm(entry.Bytes);
        return ok ? Outcome.Ok : Outcome.NotHyperLogLog;
    }

    /// <summary>Makes it writable; one that does not exist becomes an empty one.</summary>
    internal Outcome Begin()
    {
        if (!_bytes.IsEmpty) return Outcome.Ok;
        if (_edit.Exists && Check(_edit.Entry) is var wrong and not Outcome.Ok) return wrong;
        if (_edit.Exists && HyperLogLog.IsDense(_edit.Entry.Bytes))
        {
            _length = HyperLogLog.DenseBytes;
            return _edit.Resize(_length, out _bytes);
        }
        ReadOnlySpan<byte> old = _edit.Exists ? _edit.Entry.Bytes : default;
        if (old.Length > SparseBytesMax) return Outcome.CorruptHyperLogLog;
        _work = NativeBlock.Allocate(SparseRoom + HyperLogLog.DenseBytes);
        if (_work.IsNull) return Outcome.OutOfMemory;
        _bytes = _work.Bytes[..SparseRoom];
        old.CopyTo(_bytes);
        if (old.IsEmpty) HyperLogLog.WriteEmpty(_bytes);
        _length = old.IsEmpty ? HyperLogLog.EmptyBytes : old.Length;
        return Outcome.Ok;
    }

    /// <summary>Raises a register as an element does. Most were added before, so nothing is opened for one that changes nothing.</summary>
    internal Outcome Add(int index, int register)
    {
        if (_bytes.IsEmpty)
        {
            if (!HyperLogLog.TryGet(Value, index, out int before)) return Outcome.CorruptHyperLogLog;
            if (before >= register) return Outcome.NotDone;
        }
        var place = default(SparsePlace);
        return Raise(index, register, ref place);
    }

    /// <summary>Raises a register; NotDone when it was as high already. The place is that of <see cref="SparseRegisters.TryRaise"/>.</summary>
    internal Outcome Raise(int index, int register, ref SparsePlace place)
    {
        Outcome begun = Begin();
        if (begun != Outcome.Ok) return begun;
        if (!HyperLogLog.IsDense(_bytes))
        {
            // Only a corrupt one comes so far.
            if (_length > SparseBytesMax) return Outcome.CorruptHyperLogLog;
            SparseChange change = SparseRegisters.TryRaise(_bytes, ref _length, index, register, _sparseLengthMax, ref place);
            if (change == SparseChange.Corrupt) return Outcome.CorruptHyperLogLog;
            if (change != SparseChange.NeedsDense) return change == SparseChange.Raised ? Outcome.Ok : Outcome.NotDone;
            if (MakeDense() is var outcome and not Outcome.Ok) return outcome;
        }
        return HyperLogLog.RaiseDense(_bytes, index, register) ? Outcome.Ok : Outcome.NotDone;
    }

    /// <summary>Gives it the dense encoding.</summary>
    internal Outcome MakeDense()
    {
        Outcome begun = Begin();
        if (begun != Outcome.Ok || HyperLogLog.IsDense(_bytes)) return begun;
        Span<byte> dense = _work.Bytes.Slice(SparseRoom, HyperLogLog.DenseBytes);
        if (!HyperLogLog.TryMakeDense(Value, dense)) return Outcome.CorruptHyperLogLog;
        _bytes = dense;
        _length = HyperLogLog.DenseBytes;
        return Outcome.Ok;
    }

    /// <summary>Replaces the registers of a dense one by registers of one byte each.</summary>
    internal readonly void WriteRegisters(scoped ReadOnlySpan<byte> registers) => HyperLogLog.WriteDense(_bytes, registers);

    internal readonly void MarkStale() => HyperLogLog.MarkStale(_bytes);

    /// <summary>Stores what was changed and announces it; where memory is refused, nothing has changed.</summary>
    internal Outcome Commit(EventClass eventClass, ReadOnlySpan<byte> name, Effect effect)
    {
        if (!_work.IsNull && _edit.SetString(Value, _edit.ExpireAtMs) is var outcome and not Outcome.Ok)
        {
            Abandon();
            return outcome;
        }
        _edit.Commit(eventClass, name, effect);
        Release();
        return Outcome.Ok;
    }

    internal void Abandon()
    {
        _edit.Abandon();
        Release();
    }

    private void Release()
    {
        if (!_work.IsNull) _work.Release();
        _work = default;
        _bytes = default;
    }
}
