using System.Text;
using Anax.Core.Buffers;
using Anax.Protocol;

namespace Anax.Tests.Unit.Protocol;

/// <summary>What a client gets to see of what a writer wrote.</summary>
internal static class Replies
{
    public delegate void Writing(ref ReplyWriter reply);

    public static string Of(RespVersion version, Writing write)
    {
        using var pool = new ChunkPool();
        var stream = default(ReplyStream);
        var reply = new ReplyWriter(ref stream, pool, version);
        write(ref reply);
        var length = reply.Length;
        reply.Flush();
        Xunit.Assert.Equal(length, stream.Length);
        var bytes = new byte[stream.Length];
        stream.CopyTo(bytes);
        stream.Free(pool);
        return Encoding.Latin1.GetString(bytes);
    }
}
