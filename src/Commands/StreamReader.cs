using System.Diagnostics.CodeAnalysis;
using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// Reads one stream of an XREAD or XREADGROUP on its shard: begins it, or goes on behind an id, and writes entries. For a group it
/// has the stream open for a change, and every begin needs an end.
/// </summary>
internal ref struct StreamReader
{
    private readonly ShardScope _shard;
    private readonly Arguments _args;
    private readonly StreamRead _read;
    private readonly int _stream;
    private readonly Key _key;
    private Edit _edit;
    private StreamGroup _group;
    private StreamConsumer _consumer;
    private bool _isChanged;

    internal StreamReader(ShardScope shard, Arguments args, scoped in StreamRead read, int stream)
    {
        (_read, _stream) = (read, stream);
        _shard = shard;
        _args = args;
        _key = args.Key(read.StreamsAt + stream);
    }

    /// <summary>The last id that was written, or behind which to begin.</summary>
    internal StreamId After;

    /// <summary>What was delivered before is read again, not what is new.</summary>
    internal bool IsHistory;

    /// <summary>Entries that were written.</summary>
    internal long Written;

    /// <summary>There is no memory for more of what would be pending.</summary>
    internal bool IsRefused;

    internal static StreamView ViewOf(ShardScope shard, Key key)
    {
        Entry entry = shard.Peek(key);
        return entry.Exists && entry.Type == Core.Structures.ValueType.Stream ? new StreamView(shard.View(entry)) : default;
    }

    /// <summary>Is there something to be read? Then it is open; a group's consumer is there, or refused, in any case.</summary>
    internal bool TryBegin(scoped Span<StreamId> kept)
    {
        if (_read.IsOfGroup) return TryBeginGroup(kept);
        Entry entry = _shard.Find(_key);
        if (!entry.Exists) return false;
        var stream = new StreamView(_shard.View(entry));
        After = _read.IdOf(_args, _stream, stream, kept);
        return stream.Count != 0 && stream.LastEntryId > After;
    }

    private bool TryBeginGroup(scoped Span<StreamId> kept)
    {
        _ = _shard.Find(_key);
        _edit = new Edit(_shard, _key);
        StreamView stream = View;
        _group = stream.FindGroup(_args[_read.GroupAt]);
        After = _read.IdOf(_args, _stream, stream, kept);
        IsHistory = After != StreamId.Max;
        bool hasSomething = IsHistory || stream.Count != 0 && stream.LastEntryId > _group.LastId;
        if (!IsHistory) After = _group.LastId;
        OpenConsumer();
        if (hasSomething && _consumer.Exists) return true;
        End();
        return false;
    }

    /// <summary>Goes on behind an id, after other work on the shard.</summary>
    internal void Resume(StreamId after, bool isHistory)
    {
        (After, IsHistory) = (after, isHistory);
        if (!_read.IsOfGroup) return;
        _isChanged = true;
        _edit = new Edit(_shard, _key);
        _group = View.FindGroup(_args[_read.GroupAt]);
        _consumer = _group.FindConsumer(_args[_read.GroupAt + 1]);
    }

    private readonly StreamView View => new(_shard.View(_edit.Entry));

    [UnscopedRef]
    private StreamEditor Editor => new(_edit.Slot, _shard.Settings.StreamLimits);

    private void OpenConsumer()
    {
        ReadOnlySpan<byte> name = _args[_read.GroupAt + 1];
        _consumer = _group.FindConsumer(name);
        if (_consumer.Exists)
        {
            StreamEditor.SetSeen(_consumer, _shard.NowMs);
            return;
        }
        IsRefused = !Editor.AddConsumer(_group, name, _shard.NowMs, -1).Exists;
        if (IsRefused) return;
        _consumer = _group.FindConsumer(name);
        _isChanged = true;
        _edit.AlsoBeside(EventClass.Stream, "xgroup-createconsumer"u8, Effect.State);
    }

    /// <summary>Writes at most so many more entries; false when there are no more.</summary>
    internal bool Go(int entries, scoped ref ReplyWriter reply)
    {
        if (_read.IsOfGroup && IsHistory) return GoOverHistory(entries, ref reply);
        if (!After.TryNext(out StreamId from)) return false;
        StreamWalk walk = (_read.IsOfGroup ? View : ViewOf(_shard, _key)).Walk(from, StreamId.Max, false);
        for (; Written < _read.CountMax && walk.Next(out StreamEntry entry); Written++)
        {
            if (entries-- == 0) return true;
            if (_read.IsOfGroup && !TryDeliver(entry.Id)) return false;
            After = entry.Id;
            StreamValue.Write(entry, ref reply);
        }
        return false;
    }

    private bool TryDeliver(StreamId id)
    {
        if (!_read.HasNoAck)
        {
            IsRefused = !Editor.SetPending(_group, _consumer, id, _shard.NowMs, 1);
            if (IsRefused) return false;
            StreamEditor.SetActive(_consumer, _shard.NowMs);
        }
        StreamEditor.SetRead(_group, id, View.ReadWith(_group, id));
        _isChanged = true;
        return true;
    }

    /// <summary>What is pending for the consumer; an entry that is gone is told without its fields.</summary>
    private bool GoOverHistory(int entries, scoped ref ReplyWriter reply)
    {
        if (!After.TryNext(out StreamId from)) return false;
        StreamView view = View;
        PendingWalk walk = _consumer.Pending(from);
        for (; Written < _read.CountMax && walk.Next(out PendingEntry pending); Written++)
        {
            if (entries-- == 0) return true;
            After = pending.Id;
            if (StreamValue.TryWrite(view, After, ref reply))
            {
                StreamEditor.SetDelivery(pending, _shard.NowMs, pending.Deliveries + 1);
                _isChanged = true;
                continue;
            }
            reply.Array(2);
            StreamIds.Write(After, ref reply);
            reply.NullArray();
        }
        return false;
    }

    /// <summary>Closes the stream.</summary>
    internal void End()
    {
        if (!_read.IsOfGroup) return;
        if (_isChanged) _edit.CommitBeside(EventClass.None, "xreadgroup"u8, Effect.State);
        else _edit.Abandon();
    }

    /// <summary>Closes the stream until it is read on, under its lock.</summary>
    internal readonly void Pause()
    {
        if (_read.IsOfGroup) _edit.Pause();
    }
}
