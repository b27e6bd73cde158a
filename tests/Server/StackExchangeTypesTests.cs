using StackExchange.Redis;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>All types through the API of StackExchange.Redis, on one shard and on four, in both protocols.</summary>
public sealed class StackExchangeTypesTests(StackExchangeTests.Servers servers) : IClassFixture<StackExchangeTests.Servers>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RedisKey[] _keys = [.. Enumerable.Range(0, 6).Select(i => (RedisKey)$"{Guid.NewGuid():N}:{i}")];

    public static TheoryData<int, RedisProtocol> Ways => StackExchangeTests.Ways;

    [Theory, MemberData(nameof(Ways))]
    public async Task Bitmaps(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        foreach (int bit in new[] { 1, 8, 9, 100 }) Assert.False(await db.StringSetBitAsync(_keys[0], bit, true));
        Assert.True(await db.StringSetBitAsync(_keys[0], 9, false));
        Assert.True(await db.StringGetBitAsync(_keys[0], 100));
        Assert.Equal(3, await db.StringBitCountAsync(_keys[0]));
        Assert.Equal(1, await db.StringBitCountAsync(_keys[0], 2, 50, StringIndexType.Bit));
        Assert.Equal(8, await db.StringBitPositionAsync(_keys[0], true, 1));
        await db.StringSetAsync(_keys[1], "\x40");
        Assert.Equal(13, await db.StringBitOperationAsync(Bitwise.And, _keys[2], _keys[0], _keys[1]));
        Assert.Equal(1, await db.StringBitCountAsync(_keys[2]));
        Assert.Equal(13, await db.StringBitOperationAsync(Bitwise.Or, _keys[3], _keys[..2]));
        Assert.Equal(3, await db.StringBitCountAsync(_keys[3]));
        Assert.Equal(13, await db.StringBitOperationAsync(Bitwise.Not, _keys[4], _keys[0]));
        Assert.Equal(101, await db.StringBitCountAsync(_keys[4]));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task HyperLogLogs(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        for (int key = 0; key < 3; key++)
            Assert.True(await db.HyperLogLogAddAsync(_keys[key], [.. Enumerable.Range(key * 500, 1000).Select(i => (RedisValue)$"element {i}")]));
        Assert.InRange(await db.HyperLogLogLengthAsync(_keys[0]), 950, 1050);
        Assert.InRange(await db.HyperLogLogLengthAsync(_keys[..3]), 1900, 2100);
        await db.HyperLogLogMergeAsync(_keys[3], _keys[..3]);
        Assert.Equal(await db.HyperLogLogLengthAsync(_keys[..3]), await db.HyperLogLogLengthAsync(_keys[3]));
        Assert.False(await db.HyperLogLogAddAsync(_keys[3], "element 7"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Lists(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        Assert.Equal(1000, await db.ListRightPushAsync(_keys[0], [.. Enumerable.Range(0, 1000).Select(i => (RedisValue)(i % 100))]));
        Assert.Equal(1001, await db.ListLeftPushAsync(_keys[0], "first"));
        Assert.Equal(["first", "0", "1"], Texts(await db.ListRangeAsync(_keys[0], 0, 2)));
        long[] places = await db.ListPositionsAsync(_keys[0], 5, 2);
        Assert.Equal([6L, 106L], places);
        Assert.Equal(1002, await db.ListInsertAfterAsync(_keys[0], 99, "after"));
        Assert.Equal("after", await db.ListGetByIndexAsync(_keys[0], 101));
        await db.ListSetByIndexAsync(_keys[0], -1, "last");
        Assert.Equal(2, await db.ListRemoveAsync(_keys[0], 3, 2));
        Assert.Equal("last", await db.ListMoveAsync(_keys[0], _keys[1], ListSide.Right, ListSide.Left));
        Assert.Equal("98", await db.ListRightPopLeftPushAsync(_keys[0], _keys[1]));
        ListPopResult popped = await db.ListLeftPopAsync([_keys[2], _keys[1], _keys[0]], 5);
        Assert.Equal(_keys[1], popped.Key);
        Assert.Equal(["98", "last"], Texts(popped.Values));
        await db.ListTrimAsync(_keys[0], 0, 3);
        Assert.Equal(["first", "0"], Texts(await db.ListLeftPopAsync(_keys[0], 2)));
        Assert.Equal(2, await db.ListLengthAsync(_keys[0]));
        Assert.True((await db.ListLeftPopAsync([_keys[2], _keys[3]], 1)).IsNull);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task HashesAndFieldsThatExpire(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        RedisKey key = _keys[0];
        await db.HashSetAsync(key, [new("a", 1), new("b", "two"), new("c", 2.5)]);
        Assert.Equal(5, await db.HashIncrementAsync(key, "a", 4));
        Assert.Equal(3.0, await db.HashIncrementAsync(key, "c", 0.5));
        Assert.False(await db.HashSetAsync(key, "a", 9, When.NotExists));
        Assert.Equal(["5", "two", null], (await db.HashGetAsync(key, ["a", "b", "x"])).Select(v => (string?)v));
        Assert.Equal(3, (await db.HashGetAllAsync(key)).Length);
        Assert.Equal(3, await db.HashStringLengthAsync(key, "b"));
        Assert.Equal(3, (await db.HashRandomFieldsAsync(key, 10)).Length);
        Assert.Equal(6, (await db.HashRandomFieldsWithValuesAsync(key, -6)).Length);

        Assert.Equal([ExpireResult.Success, ExpireResult.NoSuchField], await db.HashFieldExpireAsync(key, ["a", "x"], Minute));
        Assert.Equal([ExpireResult.ConditionNotMet], await db.HashFieldExpireAsync(key, ["a"], Minute / 2, ExpireWhen.GreaterThanCurrentExpiry));
        long[] left = await db.HashFieldGetTimeToLiveAsync(key, ["a", "b", "x"]);
        Assert.InRange(left[0], 50_000, 60_000);
        Assert.Equal([-1L, -2L], left[1..]);
        long at = (await db.HashFieldGetExpireDateTimeAsync(key, ["a"]))[0];
        Assert.InRange(at, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.Add(Minute).ToUnixTimeMilliseconds());
        Assert.Equal([PersistResult.Success, PersistResult.ConditionNotMet, PersistResult.NoSuchField], await db.HashFieldPersistAsync(key, ["a", "b", "x"]));

        Assert.Equal("5", await db.HashFieldGetAndSetExpiryAsync(key, "a", Minute));
        Assert.Equal(1, await db.HashFieldSetAndSetExpiryAsync(key, [new("d", 1), new("e", 2)], Minute));
        Assert.InRange((await db.HashFieldGetTimeToLiveAsync(key, ["d"]))[0], 50_000, 60_000);
        Assert.Equal(["1", "2"], Texts(await db.HashFieldGetAndDeleteAsync(key, ["d", "e"])));
        Assert.Equal(2, await db.HashDeleteAsync(key, ["b", "c", "x"]));
        await db.HashFieldExpireAsync(key, ["a"], TimeSpan.FromMilliseconds(20));
        await Task.Delay(40, TestContext.Current.CancellationToken);
        Assert.False(await db.HashExistsAsync(key, "a"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Sets(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        Assert.Equal(600, await db.SetAddAsync(_keys[0], [.. Enumerable.Range(0, 600).Select(i => (RedisValue)i)]));
        Assert.Equal(4, await db.SetAddAsync(_keys[1], [598, 599, 600, "text"]));
        bool[] contained = await db.SetContainsAsync(_keys[0], [5, 600]);
        Assert.Equal([true, false], contained);
        Assert.Equal(["598", "599"], Ordered(await db.SetCombineAsync(SetOperation.Intersect, _keys[0], _keys[1])));
        Assert.Equal(["600", "text"], Ordered(await db.SetCombineAsync(SetOperation.Difference, _keys[1], _keys[0])));
        Assert.Equal(602, await db.SetCombineAndStoreAsync(SetOperation.Union, _keys[2], _keys[..2]));
        Assert.Equal(1, await db.SetIntersectionLengthAsync(_keys[..2], 1));
        Assert.True(await db.SetMoveAsync(_keys[1], _keys[3], "text"));
        Assert.Equal(["text"], Texts(await db.SetMembersAsync(_keys[3])));
        Assert.Equal(20, (await db.SetRandomMembersAsync(_keys[0], 20)).Distinct().Count());
        RedisValue[] popped = await db.SetPopAsync(_keys[2], 100);
        Assert.Equal((100, 502L), (popped.Distinct().Count(), await db.SetLengthAsync(_keys[2])));
        Assert.Equal(2, await db.SetRemoveAsync(_keys[0], [1, 2, 1000]));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task SortedSets(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        Assert.Equal(300, await db.SortedSetAddAsync(_keys[0], [.. Enumerable.Range(0, 300).Select(i => new SortedSetEntry($"m{i:000}", i / 2.0))]));
        Assert.Equal(["m010", "m011"], Texts(await db.SortedSetRangeByRankAsync(_keys[0], 10, 11)));
        Assert.Equal(["m021"], Texts(await db.SortedSetRangeByScoreAsync(_keys[0], 10, 11, Exclude.Both)));
        Assert.Equal(["m299", "m298"], Texts(await db.SortedSetRangeByScoreAsync(_keys[0], order: Order.Descending, take: 2)));
        Assert.Equal([new SortedSetEntry("m004", 2)], await db.SortedSetRangeByScoreWithScoresAsync(_keys[0], 2, 2));
        Assert.Equal(100, await db.SortedSetLengthAsync(_keys[0], 0, 49.5));
        Assert.Equal(10, await db.SortedSetRankAsync(_keys[0], "m010"));
        Assert.Equal(0, await db.SortedSetRankAsync(_keys[0], "m299", Order.Descending));
        Assert.Equal([5.0, null], await db.SortedSetScoresAsync(_keys[0], ["m010", "none"]));
        Assert.Equal(7.5, await db.SortedSetIncrementAsync(_keys[0], "m010", 2.5));
        Assert.False(await db.SortedSetUpdateAsync(_keys[0], "m010", 1, SortedSetWhen.GreaterThan));

        await db.SortedSetAddAsync(_keys[1], [new("a", 0), new("b", 0), new("c", 0), new("d", 0)]);
        Assert.Equal(["b", "c"], Texts(await db.SortedSetRangeByValueAsync(_keys[1], "a", "c", Exclude.Start)));
        Assert.Equal(3, await db.SortedSetLengthByValueAsync(_keys[1], "b", "z"));
        await db.SortedSetAddAsync(_keys[2], [new("b", 5), new("x", 1)]);
        Assert.Equal([new("x", 2), new("b", 10)],
            (await db.SortedSetCombineWithScoresAsync(SetOperation.Union, _keys[1..3], [1, 2], Aggregate.Max))[^2..]);
        Assert.Equal(["b"], Texts(await db.SortedSetCombineAsync(SetOperation.Intersect, _keys[1..3])));
        Assert.Equal(3, await db.SortedSetCombineAndStoreAsync(SetOperation.Difference, _keys[3], _keys[1..3]));
        Assert.Equal(2, await db.SortedSetRangeAndStoreAsync(_keys[0], _keys[4], 0, 1));

        Assert.Equal(["m000", "m001"], (await db.SortedSetPopAsync(_keys[4], 5)).Select(e => (string)e.Element!));
        SortedSetPopResult popped = await db.SortedSetPopAsync([_keys[4], _keys[2]], 1, Order.Descending);
        Assert.Equal((_keys[2], new SortedSetEntry("b", 5)), (popped.Key, popped.Entries.Single()));
        Assert.Equal(20, (await db.SortedSetRandomMembersAsync(_keys[0], 20)).Distinct().Count());
        Assert.All(await db.SortedSetRandomMembersWithScoresAsync(_keys[1], -9), e => Assert.Equal(0, e.Score));
        Assert.Equal(100, await db.SortedSetRemoveRangeByRankAsync(_keys[0], 0, 99));
        Assert.Equal(2, await db.SortedSetRemoveRangeByValueAsync(_keys[1], "c", "d"));
        Assert.Equal(50, await db.SortedSetRemoveRangeByScoreAsync(_keys[0], 125, 1000));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Geo(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        GeoEntry[] cities = [new(13.361389, 38.115556, "Palermo"), new(15.087269, 37.502669, "Catania"), new(2.35, 48.85, "Paris")];
        Assert.Equal(3, await db.GeoAddAsync(_keys[0], cities));
        Assert.Equal(166_274.15, (await db.GeoDistanceAsync(_keys[0], "Palermo", "Catania"))!.Value, 0.1);
        Assert.Equal("sqc8b49rny0", await db.GeoHashAsync(_keys[0], "Palermo"));
        Assert.Equal(15.087269, (await db.GeoPositionAsync(_keys[0], "Catania"))!.Value.Longitude, 0.0001);
        GeoRadiusResult[] near = await db.GeoSearchAsync(_keys[0], 15, 37, new GeoSearchCircle(200, GeoUnit.Kilometers), order: Order.Ascending);
        Assert.Equal(["Catania", "Palermo"], near.Select(r => (string)r.Member!));
        Assert.Equal(56.4413, near[0].Distance!.Value, 0.001);
        Assert.Single(await db.GeoSearchAsync(_keys[0], "Paris", new GeoSearchBox(400, 400, GeoUnit.Kilometers)));
        Assert.Equal(2, await db.GeoSearchAndStoreAsync(_keys[0], _keys[1], "Palermo", new GeoSearchCircle(500, GeoUnit.Kilometers), storeDistances: true));
        Assert.Equal(166.274, (await db.SortedSetScoreAsync(_keys[1], "Catania"))!.Value, 0.001);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task StreamsAndTheirGroups(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        RedisKey key = _keys[0];
        var ids = new List<RedisValue>();
        for (int i = 0; i < 50; i++) ids.Add(await db.StreamAddAsync(key, [new("number", i), new("text", "x")]));
        Assert.Equal(50, await db.StreamLengthAsync(key));
        Assert.Equal(ids[^2..], (await db.StreamRangeAsync(key, ids[^2], "+")).Select(e => e.Id));
        Assert.Equal(ids[^1], (await db.StreamRangeAsync(key, count: 1, messageOrder: Order.Descending))[0].Id);
        Assert.Equal(ids[1..3], (await db.StreamReadAsync(key, ids[0], 2)).Select(e => e.Id));

        Assert.True(await db.StreamCreateConsumerGroupAsync(key, "group", "0-0"));
        await Assert.ThrowsAsync<RedisServerException>(() => db.StreamCreateConsumerGroupAsync(key, "group", "0-0"));
        Assert.Equal(ids[..10], (await db.StreamReadGroupAsync(key, "group", "one", ">", 10)).Select(e => e.Id));
        Assert.Equal(ids[10..15], (await db.StreamReadGroupAsync(key, "group", "two", ">", 5)).Select(e => e.Id));
        Assert.Equal(4, await db.StreamAcknowledgeAsync(key, "group", [.. ids[..4]]));
        StreamPendingInfo pending = await db.StreamPendingAsync(key, "group");
        Assert.Equal((11, ids[4], ids[14]), (pending.PendingMessageCount, pending.LowestPendingMessageId, pending.HighestPendingMessageId));
        Assert.Equal(["one 6", "two 5"], pending.Consumers.Select(c => $"{c.Name} {c.PendingMessageCount}"));
        Assert.Equal(ids[10..12], (await db.StreamPendingMessagesAsync(key, "group", 2, "two")).Select(m => m.MessageId));

        StreamEntry[] claimed = await db.StreamClaimAsync(key, "group", "three", 0, [.. ids[4..6]]);
        Assert.Equal(ids[4..6], claimed.Select(e => e.Id));
        StreamAutoClaimResult auto = await db.StreamAutoClaimAsync(key, "group", "three", 0, "0-0", 4);
        Assert.Equal(ids[4..8], auto.ClaimedEntries.Select(e => e.Id));
        Assert.Equal(ids[8], auto.NextStartId);
        Assert.Equal(3, (await db.StreamPendingMessagesAsync(key, "group", 9, "three"))[0].DeliveryCount);

        StreamInfo info = await db.StreamInfoAsync(key);
        Assert.Equal((50, 1, ids[49]), (info.Length, info.ConsumerGroupCount, info.LastGeneratedId));
        Assert.Equal(("group", 3, 11), (await db.StreamGroupInfoAsync(key)).Select(g => (g.Name, g.ConsumerCount, g.PendingMessageCount)).Single());
        Assert.Equal(["one", "three", "two"], (await db.StreamConsumerInfoAsync(key, "group")).Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(5, await db.StreamDeleteConsumerAsync(key, "group", "two"));
        Assert.Equal(2, await db.StreamDeleteAsync(key, [.. ids[..2]]));
        Assert.Equal(38, await db.StreamTrimAsync(key, 10));
        Assert.True(await db.StreamDeleteConsumerGroupAsync(key, "group"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task SortDumpAndObject(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        await db.ListRightPushAsync(_keys[0], [3, 1, 20, 2]);
        Assert.Equal(["20", "3", "2"], Texts(await db.SortAsync(_keys[0], take: 3, order: Order.Descending)));
        Assert.Equal(["1", "2", "20", "3"], Texts(await db.SortAsync(_keys[0], sortType: SortType.Alphabetic)));
        Assert.Equal(4, await db.SortAndStoreAsync(_keys[1], _keys[0]));
        Assert.Equal(["1", "2", "3", "20"], Texts(await db.ListRangeAsync(_keys[1])));

        byte[] dump = (await db.KeyDumpAsync(_keys[1]))!;
        await db.KeyRestoreAsync(_keys[2], dump, Minute);
        Assert.Equal(["1", "2", "3", "20"], Texts(await db.ListRangeAsync(_keys[2])));
        Assert.InRange((await db.KeyTimeToLiveAsync(_keys[2]))!.Value.TotalSeconds, 50, 60);
        await Assert.ThrowsAsync<RedisServerException>(() => db.KeyRestoreAsync(_keys[2], dump));
        Assert.Equal("listpack", await db.KeyEncodingAsync(_keys[2]));
        Assert.Equal(1, await db.KeyRefCountAsync(_keys[2]));
        Assert.InRange((await db.KeyIdleTimeAsync(_keys[2]))!.Value.TotalSeconds, 0, 5);
        Assert.True(await db.KeyTouchAsync(_keys[2]));
        Assert.True(await db.KeyCopyAsync(_keys[2], _keys[3]));
        Assert.Equal(RedisType.List, await db.KeyTypeAsync(_keys[3]));
        Assert.True(await db.KeyPersistAsync(_keys[3]));
        Assert.Null(await db.KeyTimeToLiveAsync(_keys[3]));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task ScansPageOverThousands(int shards, RedisProtocol protocol)
    {
        const int Count = 5000;
        await using ConnectionMultiplexer connection = await servers.Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        string[] names = [.. Enumerable.Range(0, Count).Select(i => $"name {i:0000}")];
        await db.HashSetAsync(_keys[0], [.. names.Select((n, i) => new HashEntry(n, i))]);
        await db.SetAddAsync(_keys[1], [.. names.Select(n => (RedisValue)n)]);
        await db.SortedSetAddAsync(_keys[2], [.. names.Select((n, i) => new SortedSetEntry(n, i))]);
        Assert.Equal(names, (await All(db.HashScanAsync(_keys[0], pageSize: 100))).Select(e => (string)e.Name!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(names, (await All(db.HashScanNoValuesAsync(_keys[0], pageSize: 100))).Select(v => (string)v!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(names, Ordered(await All(db.SetScanAsync(_keys[1], pageSize: 100))).Distinct());
        Assert.Equal(names, Ordered((await All(db.SortedSetScanAsync(_keys[2], pageSize: 100))).Select(e => e.Element)).Distinct());
        Assert.Equal(10, (await All(db.SetScanAsync(_keys[1], "name 123?", pageSize: 50))).Distinct().Count());
    }

    private static async Task<List<T>> All<T>(IAsyncEnumerable<T> scan)
    {
        var all = new List<T>();
        await foreach (T one in scan) all.Add(one);
        return all;
    }

    private static IEnumerable<string> Texts(RedisValue[] values) => values.Select(v => (string)v!);

    private static IEnumerable<string> Ordered(IEnumerable<RedisValue> values) => values.Select(v => (string)v!).Order(StringComparer.Ordinal);
}
