using System.Runtime.InteropServices;

namespace Anax.Runtime;

/// <summary>
/// What one loop tells another: 64 bytes, one cache line, unmanaged. Its meaning hangs on <see cref="Kind"/>;
/// addresses in it are native memory of the side that the kind's protocol names.
/// </summary>
/// <remarks>
/// <code>
///   0        4      5       6       8        16                                   64
///   | number | role | lines | kind  | stamp  | A | B | C | D | E | F               |
/// </code>
/// The number is stored last by the sender and read first by the receiver: it publishes the rest.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public struct Message
{
    [FieldOffset(0)] internal uint Number;
    [FieldOffset(4)] internal MessageRole Role;

    /// <summary>
    /// Cache lines from address A on that the receiver will read, where A is an address: it brings them on their way
    /// while it handles the messages before.
    /// </summary>
    [FieldOffset(5)] public byte Lines;

    /// <summary>Which handler takes it: an index below <see cref="EventLoop.MessageKindsMax"/>.</summary>
    [FieldOffset(6)] public ushort Kind;

    /// <summary>
    /// The sender's causal stamp (<see cref="EventLoop.NextStamp"/>), filled in by the loop.
    /// </summary>
    [FieldOffset(8)] public long Stamp;

    [FieldOffset(16)] public long A;
    [FieldOffset(24)] public long B;
    [FieldOffset(32)] public long C;
    [FieldOffset(40)] public long D;
    [FieldOffset(48)] public long E;
    [FieldOffset(56)] public long F;
}

/// <summary>Whether a message asks, answers or only tells; decides what is counted for it.</summary>
internal enum MessageRole : byte
{
    Post = 0,
    Question = 1,
    Answer = 2,
}

/// <summary>
/// Takes one kind of message for the receiver, which nobody else runs meanwhile; the message is valid during the call.
/// </summary>
public delegate void MessageHandler(int from, in Message message);
