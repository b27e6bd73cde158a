using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A stream beside the naive model of it; every operation is done on both and compared.</summary>
internal sealed class StreamModel(KeyTable keys, Arena arena, StreamLimits limits)
{
    private readonly List<(StreamId Id, byte[][] Pairs)> _entries = [];
    private readonly SortedDictionary<byte[], Group> _groups = new(new ByBytes());
    private StreamId _lastId, _maxDeletedId;
    private long _added;

    private sealed class Group
    {
        public StreamId LastId { get; set; }
        public long Read { get; set; }
        public SortedDictionary<byte[], (long Seen, long Active)> Consumers { get; } = new(new ByBytes());
        public SortedDictionary<StreamId, (byte[] Consumer, long DeliveredMs, long Deliveries)> Pending { get; } = [];
    }

    private sealed class ByBytes : IComparer<byte[]>
    {
        public int Compare(byte[]? left, byte[]? right) => left.AsSpan().SequenceCompareTo(right);
    }

    public byte[] Name { get; init; } = "stream"u8.ToArray();

    public bool MayRefuse { get; init; }

    public int Count => _entries.Count;

    /// <summary>What is done, to which place, how often, of what size, of how many different ones.</summary>
    public void Do((int Kind, int At, int Count, int Size, int Seed) step)
    {
        switch (step.Kind)
        {
            case 0 or 1 or 2:
                for (var i = 0; i < step.Count; i++) Add(step.At + i, step.Size, step.Seed);
                break;
            case 3:
                Delete(IdOf(step.At));
                break;
            case 4:
                Trim(new StreamTrim { Kind = StreamTrimKind.ByCount, CountMax = step.At % (Count + 1), IsApproximate = step.Seed % 2 == 0 });
                break;
            case 5:
                Trim(new StreamTrim { Kind = StreamTrimKind.ById, MinId = IdOf(step.At), IsApproximate = step.Seed % 2 == 0, Limit = step.Seed });
                break;
            case 6:
                AddGroup(NameOf(step.Seed), IdOf(step.At), step.At);
                break;
            case 7 when step.Seed % 5 == 0:
                RemoveGroup(NameOf(step.Seed / 5));
                break;
            case 8 when step.Seed % 5 == 0:
                RemoveConsumer(GroupOf(step.At), NameOf(step.Count), 1 + step.Size % 7);
                break;
            case 8 or 7:
                AddConsumer(GroupOf(step.At), NameOf(step.Count), step.At, step.Size);
                break;
            case 9 or 10:
                for (var i = 0; i < step.Count; i++) SetPending(GroupOf(step.At), NameOf(step.Seed + i % 3), IdOf(step.At + i * 7), step.Size, i);
                break;
            case 11:
                for (var i = 0; i < step.Count; i++) RemovePending(GroupOf(step.At), IdOf(step.At + i * 7));
                break;
            default:
                CheckRange(IdOf(step.At), IdOf(step.At + step.Count), step.Seed % 2 == 0);
                break;
        }
        arena.Settle();
        Check();
    }

    // ---- entries ----

    public void Add(int at, int size, int seed)
    {
        var id = at % 3 == 0 ? new StreamId(_lastId.Ms + (ulong)(at % 50_000), (ulong)(at % 7)) : new StreamId(_lastId.Ms, _lastId.Sequence + 1);
        if (id <= _lastId) id = new StreamId(_lastId.Ms + 1, 0);
        var pairs = new byte[2 * (1 + seed % 3)][];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = i % 2 == 0 ? Text(4 + seed % 2, i) : Text(size, at + i);
        Add(id, pairs);
    }

    public void Add(StreamId id, params byte[][] pairs)
    {
        var entry = Find();
        var wasThere = entry.Exists;
        var editor = Editor(ref entry);
        var pinned = GC.AllocateUninitializedArray<byte>(Math.Max(1, pairs.Sum(v => v.Length)), pinned: true);
        var slices = new ArgumentSlice[pairs.Length];
        for (int i = 0, from = 0; i < pairs.Length; from += pairs[i++].Length)
        {
            pairs[i].CopyTo(pinned, from);
            slices[i] = ArgumentSlice.From(pinned.AsSpan(from, pairs[i].Length));
        }
        var isDone = editor.Create() && editor.Append(id, new Arguments(slices));
        // The slices are addresses, which keep nothing.
        GC.KeepAlive(pinned);
        if (!Judge(isDone))
        {
            if (!wasThere && Find().Exists) Drop();
            return;
        }
        _entries.Add((id, pairs));
        _lastId = id;
        _added++;
    }

    private void Delete(StreamId id)
    {
        var entry = Find();
        if (!entry.Exists) return;
        var at = _entries.FindIndex(e => e.Id == id);
        Assert.Equal(at >= 0, Editor(ref entry).Delete(id));
        if (at < 0) return;
        _entries.RemoveAt(at);
        if (id > _maxDeletedId) _maxDeletedId = id;
    }

    private void Trim(StreamTrim trim)
    {
        var entry = Find();
        if (!entry.Exists) return;
        long wanted = trim.Kind == StreamTrimKind.ByCount ? Math.Max(0, Count - trim.CountMax) : _entries.Count(e => e.Id < trim.MinId);
        var editor = Editor(ref entry);
        long removed = 0;
        for (var isDone = false; !isDone;) removed += editor.Trim(in trim, trim.Limit == 0 ? 1 : 1000, out isDone);
        if (!trim.IsApproximate && trim.Limit == 0) Assert.Equal(wanted, removed);
        Assert.InRange(removed, 0, wanted);
        _entries.RemoveRange(0, (int)removed);
    }

    // ---- groups ----

    private void AddGroup(byte[] name, StreamId lastId, long read)
    {
        var entry = Find();
        if (!entry.Exists || _groups.ContainsKey(name)) return;
        if (Judge(Editor(ref entry).AddGroup(name, lastId, read).Exists)) _groups[name] = new Group { LastId = lastId, Read = read };
    }

    private void RemoveGroup(byte[] name)
    {
        var entry = Find();
        if (!entry.Exists) return;
        Assert.Equal(_groups.Remove(name), Editor(ref entry).RemoveGroup(name));
        // In steps, as the sweeper does it.
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
    }

    private void AddConsumer(byte[]? group, byte[] name, long seen, long active)
    {
        if (group is null || _groups[group].Consumers.ContainsKey(name)) return;
        var entry = Find();
        var editor = Editor(ref entry);
        if (Judge(editor.AddConsumer(editor.View.FindGroup(group), name, seen, active).Exists)) _groups[group].Consumers[name] = (seen, active);
    }

    private void RemoveConsumer(byte[]? group, byte[] name, int budget)
    {
        if (group is null || !_groups[group].Consumers.Remove(name)) return;
        var entry = Find();
        var editor = Editor(ref entry);
        var there = editor.View.FindGroup(group);
        while (!editor.RemoveConsumer(there, there.FindConsumer(name), budget)) Check(whole: false);
        var pending = _groups[group].Pending;
        foreach (var id in pending.Where(p => p.Value.Consumer.AsSpan().SequenceEqual(name)).Select(p => p.Key).ToList()) pending.Remove(id);
    }

    private void SetPending(byte[]? group, byte[] name, StreamId id, long deliveredMs, long deliveries)
    {
        if (group is null || !_groups[group].Consumers.ContainsKey(name)) return;
        var entry = Find();
        var editor = Editor(ref entry);
        var there = editor.View.FindGroup(group);
        if (Judge(editor.SetPending(there, there.FindConsumer(name), id, deliveredMs, deliveries)))
            _groups[group].Pending[id] = (name, deliveredMs, deliveries);
    }

    private void RemovePending(byte[]? group, StreamId id)
    {
        if (group is null) return;
        var entry = Find();
        var editor = Editor(ref entry);
        var there = editor.View.FindGroup(group);
        var pending = there.FindPending(id);
        Assert.Equal(_groups[group].Pending.Remove(id), pending.Exists);
        if (pending.Exists) editor.RemovePending(there, pending);
    }

    // ---- check ----

    private bool Judge(bool isDone)
    {
        Assert.True(isDone || MayRefuse);
        return isDone;
    }

    private void Check(bool whole = true)
    {
        var view = View();
        view.Verify(MayRefuse);
        if (!whole) return;
        Assert.Equal(Count, view.Count);
        Assert.Equal(_groups.Count, view.GroupCount);
        if (!view.Exists) return;
        Assert.Equal(Count == 0 ? default : _entries[0].Id, view.FirstId);
        Assert.Equal(Count == 0 ? default : _entries[^1].Id, view.LastEntryId);
        Assert.Equal((_lastId, _maxDeletedId, _added), (view.LastId, view.MaxDeletedId, view.EntriesAdded));
    }

    public void CheckWhole() => CheckWhole(View());

    private void CheckWhole(StreamView view)
    {
        view.Verify(MayRefuse);
        CheckRange(view, default, StreamId.Max, false);
        CheckRange(view, default, StreamId.Max, true);
        long at = 0;
        foreach (var (name, expected) in _groups)
        {
            var group = view.GroupAt(at++);
            Assert.Equal(name, group.Name.ToArray());
            Assert.Equal((expected.LastId, expected.Read), (group.LastId, group.EntriesRead));
            Assert.Equal(expected.Consumers.Count, group.ConsumerCount);
            CheckPending(group.Pending(default), expected.Pending);
            long index = 0;
            foreach (var (consumer, times) in expected.Consumers)
            {
                var there = group.ConsumerAt(index++);
                Assert.Equal(consumer, there.Name.ToArray());
                Assert.Equal(times, (there.SeenMs, there.ActiveMs));
                CheckPending(there.Pending(default), expected.Pending.Where(p => p.Value.Consumer.AsSpan().SequenceEqual(consumer)));
            }
        }
    }

    private static void CheckPending(PendingWalk walk, IEnumerable<KeyValuePair<StreamId, (byte[] Consumer, long DeliveredMs, long Deliveries)>> expected)
    {
        foreach (var (id, (consumer, deliveredMs, deliveries)) in expected)
        {
            Assert.True(walk.Next(out var entry));
            Assert.Equal((id, deliveredMs, deliveries), (entry.Id, entry.DeliveredMs, entry.Deliveries));
            Assert.Equal(consumer, entry.Consumer.Name.ToArray());
        }
        Assert.False(walk.Next(out _));
    }

    private void CheckRange(StreamId from, StreamId to, bool backwards) => CheckRange(View(), from, to, backwards);

    private void CheckRange(StreamView view, StreamId from, StreamId to, bool backwards)
    {
        var expected = _entries.Where(e => e.Id >= from && e.Id <= to).ToList();
        if (backwards) expected.Reverse();
        var walk = view.Walk(from, to, backwards);
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        foreach (var (id, pairs) in expected)
        {
            Assert.True(walk.Next(out var entry));
            Assert.Equal((id, pairs.Length / 2), (entry.Id, entry.FieldCount));
            for (var i = 0; i < pairs.Length; i += 2)
            {
                entry.Next(out var field, out var value);
                Assert.True(field.Text(scratch).SequenceEqual(pairs[i]));
                Assert.True(value.Text(scratch).SequenceEqual(pairs[i + 1]));
            }
        }
        Assert.False(walk.Next(out _));
    }

    /// <summary>A copy, and one put together of what a snapshot would hold.</summary>
    public void CheckCopies()
    {
        var entry = Find();
        if (!entry.Exists) return;
        var other = "copy"u8.ToArray();
        var copy = keys.Entries.Find(KeyTableModel.HashKey.Hash(other), other);
        ValueCopyTests.Copy(keys, Name, ref copy, other);
        CheckWhole(new StreamView(new ValueView(copy, keys.Entries)));
        keys.Entries.Delete(ref copy);
        copy = keys.Entries.Find(KeyTableModel.HashKey.Hash(other), other);
        Restore(new StreamEditor(new ValueSlot(ref copy, keys.Entries, other), limits));
        CheckWhole(new StreamView(new ValueView(copy, keys.Entries)));
        keys.Entries.Delete(ref copy);
    }

    private void Restore(StreamEditor editor)
    {
        var view = View();
        Assert.True(editor.Create());
        var nodes = view.Nodes;
        while (nodes.Next())
        {
            Assert.True(StreamNode.TryCheck(nodes.Id, nodes.Elements, out var figures));
            Assert.True(editor.AppendNode(nodes.Id, nodes.Elements, in figures));
        }
        editor.SetFigures(view.Count, view.FirstId, view.LastId, view.MaxDeletedId, view.EntriesAdded);
        foreach (var (name, expected) in _groups)
        {
            var group = editor.AddGroup(name, expected.LastId, expected.Read);
            foreach (var (consumer, times) in expected.Consumers) Assert.True(editor.AddConsumer(group, consumer, times.Seen, times.Active).Exists);
            foreach (var (id, (consumer, deliveredMs, deliveries)) in expected.Pending)
                Assert.True(editor.SetPending(group, group.FindConsumer(consumer), id, deliveredMs, deliveries));
        }
    }

    /// <summary>What the stream says it takes is what the arena counts, but for its key's record and the table.</summary>
    public void CheckBytes(long without)
    {
        var view = View();
        if (view.Exists) Assert.Equal(arena.UsedBytes - without, view.Store.UsedBytes);
    }

    public void Drop()
    {
        var entry = Find();
        if (entry.Exists) keys.Entries.Delete(ref entry);
        _entries.Clear();
        _groups.Clear();
        (_lastId, _maxDeletedId, _added) = (default, default, 0);
    }

    public StreamView View() => new(new ValueView(Find(), keys.Entries));

    private Entry Find() => keys.Entries.Find(KeyTableModel.HashKey.Hash(Name), Name);

    private StreamEditor Editor(ref Entry entry) => new(new ValueSlot(ref entry, keys.Entries, Name), limits);

    /// <summary>An entry's id, or one that is near to one.</summary>
    private StreamId IdOf(int at)
    {
        if (Count == 0) return new StreamId((ulong)at, 0);
        var id = _entries[at % Count].Id;
        return at % 11 == 0 && id.TryNext(out var next) ? next : id;
    }

    private byte[]? GroupOf(int at) => _groups.Count == 0 ? null : _groups.Keys.ElementAt(at % _groups.Count);

    private static byte[] NameOf(int seed) => Text(seed % 9 == 8 ? 17_000 : seed % 9, seed % 9);

    /// <summary>The same text for the same size and number, sometimes a whole number.</summary>
    private static byte[] Text(int size, int seed) =>
        [.. Enumerable.Range(0, size).Select(i => (byte)(seed % 4 == 0 ? '1' + (seed + i) % 9 : i == 0 ? seed : i * 7))];
}
