using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Rdb;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>DUMP: a key's value as bytes that RESTORE takes, here or elsewhere.</summary>
public static class DumpCommand
{
    private static readonly LongReadStep StepHandler = Step;
    private static readonly LongReadHeader HeaderHandler = WriteHeader;

    public static readonly CommandSpec[] Table =
    [
        new("DUMP", 2, ReadOnly | ReadsLong, AclCategory.Keyspace, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Dump,
            "Returns a serialized representation of the value stored at a key.") { Tips = ["nondeterministic_output"] },
    ];

    private static void Dump(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!shard.Find(args.Key(1)).Exists)
        {
            reply.Null();
            return;
        }
        // What does not end within a slice begins anew, in several of them.
        ReplyStream.Mark before = reply.Save();
        ReplyStream.DeferredHeader header = reply.Defer();
        var state = new LongReadState();
        var slice = new WorkSlice(shard);
        do Step(shard, args, ref state, ref reply);
        while (state.Position != 0 && (!shard.MaySuspend || slice.MayGoOn(shard)));
        if (state.Position == 0)
        {
            reply.ResolveBulk(header, state.Written);
            return;
        }
        reply.Restore(before);
        shard.ReadLong(args, 0, StepHandler, HeaderHandler);
    }

    private static void Step(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        var sink = new DumpSink { Reply = reply, Checksum = state.Checksum, Written = state.Written };
        var writer = new RdbWriter<DumpSink>(sink, shard.Loop.Packer, shard.Settings.RdbCompresses);
        RdbSaver.Step(shard.View(shard.Peek(args.Key(1))), ref state.Position, ref state.Mark, ref writer);
        reply = writer.Sink.Reply;
        state.Checksum = writer.Sink.Checksum;
        state.Written = writer.Sink.Written;
        if (state.Position != 0) return;
        Span<byte> footer = stackalloc byte[DumpFooter.Bytes];
        DumpFooter.Write(footer, state.Checksum);
        reply.Raw(footer);
        state.Written += footer.Length;
        reply.Raw("\r\n"u8);
    }

    private static void WriteHeader(in LongReadState state, ref ReplyWriter reply) => reply.BulkHeader(state.Written);

    /// <summary>Writes to a reply, and sums up what it writes. Mutable; the reply goes back to who lent it.</summary>
    private ref struct DumpSink : IRdbSink
    {
        internal ReplyWriter Reply;
        internal ulong Checksum;
        internal long Written;

        public void Write(scoped ReadOnlySpan<byte> bytes)
        {
            Reply.Raw(bytes);
            Note(bytes);
        }

        public void WriteBlock(NativeBlock block, int start, int length)
        {
            Reply.RawBlock(block, start, length);
            Note(block.Bytes.Slice(start, length));
        }

        private void Note(scoped ReadOnlySpan<byte> bytes)
        {
            Checksum = Crc64.Continue(Checksum, bytes);
            Written += bytes.Length;
        }
    }
}
