using Anax.Core.Buffers;
using Anax.Core.Rdb;
using Anax.Core.Structures;
using Anax.Tests.Fuzz;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Rdb;

/// <summary>Streams are read as they were written, and no stream that is not whole.</summary>
public sealed class RdbStreamTests
{
    private const int Valkey = RdbVersion.Written;

    private static readonly Gen<(int Kind, int At, int Number)[]> Steps = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 200], Gen.Int[0, 40]).Array[0, 120];

    private static readonly byte[] Node = RdbBytes.Listpack(1, 0, 1, "f", 0, 2, 0, 0, "v", 4);

    private static string Load(byte[] bytes)
    {
        using var value = new LoadedValue();
        var outcome = value.Load(bytes, Valkey, LoadedValue.Limits);
        if (outcome == RdbLoad.Done) new StreamView(value.View).Verify();
        var text = outcome == RdbLoad.Done ? value.Describe() : $"{outcome}";
        value.Delete();
        Assert.Equal(value.EmptyBytes, value.UsedBytes);
        return text;
    }

    // ---- round trips ----

    [Fact]
    public void StreamsAreReadAsTheyWereWritten() => Gen.Select(Steps, Gen.Bool, Gen.Bool).Sample(
        run =>
        {
            using var first = new LoadedValue();
            using var second = new LoadedValue();
            first.Edit(slot => slot.Stream(run.Item2 ? new StreamLimits(60, 4) : new StreamLimits(4096, 100), stream => Fill(stream, run.Item1)));
            var saved = first.Save(run.Item3);
            Assert.Equal(RdbLoad.Done, second.Load(saved, Valkey, LoadedValue.Limits));
            Assert.Equal(first.Describe(), second.Describe());
            new StreamView(second.View).Verify();
            Assert.Equal(saved, second.Save(run.Item3));
            second.Delete();
            Assert.Equal(second.EmptyBytes, second.UsedBytes);
        }, iter: 300);

    /// <summary>Some of it many times, so that all that is written in several steps is.</summary>
    private static void Fill(StreamEditor stream, (int Kind, int At, int Number)[] steps)
    {
        foreach (var (kind, at, number) in steps)
        {
            var name = number % 3 == 0 ? "12"u8 : number % 3 == 1 ? "a long name of a group or a consumer, a long name"u8 : ""u8;
            var group = stream.View.GroupAt(at % 3);
            switch (kind)
            {
                case < 4:
                    Append(stream, number % 2 == 0 ? 1 + number % 5 : number, number);
                    break;
                case 4:
                    stream.Delete(IdOf(stream, at));
                    break;
                case 5 when !stream.View.FindGroup(name).Exists:
                    stream.AddGroup(name, IdOf(stream, at), number - 1);
                    break;
                case 6 when group.Exists && !group.FindConsumer(name).Exists:
                    stream.AddConsumer(group, name, at, number - 1);
                    break;
                case > 6 when group.Exists && group.ConsumerAt(number % 3).Exists:
                    for (var i = 0; i < number; i++)
                        stream.SetPending(group, group.ConsumerAt(number % 3), new StreamId((ulong)(at + i), ulong.MaxValue), at, number * 1000L);
                    break;
            }
        }
    }

    private static void Append(StreamEditor stream, int count, int seed)
    {
        for (var i = 0; i < count; i++)
        {
            var id = new StreamId(stream.View.LastId.Ms + (ulong)(i % 2), seed % 7 == 0 ? ulong.MaxValue : (ulong)seed);
            if (id <= stream.View.LastId) id = new StreamId(stream.View.LastId.Ms + 1, 0);
            byte[][] texts = ["field"u8.ToArray(), new byte[seed], [(byte)('0' + seed % 4)], [(byte)('0' + i % 10)]];
            var pinned = GC.AllocateUninitializedArray<byte>(texts.Sum(t => t.Length), pinned: true);
            var slices = new ArgumentSlice[texts.Length];
            for (int j = 0, from = 0; j < texts.Length; from += texts[j++].Length)
            {
                texts[j].CopyTo(pinned, from);
                slices[j] = ArgumentSlice.From(pinned.AsSpan(from, texts[j].Length));
            }
            Assert.True(stream.Append(id, new Arguments(slices)));
            GC.KeepAlive(pinned);
        }
    }

    private static StreamId IdOf(StreamEditor stream, int at)
    {
        var walk = stream.View.Walk(default, StreamId.Max, false);
        StreamId id = default;
        for (; at >= 0 && walk.Next(out var entry); at--) id = entry.Id;
        return id;
    }

    // ---- payloads of Valkey 9.1.2, taken from a running one ----

    [Theory]
    [InlineData("15011000000000000000010000000000000001405E5E0000001F00030101010201816602816702000102010001000181760281770205010301000101010501C2BC0205"
        + "0100010401DFFF020101856F746865720681780206010201F4C9667783630100000936018568656C6C6F0680010501FF038100000163837766CA37010101020402026731"
        + "8100000163837766CA370403000000000000000100000000000000010068E5CF8B0100004046000000000000000500000000000000008EC9DD2CA20100000100000163837766"
        + "CA0000000000000037B5C9DD2CA20100000102C00CB5C9DD2CA2010000B5C9DD2CA20100000100000163837766CA000000000000003705616C696365B7C9DD2CA2010000"
        + "B7C9DD2CA201000002000000000000000100000000000000010000000000000005000000000000000002673205000300010469646C6589C9DD2CA2010000FFFFFFFFFFFFFFFF"
        + "005000F6C6DEEE046ED872",
        "Stream large 13: 3 of 4, 1-1 to 1526919030474-55 without 1-2, 1-1 f = v g = w, 5-0 other = x, 1526919030474-55 f = hello g = , "
        + "group g1 at 1526919030474-55 read 4 pending 3, consumer 12 seen 1796049062325 active 1796049062325, "
        + "1526919030474-55 at 1796049062325 times 1, consumer alice seen 1796049062327 active 1796049062327, 1-1 at 1700000000000 times 70, "
        + "5-0 at 1796049062286 times 1, group g2 at 5-0 read 3 pending 0, consumer idle seen 1796049062281 active -1")]
    [InlineData("15000000000000000000010167000081FFFFFFFFFFFFFFFF0000500030071A7DA9024B0F",
        "Stream large 3: 0 of 0, 0-0 to 0-0 without 0-0, group g at 0-0 read -1 pending 0")]
    public void PayloadsOfValkeyAreReadAndWritten(string hex, string expected)
    {
        var payload = Convert.FromHexString(hex);
        using var value = new LoadedValue();
        Assert.Equal(RdbLoad.Done, value.Load(payload[..^DumpFooter.Bytes], Valkey, LoadedValue.Limits));
        Assert.Equal(expected, value.Describe());
        Assert.Equal(payload, RdbBytes.Payload(value.Save()));
    }

    // ---- what older servers wrote ----

    [Theory]
    [InlineData(15, "1 of 1, 7-1 to 9-0 without 0-0, 7-1 f = v, group g at 9-0 read 1 pending 1, consumer c seen 6 active 6, 7-1 at 5 times 2")]
    [InlineData(19, "1 of 8, 7-1 to 9-0 without 3-0, 7-1 f = v, group g at 9-0 read 4 pending 1, consumer c seen 6 active 6, 7-1 at 5 times 2")]
    [InlineData(21, "1 of 8, 7-1 to 9-0 without 3-0, 7-1 f = v, group g at 9-0 read 4 pending 1, consumer c seen 6 active 9, 7-1 at 5 times 2")]
    public void AllAges(byte type, string expected)
    {
        var bytes = new RdbBytes(type).Length(1).Length(16).Id(7, 1).Text(Node).Length(1).Length(9).Length(0);
        if (type != 15) bytes.Length(7).Length(1).Length(3).Length(0).Length(8);
        bytes.Length(1).Text("g").Length(9).Length(0);
        if (type != 15) bytes.Length(4);
        bytes.Length(1).Id(7, 1).Long(5).Length(2).Length(1).Text("c").Long(6);
        if (type == 21) bytes.Long(9);
        Assert.EndsWith(expected, Load(bytes.Length(1).Id(7, 1).ToArray()), StringComparison.Ordinal);
    }

    // ---- damage ----

    private static byte[] WithNode(byte[] listpack, int count = 1, ulong lastMs = 9) =>
        Figures(new RdbBytes(21).Length(1).Length(16).Id(7, 1).Text(listpack), count, lastMs).Length(0).ToArray();

    private static RdbBytes Figures(RdbBytes bytes, int count, ulong lastMs = 9, int added = 5) =>
        bytes.Length(count).Length((long)lastMs).Length(0).Length(7).Length(1).Length(0).Length(0).Length(added);

    [Fact]
    public void NodesMustBeWhole()
    {
        Assert.StartsWith("Stream", Load(WithNode(Node)), StringComparison.Ordinal);
        // As many entries as the figures tell, and none behind the last id.
        Assert.Equal("Damaged", Load(WithNode(Node, 2)));
        Assert.Equal("Damaged", Load(WithNode(Node, lastMs: 6)));
        Assert.Equal("Damaged", Load(Figures(new RdbBytes(21).Length(1).Length(16).Id(7, 1).Text(Node), 1, added: 0).Length(0).ToArray()));
        object[][] damaged =
        [
            [], [1], [1, 0], [0, 0, 1, "f", 0],                  // no entries
            [2, 0, 1, "f", 0, 2, 0, 0, "v", 4],                  // counters that tell otherwise
            [0, 1, 1, "f", 0, 2, 0, 0, "v", 4],
            [1, 1, 1, "f", 0, 2, 0, 0, "v", 4],
            ["x", 0, 1, "f", 0, 2, 0, 0, "v", 4],
            [1, 0, 2, "f", 0, 2, 0, 0, "v", 4],                  // fields that are not there
            [1, 0, -1, 2, 0, 0, 2],
            [1, 0, "f", "f", 0, 2, 0, 0, "v", 4],
            [1, 0, 1, "f", 1, 2, 0, 0, "v", 4],                  // the mark behind the fields
            [1, 0, 1, "f", 0, 4, 0, 0, "v", 4],                  // flags
            [1, 0, 1, "f", 0, -2, 0, 0, "v", 4],
            [1, 0, 1, "f", 0, "x", 0, 0, "v", 4],
            [1, 0, 1, "f", 0, 2, "x", 0, "v", 4],                // ids
            [1, 0, 1, "f", 0, 2, 0, -1, "v", 4],
            [1, 0, 1, "f", 0, 2, 0, 0, "v", 5],                  // how many elements there are
            [1, 0, 1, "f", 0, 0, 0, 0, -1, 2],
            [1, 0, 1, "f", 0, 0, 0, 0, long.MaxValue, "a", 6],
            [1, 0, 1, "f", 0, 2, 0, 0, "v", 4, 2, 0, 1, "v", 4], // more than are told of
            [2, 0, 1, "f", 0, 2, 0, 0, "v", 4, 2, 0, 0, "v", 4], // ids that do not rise
            [2, 0, 1, "f", 0, 2, 0, 5, "v", 4, 2, 0, 1, "v", 4],
        ];
        foreach (var items in damaged)
        {
            foreach (var count in new[] { 0, 1, 2 }) Assert.Equal("Damaged", Load(WithNode(RdbBytes.Listpack(items), count)));
        }
    }

    [Fact]
    public void WhatIsReadOfDamagedOnesIsWholeInItself()
    {
        using var value = new LoadedValue();
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < 40_000; seed++)
        {
            var random = new Random(seed);
            var (bytes, version) = RdbSamples.Any(random);
            if (bytes[0] is not (15 or 19 or 21)) continue;
            bytes[random.Next(1, bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : random.Next(4));
            if (value.Load(bytes, version, LoadedValue.Limits) == RdbLoad.Done)
            {
                new StreamView(value.View).Verify();
                read++;
            }
            else refused++;
            value.Delete();
            Assert.Equal(value.EmptyBytes, value.UsedBytes);
        }
        Assert.True(read > 500 && refused > 500, $"{read} were read, {refused} refused");
    }

    [Fact]
    public void NodesMustStandInTheirOrder()
    {
        byte[] With(ulong second) => Figures(
            new RdbBytes(21).Length(2).Length(16).Id(7, 1).Text(Node).Length(16).Id(second, 1).Text(Node), 2).Length(0).ToArray();
        Assert.StartsWith("Stream", Load(With(8)), StringComparison.Ordinal);
        Assert.Equal("Damaged", Load(With(7)));
        Assert.Equal("Damaged", Load(With(6)));
        Assert.Equal("Damaged", Load(Figures(new RdbBytes(21).Length(1).Length(15).Id(7, 1).Text(Node), 1).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Figures(new RdbBytes(21).Length(1).Length(16).Id(0, 0).Text(Node), 1).Length(0).ToArray()));
    }

    private static RdbBytes Group(RdbBytes bytes, string name, params ulong[] pending)
    {
        bytes.Text(name).Length(1).Length(0).Length(0).Length(pending.Length);
        foreach (var ms in pending) bytes.Id(ms, 0).Long(5).Length(1);
        return bytes;
    }

    private static RdbBytes Consumer(RdbBytes bytes, string name, params ulong[] owned)
    {
        bytes.Text(name).Long(5).Long(-1).Length(owned.Length);
        foreach (var ms in owned) bytes.Id(ms, 0);
        return bytes;
    }

    private static RdbBytes Groups(int count) => Figures(new RdbBytes(21).Length(0), 0).Length(count);

    [Fact]
    public void WhatIsPendingHasExactlyOneConsumer()
    {
        Assert.StartsWith("Stream", Load(Consumer(Consumer(Group(Groups(1), "g", 1, 2, 3).Length(2), "a", 1, 3), "b", 2).ToArray()), StringComparison.Ordinal);
        // In two of them, in none, in one but not in the group, twice in one, not in order.
        Assert.Equal("Damaged", Load(Consumer(Consumer(Group(Groups(1), "g", 1, 2).Length(2), "a", 1, 2), "b", 2).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 1, 2).Length(1), "a", 1).ToArray()));
        Assert.Equal("Damaged", Load(Group(Groups(1), "g", 1).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 1).Length(1), "a", 1, 2).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 1).Length(1), "a", 1, 1).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 2, 1).Length(1), "a", 1, 2).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 1, 2).Length(1), "a", 2, 1).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Group(Groups(1), "g", 1, 1).Length(1), "a", 1).ToArray()));
    }

    [Fact]
    public void NamesAreThereOnce()
    {
        Assert.StartsWith("Stream", Load(Group(Group(Groups(2), "g").Length(0), "h").Length(0).ToArray()), StringComparison.Ordinal);
        Assert.Equal("Damaged", Load(Group(Group(Groups(2), "g").Length(0), "g").Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Consumer(Consumer(Group(Groups(1), "g").Length(2), "a"), "a").ToArray()));
    }

    [Fact]
    public void NothingIsTakenForWhatIsOnlyClaimed()
    {
        Assert.Equal("Damaged", Load(Groups(1).ToArray()));
        Assert.Equal("Damaged", Load(Figures(new RdbBytes(21).Length(0), 0).Length(uint.MaxValue).ToArray()));
        Assert.Equal("Damaged", Load(Groups(1).Text("g").Length(1).Length(0).Length(0).Length(-1).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Group(Groups(1), "g").Length(-1).ToArray()));
        Assert.Equal("Damaged", Load(Group(Groups(1), "g").Length(1).Text("a").Long(5).Long(5).Length(-1).ToArray()));
        // Numbers below what they can be.
        Assert.Equal("Damaged", Load(Groups(1).Text("g").Length(1).Length(0).Length(-2).Length(0).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Group(Groups(1), "g").Length(1).Text("a").Long(-1).Long(5).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Group(Groups(1), "g").Length(1).Text("a").Long(1).Long(-2).Length(0).ToArray()));
        Assert.Equal("Damaged", Load(Groups(1).Text("g").Length(1).Length(0).Length(0).Length(1).Id(1, 0).Long(-5).Length(1)
            .Length(1).Text("a").Long(5).Long(5).Length(1).Id(1, 0).ToArray()));
        Assert.Equal("Damaged", Load(Groups(1).Text("g").Length(1).Length(0).Length(0).Length(1).Id(1, 0).Long(5).Length(-1)
            .Length(1).Text("a").Long(5).Long(5).Length(1).Id(1, 0).ToArray()));
    }

    [Fact]
    public void RefusedMemoryLeavesNothingBehind()
    {
        var ids = Enumerable.Range(1, 100_000).Select(i => (ulong)i).ToArray();
        using var value = new LoadedValue(4 << 20);
        var bytes = Consumer(Group(Groups(1), "g", ids).Length(1), "a", ids).ToArray();
        Assert.Equal(RdbLoad.Refused, value.Load(bytes, Valkey, LoadedValue.Limits));
        Assert.False(value.Exists);
        Assert.Equal(value.EmptyBytes, value.UsedBytes);
    }
}
