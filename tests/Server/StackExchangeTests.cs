using Anax.Tests.Server.Harness;
using StackExchange.Redis;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>StackExchange.Redis with transactions, batches, scripts, subscriptions and keyspace events, on one shard and on four.</summary>
public sealed class StackExchangeTests(StackExchangeTests.Servers servers) : IClassFixture<StackExchangeTests.Servers>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<int, RedisProtocol> Ways => new()
    {
        { 1, RedisProtocol.Resp2 }, { 1, RedisProtocol.Resp3 }, { 4, RedisProtocol.Resp2 }, { 4, RedisProtocol.Resp3 },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task ATransactionRunsWhereItsConditionsHold(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        RedisKey[] keys = Keys(8);
        await db.StringSetAsync(keys[0], "1");

        ITransaction runs = db.CreateTransaction();
        _ = runs.AddCondition(Condition.StringEqual(keys[0], "1"));
        _ = runs.AddCondition(Condition.KeyNotExists(keys[1]));
        _ = runs.AddCondition(Condition.StringLengthEqual(keys[0], 1));
        Task<bool>[] writes = [.. keys.Select(key => runs.StringSetAsync(key, "2"))];
        Task<long> sum = runs.StringIncrementAsync(keys[7], 5);
        Assert.True(await runs.ExecuteAsync());
        Assert.All(await Task.WhenAll(writes), Assert.True);
        Assert.Equal(7, await sum);

        ITransaction stops = db.CreateTransaction();
        ConditionResult held = stops.AddCondition(Condition.KeyExists(keys[2])), failed = stops.AddCondition(Condition.StringEqual(keys[0], "1"));
        Task<bool> never = stops.StringSetAsync(keys[3], "3");
        Assert.False(await stops.ExecuteAsync());
        Assert.True(held.WasSatisfied);
        Assert.False(failed.WasSatisfied);
        await Assert.ThrowsAsync<TaskCanceledException>(() => never);
        Assert.Equal("2", await db.StringGetAsync(keys[3]));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task TransactionsUnderConditionsLoseNoIncrement(int shards, RedisProtocol protocol)
    {
        const int Clients = 4, Rounds = 25;
        RedisKey[] keys = Keys(2);
        int conflicts = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            await using ConnectionMultiplexer connection = await Connect(shards, protocol);
            IDatabase db = connection.GetDatabase();
            for (int done = 0; done < Rounds;)
            {
                RedisValue before = await db.StringGetAsync(keys[0]);
                ITransaction transaction = db.CreateTransaction();
                _ = transaction.AddCondition(before.IsNull ? Condition.KeyNotExists(keys[0]) : Condition.StringEqual(keys[0], before));
                foreach (RedisKey key in keys) _ = transaction.StringSetAsync(key, (long)before + 1);
                if (await transaction.ExecuteAsync()) done++;
                else Interlocked.Increment(ref conflicts);
            }
        }));
        await using ConnectionMultiplexer reader = await Connect(shards, protocol);
        Assert.Equal([Clients * Rounds, Clients * Rounds], (await reader.GetDatabase().StringGetAsync(keys)).Select(v => (int)v));
        Assert.True(conflicts > 0, "nobody was in anybody's way");
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task ABatchAnswersInItsOrder(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        RedisKey[] keys = Keys(50);
        IBatch batch = db.CreateBatch();
        Task<long>[] sums = [.. Enumerable.Range(0, 500).Select(i => batch.StringIncrementAsync(keys[i % 50]))];
        Task<RedisValue[]> values = batch.StringGetAsync(keys);
        Task<long> deleted = batch.KeyDeleteAsync(keys);
        batch.Execute();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => i / 50 + 1L), await Task.WhenAll(sums));
        Assert.Equal(Enumerable.Repeat(10, 50), (await values).Select(v => (int)v));
        Assert.Equal(50, await deleted);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task ScriptsAreSentByTheirHashAndAgainWhereTheyAreForgotten(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        IServer server = connection.GetServer(connection.GetEndPoints()[0]);
        RedisKey[] keys = Keys(16);

        const string Sum = "local sum = 0; for i, key in ipairs(KEYS) do sum = sum + redis.call('INCRBY', key, ARGV[1]) end; return sum";
        for (int i = 1; i <= 3; i++) Assert.Equal(i * 32, (long)await db.ScriptEvaluateAsync(Sum, keys, [2]));
        Assert.True(await server.ScriptExistsAsync(Sum));
        await server.ScriptFlushAsync();
        Assert.False(await server.ScriptExistsAsync(Sum));
        Assert.Equal(128, (long)await db.ScriptEvaluateAsync(Sum, keys, [2]));
        RedisResult both = await db.ScriptEvaluateReadOnlyAsync("return redis.call('MGET', unpack(KEYS))", keys[..2]);
        Assert.Equal(["8", "8"], ((RedisValue[])both!).Select(v => (string)v!));

        LuaScript prepared = LuaScript.Prepare("redis.call('SET', @key, @value); return redis.call('GET', @key) .. @value");
        Assert.Equal("vv", (string?)await db.ScriptEvaluateAsync(prepared, new { key = keys[0], value = "v" }));
        LoadedLuaScript loaded = await prepared.LoadAsync(server);
        foreach (RedisKey key in keys) Assert.Equal("ww", (string?)await loaded.EvaluateAsync(db, new { key, value = "w" }));
        Assert.All(await db.StringGetAsync(keys), value => Assert.Equal("w", value));

        RedisServerException error = await Assert.ThrowsAsync<RedisServerException>(() =>
            db.ScriptEvaluateAsync("return redis.call('INCR', KEYS[1])", keys[..1]));
        Assert.Contains("value is not an integer or out of range", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task MessagesOfManyPublishersComeInTheOrderOfEach(int shards, RedisProtocol protocol)
    {
        const int Publishers = 4, Messages = 500;
        await using ConnectionMultiplexer listener = await Connect(shards, protocol);
        string name = $"{Guid.NewGuid():N}";
        RedisChannel[] channels = [RedisChannel.Literal($"{name}:literal"), RedisChannel.Sharded($"{name}:sharded")];
        ChannelMessageQueue[] queues =
        [
            await listener.GetSubscriber().SubscribeAsync(channels[0]),
            await listener.GetSubscriber().SubscribeAsync(RedisChannel.Pattern($"{name}:lit*")),
            await listener.GetSubscriber().SubscribeAsync(channels[1]),
        ];

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async p =>
        {
            await using ConnectionMultiplexer connection = await Connect(shards, protocol);
            var sent = new List<Task<long>>();
            for (int i = 0; i < Messages; i++) sent.AddRange(channels.Select(channel => connection.GetDatabase().PublishAsync(channel, $"{p} {i}")));
            long[] counts = await Task.WhenAll(sent);
            Assert.Equal(Enumerable.Range(0, Messages).SelectMany(_ => new long[] { 2, 1 }), counts);
        }));

        foreach (ChannelMessageQueue queue in queues)
        {
            var next = new int[Publishers];
            for (int i = 0; i < Publishers * Messages; i++)
            {
                string[] words = ((string)(await Read(queue)).Message!).Split(' ');
                Assert.Equal($"{next[int.Parse(words[0])]++}", words[1]);
            }
            await queue.UnsubscribeAsync();
        }
        Assert.Equal(0, await listener.GetDatabase().PublishAsync(channels[0], "nobody"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task KeyspaceEventsComeToTheirSubscribers(int shards, RedisProtocol protocol)
    {
        await using ConnectionMultiplexer connection = await Connect(shards, protocol);
        IDatabase db = connection.GetDatabase();
        await connection.GetServer(connection.GetEndPoints()[0]).ConfigSetAsync("notify-keyspace-events", "KEA");
        RedisKey[] keys = Keys(8);
        ISubscriber subscriber = connection.GetSubscriber();
        string prefix = ((string)keys[0]!)[..^1];
        ChannelMessageQueue events = await subscriber.SubscribeAsync(RedisChannel.KeySpacePrefix(prefix, 0));
        ChannelMessageQueue deletions = await subscriber.SubscribeAsync(RedisChannel.KeyEvent(KeyNotificationType.Del, 0));

        foreach (RedisKey key in keys)
        {
            await db.StringSetAsync(key, 1);
            await db.StringIncrementAsync(key);
            await db.KeyExpireAsync(key, TimeSpan.FromMinutes(1));
            await db.KeyDeleteAsync(key);
        }
        // What happens to a key comes in its order; between keys, which lie on several shards, there is none.
        var deleted = new List<string>();
        while (deleted.Count < keys.Length)
        {
            ChannelMessage deletion = await Read(deletions);
            if (((string)deletion.Message!).StartsWith(prefix, StringComparison.Ordinal)) deleted.Add(deletion.Message!);
        }
        Assert.Equal(keys.Select(key => (string)key!), deleted.Order(StringComparer.Ordinal));
        var heard = new List<(string Key, string Event)>();
        while (heard.Count < 4 * keys.Length)
        {
            ChannelMessage message = await Read(events);
            heard.Add((((string)message.Channel!)["__keyspace@0__:".Length..], message.Message!));
        }
        foreach (RedisKey key in keys) Assert.Equal(["set", "incrby", "expire", "del"], heard.Where(of => of.Key == key).Select(of => of.Event));
    }

    private static async Task<ChannelMessage> Read(ChannelMessageQueue queue) => await queue.ReadAsync().AsTask().WaitAsync(Patience);

    private static RedisKey[] Keys(int count)
    {
        string prefix = $"{Guid.NewGuid():N}:";
        return [.. Enumerable.Range(0, count).Select(i => (RedisKey)$"{prefix}{i}")];
    }

    private Task<ConnectionMultiplexer> Connect(int shards, RedisProtocol protocol) => servers.Connect(shards, protocol);

    /// <summary>A server of one shard and one of four.</summary>
    public sealed class Servers : IDisposable
    {
        private readonly ServerProcess _one = ServerProcess.Anax("--proactor_threads", "1"), _four = ServerProcess.Anax("--proactor_threads", "4");

        internal Task<ConnectionMultiplexer> Connect(int shards, RedisProtocol protocol)
        {
            var options = new ConfigurationOptions { Protocol = protocol, AbortOnConnectFail = true, AllowAdmin = true };
            options.EndPoints.Add("127.0.0.1", (shards == 1 ? _one : _four).Port);
            return ConnectionMultiplexer.ConnectAsync(options);
        }

        public void Dispose()
        {
            _one.Dispose();
            _four.Dispose();
        }
    }
}
