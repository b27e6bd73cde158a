using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

// The memory behind a handle. The header stands before the bytes, so the bytes of a block are 16-byte
// aligned:
//
//     0         4            8               16        24        32
//     | int     | int        | long          | long    | int     | capacity bytes …
//     | capacity| references | footprint     | lent to | holders |
//     ^ Address                                                  ^ Bytes
//
// 1. A block is made with one reference, which belongs to the caller.
// 2. Any thread may add or drop a reference; who drops the last one frees the memory.
// 3. Bytes are written only by the holder of the only reference (IsShared is false); a writer of a shared
//    block copies first.
// 4. A holder is a store that counts the block as its own. When the last holder drops a block to which replies
//    still refer, the memory is *lent*: it stays on that store's account until the last reference is gone.

/// <summary>
/// A handle to counted memory outside the arena: large values, large arguments, and replies that are sent
/// from where they lie. The count is atomic, so a block may be read and released on another thread than its
/// owner's.
/// </summary>
public readonly unsafe struct NativeBlock : IEquatable<NativeBlock>
{
    /// <summary>What a block of any size costs beside its bytes.</summary>
    public const int HeaderBytes = 32;

    public const int CapacityMax = int.MaxValue - 4096;

    // What the allocator adds to a request: a word of its own, rounding to 16, whole pages from its mapping
    // threshold on.
    private const int AllocatorWordBytes = 8;
    private const int AllocatorGranuleBytes = 16;
    private const int AllocatorMapThresholdBytes = 128 * 1024;
    private const int PageBytes = 4096;

    private readonly Header* _header;

    private NativeBlock(Header* header) => _header = header;

    private struct Header
    {
        public int Capacity;
        public int References;
        public long Footprint;

        /// <summary>The account on which a lent block stands; null otherwise.</summary>
        public long* LentTo;
        public int Holders;
    }

    public bool IsNull => _header == null;

    public nint Address => (nint)_header;

    public int Capacity => _header->Capacity;

    public Span<byte> Bytes => new((byte*)_header + HeaderBytes, _header->Capacity);

    /// <summary>What memory accounting counts for this block, the allocator's share included.</summary>
    public long FootprintBytes => _header->Footprint;

    public bool IsShared => Volatile.Read(ref _header->References) > 1;

    internal byte* Start => (byte*)_header + HeaderBytes;

    /// <summary>
    /// A block of uninitialised bytes with one reference; a null block where the system refuses the memory.
    /// </summary>
    public static NativeBlock Allocate(int capacity) => Allocate(capacity, isZeroed: false);

    /// <summary>The same of bytes that are zero. What the system gives so is not touched, and takes no memory before it is.</summary>
    public static NativeBlock AllocateZeroed(int capacity) => Allocate(capacity, isZeroed: true);

    private static NativeBlock Allocate(int capacity, bool isZeroed)
    {
        if ((uint)capacity > CapacityMax) return default;
        void* memory;
        try
        {
            var bytes = (nuint)(uint)capacity + HeaderBytes;
            memory = isZeroed ? NativeMemory.AllocZeroed(bytes) : NativeMemory.Alloc(bytes);
        }
        catch (OutOfMemoryException)
        {
            return default;
        }
        var header = (Header*)memory;
        header->Capacity = capacity;
        header->References = 1;
        header->Footprint = FootprintOf(capacity);
        header->LentTo = null;
        header->Holders = 0;
        return new NativeBlock(header);
    }

    public static NativeBlock From(nint address) => new((Header*)address);

    /// <summary>What a block of this capacity will count.</summary>
    public static long FootprintOf(int capacity)
    {
        var bytes = (long)capacity + HeaderBytes + AllocatorWordBytes;
        long unit = bytes < AllocatorMapThresholdBytes ? AllocatorGranuleBytes : PageBytes;
        return (bytes + unit - 1) & -unit;
    }

    public void AddReference()
    {
        var references = Interlocked.Increment(ref _header->References);
        Debug.Assert(references > 1, "a block without references was revived");
    }

    public void Release()
    {
        var references = Interlocked.Decrement(ref _header->References);
        Debug.Assert(references >= 0, "a block was released more often than referenced");
        if (references != 0) return;
        if (_header->LentTo != null) Interlocked.Add(ref *_header->LentTo, -_header->Footprint);
        Poison(_header);
        NativeMemory.Free(_header);
    }

    /// <summary>A store counts the block from now on; one that was lent comes back.</summary>
    internal void Hold()
    {
        if (Interlocked.Increment(ref _header->Holders) != 1 || _header->LentTo == null) return;
        Interlocked.Add(ref *_header->LentTo, -_header->Footprint);
        _header->LentTo = null;
    }

    /// <summary>
    /// A store no longer counts the block and drops its reference. What replies still refer to is put on the account
    /// until the last of them is gone; the account must live as long.
    /// </summary>
    internal void Drop(long* account)
    {
        if (Interlocked.Decrement(ref _header->Holders) == 0 && IsShared)
        {
            // Before the own reference goes: whoever drops the last one finds the account.
            _header->LentTo = account;
            Interlocked.Add(ref *account, _header->Footprint);
        }
        Release();
    }

    public bool Equals(NativeBlock other) => _header == other._header;

    public override bool Equals(object? obj) => obj is NativeBlock other && Equals(other);

    public override int GetHashCode() => Address.GetHashCode();

    public static bool operator ==(NativeBlock left, NativeBlock right) => left.Equals(right);

    public static bool operator !=(NativeBlock left, NativeBlock right) => !left.Equals(right);

    [Conditional("VERIFY")]
    private static void Poison(Header* header)
    {
        const byte FreedByte = 0xDD;
        Unsafe.InitBlock((byte*)header + HeaderBytes, FreedByte, (uint)header->Capacity);
    }
}
