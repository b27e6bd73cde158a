using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Strings that are decimal numbers: INCRBYFLOAT.</summary>
public static class FloatCounterCommands
{
    private const KeyAccess Counts = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update;

    public static readonly CommandSpec[] Table =
    [
        new("INCRBYFLOAT",   3, Write | DenyOom | Fast, AclCategory.String, Keys.First(Counts), IncrByFloat,
            "Increments the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist."),
    ];

    private static void IncrByFloat(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var edit = new Edit(shard, args.Key(1));
        Span<byte> scratch = stackalloc byte[LongDouble.TextMax];
        Outcome outcome = AddFloat(ref edit, args[2], scratch, out int length);
        if (outcome != Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        // Repeating the addition elsewhere could round otherwise: the sum is what is passed on.
        edit.Commit(EventClass.String, "incrbyfloat"u8, Effect.State);
        reply.Bulk(scratch[..length]);
    }

    /// <summary>Adds in extended precision; the sum is stored as text even when it is a whole number.</summary>
    private static Outcome AddFloat(ref Edit edit, ReadOnlySpan<byte> step, scoped Span<byte> text, out int length)
    {
        length = 0;
        LongDouble sum = default;
        if (edit.Exists)
        {
            if (edit.Type != ValueType.String) return Outcome.WrongType;
            if (!LongDouble.TryParse(StringValue.Text(edit.Entry, text), out sum)) return Outcome.NotFloat;
        }
        if (!LongDouble.TryParse(step, out LongDouble summand)) return Outcome.NotFloat;
        sum += summand;
        if (sum.IsNaN || sum.IsInfinity) return Outcome.NanOrInfinity;
        length = sum.Format(text);
        return edit.SetString(text[..length], edit.ExpireAtMs);
    }
}
