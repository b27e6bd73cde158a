using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What keys hold, against the type that a command is for.</summary>
internal static class TypedValue
{
    /// <summary>Looks a key up to read it; what is not there is empty. False, with the error written, when it holds something else.</summary>
    internal static bool TryFind(ShardScope shard, Key key, ValueType type, scoped ref ReplyWriter reply, out ValueView value)
    {
        Entry entry = shard.Find(key);
        bool isRight = !entry.Exists || entry.Type == type;
        if (!isRight) reply.Error(Errors.WrongType);
        value = isRight ? shard.View(entry) : default;
        return isRight;
    }

    /// <summary>Opens a key for a change. False, with the error written and the edit closed, when it holds something else.</summary>
    internal static bool TryEdit(ShardScope shard, Key key, ValueType type, scoped ref ReplyWriter reply, out Edit edit)
    {
        edit = new Edit(shard, key);
        if (!edit.Exists || edit.Type == type) return true;
        edit.Abandon();
        reply.Error(Errors.WrongType);
        return false;
    }
}
