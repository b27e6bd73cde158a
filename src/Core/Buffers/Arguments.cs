using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// The arguments of one command, number 0 being its name. A view: valid while the command runs.
/// </summary>
public readonly ref struct Arguments(ReadOnlySpan<ArgumentSlice> slices)
{
    private readonly ReadOnlySpan<ArgumentSlice> _slices = slices;

    public int Count => _slices.Length;

    public ReadOnlySpan<ArgumentSlice> Slices => _slices;

    public ReadOnlySpan<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _slices[index].Span;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Key Key(int index)
    {
        ref readonly var slice = ref _slices[index];
        return new Key(slice.Span, slice.Hash);
    }

    /// <summary>
    /// The block that holds exactly this argument, with a reference for the caller, when there is one.
    /// </summary>
    public bool TryTakeBlock(int index, out NativeBlock block)
    {
        block = _slices[index].Block;
        if (block.IsNull) return false;
        block.AddReference();
        return true;
    }

    public Arguments From(int first) => new(_slices[first..]);

    public Arguments Range(int first, int count) => new(_slices.Slice(first, count));
}
