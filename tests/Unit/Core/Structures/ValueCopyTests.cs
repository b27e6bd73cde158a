using System.Globalization;
using System.Text;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Xunit;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Tests.Unit.Core.Structures;

/// <summary>What lies behind a root goes to another one; those of lists and streams are beside their models.</summary>
public sealed class ValueCopyTests
{
    private static readonly byte[] From = "from"u8.ToArray(), To = "to"u8.ToArray();

    /// <summary>Copies a key's large value to another key that is not there; returns how many batches that took.</summary>
    internal static int Copy(KeyTable keys, byte[] from, ref Entry copy, byte[] name)
    {
        var source = Find(keys, from);
        var slot = new ValueSlot(ref copy, keys.Entries, name);
        Assert.True(slot.MakeEmpty(source.Type));
        var batches = TryCopy(keys, from, slot);
        Assert.NotEqual(0, batches);
        return batches;
    }

    /// <summary>0 where memory was refused.</summary>
    private static int TryCopy(KeyTable keys, byte[] from, ValueSlot slot)
    {
        var copy = default(ValueCopy);
        var batches = 0;
        do
        {
            copy.Take(new ValueView(Find(keys, from), keys.Entries));
            Assert.False(copy.IsRefused);
            copy.Put(slot);
            batches++;
        }
        while (!copy.IsOver && !copy.IsRefused);
        copy.Release();
        return copy.IsRefused ? 0 : batches;
    }

    private static Entry Find(KeyTable keys, byte[] name) => keys.Entries.Find(KeyTableModel.HashKey.Hash(name), name);

    private static byte[] Text(int number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Members, of which some expire, some are numbers, and some have values in blocks.</summary>
    private static void Fill(KeyTable keys, Arena arena, ValueType type, int count)
    {
        var entry = Find(keys, From);
        var slot = new ValueSlot(ref entry, keys.Entries, From);
        Assert.True(slot.MakeEmpty(type));
        var members = slot.Members;
        for (var i = 0; i < count; i++)
        {
            byte[] member = i % 3 == 0 ? Text(i) : Encoding.ASCII.GetBytes($"member {i}");
            var place = members.Find(member);
            var expireAtMs = i % 5 == 0 ? 4_000_000_000_000 + i : 0;
            var isAdded = type switch
            {
                ValueType.SortedSet => ValueRoots.AddScored(arena, slot.View.Root, members, ref place, member, i % 50 / 7.0, 0),
                ValueType.Set => members.SetString(ref place, member, default, expireAtMs),
                _ => i % 100 == 1 ? members.SetString(ref place, member, new byte[20_000], expireAtMs)
                    : i % 2 == 0 ? members.SetInteger(ref place, member, i, expireAtMs) : members.SetString(ref place, member, "text"u8, expireAtMs),
            };
            Assert.True(isAdded);
        }
    }

    [Theory]
    [InlineData(ValueType.Hash, 0)]
    [InlineData(ValueType.Hash, 1)]
    [InlineData(ValueType.Hash, 20_000)]
    [InlineData(ValueType.Set, 20_000)]
    [InlineData(ValueType.SortedSet, 0)]
    [InlineData(ValueType.SortedSet, 32)]
    [InlineData(ValueType.SortedSet, 20_000)]
    public void EveryMemberIsCopiedInBoundedBatches(ValueType type, int count)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 64 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            Fill(keys, arena, type, count);
            var copy = Find(keys, To);
            var batches = Copy(keys, From, ref copy, To);
            // Three elements of a member or four, and what the last bucket adds.
            Assert.InRange(batches, Math.Max(1, count / 1000), Math.Max(1, count / 400));
            var source = new ValueView(Find(keys, From), keys.Entries);
            var copied = new ValueView(copy, keys.Entries);
            Assert.Equal(count, copied.Members.Count);
            var checker = new Checker { Others = copied.Members };
            for (ulong position = 0; ;)
            {
                position = source.Members.Walk(position, ref checker);
                if (position == 0) break;
            }
            Assert.Equal(count, checker.Seen);
            if (type == ValueType.SortedSet) ValueRoots.TreeOf(arena, copied.Root).Verify();
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 3)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    [Theory]
    [InlineData(ValueType.Hash, 50_000)]
    [InlineData(ValueType.SortedSet, 30_000)]
    public void WhatIsRefusedLeavesTheSourceAsItWas(ValueType type, int count)
    {
        using var arena = new Arena(new ArenaOptions { ReserveBytes = 4 << 20, ReserveBytesMin = 4 << 20 });
        using (var keys = new KeyTable(arena, KeyTableModel.HashKey))
        {
            Fill(keys, arena, type, count);
            var copy = Find(keys, To);
            var slot = new ValueSlot(ref copy, keys.Entries, To);
            Assert.True(slot.MakeEmpty(type));
            Assert.Equal(0, TryCopy(keys, From, slot));
            keys.Entries.Delete(ref copy);
            while (arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
            var source = new ValueView(Find(keys, From), keys.Entries);
            Assert.Equal(count, source.Members.Count);
            if (type == ValueType.SortedSet) ValueRoots.TreeOf(arena, source.Root).Verify();
        }
        while (arena.FreeDoomed(KeyTableModel.HashKey, 100)) { }
        arena.Settle();
        Assert.Equal(0, arena.UsedBytes);
    }

    private ref struct Checker : IEntryVisitor
    {
        public EntryTable Others;
        public int Seen;

        public void Visit(ref Entry entry)
        {
            Seen++;
            var other = Others.Find(entry.Key);
            Assert.True(other.Exists);
            Assert.Equal((entry.ExpireAtMs, entry.Encoding), (other.ExpireAtMs, other.Encoding));
            if (entry.TryGetInteger(out var number)) Assert.True(other.TryGetInteger(out var same) && same == number);
            else Assert.True(entry.Bytes.SequenceEqual(other.Bytes));
            // A block is shared.
            Assert.Equal(entry.Block, other.Block);
        }
    }
}
