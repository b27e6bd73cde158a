using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>A key table beside the naive model of it; every operation is done on both and compared.</summary>
internal sealed class KeyTableModel : IDisposable
{
    public const long Now = 1_800_000_000_000;

    public static readonly HashKey HashKey = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);

    private readonly Dictionary<string, (byte[] Value, long ExpireAtMs)> _expected = [];
    private readonly HashSet<string> _sticky = [];

    public KeyTableModel(ArenaOptions? options = null)
    {
        Arena = new Arena(options ?? new ArenaOptions { ReserveBytes = 256 << 20 });
        Table = new KeyTable(Arena, HashKey);
    }

    public Arena Arena { get; }

    public KeyTable Table { get; }

    public IReadOnlyDictionary<string, (byte[] Value, long ExpireAtMs)> Expected => _expected;

    public Entry Find(string key)
    {
        var bytes = Encoding.Latin1.GetBytes(key);
        return Table.Entries.Find(HashKey.Hash(bytes), bytes);
    }

    public void Set(string key, byte[] value, long expireAtMs, bool raw = false)
    {
        var entry = Find(key);
        Assert.True(Table.Entries.SetString(ref entry, Encoding.Latin1.GetBytes(key), value, expireAtMs, raw));
        _expected[key] = (value, expireAtMs);
        Same(entry, key);
        Arena.Settle();
    }

    public void SetInteger(string key, long value, long expireAtMs)
    {
        var entry = Find(key);
        Assert.True(Table.Entries.SetInteger(ref entry, Encoding.Latin1.GetBytes(key), value, expireAtMs));
        _expected[key] = (Encoding.Latin1.GetBytes(value.ToString(CultureInfo.InvariantCulture)), expireAtMs);
        Same(entry, key);
        Arena.Settle();
    }

    public void Resize(string key, int length, byte fill)
    {
        var entry = Find(key);
        if (!entry.Exists) return;
        Assert.True(Table.Entries.Resize(ref entry, length, out var bytes));
        var (value, expireAtMs) = _expected[key];
        var resized = new byte[length];
        value.AsSpan(0, Math.Min(length, value.Length)).CopyTo(resized);
        if (length > 0) bytes[length / 2] = resized[length / 2] = fill;
        _expected[key] = (resized, expireAtMs);
        Same(entry, key);
        Arena.Settle();
    }

    public void SetExpiry(string key, long expireAtMs)
    {
        var entry = Find(key);
        if (!entry.Exists) return;
        Assert.True(Table.Entries.SetExpiry(ref entry, expireAtMs));
        _expected[key] = (_expected[key].Value, expireAtMs);
        Same(entry, key);
        Arena.Settle();
    }

    public void Stick(string key)
    {
        var entry = Find(key);
        if (!entry.Exists) return;
        Assert.True(Table.Entries.SetSticky(ref entry));
        _sticky.Add(key);
        Same(entry, key);
        Arena.Settle();
    }

    /// <summary>A number that comes from another key, sticky or not.</summary>
    public void SetAs(string key, long value, bool sticky)
    {
        var entry = Find(key);
        entry.StickAs(sticky);
        if (sticky) _sticky.Add(key);
        else _sticky.Remove(key);
        Assert.True(Table.Entries.SetInteger(ref entry, Encoding.Latin1.GetBytes(key), value, 0));
        _expected[key] = (Encoding.Latin1.GetBytes(value.ToString(CultureInfo.InvariantCulture)), 0);
        Same(entry, key);
        Arena.Settle();
    }

    public void Delete(string key)
    {
        var entry = Find(key);
        Assert.Equal(_expected.ContainsKey(key), entry.Exists);
        if (!entry.Exists) return;
        Table.Entries.Delete(ref entry);
        Assert.False(entry.Exists);
        Forget(key);
        Arena.Settle();
    }

    /// <summary>The table has dropped the key by itself.</summary>
    public void Forget(string key)
    {
        _expected.Remove(key);
        _sticky.Remove(key);
    }

    public void Look(string key)
    {
        var entry = Find(key);
        Assert.Equal(_expected.ContainsKey(key), entry.Exists);
        if (entry.Exists) Same(entry, key);
    }

    /// <summary>A whole round of the sweep: afterwards exactly what has expired is gone.</summary>
    public void Sweep(long nowMs, int budget = 64)
    {
        var state = new SweepState();
        var dropper = new Dropper { Table = Table };
        while (!Table.Entries.Sweep(ref state, nowMs, budget, ref dropper))
        {
        }
        foreach (var key in _expected.Keys.ToList())
            if (_expected[key].ExpireAtMs != 0 && _expected[key].ExpireAtMs <= nowMs) Forget(key);
        Assert.Equal(_expected.Count, Table.Entries.Count);
    }

    public void Check()
    {
        Table.Entries.Verify(Now);
        Assert.Equal(_expected.Count, Table.Entries.Count);
        Assert.Equal(_expected.Values.Count(v => v.ExpireAtMs != 0), Table.Entries.ExpiringCount);
        foreach (var key in _expected.Keys) Look(key);
        var collector = new Collector { Seen = [] };
        ulong position = 0;
        do position = Table.Entries.Walk(position, ref collector);
        while (position != 0);
        Assert.Equal(_expected.Count, collector.Seen.Count);
        foreach (var (key, times) in collector.Seen)
        {
            Assert.Equal(1, times);
            Assert.True(_expected.ContainsKey(key));
        }
    }

    public void Dispose()
    {
        Table.Dispose();
        Assert.Equal(0, Arena.UsedBytes);
        Arena.Dispose();
    }

    private void Same(in Entry entry, string key)
    {
        var (value, expireAtMs) = _expected[key];
        Assert.True(entry.Exists);
        Assert.Equal(key, Encoding.Latin1.GetString(entry.Key));
        Assert.Equal(expireAtMs, entry.ExpireAtMs);
        Assert.Equal(value.Length, entry.ValueLength);
        Assert.Equal(_sticky.Contains(key), entry.IsSticky);
        if (entry.TryGetInteger(out var number)) Assert.Equal(Encoding.Latin1.GetString(value), number.ToString(CultureInfo.InvariantCulture));
        else Assert.True(entry.Bytes.SequenceEqual(value));
    }

    private struct Dropper : IExpiryVisitor
    {
        public KeyTable Table;

        public readonly void Expired(ref Entry entry) => Table.Entries.Delete(ref entry);
    }

    internal struct Collector : IEntryVisitor
    {
        public Dictionary<string, int> Seen;

        public readonly void Visit(ref Entry entry)
        {
            var key = Encoding.Latin1.GetString(entry.Key);
            Seen[key] = Seen.GetValueOrDefault(key) + 1;
        }
    }
}
