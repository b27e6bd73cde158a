using System.Runtime.CompilerServices;
using Anax.Core.Structures;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Elements as they lie packed, in replies.</summary>
internal static class PackedReplies
{
    /// <summary>The element's text as a bulk string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Bulk(this ref ReplyWriter reply, scoped PackedItem item)
    {
        if (item.IsInteger) reply.Bulk(item.Number);
        else reply.Bulk(item.Bytes);
    }
}
