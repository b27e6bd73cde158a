using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A whole stream as packed elements, one behind the other; an id is two numbers:
//
//     first id | last id | greatest deleted id | entries | entries added |
//     nodes  | id | live | deleted | elements |  …
//     groups | name | last id | entries read | consumers | name | seen | active | pending | id | delivered | times | … | … | …

/// <summary>A whole stream as bytes, on its way from one arena to another.</summary>
internal static class FlatStream
{
    /// <summary>False when memory is refused, or there is more than a block can hold.</summary>
    public static bool TryWrite(StreamStore stream, out NativeBlock flat, out int length)
    {
        flat = default;
        length = 0;
        var sizer = default(Sink);
        Write(stream, ref sizer);
        if (sizer.Bytes > NativeBlock.CapacityMax) return false;
        flat = NativeBlock.Allocate((int)sizer.Bytes);
        if (flat.IsNull) return false;
        var writer = new Sink { Target = flat.Bytes, Writes = true };
        Write(stream, ref writer);
        length = (int)writer.Bytes;
        return true;
    }

    /// <summary>Makes an empty stream what was written. False when the arena refused; some of it may be there then.</summary>
    public static bool TryRead(ReadOnlySpan<byte> flat, StreamStore stream)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        var source = new Source { Flat = flat, Scratch = scratch };
        ref var root = ref stream.Root;
        (root.FirstId, root.LastId, root.MaxDeletedId) = (source.Id(), source.Id(), source.Id());
        (root.Count, root.EntriesAdded) = (source.Number(), source.Number());
        for (var left = source.Number(); left > 0; left--)
        {
            var (id, live, deleted) = (source.Id(), (int)source.Number(), (int)source.Number());
            if (!stream.AppendNode(id, source.Text(), live, deleted)) return false;
        }
        for (var left = source.Number(); left > 0; left--)
            if (!TryReadGroup(ref source, stream)) return false;
        return true;
    }

    private static bool TryReadGroup(ref Source source, StreamStore stream)
    {
        var name = source.Text();
        var group = stream.AddGroup(name, source.Id(), source.Number());
        if (!group.Exists) return false;
        for (var consumers = source.Number(); consumers > 0; consumers--)
        {
            name = source.Text();
            var consumer = stream.AddConsumer(group, name, source.Number(), source.Number());
            if (!consumer.Exists) return false;
            for (var pending = source.Number(); pending > 0; pending--)
                if (!stream.SetPending(group, consumer, source.Id(), source.Number(), source.Number())) return false;
        }
        return true;
    }

    private static void Write(StreamStore stream, ref Sink sink)
    {
        ref var root = ref stream.Root;
        sink.Add(root.FirstId);
        sink.Add(root.LastId);
        sink.Add(root.MaxDeletedId);
        sink.Add(root.Count);
        sink.Add(root.EntriesAdded);
        var nodes = stream.Nodes;
        sink.Add(nodes.Slots);
        for (var isThere = nodes.FindStart(out var path); isThere; isThere = nodes.Next(ref path))
        {
            var node = stream.NodeAt(path);
            sink.Add(node.Id);
            sink.Add(node.Live);
            sink.Add(node.Tombstones);
            sink.Add(node.Elements);
        }
        sink.Add(stream.Groups.Slots);
        for (var i = 0; i < stream.Groups.Slots; i++) Write(stream.GroupAt(i), ref sink);
    }

    private static void Write(StreamGroup group, ref Sink sink)
    {
        sink.Add(group.Name);
        sink.Add(group.LastId);
        sink.Add(group.EntriesRead);
        sink.Add(group.ConsumerCount);
        for (var i = 0; i < group.ConsumerCount; i++)
        {
            var consumer = group.ConsumerAt(i);
            sink.Add(consumer.Name);
            sink.Add(consumer.SeenMs);
            sink.Add(consumer.ActiveMs);
            sink.Add(consumer.PendingCount);
            var walk = consumer.Pending(default);
            while (walk.Next(out var entry))
            {
                sink.Add(entry.Id);
                sink.Add(entry.DeliveredMs);
                sink.Add(entry.Deliveries);
            }
        }
    }

    /// <summary>Counts bytes, and writes them where it has a target.</summary>
    private ref struct Sink
    {
        public Span<byte> Target;
        public long Bytes;
        public bool Writes;

        public void Add(StreamId id)
        {
            Add((long)id.Ms);
            Add((long)id.Sequence);
        }

        public void Add(long number) => Bytes += Writes ? Packed.Write(Target[(int)Bytes..], number) : Packed.SizeOf(number);

        public void Add(scoped ReadOnlySpan<byte> text) => Bytes += Writes ? Packed.Write(Target[(int)Bytes..], text) : Packed.SizeOf(text);
    }

    private ref struct Source
    {
        public ReadOnlySpan<byte> Flat;
        public Span<byte> Scratch;
        private int _at;

        public StreamId Id() => new((ulong)Number(), (ulong)Number());

        public long Number() => Packed.Read(Flat, _at, out _at).Number;

        /// <summary>Valid until the next text is read.</summary>
        public ReadOnlySpan<byte> Text() => Packed.Read(Flat, _at, out _at).Text(Scratch);
    }
}
