using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// Arguments of several commands that outlive the turn in which they came: their bytes are copied to pages of native
/// memory that stay where they are, whole blocks are shared by reference.
/// </summary>
public sealed unsafe class KeptArguments : IDisposable
{
    private const int PageBytes = 2048;

    private readonly NativeList<ArgumentSlice> _slices = new();
    private readonly NativeList<Page> _pages = new();
    private int _blocks;

    private struct Page
    {
        internal nint Address;
        internal long Capacity;
        internal long Used;
    }

    public int Count => _slices.Count;

    /// <summary>Native memory of the pages, and what is counted for shared blocks.</summary>
    public long AllocatedBytes { get; private set; }

    public Span<ArgumentSlice> Slices => _slices.Span;

    /// <summary>Adds a command's arguments; returns the place of the first one.</summary>
    public int Add(ReadOnlySpan<ArgumentSlice> arguments)
    {
        int first = _slices.Count;
        foreach (ref readonly ArgumentSlice argument in arguments) Add(in argument);
        return first;
    }

    /// <summary>Forgets all; one page is kept for the next use.</summary>
    public void Clear()
    {
        for (int i = 0; _blocks != 0 && i < _slices.Count; i++)
            if (_slices[i].IsBlock) Release(_slices[i].Block);
        _slices.Clear();
        while (_pages.Count > 1 || _pages.Count == 1 && _pages[0].Capacity != PageBytes)
        {
            ref Page last = ref _pages[_pages.Count - 1];
            NativeMemory.Free((void*)last.Address);
            AllocatedBytes -= last.Capacity;
            _ = _pages.Resize(_pages.Count - 1);
        }
        if (_pages.Count == 1) _pages[0].Used = 0;
    }

    public void Dispose()
    {
        Clear();
        if (_pages.Count == 1) NativeMemory.Free((void*)_pages[0].Address);
        AllocatedBytes = 0;
        _pages.Dispose();
        _slices.Dispose();
    }

    private void Add(in ArgumentSlice argument)
    {
        if (argument.IsBlock)
        {
            argument.Block.AddReference();
            AllocatedBytes += argument.Block.FootprintBytes;
            _blocks++;
            _slices.Add(in argument);
            return;
        }
        Span<byte> room = Room(argument.Length);
        argument.Span.CopyTo(room);
        _slices.Add(argument.MovedTo(room));
    }

    private Span<byte> Room(int bytes)
    {
        if (_pages.Count == 0 || _pages[_pages.Count - 1].Capacity - _pages[_pages.Count - 1].Used < bytes)
        {
            long capacity = Math.Max(PageBytes, bytes);
            _pages.Add(new Page { Address = (nint)NativeMemory.Alloc((nuint)capacity), Capacity = capacity });
            AllocatedBytes += capacity;
        }
        ref Page page = ref _pages[_pages.Count - 1];
        var room = new Span<byte>((byte*)page.Address + page.Used, bytes);
        page.Used += bytes;
        return room;
    }

    private void Release(NativeBlock block)
    {
        AllocatedBytes -= block.FootprintBytes;
        _blocks--;
        block.Release();
    }
}
