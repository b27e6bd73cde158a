using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

/// <summary>
/// The coordinators of commands that are the sum of their parts: each shard runs the command's own handler on the keys
/// that it owns, and the replies are joined as the row's <see cref="Spread"/> says.
/// </summary>
internal static class Spreads
{
    internal static CoordinatorHandler For(Spread spread) => spread switch
    {
        Spread.Sum => Sum,
        Spread.Elements => Elements,
        Spread.Status => Status,
        _ => throw new InvalidOperationException("a command over several shards has a coordinator or a spread"),
    };

    private static async Co<Nothing> Sum(Coordinator tx)
    {
        await tx.RunOnKeys(RunPart);
        long sum = 0;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            if (tx.PassError(shard)) return default;
            sum += IntegerOf(ref tx.PartOf(shard));
        }
        ReplyWriter reply = tx.Writer();
        reply.Integer(sum);
        tx.Close(ref reply);
        return default;
    }

    private static async Co<Nothing> Status(Coordinator tx)
    {
        await tx.RunOnKeys(RunPart);
        for (int shard = 0; shard < tx.Shards; shard++)
            if (tx.PassError(shard)) return default;
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
        return default;
    }

    private static async Co<Nothing> Elements(Coordinator tx)
    {
        await tx.RunOnKeys(RunEach);
        ReplyWriter reply = tx.Writer();
        reply.Array(tx.Args.Count - 1);
        tx.Close(ref reply);
        for (int i = 1; i < tx.Args.Count; i++)
        {
            ref ReplyStream part = ref tx.PartOf(tx.ShardOf(i));
            part.Consume(tx.Loop.Events.Chunks, "*1\r\n"u8.Length);
            part.MoveTo(ref tx.Output, tx.Loop.Events.Chunks, ElementLength(ref part));
        }
        return default;
    }

    /// <summary>The command on this shard's keys, as one call.</summary>
    private static void RunPart(ShardScope shard, ref HopFrame hop)
    {
        var own = shard.Loop.Scratch;
        own.Clear();
        ReadOnlySpan<ArgumentSlice> all = hop.Args.Slices;
        own.Add(in all[0]);
        KeySpec keys = hop.Command.Keys[0];
        _ = keys.TryFind(hop.Args, out int first, out int last);
        for (int i = first; i <= last; i += keys.Step)
            if (hop.Owns(i))
                for (int j = i; j < i + keys.Step; j++) own.Add(in all[j]);
        ReplyWriter reply = hop.Writer();
        hop.Command.OnShard!(shard, new Arguments(own.Span), ref reply);
        reply.Flush();
    }

    /// <summary>The command once for each of this shard's keys, so that each element of the reply stands alone.</summary>
    private static void RunEach(ShardScope shard, ref HopFrame hop)
    {
        var own = shard.Loop.Scratch;
        ReadOnlySpan<ArgumentSlice> all = hop.Args.Slices;
        ReplyWriter reply = hop.Writer();
        for (int i = 1; i < all.Length; i++)
        {
            if (!hop.Owns(i)) continue;
            own.Clear();
            own.Add(in all[0]);
            own.Add(in all[i]);
            hop.Command.OnShard!(shard, new Arguments(own.Span), ref reply);
        }
        reply.Flush();
    }

    internal static bool IsError(ref ReplyStream part)
    {
        byte first = 0;
        return part.CopyTo(new Span<byte>(ref first)) == 1 && first == (byte)'-';
    }

    /// <summary>Counts the error at the front of a part by its code.</summary>
    internal static void CountError(EngineLoop loop, ref ReplyStream part)
    {
        Span<byte> front = stackalloc byte[64];
        front = front[..part.CopyTo(front)];
        int end = front.IndexOfAny((byte)' ', (byte)'\r');
        loop.Statistics.Error(front[1..(end < 0 ? front.Length : end)]);
    }

    /// <summary>The integer at the front of a part; 0 where there is none.</summary>
    internal static long IntegerOf(ref ReplyStream part)
    {
        if (part.IsEmpty) return 0;
        Span<byte> front = stackalloc byte[32];
        front = front[..part.CopyTo(front)];
        bool ok = Numbers.TryParseLong(front[1..front.IndexOf((byte)'\r')], out long value);
        Invariant.Holds(ok && front[0] == (byte)':', "a part of a sum is an integer");
        return value;
    }

    /// <summary>Bytes of the bulk string or null at the front of a part.</summary>
    internal static long ElementLength(ref ReplyStream part)
    {
        Span<byte> front = stackalloc byte[32];
        front = front[..part.CopyTo(front)];
        int line = front.IndexOf((byte)'\r') + 2;
        if (front[0] != (byte)'$' || front[1] == (byte)'-') return line;
        _ = Numbers.TryParseLong(front[1..(line - 2)], out long length);
        return line + length + 2;
    }

    /// <summary>Bytes of the line at the front of a part, a count or a number.</summary>
    internal static long LineLength(ref ReplyStream part)
    {
        Span<byte> front = stackalloc byte[32];
        return front[..part.CopyTo(front)].IndexOf((byte)'\r') + 2;
    }
}
