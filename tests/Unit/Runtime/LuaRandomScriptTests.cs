using System.Globalization;
using System.Text;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Random small scripts out of library functions and odd arguments: each ends, and its state goes on.</summary>
public sealed class LuaRandomScriptTests
{
    private const int ScriptsPerSeed = 1000;
    private const int SlicesMax = 30;
    private const int ResumesAfterKillMax = 3;
    private const long MemoryMax = 4 << 20;

    private static readonly string[] Functions =
    [
        "string.rep", "string.sub", "string.gsub", "string.find", "string.match", "string.gmatch", "string.format", "string.byte",
        "string.char", "string.reverse", "string.upper", "string.len", "string.dump", "table.concat", "table.insert", "table.remove",
        "table.sort", "table.maxn", "table.getn", "table.foreach", "table.foreachi", "unpack", "select", "next", "pairs", "ipairs",
        "rawget", "rawset", "rawequal", "setmetatable", "getmetatable", "tostring", "tonumber", "type", "assert", "error", "pcall",
        "xpcall", "loadstring", "load", "collectgarbage", "gcinfo", "coroutine.create", "coroutine.resume", "coroutine.wrap",
        "coroutine.status", "coroutine.running", "coroutine.yield", "cjson.encode", "cjson.decode", "cjson.encode_sparse_array",
        "cjson.encode_max_depth", "cjson.decode_max_depth", "cjson.encode_number_precision", "cjson.encode_invalid_numbers",
        "cjson.decode_invalid_numbers", "cjson.encode_keep_buffer", "cjson.new", "cmsgpack.pack", "cmsgpack.unpack",
        "cmsgpack.unpack_one", "cmsgpack.unpack_limit", "struct.pack", "struct.unpack", "struct.size", "bit.tohex", "bit.lshift",
        "bit.bswap", "bit.rol", "math.random", "math.randomseed", "math.fmod", "redis.call", "redis.pcall", "redis.error_reply",
        "redis.status_reply", "redis.sha1hex", "redis.log", "redis.setresp", "redis.acl_check_cmd", "redis.set_repl",
        "__redis__err__handler",
    ];

    private static readonly string[] Values =
    [
        "nil", "true", "false", "0", "1", "-1", "2", "3", "1.5", "255", "2^31", "-2^31", "2^53", "2^63", "1e308", "0/0", "1/0", "-1/0",
        "''", "'x'", "'abc\\0def'", "('ab'):rep(5000)", "'%d%s%q'", "'%99.99f'", "'(.-)%1'", "'%b()%f[%w]'", "'[^'", "'>!8i8c0sLd'",
        "'\\219\\255\\255\\255\\255'", "'\\220\\255\\255\\1'", "'\\133\\1'", "'[[[{\"a\":[1,2,\"\\\\u00e9\"]}]]]'", "'{\"k\":1e999}'",
        "'return ...'", "'return {' .. ('{'):rep(50)", "{}", "{1,2,3}", "{a=1,[2]='x',[1.5]={}}", "{{{{{}}}}}", "{[2^53]=1}", "circle",
        "meta", "string", "_G", "cjson", "redis", "KEYS", "print_like", "error", "thread", "wrapped", "function() return 1 end",
        "function(...) return ... end", "function() error({err='E x'}) end", "function() return {} end", "cjson.null", "tostring",
        "string.rep", "function(a, b) return a < b end",
    ];

    private static readonly string[] Replies =
    [
        "+OK\r\n", "$5\r\nhello\r\n", "$-1\r\n", ":-7\r\n", "-ERR no\r\n", "*3\r\n:1\r\n$1\r\na\r\n*0\r\n", "*-1\r\n", "%1\r\n+a\r\n,1.5\r\n",
        "~2\r\n:1\r\n:2\r\n", "_\r\n", "#t\r\n", "(123\r\n", "=7\r\ntxt:abc\r\n", "%1\r\n_\r\n:1\r\n", "*2\r\n:1\r\n", "",
    ];

    private const string Prelude = """
        local circle = {} circle[1] = circle circle.x = circle
        local meta = setmetatable({}, {__index = function(t, k) return k end, __newindex = function() end, __call = function(...) return ... end,
            __tostring = function() return 'meta' end, __len = function() return 5 end, __lt = function() return true end,
            __concat = function() return 'cat' end, __eq = function() return true end})
        local print_like = function(...) return select('#', ...) end
        local thread = coroutine.create(function(...) return coroutine.yield(...) end)
        local wrapped = coroutine.wrap(function(...) while true do coroutine.yield(...) end end)
        local a, b, c = 1, 'b', {}

        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EachEnds(int seed)
    {
        Random random = new(seed);
        using LuaRunner lua = new(MemoryMax);
        for (int i = 0; i < ScriptsPerSeed; i++)
        {
            string source = Prelude + Statements(random, random.Next(1, 6));
            Assert.True(Ends(lua, random, source), $"seed {seed}, script {i}:\n{source}");
            if (i % 50 == 0) Assert.Equal("$3\r\n[1]\r\n", lua.Run("return cjson.encode({1})"));
        }

        Assert.InRange(lua.Script.MemoryUsed, 1, MemoryMax / 2);
    }

    private static bool Ends(LuaRunner lua, Random random, string source)
    {
        LuaStatus status = lua.Start(source, random.Next(2, 4));
        int steps = 0;
        for (; status is LuaStatus.Yield or LuaStatus.Call && steps < SlicesMax; steps++)
        {
            lua.Reply = Replies[random.Next(Replies.Length)];
            status = lua.Step(status);
        }

        if (status is LuaStatus.Yield or LuaStatus.Call) lua.Script.Kill();
        for (steps = 0; status is LuaStatus.Yield or LuaStatus.Call && steps < ResumesAfterKillMax; steps++) status = lua.Step(status);
        return status is LuaStatus.Done or LuaStatus.Error;
    }

    private static string Statements(Random random, int count)
    {
        StringBuilder source = new();
        for (int i = 0; i < count; i++) source.AppendLine(CultureInfo.InvariantCulture, $"{Statement(random)}");
        return source.Append(CultureInfo.InvariantCulture, $"return {Expression(random, 2)}").ToString();
    }

    private static string Statement(Random random) => random.Next(8) switch
    {
        0 => $"for i = 1, {random.Next(1, 2000)} do a = {Expression(random, 1)} end",
        1 => $"pcall(function() b = {Expression(random, 2)} end)",
        2 => $"c = {{{Expression(random, 1)}, {Expression(random, 1)}, x = {Expression(random, 1)}}}",
        3 => $"coroutine.resume(coroutine.create(function() a = {Expression(random, 2)} end))",
        4 => $"if {Expression(random, 1)} then b = {Expression(random, 1)} end",
        _ => $"a, b = pcall({Functions[random.Next(Functions.Length)]}{string.Concat(Arguments(random, 2).Select(value => ", " + value))})",
    };

    private static string Expression(Random random, int depth) => depth == 0 || random.Next(3) == 0
        ? random.Next(4) == 0 ? "abc"[random.Next(3)].ToString() : Values[random.Next(Values.Length)]
        : $"{Functions[random.Next(Functions.Length)]}({string.Join(", ", Arguments(random, depth))})";

    private static IEnumerable<string> Arguments(Random random, int depth) =>
        Enumerable.Range(0, random.Next(5)).Select(_ => Expression(random, depth - 1));
}
