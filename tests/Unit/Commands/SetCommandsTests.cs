using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Commands about members of sets, on one shard and on several.</summary>
public class SetCommandsTests
{
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

    [Fact]
    public void MembersComeAndGo()
    {
        using var server = new TestServer();
        Assert.Equal(":3", server.Run("SADD", "s", "a", "b", "1"));
        Assert.Equal(":0", server.Run("SADD", "s", "a", "1"));
        Assert.Equal(":1", server.Run("SISMEMBER", "s", "1"));
        Assert.Equal(":0", server.Run("SISMEMBER", "s", "01"));
        Assert.Equal("[:1, :0, :1]", server.Run("SMISMEMBER", "s", "a", "x", "b"));
        Assert.Equal(":3", server.Run("SCARD", "s"));
        Assert.Equal(":2", server.Run("SREM", "s", "a", "x", "b"));
        Assert.Equal("[1]", server.Run("SMEMBERS", "s"));
        Assert.Equal(":1", server.Run("SREM", "s", "1", "1"));
        Assert.Equal(":0", server.Run("EXISTS", "s"));
        Assert.Equal(["sadd s", "srem s", "srem s", "del s"], server.Events);
        Assert.Equal(":0", server.Run("SCARD", "s"));
        Assert.Equal("[:0]", server.Run("SMISMEMBER", "s", "a"));
        Assert.Equal("[]", server.Run("SMEMBERS", "s"));
    }

    [Theory]
    [InlineData("a b 1")]
    [InlineData("1 2 3")]
    public void MembersGetATimeToLive(string members)
    {
        using var server = new TestServer(2, "--enable-debug-command", "yes");
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        string[] all = members.Split(' ');
        server.Run(["SADD", "s", .. all]);
        Assert.Equal(":-1", server.Run("FIELDTTL", "s", all[0]));
        Assert.Equal(":-3", server.Run("FIELDTTL", "s", "x"));
        Assert.Equal(":-2", server.Run("FIELDTTL", "none", "x"));
        server.Events.Clear();
        Assert.Equal("[:1, :-2, :1]", server.Run("FIELDEXPIRE", "s", "100", all[0], "x", all[0]));
        Assert.Equal(["sexpire s"], server.Events);
        Assert.Equal(":100", server.Run("FIELDTTL", "s", all[0]));
        Assert.Equal(":-1", server.Run("FIELDTTL", "s", all[1]));
        Assert.Contains("keys_with_volatile_items=1", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        Assert.Equal(all.Order(), server.Ask("SMEMBERS", "s").Items.Select(i => i.Text).Order());
        Assert.Equal("[:1]", server.Run("FIELDEXPIRE", "s", "1", all[0]));
        server.RunFor(1010);
        Assert.Equal("[:0, :1]", server.Run("SMISMEMBER", "s", all[0], all[1]));
        Assert.Equal(":-3", server.Run("FIELDTTL", "s", all[0]));
        Assert.Equal("[:-2]", server.Run("FIELDEXPIRE", "s", "100", all[0]));
        server.Events.Clear();
        Assert.Equal("[:2, :-2]", server.Run("FIELDEXPIRE", "s", "0", all[1], all[1]));
        Assert.Equal("[:2, :-2]", server.Run("FIELDEXPIRE", "s", "0", all[2], all[2]));
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "1");
        server.RunUntil(() => server.Events.Contains("del s"), "the sweep");
        Assert.Equal(["sexpired s", "sexpired s", "sexpired s", "del s"], server.Events);
        server.Run("SADD", "t", "1", "a");
        Assert.Equal("[:2, :2, :-2]", server.Run("FIELDEXPIRE", "t", "0", "1", "a", "a"));
        Assert.Equal(":0", server.Run("EXISTS", "t"));
        Assert.Equal("-ERR invalid expire time in 'fieldexpire' command", server.Run("FIELDEXPIRE", "s", "-1", "a"));
        server.Run("SET", "k", "v");
        Assert.Equal(WrongType, server.Run("FIELDEXPIRE", "k", "1", "a"));
        Assert.Equal(WrongType, server.Run("FIELDTTL", "k", "a"));
    }

    [Fact]
    public void OtherTypesAreRefused()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        server.Run("SADD", "s", "a");
        foreach (string command in new[]
        {
            "SADD k a", "SADDEX k 10 a", "SREM k a", "SISMEMBER k a", "SMISMEMBER k a", "SCARD k", "SMEMBERS k", "SPOP k", "SPOP k 2",
            "SRANDMEMBER k", "SRANDMEMBER k 2", "SSCAN k 0", "SMOVE k s a", "SMOVE s k a", "SMOVE s k none", "SINTER s k", "SUNION s k",
            "SDIFF s k", "SINTERCARD 2 s k", "SINTERSTORE d s k", "SUNIONSTORE d s k", "SDIFFSTORE d s k", "SINTER none k",
        })
            Assert.Equal(WrongType, server.Run(command.Split(' ')));
        Assert.Equal(WrongType, server.Run("GET", "s"));
        Assert.Equal(WrongType, server.Run("APPEND", "s", "x"));
        Assert.Equal("set", server.Run("TYPE", "s"));
        Assert.Equal(["set k", "sadd s"], server.Events);
    }

    [Fact]
    public void EncodingsChangeAtTheThresholds()
    {
        using var server = new TestServer(1, "--set-max-intset-entries", "5", "--set-max-listpack-entries", "4", "--set-max-listpack-value", "6");
        server.Run("SADD", "s", "1");
        Assert.Equal("intset", server.Run("OBJECT", "ENCODING", "s"));
        foreach (string member in new[] { "2", "3", "70000", "-5000000000" }) server.Run("SADD", "s", member);
        Assert.Equal("intset", server.Run("OBJECT", "ENCODING", "s"));
        Assert.Equal("[-5000000000, 1, 2, 3, 70000]", server.Run("SMEMBERS", "s"));
        server.Run("SADD", "s", "4");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "s"));
        server.Run("SADD", "t", "1");
        server.Run("SADD", "t", "a");
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "t"));
        server.Run("SADD", "t", "b", "c");
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "t"));
        server.Run("SADD", "t", "d");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "t"));
        server.Run("SADD", "u", "seven77");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "u"));
        server.Run("SADD", "v", "a", "b", "c", "d", "a");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "v"));
        server.Run("CONFIG", "SET", "set-max-listpack-entries", "10");
        server.Run("SADD", "w", "a", "b", "c", "d", "e");
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "w"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AMemberMovesFromSetToSet(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 20; i++)
        {
            string from = $"from{i}", to = $"to{i}";
            server.Run("SADD", from, "a", "b");
            server.Events.Clear();
            Assert.Equal(":1", server.Run("SMOVE", from, to, "a"));
            Assert.Equal([$"sadd {to}", $"srem {from}"], server.Events.Order());
            Assert.Equal(":0", server.Run("SMOVE", from, to, "a"));
            Assert.Equal(":0", server.Run("SMOVE", "none", to, "a"));
            Assert.Equal(":1", server.Run("SMOVE", from, from, "b"));
            Assert.Equal(":1", server.Run("SMOVE", from, to, "b"));
            Assert.Equal(":0", server.Run("EXISTS", from));
            Assert.Equal(["del " + from, "sadd " + to, "sadd " + to, "srem " + from, "srem " + from], server.Events.Order());
            Assert.Equal(["a", "b"], Members(server, to));
            server.Run("SADD", from, "a");
            server.Events.Clear();
            Assert.Equal(":1", server.Run("SMOVE", from, to, "a"));
            Assert.Equal(["srem " + from, "del " + from], server.Events);
        }
    }

    [Fact]
    public void MembersExpire()
    {
        using var server = new TestServer();
        Assert.Equal(":2", server.Run("SADDEX", "s", "1000", "a", "b"));
        Assert.Equal(":1", server.Run("SADDEX", "s", "KEEPTTL", "1", "a", "c"));
        Assert.Equal(":0", server.Run("SADDEX", "s", "1", "b"));
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "s"));
        Assert.Equal(["a", "b", "c"], Members(server, "s"));
        server.RunFor(1100);
        Assert.Equal(["a"], Members(server, "s"));
        Assert.Equal("[:1, :0, :0]", server.Run("SMISMEMBER", "s", "a", "b", "c"));
        for (int i = 0; i < 20; i++) Assert.Equal("a", server.Run("SRANDMEMBER", "s"));
        Assert.Equal("[a]", server.Run("SRANDMEMBER", "s", "5"));
        Assert.Equal("[a, a]", server.Run("SRANDMEMBER", "s", "-2"));
        Assert.Equal(":0", server.Run("SREM", "s", "b"));
        Assert.Equal(":1", server.Run("SADD", "s", "b"));
        Assert.Equal(["a", "b"], Members(server, "s"));
        server.Run("SADD", "t", "a", "c");
        Assert.Equal("[a]", server.Run("SINTER", "t", "s"));
        Assert.Equal("[c]", server.Run("SDIFF", "t", "s"));
        Assert.Equal("[0, [a]]", server.Run("SSCAN", "s", "0", "MATCH", "[ac]", "COUNT", "100"));
        Assert.Equal(["a", "b"], server.Ask("SPOP", "s", "10").Items.Select(i => i.Text).Order());
        Assert.Equal("[]", server.Run("SMEMBERS", "s"));
        const string NotInteger = "-ERR value is not an integer or out of range";
        foreach (string seconds in new[] { "0", "-1", "abc", "67108865" }) Assert.Equal(NotInteger, server.Run("SADDEX", "s", seconds, "a"));
        Assert.Equal("-ERR wrong number of arguments for 'saddex' command", server.Run("SADDEX", "s", "KEEPTTL", "10"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 300)]
    [InlineData(3, 300)]
    [InlineData(2, 6000)]
    public void PoppingTakesEachMemberOnce(int shards, int members)
    {
        using var server = new TestServer(shards);
        string[] all = [.. Enumerable.Range(0, members).Select(i => $"m{i}")];
        for (int share = 1; share <= 6; share++)
        {
            server.Run(["SADD", "s", .. all]);
            server.Events.Clear();
            int count = share switch { 1 => 1, 2 => 2, 3 => members / 7, 4 => members / 2, 5 => members - 1, _ => members + 5 };
            string[] popped = [.. server.Ask("SPOP", "s", $"{count}").Items.Select(i => i.Text)];
            Assert.Equal(Math.Min(count, members), popped.Distinct().Count());
            Assert.Equal(popped.Length, popped.Distinct().Count());
            Assert.Equal(all.Except(popped).Order(), Members(server, "s"));
            string[] events = count >= members ? ["spop s", "del s"] : count == 0 ? [] : ["spop s"];
            Assert.Equal(events, server.Events);
            while (server.Run("SCARD", "s") != ":0" && members <= 300) Assert.StartsWith("m", server.Run("SPOP", "s"));
            server.Run("DEL", "s");
        }
        Assert.Equal("(nil)", server.Run("SPOP", "s"));
        Assert.Equal("[]", server.Run("SPOP", "s", "3"));
        server.Run("SADD", "s", "a");
        Assert.Equal("[]", server.Run("SPOP", "s", "0"));
        Assert.Equal("-ERR value is out of range, must be positive", server.Run("SPOP", "s", "-1"));
        Assert.Equal("-ERR value is out of range, must be positive", server.Run("SPOP", "s", "x"));
        Assert.Equal("-ERR syntax error", server.Run("SPOP", "s", "1", "2"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 300)]
    [InlineData(3, 6000)]
    public void RandomMembersAreDistinctUnlessAskedOtherwise(int shards, int members)
    {
        using var server = new TestServer(shards);
        string[] all = [.. Enumerable.Range(0, members).Select(i => $"m{i}")];
        server.Run(["SADD", "s", .. all]);
        foreach (int count in new[] { 1, 2, members / 7, members / 3, members / 2, members - 1, members, members * 2 })
        {
            string[] chosen = [.. server.Ask("SRANDMEMBER", "s", $"{count}").Items.Select(i => i.Text)];
            Assert.Equal(Math.Min(count, members), chosen.Length);
            Assert.Equal(chosen.Length, chosen.Distinct().Count());
            Assert.Empty(chosen.Except(all));
            string[] repeated = [.. server.Ask("SRANDMEMBER", "s", $"-{count}").Items.Select(i => i.Text)];
            Assert.Equal(count, repeated.Length);
            Assert.Empty(repeated.Except(all));
        }
        Assert.Contains(server.Run("SRANDMEMBER", "s"), all);
        Assert.Equal("(nil)", server.Run("SRANDMEMBER", "none"));
        Assert.Equal("[]", server.Run("SRANDMEMBER", "none", "5"));
        Assert.Equal("[]", server.Run("SRANDMEMBER", "s", "0"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("SRANDMEMBER", "s", "x"));
        Assert.Equal("-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
            server.Run("SRANDMEMBER", "s", "-9223372036854775808"));
        Assert.Equal("-ERR syntax error", server.Run("SRANDMEMBER", "s", "1", "2"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(5000)]
    public void AScanMeetsEveryMember(int members)
    {
        using var server = new TestServer();
        string[] all = [.. Enumerable.Range(0, members).Select(i => $"m{i}")];
        server.Run(["SADD", "s", .. all]);
        foreach (string count in new[] { "1", "10", "3000" })
        {
            var seen = new HashSet<string>();
            string cursor = "0";
            int calls = 0;
            do
            {
                Reply reply = server.Ask("SSCAN", "s", cursor, "COUNT", count, "MATCH", "m*");
                cursor = reply.Items[0].Text;
                foreach (Reply member in reply.Items[1].Items) seen.Add(member.Text);
                calls++;
            }
            while (cursor != "0");
            Assert.Equal(all.Order(), seen.Order());
            if (members == 5000 && count == "10") Assert.InRange(calls, 100, 2000);
        }
        Assert.Equal("-ERR invalid cursor", server.Run("SSCAN", "s", "x"));
        Assert.Equal("-ERR syntax error", server.Run("SSCAN", "s", "0", "TYPE", "set"));
        Assert.Equal("-ERR syntax error", server.Run("SSCAN", "s", "0", "COUNT", "0"));
        Assert.Equal("[0, []]", server.Run("SSCAN", "none", "0", "FOO"));
    }

    [Fact]
    public void ALongCommandKeepsItsPlaceInThePipeline()
    {
        using var server = new TestServer();
        string[] all = [.. Enumerable.Range(0, 5000).Select(i => $"m{i}")];
        server.Run(["SADD", "s", .. all]);
        string[] replies = server.Client.Pipeline(["SADD", "s", "new"], ["SPOP", "s", "6000"], ["SADD", "s", "last"], ["SMEMBERS", "s"]);
        Assert.Equal(":1", replies[0]);
        Assert.Equal(5001, replies[1].Split(',').Length);
        Assert.Equal(":1", replies[2]);
        Assert.Equal("[last]", replies[3]);
        // One that is long by its arguments, and has nothing to wait for.
        Assert.Equal([":0", "[last]", "[]"], server.Client.Pipeline(["SADD", "s", "last"], ["SRANDMEMBER", "s", "3"], ["SRANDMEMBER", "none", "1"]));
        string[] drawn = server.Client.Pipeline(["SADD", "s", "last"], ["SRANDMEMBER", "s", "-600"], ["SCARD", "s"]);
        Assert.Equal(600, drawn[1].Split(',').Length);
        Assert.Equal(":1", drawn[2]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void LongCommandsRunInTransactionsAndScripts(int shards)
    {
        using var server = new TestServer(shards);
        string[] all = [.. Enumerable.Range(0, 5000).Select(i => $"m{i}")];
        server.Run(["SADD", "s", .. all]);
        server.Run(["SADD", "t", .. all.Take(3000), "x"]);
        server.Run("MULTI");
        foreach (string command in new[] { "SADD s y", "SINTERSTORE d s t", "SCARD d", "SDIFFSTORE e t s", "SMEMBERS e", "SPOP s 10000", "SCARD s" })
            server.Run(command.Split(' '));
        Reply reply = server.Ask("EXEC");
        Assert.Equal([":1", ":3000", ":3000", ":1", "[x]"], reply.Items.Take(5).Select(i => i.Text));
        Assert.Equal(5001, reply.Items[5].Items.Count);
        Assert.Equal(":0", reply.Items[6].Text);
        Assert.Equal(":3001", server.Run("EVAL", "redis.call('sadd', KEYS[2], 'z') return #redis.call('smembers', KEYS[1])", "2", "t", "d"));
        Assert.Equal(":3001", server.Run("EVAL", "redis.call('sadd', KEYS[1], 'z') return #redis.call('spop', KEYS[1], 9999)", "1", "d"));
        Assert.Equal(":0", server.Run("EXISTS", "d"));
    }

    [Fact]
    public void OthersWaitForALongCommandAndSeeItWhole()
    {
        using var server = new TestServer(2);
        string[] all = [.. Enumerable.Range(0, 20_000).Select(i => $"m{i}")];
        for (int i = 0; i < all.Length; i += 5000) server.Run(["SADD", "s", .. all[i..(i + 5000)]]);
        using TestClient other = server.Connect(1);
        server.Client.Send("SPOP", "s", "15000");
        server.Turn();
        other.Send("SCARD", "s");
        Assert.Equal(15_000, server.Client.Receive().Items.Count);
        Assert.Matches("^:(20000|5000)$", other.Receive().Text);
    }

    [Fact]
    public void SetsAreSets()
    {
        using var server = new TestServer();
        TestClient client = server.Connect(version: RespVersion.Resp3);
        client.Run("SADD", "s", "a");
        Assert.Equal("~[a]", client.Run("SMEMBERS", "s"));
        Assert.Equal("~[a]", client.Run("SUNION", "s", "none"));
        Assert.Equal("~[]", client.Run("SINTER", "s", "none"));
        Assert.Equal("~[a]", client.Run("SDIFF", "s", "none"));
        Assert.Equal("[a]", client.Run("SRANDMEMBER", "s", "1"));
        Assert.Equal("~[a]", client.Run("SPOP", "s", "1"));
        Assert.Equal("~[]", client.Run("SPOP", "s", "1"));
    }

    private static string[] Members(TestServer server, string key) =>
        [.. server.Ask("SMEMBERS", key).Items.Select(i => i.Text).Order()];
}
