using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Rdb;
using Anax.Core.Structures;
using Anax.Core.Text;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Tests.Fuzz;

/// <summary>A place for one value, in an arena of its own: reads it from bytes, writes it to bytes, shows what it is.</summary>
public sealed class LoadedValue : IDisposable
{
    private static readonly HashKey HashKey = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);
    private static readonly byte[] Key = "key"u8.ToArray();

    private readonly Arena _arena;
    private readonly KeyTable _keys;
    private readonly LzfPacker _packer = new();

    public LoadedValue(long reserveBytes = 64 << 20)
    {
        _arena = new Arena(new ArenaOptions { ReserveBytes = reserveBytes, ReserveBytesMin = reserveBytes });
        _keys = new KeyTable(_arena, HashKey);
        // The table has its first segment from here on.
        Edit(slot => slot.SetString("first"));
        Delete();
        EmptyBytes = _arena.UsedBytes;
    }

    public static RdbLimits Limits { get; } = new(new PackedLimits(512, 64), SetLimits.Default, new PackedLimits(128, 64), ListLimit.Default);

    /// <summary>What an empty place takes.</summary>
    public long EmptyBytes { get; }

    public long UsedBytes => _arena.UsedBytes;

    public bool Exists => Find().Exists;

    public ValueView View => new(Find(), _keys.Entries);

    /// <summary>Opens the place for a change by an editor.</summary>
    public void Edit(Action<Slot> change) => change(new Slot(this));

    /// <summary>Lends the place's slot, which refers to an entry on the stack of who uses it.</summary>
    public sealed class Slot(LoadedValue value)
    {
        public bool SetString(string text)
        {
            Entry entry = value.Find();
            byte[] bytes = Encoding.Latin1.GetBytes(text);
            return Numbers.TryParseLong(bytes, out long number)
                ? value._keys.Entries.SetInteger(ref entry, Key, number, 0) : value._keys.Entries.SetString(ref entry, Key, bytes, 0);
        }

        public void SetField(string field, string text, long expireAtMs, RdbLimits limits)
        {
            Entry entry = value.Find();
            var hash = new HashEditor(new ValueSlot(ref entry, value._keys.Entries, Key), limits.Hashes, 0);
            hash.Set(Encoding.Latin1.GetBytes(field), Encoding.Latin1.GetBytes(text), expireAtMs, default, out _);
        }

        public void AddMember(string member, long expireAtMs, RdbLimits limits)
        {
            Entry entry = value.Find();
            var set = new SetEditor(new ValueSlot(ref entry, value._keys.Entries, Key), limits.Sets, 0);
            if (expireAtMs == 0) set.Add(Encoding.Latin1.GetBytes(member), 1);
            else set.AddExpiring(Encoding.Latin1.GetBytes(member), expireAtMs, keepExpiry: false);
        }

        public void AddScored(string member, double score, RdbLimits limits, long expireAtMs = 0)
        {
            Entry entry = value.Find();
            var set = new SortedSetEditor(new ValueSlot(ref entry, value._keys.Entries, Key), limits.SortedSets, 0);
            set.Set(Encoding.Latin1.GetBytes(member), ref score, ScoreRule.None);
            if (expireAtMs != 0) set.SetExpiry(Encoding.Latin1.GetBytes(member), expireAtMs);
        }

        /// <summary>Makes a stream where there is none, and changes it.</summary>
        public void Stream(StreamLimits limits, Action<StreamEditor> change)
        {
            Entry entry = value.Find();
            var stream = new StreamEditor(new ValueSlot(ref entry, value._keys.Entries, Key), limits);
            if (stream.Create()) change(stream);
        }

        public void Push(string element, RdbLimits limits)
        {
            Entry entry = value.Find();
            new ListEditor(new ValueSlot(ref entry, value._keys.Entries, Key), limits.Lists).Push(true, Encoding.Latin1.GetBytes(element), default);
        }
    }

    /// <summary>Reads a value into the place, which must be empty. What was built is gone unless it is done.</summary>
    public RdbLoad Load(byte[] bytes, int version, RdbLimits limits)
    {
        var state = new RdbLoadState();
        Entry entry = Find();
        var loader = new RdbLoader(bytes, version, ref state, new ValueSlot(ref entry, _keys.Entries, Key), limits);
        RdbLoad outcome;
        do outcome = loader.Step();
        while (outcome == RdbLoad.GoesOn);
        state.Release();
        if (outcome != RdbLoad.Done) Delete();
        return outcome;
    }

    public byte[] Save(bool compresses = true)
    {
        var writer = new RdbWriter<Sink>(new Sink([]), _packer, compresses);
        ulong position = 0;
        UInt128 mark = 0;
        do RdbSaver.Step(View, ref position, ref mark, ref writer);
        while (position != 0);
        return [.. writer.Sink.Bytes];
    }

    public void Delete()
    {
        Entry entry = Find();
        if (entry.Exists) _keys.Entries.Delete(ref entry);
        _arena.Settle();
        while (_arena.FreeDoomed(HashKey, 100)) { }
        _arena.Settle();
    }

    /// <summary>Type, encoding and all elements with what belongs to them; those that have no order are sorted.</summary>
    public string Describe()
    {
        ValueView view = View;
        if (!view.Exists) return "nothing";
        var elements = new List<string>();
        string layout = view.HasRoot ? "large" : "packed";
        switch (view.Type)
        {
            case ValueType.List:
                ListWalk walk = new ListView(view).Walk(0, backwards: false);
                while (walk.Next(out ListItem item)) elements.Add(TextOf(item.Item));
                break;
            case ValueType.Set:
                var set = new SetView(view, 0);
                layout = $"{set.Encoding}";
                var members = new Members { Elements = elements };
                _ = set.Walk(0, int.MaxValue, ref members);
                for (int i = 0; i < elements.Count; i++) elements[i] += $" until {set.ExpiryOf(Encoding.Latin1.GetBytes(elements[i]))}";
                elements.Sort(StringComparer.Ordinal);
                break;
            case ValueType.SortedSet:
                var scored = new Members { Elements = elements, HasScores = true };
                var sorted = new SortedSetView(view, 0);
                sorted.Walk(0, long.MaxValue, false, ref scored);
                for (int i = 0; i < elements.Count && sorted.HasExpiring; i++)
                {
                    string name = elements[i][..elements[i].LastIndexOf(" at ", StringComparison.Ordinal)];
                    elements[i] += $" until {sorted.ExpiryOf(Encoding.Latin1.GetBytes(name))}";
                }
                break;
            case ValueType.Hash:
                var fields = new Fields { Elements = elements };
                ulong position = 0;
                do position = new HashView(view).Walk(position, 0, ref fields);
                while (position != 0);
                if (view.HasRoot) elements.Sort(StringComparer.Ordinal);
                break;
            case ValueType.Stream:
                layout = "large";
                StreamText.Describe(new StreamView(view), elements);
                break;
            default:
                Entry entry = Find();
                elements.Add(entry.TryGetInteger(out long number) ? $":{number}" : Encoding.Latin1.GetString(entry.Bytes));
                break;
        }
        return $"{view.Type} {layout} {elements.Count}: {string.Join(", ", elements)}";
    }

    public void Dispose()
    {
        _packer.Dispose();
        _keys.Dispose();
        _arena.Dispose();
    }

    private Entry Find() => _keys.Entries.Find(HashKey.Hash(Key), Key);

    internal static string TextOf(PackedItem item)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        return Encoding.Latin1.GetString(item.Text(scratch));
    }

    private readonly struct Sink(List<byte> bytes) : IRdbSink
    {
        internal List<byte> Bytes { get; } = bytes;

        public void Write(scoped ReadOnlySpan<byte> written) => Bytes.AddRange(written);

        public void WriteBlock(NativeBlock block, int start, int length) => Bytes.AddRange(block.Bytes.Slice(start, length));
    }

    private readonly struct Members : IMemberReader
    {
        internal List<string> Elements { get; init; }
        internal bool HasScores { get; init; }

        public bool Visit(scoped PackedItem member, double score)
        {
            Elements.Add(TextOf(member) + (HasScores ? " at " + score.ToString("R", CultureInfo.InvariantCulture) : ""));
            return true;
        }
    }

    private readonly struct Fields : IFieldVisitor
    {
        internal List<string> Elements { get; init; }

        public void Visit(scoped PackedItem field, scoped in FieldValue value) =>
            Elements.Add($"{TextOf(field)} = {TextOf(value.Item)} until {value.ExpireAtMs}");
    }
}
