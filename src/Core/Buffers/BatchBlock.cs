using System.Runtime.InteropServices;

namespace Anax.Core.Buffers;

/// <summary>One command of a batch: its row, its arguments, and what the router noted about it.</summary>
public struct BatchCommand
{
    public int Spec;
    public int FirstArgument;
    public int ArgumentCount;

    /// <summary>Owner of the command's keys, for the sender's own use; of a part of a command, the place of the whole in its round.</summary>
    public short Shard;

    /// <summary>Not 0: what the dispatcher has to say of it, mostly why it is refused; then it is answered in its place.</summary>
    public short Fault;

    /// <summary>Bytes of the request, for the log of large requests; of the header of EXEC's reply, how many replies follow.</summary>
    public int RequestBytes;
}

/// <summary>What became of one command of a batch.</summary>
public struct BatchResult
{
    /// <summary>Where its reply ends in the batch's reply stream.</summary>
    public long ReplyEnd;
    public int DurationUs;
}

// One allocation, in the order in which the executor reads it:
//
//     | prefix | header of the engine | commands | results | arguments | argument bytes | room for replies |
//     0        64                     128
//
// The sender fills it, one receiver at a time reads it and writes results and replies; then it goes home.

/// <summary>
/// A batch on its way to another thread, with all bytes that it needs: a handle to native memory that belongs to the
/// sender's <see cref="BatchPool"/>.
/// </summary>
public readonly unsafe struct BatchBlock : IEquatable<BatchBlock>
{
    private const int LinesMax = 16;
    internal const int PrefixBytes = 64, HeaderBytes = 64;

    private readonly Prefix* _at;

    internal BatchBlock(nint address) => _at = (Prefix*)address;

    internal struct Prefix
    {
        public nint NextFree;
        public long Capacity;
        public int CommandsMax, ArgumentsMax;
        public int Commands, Arguments;
        public int HasBlocks;
        public long Used;
    }

    public bool IsNull => _at == null;
    public nint Address => (nint)_at;

    /// <summary>Cache lines of a batch with so many bytes of replies; of a long one, those that are read first.</summary>
    public byte LinesWith(long replyBytes) => (byte)Math.Min((_at->Used + replyBytes) / 64 + 1, LinesMax);

    public static BatchBlock From(nint address) => new(address);

    internal ref Prefix Front => ref *_at;

    /// <summary>The engine's own header, zeroed when the block is rented.</summary>
    public ref T Header<T>() where T : unmanaged
    {
        Invariant.Holds(sizeof(T) <= HeaderBytes, "a batch header fits its place");
        return ref *(T*)((byte*)_at + PrefixBytes);
    }

    public Span<BatchCommand> Commands => new((byte*)_at + CommandsAt, _at->Commands);
    public Span<BatchResult> Results => new((byte*)_at + ResultsAt(_at->CommandsMax), _at->Commands);
    public Span<ArgumentSlice> Arguments => new((byte*)_at + ArgumentsAt(_at->CommandsMax), _at->Arguments);

    /// <summary>What is left of the block behind the arguments' bytes, 16-byte aligned: room for the first replies.</summary>
    public Span<byte> Tail
    {
        get
        {
            long from = (_at->Used + 15) & ~15L;
            return from >= _at->Capacity ? default : new Span<byte>((byte*)_at + from, (int)Math.Min(_at->Capacity - from, int.MaxValue));
        }
    }

    private static int CommandsAt => PrefixBytes + HeaderBytes;
    internal static int ResultsAt(int commands) => CommandsAt + (commands * sizeof(BatchCommand) + 7 & ~7);
    internal static int ArgumentsAt(int commands) => ResultsAt(commands) + commands * sizeof(BatchResult);
    internal static long BytesAt(int commands, int arguments) => ArgumentsAt(commands) + (long)arguments * sizeof(ArgumentSlice);

    /// <summary>Adds a command with its arguments; bytes are copied, whole blocks are shared by reference.</summary>
    public void Add(BatchCommand command, ReadOnlySpan<ArgumentSlice> arguments)
    {
        command.FirstArgument = _at->Arguments;
        command.ArgumentCount = arguments.Length;
        int index = _at->Commands++;
        Invariant.Holds(index < _at->CommandsMax, "a batch holds the commands that it was made for");
        Commands[index] = command;
        AddArguments(arguments);
    }

    /// <summary>Adds arguments to the last command, as <see cref="Add"/> does.</summary>
    public void Append(ReadOnlySpan<ArgumentSlice> arguments)
    {
        Commands[^1].ArgumentCount += arguments.Length;
        AddArguments(arguments);
    }

    private void AddArguments(ReadOnlySpan<ArgumentSlice> arguments)
    {
        Invariant.Holds(arguments.Length <= _at->ArgumentsMax - _at->Arguments, "a batch holds the arguments that it was made for");
        var copy = (ArgumentSlice*)((byte*)_at + ArgumentsAt(_at->CommandsMax)) + _at->Arguments;
        _at->Arguments += arguments.Length;
        byte* to = (byte*)_at + _at->Used, end = (byte*)_at + _at->Capacity;
        foreach (ref readonly ArgumentSlice argument in arguments)
        {
            if (argument.IsBlock)
            {
                *copy++ = argument;
                argument.Block.AddReference();
                _at->HasBlocks = 1;
                continue;
            }
            ReadOnlySpan<byte> bytes = argument.Span;
            Invariant.Holds(bytes.Length <= end - to, "a batch holds the bytes that it was made for");
            var moved = new Span<byte>(to, bytes.Length);
            bytes.CopyTo(moved);
            *copy++ = argument.MovedTo(moved);
            to += bytes.Length;
        }
        _at->Used = to - (byte*)_at;
    }

    public bool Equals(BatchBlock other) => _at == other._at;
    public override bool Equals(object? obj) => obj is BatchBlock other && Equals(other);
    public override int GetHashCode() => ((nint)_at).GetHashCode();
    public static bool operator ==(BatchBlock left, BatchBlock right) => left.Equals(right);
    public static bool operator !=(BatchBlock left, BatchBlock right) => !left.Equals(right);
}

/// <summary>
/// A loop's batch blocks, in two sizes: for one command or a few, and for a pipeline. They are kept and used again; a
/// batch that needs more is made to measure and freed.
/// </summary>
public sealed unsafe class BatchPool : IDisposable
{
    public const int SmallBytes = 4 * 1024, LargeBytes = 16 * 1024;

    // What a block offers for replies: most are short, and those that fit travel home without a chunk.
    private const int ReplyBytesMin = 512, ReplyBytesPerCommand = 80;

    /// <summary>Idle memory of each size that one loop keeps.</summary>
    public const int KeptBytesMax = 1024 * 1024;

    private FreeList _small, _large;

    private struct FreeList
    {
        public nint First;
        public int KeptBytes;
    }

    /// <summary>Bytes of all blocks, at work or kept.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Of that, the blocks that are kept for later use.</summary>
    public long KeptBytes => _small.KeptBytes + _large.KeptBytes;

    public BatchBlock Rent(int commands, int arguments, long argumentBytes)
    {
        long start = BatchBlock.BytesAt(commands, arguments), need = start + argumentBytes + ReplyBytesMin + (long)commands * ReplyBytesPerCommand;
        BatchBlock block = need <= SmallBytes ? Take(ref _small, SmallBytes)
            : need <= LargeBytes ? Take(ref _large, LargeBytes)
            : Allocate(need);
        ref BatchBlock.Prefix front = ref block.Front;
        front.CommandsMax = commands;
        front.ArgumentsMax = arguments;
        front.Commands = front.Arguments = front.HasBlocks = 0;
        front.Used = start;
        NativeMemory.Clear((byte*)block.Address + BatchBlock.PrefixBytes, BatchBlock.HeaderBytes);
        return block;
    }

    /// <summary>Takes a block back and drops its references to shared blocks.</summary>
    public void Return(BatchBlock block)
    {
        ref BatchBlock.Prefix front = ref block.Front;
        if (front.HasBlocks != 0)
            foreach (ref readonly ArgumentSlice argument in block.Arguments)
                if (argument.IsBlock) argument.Block.Release();
        if (front.Capacity == SmallBytes && TryKeep(ref _small, block)) return;
        if (front.Capacity == LargeBytes && TryKeep(ref _large, block)) return;
        AllocatedBytes -= front.Capacity;
        NativeMemory.AlignedFree((void*)block.Address);
    }

    public void Dispose()
    {
        Free(ref _small);
        Free(ref _large);
    }

    private BatchBlock Take(ref FreeList list, int bytes)
    {
        if (list.First == 0) return Allocate(bytes);
        var block = new BatchBlock(list.First);
        list.First = block.Front.NextFree;
        list.KeptBytes -= bytes;
        return block;
    }

    private static bool TryKeep(ref FreeList list, BatchBlock block)
    {
        ref BatchBlock.Prefix front = ref block.Front;
        if (list.KeptBytes + front.Capacity > KeptBytesMax) return false;
        front.NextFree = list.First;
        list.First = block.Address;
        list.KeptBytes += (int)front.Capacity;
        return true;
    }

    private BatchBlock Allocate(long bytes)
    {
        var block = new BatchBlock((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64));
        block.Front.Capacity = bytes;
        AllocatedBytes += bytes;
        return block;
    }

    private static void Free(ref FreeList list)
    {
        while (list.First != 0)
        {
            var block = new BatchBlock(list.First);
            list.First = block.Front.NextFree;
            NativeMemory.AlignedFree((void*)block.Address);
        }
    }
}
