using System.Text;
using Anax.Core.Memory;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>No command allocates on the managed heap on its common path: parsed, routed, run and answered for nothing.</summary>
[Collection(AloneCollection.Name)]
public sealed class AllocationTests
{
    private const int Warmup = 200, Rounds = 2000;

    private static readonly string[] Preparations =
    [
        "SET k value", "SET k2 valley", "SET n 5", "SET f 1.5", "HSET h f v", "SADD s a b 5", "SADD s2 b c", "SADDEX s:ttl 1000 a",
        "ZADD z 1 a 2.5 b", "ZADD z:ttl 1 a 2 b 3 c", "ZEXPIRE z:ttl 1000 MEMBERS 1 b", "ZADD z2 1 b 3 c", "XADD stream 1-1 f v", "XADD stream 1-2 f w",
        "XGROUP CREATE stream group 0", "XGROUP CREATE log group 0 MKSTREAM", "GEOADD g 13.3 38.1 a 15.1 37.5 b",
    ];

    /// <summary>A call of each row that succeeds, however often it is repeated.</summary>
    private static readonly Dictionary<string, string> Calls = new()
    {
        ["APPEND"] = "APPEND t:append x",
        ["DECR"] = "DECR n",
        ["DECRBY"] = "DECRBY n 3",
        ["DEL"] = "DEL none",
        ["DELIFEQ"] = "DELIFEQ k no",
        ["DUMP"] = "DUMP large",
        ["RESTORE"] = "RESTORE t:restored 0 \0\u0003barP\0)\u0094\u0080\u00F1p4\u009A\u00E3 REPLACE",
        ["DELEX"] = "DELEX k IFDEQ 0000000000000000",
        ["DIGEST"] = "DIGEST k",
        ["PREPEND"] = "PREPEND t:prepend x",
        ["CL.THROTTLE"] = "CL.THROTTLE t:rate 1000000 1000000 1",
        ["STICK"] = "STICK k k2",
        ["RM"] = "RM 0 MATCH none* COUNT 10",
        ["EXPDELSCAN"] = "EXPDELSCAN",
        ["GET"] = "GET k",
        ["GETDEL"] = "GETDEL none",
        ["GETEX"] = "GETEX k EX 1000",
        ["GETRANGE"] = "GETRANGE k 0 3",
        ["GETSET"] = "GETSET k value",
        ["INCR"] = "INCR n",
        ["INCRBY"] = "INCRBY n 7",
        ["INCRBYFLOAT"] = "INCRBYFLOAT f 0.5",
        ["LCS"] = "LCS k k2",
        ["MGET"] = "MGET k k2 none",
        ["MSET"] = "MSET k value k2 valley",
        ["MSETEX"] = "MSETEX 2 k value k2 valley EX 1000",
        ["MSETNX"] = "MSETNX k value k2 valley",
        ["PSETEX"] = "PSETEX k 100000 value",
        ["SET"] = "SET k value EX 1000",
        ["SETEX"] = "SETEX k 1000 value",
        ["SETNX"] = "SETNX k value",
        ["SETRANGE"] = "SETRANGE k 1 a",
        ["STRLEN"] = "STRLEN k",
        ["SUBSTR"] = "SUBSTR k 0 2",
        ["SETBIT"] = "SETBIT bits 100 1",
        ["GETBIT"] = "GETBIT bits 100",
        ["BITCOUNT"] = "BITCOUNT bits 0 -1 BIT",
        ["BITPOS"] = "BITPOS bits 1 0 -1",
        ["BITFIELD"] = "BITFIELD bits OVERFLOW SAT INCRBY i8 3 1 SET u4 #2 7 GET u63 0",
        ["BITFIELD_RO"] = "BITFIELD_RO bits GET i64 #0",
        ["BITOP"] = "BITOP XOR result bits k2",
        ["PFADD"] = "PFADD sketch a b c",
        ["PFCOUNT"] = "PFCOUNT sketch sketch2",
        ["PFMERGE"] = "PFMERGE sketch2 sketch",
        ["SADD"] = "SADD s a b 5",
        ["SADDEX"] = "SADDEX s:ttl 1000 a b",
        ["SREM"] = "SREM s none",
        ["SISMEMBER"] = "SISMEMBER s a",
        ["SMISMEMBER"] = "SMISMEMBER s a none",
        ["SCARD"] = "SCARD s",
        ["SMEMBERS"] = "SMEMBERS s",
        ["SMOVE"] = "SMOVE s s a",
        ["SPOP"] = "SPOP none",
        ["SRANDMEMBER"] = "SRANDMEMBER s 2",
        ["SSCAN"] = "SSCAN s 0",
        ["SINTER"] = "SINTER s s2",
        ["SINTERCARD"] = "SINTERCARD 2 s s2 LIMIT 1",
        ["SINTERSTORE"] = "SINTERSTORE s3 s s2",
        ["SUNION"] = "SUNION s s2",
        ["SUNIONSTORE"] = "SUNIONSTORE s3 s s2",
        ["SDIFF"] = "SDIFF s s2",
        ["SDIFFSTORE"] = "SDIFFSTORE s3 s s2",
        ["ZADD"] = "ZADD z 1 a 2.5 b",
        ["ZINCRBY"] = "ZINCRBY z 1 c",
        ["ZREM"] = "ZREM z none",
        ["ZCARD"] = "ZCARD z",
        ["ZSCORE"] = "ZSCORE zlarge m5",
        ["ZMSCORE"] = "ZMSCORE z a none",
        ["ZRANK"] = "ZRANK zlarge m5 WITHSCORE",
        ["ZREVRANK"] = "ZREVRANK z a",
        ["ZCOUNT"] = "ZCOUNT zlarge 1 (50",
        ["ZLEXCOUNT"] = "ZLEXCOUNT z [a +",
        ["ZREMRANGEBYRANK"] = "ZREMRANGEBYRANK z 10 20",
        ["ZREMRANGEBYSCORE"] = "ZREMRANGEBYSCORE z 1000 2000",
        ["ZREMRANGEBYLEX"] = "ZREMRANGEBYLEX z [y [z",
        ["ZRANGE"] = "ZRANGE zlarge 0 20 WITHSCORES",
        ["ZREVRANGE"] = "ZREVRANGE z 0 -1",
        ["ZRANGEBYSCORE"] = "ZRANGEBYSCORE z -inf +inf LIMIT 0 1",
        ["ZREVRANGEBYSCORE"] = "ZREVRANGEBYSCORE z 5 1 WITHSCORES",
        ["ZRANGEBYLEX"] = "ZRANGEBYLEX z - +",
        ["ZREVRANGEBYLEX"] = "ZREVRANGEBYLEX z + -",
        ["ZRANGESTORE"] = "ZRANGESTORE z3 z 0 -1",
        ["ZEXPIRE"] = "ZEXPIRE z:ttl 1000 MEMBERS 1 a",
        ["ZEXPIREAT"] = "ZEXPIREAT z:ttl 4000000000 MEMBERS 2 a b",
        ["ZPEXPIRE"] = "ZPEXPIRE z:ttl 1000000 MEMBERS 1 a",
        ["ZPEXPIREAT"] = "ZPEXPIREAT z:ttl 4000000000000 MEMBERS 1 a",
        ["ZPERSIST"] = "ZPERSIST z:ttl MEMBERS 1 a",
        ["ZTTL"] = "ZTTL z:ttl MEMBERS 1 b",
        ["ZPTTL"] = "ZPTTL z:ttl MEMBERS 1 b",
        ["ZEXPIRETIME"] = "ZEXPIRETIME z:ttl MEMBERS 1 b",
        ["ZPEXPIRETIME"] = "ZPEXPIRETIME z:ttl MEMBERS 1 b",
        ["ZCOLLECT"] = "ZCOLLECT z:ttl",
        ["ZPOPMIN"] = "ZPOPMIN none",
        ["ZPOPMAX"] = "ZPOPMAX none",
        ["ZMPOP"] = "ZMPOP 1 none MIN",
        ["ZRANDMEMBER"] = "ZRANDMEMBER zlarge 3 WITHSCORES",
        ["ZSCAN"] = "ZSCAN zlarge 0 COUNT 5",
        ["ZUNION"] = "ZUNION 2 z zlarge WITHSCORES",
        ["ZINTER"] = "ZINTER 2 z z2 WEIGHTS 2 3 AGGREGATE MIN",
        ["ZDIFF"] = "ZDIFF 2 z z2",
        ["ZINTERCARD"] = "ZINTERCARD 2 z z2 LIMIT 1",
        ["ZUNIONSTORE"] = "ZUNIONSTORE z3 2 z z2",
        ["ZINTERSTORE"] = "ZINTERSTORE z3 2 z z2",
        ["ZDIFFSTORE"] = "ZDIFFSTORE z3 2 z z2",
        ["GEOADD"] = "GEOADD g 13.3 38.1 a 15.1 37.5 b",
        ["GEODIST"] = "GEODIST g a b km",
        ["GEOHASH"] = "GEOHASH g a none",
        ["GEOPOS"] = "GEOPOS g a none",
        ["GEOSEARCH"] = "GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 300 km ASC WITHDIST WITHCOORD",
        ["GEOSEARCHSTORE"] = "GEOSEARCHSTORE g2 g FROMLONLAT 15 37 BYBOX 400 400 km",
        ["GEORADIUS"] = "GEORADIUS g 15 37 300 km STORE g2",
        ["GEORADIUS_RO"] = "GEORADIUS_RO g 15 37 300 km",
        ["GEORADIUSBYMEMBER"] = "GEORADIUSBYMEMBER g a 300 km",
        ["GEORADIUSBYMEMBER_RO"] = "GEORADIUSBYMEMBER_RO g a 300 km",
        ["UNLINK"] = "UNLINK none",
        ["EXISTS"] = "EXISTS k k2",
        ["TOUCH"] = "TOUCH k k2",
        ["TYPE"] = "TYPE k",
        ["EXPIRE"] = "EXPIRE k 1000",
        ["PEXPIRE"] = "PEXPIRE k 1000000",
        ["EXPIREAT"] = "EXPIREAT k 4000000000",
        ["PEXPIREAT"] = "PEXPIREAT k 4000000000000",
        ["TTL"] = "TTL k",
        ["PTTL"] = "PTTL k",
        ["EXPIRETIME"] = "EXPIRETIME k",
        ["PEXPIRETIME"] = "PEXPIRETIME k",
        ["PERSIST"] = "PERSIST k",
        ["RENAME"] = "RENAME k k",
        ["RENAMENX"] = "RENAMENX k k2",
        ["COPY"] = "COPY k k2 REPLACE",
        ["MOVE"] = "MOVE none 1",
        ["RANDOMKEY"] = "RANDOMKEY",
        ["SCAN"] = "SCAN 0 MATCH k* COUNT 10",
        ["KEYS"] = "KEYS k*",
        ["DBSIZE"] = "DBSIZE",
        ["HSET"] = "HSET h f v",
        ["HMSET"] = "HMSET h f v",
        ["HSETNX"] = "HSETNX h f v",
        ["HGET"] = "HGET h f",
        ["HMGET"] = "HMGET h f none",
        ["HDEL"] = "HDEL h none",
        ["HGETDEL"] = "HGETDEL h FIELDS 1 none",
        ["HLEN"] = "HLEN h",
        ["HSTRLEN"] = "HSTRLEN h f",
        ["HEXISTS"] = "HEXISTS h f",
        ["HINCRBY"] = "HINCRBY h n 3",
        ["HINCRBYFLOAT"] = "HINCRBYFLOAT h x 0.5",
        ["HGETALL"] = "HGETALL h",
        ["HKEYS"] = "HKEYS large",
        ["HVALS"] = "HVALS h",
        ["HSCAN"] = "HSCAN large 0 COUNT 5",
        ["HRANDFIELD"] = "HRANDFIELD large 3 WITHVALUES",
        ["HEXPIRE"] = "HEXPIRE large 1000 FIELDS 1 f1",
        ["HEXPIREAT"] = "HEXPIREAT large 4000000000 FIELDS 1 f1",
        ["HPEXPIRE"] = "HPEXPIRE large 1000000 FIELDS 1 f1",
        ["HPEXPIREAT"] = "HPEXPIREAT large 4000000000000 FIELDS 1 f1",
        ["HPERSIST"] = "HPERSIST large FIELDS 1 f1",
        ["HTTL"] = "HTTL large FIELDS 1 f1",
        ["HPTTL"] = "HPTTL large FIELDS 1 f1",
        ["HEXPIRETIME"] = "HEXPIRETIME large FIELDS 1 f1",
        ["HPEXPIRETIME"] = "HPEXPIRETIME large FIELDS 1 f1",
        ["FIELDEXPIRE"] = "FIELDEXPIRE large 1000 f1",
        ["FIELDTTL"] = "FIELDTTL large f1",
        ["HSETEX"] = "HSETEX large EX 1000 FIELDS 1 f2 v",
        ["HGETEX"] = "HGETEX large EX 1000 FIELDS 1 f2",
        ["HCOLLECT"] = "HCOLLECT large",
        ["LPUSH"] = "LPUSH l element",
        ["RPUSH"] = "RPUSH l 1 2 3",
        ["LPUSHX"] = "LPUSHX l element",
        ["RPUSHX"] = "RPUSHX l element",
        ["LPOP"] = "LPOP queue",
        ["RPOP"] = "RPOP queue 1",
        ["LLEN"] = "LLEN l",
        ["LRANGE"] = "LRANGE queue 5 100",
        ["LINDEX"] = "LINDEX queue 1000",
        ["LPOS"] = "LPOS queue 7 RANK 2 COUNT 3",
        ["LSET"] = "LSET queue 100 value",
        ["LINSERT"] = "LINSERT queue BEFORE 50 value",
        ["LREM"] = "LREM queue 1 77",
        ["LTRIM"] = "LTRIM queue 1 -1",
        ["LMOVE"] = "LMOVE queue queue LEFT RIGHT",
        ["RPOPLPUSH"] = "RPOPLPUSH queue l",
        ["LMPOP"] = "LMPOP 2 none queue LEFT COUNT 1",
        ["SORT"] = "SORT numbers LIMIT 1 5 STORE sorted",
        ["SORT_RO"] = "SORT_RO numbers DESC",
        ["XADD"] = "XADD log MAXLEN ~ 1000 * f value g 7",
        ["XLEN"] = "XLEN log",
        ["XRANGE"] = "XRANGE stream - + COUNT 3",
        ["XREVRANGE"] = "XREVRANGE stream + - COUNT 3",
        ["XDEL"] = "XDEL stream 1-2 9-9",
        ["XTRIM"] = "XTRIM log MAXLEN 10",
        ["XSETID"] = "XSETID stream 9-9",
        ["XREAD"] = "XREAD COUNT 2 STREAMS stream none 0 0",
        ["XREADGROUP"] = "XREADGROUP GROUP group consumer STREAMS stream log > >",
        ["XGROUP|CREATE"] = "XGROUP CREATE stream other 0",
        ["XGROUP|CREATECONSUMER"] = "XGROUP CREATECONSUMER stream group another",
        ["XGROUP|DELCONSUMER"] = "XGROUP DELCONSUMER stream group another",
        ["XGROUP|DESTROY"] = "XGROUP DESTROY stream other",
        ["XGROUP|SETID"] = "XGROUP SETID stream group 0",
        ["XACK"] = "XACK stream group 1-1 9-9",
        ["XPENDING"] = "XPENDING stream group - + 10",
        ["XCLAIM"] = "XCLAIM stream group consumer 0 1-1 FORCE",
        ["XAUTOCLAIM"] = "XAUTOCLAIM stream group other 0 -",
        ["XINFO|STREAM"] = "XINFO STREAM stream FULL",
        ["XINFO|GROUPS"] = "XINFO GROUPS stream",
        ["XINFO|CONSUMERS"] = "XINFO CONSUMERS stream group",
        ["OBJECT|ENCODING"] = "OBJECT ENCODING k",
        ["OBJECT|REFCOUNT"] = "OBJECT REFCOUNT k",
        ["OBJECT|IDLETIME"] = "OBJECT IDLETIME k",
        ["OBJECT|FREQ"] = "OBJECT FREQ k",
        ["SWAPDB"] = "SWAPDB 0 0",
        ["MEMORY|USAGE"] = "MEMORY USAGE k",
        ["PING"] = "PING",
        ["ECHO"] = "ECHO hello",
        ["SELECT"] = "SELECT 0",
        ["TIME"] = "TIME",
        ["CLIENT|ID"] = "CLIENT ID",
        ["CLIENT|NO-TOUCH"] = "CLIENT NO-TOUCH OFF",
        ["CLIENT|NO-EVICT"] = "CLIENT NO-EVICT OFF",
        ["CLIENT|GETNAME"] = "CLIENT GETNAME",
        ["CLIENT|REPLY"] = "CLIENT REPLY ON",
        ["SLOWLOG|LEN"] = "SLOWLOG LEN",
        ["COMMANDLOG|LEN"] = "COMMANDLOG LEN slow",
        ["COMMAND|COUNT"] = "COMMAND COUNT",
        ["EVAL"] = "EVAL return(redis.call('get',KEYS[1])) 1 k",
        ["EVAL_RO"] = "EVAL_RO return(redis.call('get',KEYS[1])) 1 k",
        ["EVALSHA"] = "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0 x",
        ["EVALSHA_RO"] = "EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 k",
        ["FCALL"] = "FCALL put 1 k value",
        ["FCALL_RO"] = "FCALL_RO look 1 k",
        ["LASTSAVE"] = "LASTSAVE",
        ["ROLE"] = "ROLE",
        ["SUBSCRIBE"] = "SUBSCRIBE c d",
        ["UNSUBSCRIBE"] = "UNSUBSCRIBE none",
        ["PUBLISH"] = "PUBLISH c message",
        ["SPUBLISH"] = "SPUBLISH c message",
        ["PUBSUB|NUMSUB"] = "PUBSUB NUMSUB c d",
    };

    public static TheoryData<string> Rows()
    {
        var rows = new TheoryData<string>();
        foreach (string name in Calls.Keys) rows.Add(name);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void ACommandAllocatesNothing(string row)
    {
        using var rig = new Rig();
        Assert.Equal(0, rig.BytesOf(Calls[row]));
        Assert.False(rig.LastReply.StartsWith("-ERR unknown", StringComparison.Ordinal), rig.LastReply);
    }

    [Fact]
    public void ErrorsAllocateNothing()
    {
        using var rig = new Rig();
        Assert.Equal(0, rig.BytesOf("NOSUCH a b"));
        Assert.Equal(0, rig.BytesOf("GET"));
        Assert.Equal(0, rig.BytesOf("INCR k"));
        Assert.Equal(0, rig.BytesOf("SET k v EX abc"));
    }

    [Fact]
    public void EveryCommandWithKeysIsCovered()
    {
        using var rig = new Rig();
        foreach (CommandSpec spec in rig.Loop.Commands.All)
            if (spec.OnShard is not null && (spec.Flags & CommandFlags.Admin) == 0)
                Assert.True(Calls.ContainsKey(spec.Name), $"{spec.Name} has no call in this test");
    }

    /// <summary>A session without a connection: the dispatcher fed from native memory, as a loop does it.</summary>
    private sealed class Rig : ISessionOwner, IDisposable
    {
        // On a busy machine a command may seem slow, and the log of slow ones does allocate.
        private readonly TestServer _server = new(1, "--slowlog-log-slower-than", "-1") { Recording = false };
        private readonly Session _session;
        private const int AttemptsMax = 20;

        private long _answeredLater;
        private readonly NativeBlock _input = NativeBlock.Allocate(4096);

        public Rig()
        {
            _session = new Session(1, this, new RequestParser()) { Authenticated = true };
            _server.Run("SCRIPT", "LOAD", "return 1");
            _server.Run("FUNCTION", "LOAD", "#!lua name=lib\n"
                + "redis.register_function('put', function(keys, args) return redis.call('set', keys[1], args[1]) end)"
                + "redis.register_function{function_name='look', callback=function(keys) return redis.call('get', keys[1]) end, flags={'no-writes'}}");
            foreach (string call in Preparations) Feed(call);
            for (int i = 0; i < 200; i++) Feed($"ZADD zlarge {i} m{i}");
            for (int i = 0; i < 5000; i++) Feed($"RPUSH queue {i % 100} element:{i}");
            for (int i = 0; i < 50; i++) Feed($"RPUSH numbers {i * 7 % 50}");
            for (int i = 0; i < 100; i++) Feed($"HSETEX large EX 100000 FIELDS 1 f{i} value");
        }

        public EngineLoop Loop => _server.Loops[0];
        public string PeerAddress => "";
        public string LocalAddress => "";
        public long PendingSendBytes => 0;

        public void Continue()
        {
            // Everything completes at once on one shard.
        }

        public long BytesOf(string call)
        {
            int length = Write(call);
            ReadOnlySpan<byte> request = _input.Bytes[..length];
            for (int i = 0; i < Warmup; i++) Run(request);
            // A script that the machine kept waiting for a whole slice goes on in a later turn: such a series does not count.
            for (int attempt = 1; ; attempt++)
            {
                long later = _answeredLater;
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < Rounds; i++) Run(request);
                long after = GC.GetAllocatedBytesForCurrentThread();
                if (later != _answeredLater && attempt < AttemptsMax) continue;
                LastReply = Reply(request);
                return after - before;
            }
        }

        public string LastReply { get; private set; } = "";

        private string Reply(ReadOnlySpan<byte> request)
        {
            Loop.Dispatcher.Feed(_session, request);
            Span<byte> front = stackalloc byte[64];
            string reply = Encoding.Latin1.GetString(front[.._session.Output.CopyTo(front)]);
            _session.Output.Free(Loop.Events.Chunks);
            return reply;
        }

        public void Dispose()
        {
            _session.Parser.Dispose();
            _input.Release();
            _server.Dispose();
        }

        private void Feed(string call) => Run(_input.Bytes[..Write(call)]);

        private void Run(ReadOnlySpan<byte> request)
        {
            int taken = Loop.Dispatcher.Feed(_session, request);
            if (taken != request.Length) throw new InvalidOperationException("a call is not taken at once");
            if (_session.Output.IsEmpty)
            {
                _answeredLater++;
                _server.RunUntil(() => !_session.Output.IsEmpty, "the answer");
            }
            _session.Output.Free(Loop.Events.Chunks);
        }

        private int Write(string call)
        {
            var text = new StringBuilder();
            string[] words = call.Split(' ');
            text.Append($"*{words.Length}\r\n");
            foreach (string word in words) text.Append($"${word.Length}\r\n{word}\r\n");
            return Encoding.Latin1.GetBytes(text.ToString(), _input.Bytes);
        }
    }
}
