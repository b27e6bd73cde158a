using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>
/// An element of a list on its way to another list. Holds one reference to a block, its own or that of the element, which
/// <see cref="Release"/> drops.
/// </summary>
internal struct LooseElement
{
    private nint _block;
    private int _length;
    private bool _isShared;

    /// <summary>The end that it is taken from or put to; of use to the coordinator only.</summary>
    internal bool Last;

    /// <summary>The element at an end of a list, which stays there. NotFound where there is none.</summary>
    internal static Outcome Take(ShardScope shard, Key key, bool last, out LooseElement element)
    {
        element = new LooseElement { Last = last };
        Entry entry = shard.Peek(key);
        if (!entry.Exists) return Outcome.NotFound;
        if (entry.Type != ValueType.List) return Outcome.WrongType;
        ListItem item = new ListView(shard.View(entry)).Edge(last);
        NativeBlock block = item.Block;
        element._isShared = !block.IsNull;
        if (element._isShared)
        {
            block.AddReference();
            element._length = item.Item.Bytes.Length;
        }
        else
        {
            Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
            ReadOnlySpan<byte> text = item.Item.Text(scratch);
            block = NativeBlock.Allocate(Math.Max(1, text.Length));
            if (block.IsNull) return Outcome.OutOfMemory;
            text.CopyTo(block.Bytes);
            element._length = text.Length;
        }
        element._block = block.Address;
        return Outcome.Ok;
    }

    /// <summary>Adds it at an end of a list, which is made where there is none.</summary>
    internal readonly Outcome Push(ShardScope shard, Key key, bool last)
    {
        Edit edit = new Edit(shard, key);
        bool wasThere = edit.Exists;
        if (wasThere && edit.Type != ValueType.List)
        {
            edit.Abandon();
            return Outcome.WrongType;
        }
        NativeBlock block = NativeBlock.From(_block);
        var list = new ListEditor(edit.Slot, shard.Settings.ListLimit);
        if (!list.Push(last, block.Bytes[.._length], _isShared ? block : default))
        {
            ListValue.Refuse(ref edit, wasThere);
            return Outcome.OutOfMemory;
        }
        edit.Commit(EventClass.List, last ? "rpush"u8 : "lpush"u8);
        return Outcome.Ok;
    }

    internal readonly void Reply(ref ReplyWriter reply) => reply.BulkBlock(NativeBlock.From(_block), 0, _length);

    internal void Release()
    {
        if (_block != 0) NativeBlock.From(_block).Release();
        _block = 0;
    }
}
