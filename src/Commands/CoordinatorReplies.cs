using Anax.Core.Text;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The short replies of coordinators.</summary>
internal static class CoordinatorReplies
{
    internal static void AnswerOk(this Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
    }

    internal static void Answer(this Coordinator tx, long number)
    {
        ReplyWriter reply = tx.Writer();
        reply.Integer(number);
        tx.Close(ref reply);
    }

    /// <summary>Answers with what a shard's callback has written.</summary>
    internal static void AnswerPart(this Coordinator tx, int shard)
    {
        ReplyWriter reply = tx.Writer();
        reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    /// <summary>Runs a command on one shard in slices; what they write is the reply.</summary>
    internal static async Co<Nothing> RunInSlices(this Coordinator tx, int shard, HopCallback slice)
    {
        await tx.InSlices(shard, slice);
        if (!tx.PassError(shard)) tx.AnswerPart(shard);
        return default;
    }

    /// <summary>The sum of what the shards' callbacks left.</summary>
    internal static long SumOfValues(this Coordinator tx)
    {
        long sum = 0;
        for (int shard = 0; shard < tx.Shards; shard++) sum += tx.ValueOf(shard);
        return sum;
    }

    /// <summary>C's atoi, as far as switches of 0 and 1 need it.</summary>
    internal static bool IsSwitchedOn(ReadOnlySpan<byte> text) => Numbers.TryParseLong(text, out long value) && value != 0;
}
