using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Every known way to break out of a script, to break its state, to hold its thread or to take its memory: an error at most.</summary>
public sealed class LuaSafetyTests : IDisposable
{
    private readonly LuaRunner _lua = new();

    public void Dispose() => _lua.Dispose();

    [Theory]
    // Compiled code, and the parser (CVE-2025-49844: the chunk's name is collected; CVE-2025-46819: long delimiters).
    [InlineData("return loadstring(string.dump(function() end))()", "attempt to call")]
    [InlineData("local d = string.dump(loadstring('return 1')) return load(function() local x = d d = nil return x end)()", "attempt to call")]
    [InlineData("local n = ('x'):rep(1e5) loadstring(('a=1 '):rep(1e5), n .. '1') collectgarbage() error(n:sub(1, 3), 0)", "ERR xxx")]
    [InlineData("load(function() collectgarbage() error('in the reader') end)", "in the reader")]
    [InlineData("load(function() return 1 end)", "reader function must return a string")]
    [InlineData("local s = load(function() local f = loadstring('x') coroutine.wrap(collectgarbage)() return 1 end)", "Lua function expected")]
    [InlineData("local e = ('='):rep(1e6) return loadstring('return [' .. e .. '[x]' .. e .. ']')() == 'x' or error('wrong')", null)]
    [InlineData("local e = ('='):rep(1e6) return loadstring('return [' .. e .. 'x')()", "attempt to call")]
    [InlineData("return loadstring(('('):rep(1e5))()", "attempt to call")]
    [InlineData("return loadstring(('x'):rep(9e6))()", "attempt to call")]
    [InlineData("return loadstring('return ' .. ('{'):rep(300))()", "attempt to call")]
    // unpack (CVE-2025-46817), metatables of basic types (CVE-2025-46818), bit (CVE-2024-31449).
    [InlineData("return {unpack({1}, 0, 2147483647)}", "too many results to unpack")]
    [InlineData("return {unpack({1}, -2147483648, 2147483647)}", "too many results to unpack")]
    [InlineData("return {unpack({1}, 1, 1e15)}", null)]
    [InlineData("getmetatable('').__index = {}", "Attempt to modify a readonly table")]
    [InlineData("getmetatable('').__add = function() end", "Attempt to modify a readonly table")]
    [InlineData("rawset(getmetatable(''), '__index', {})", "Attempt to modify a readonly table")]
    [InlineData("getmetatable(nil).__index = {}", "attempt to index a nil value")]
    [InlineData("getmetatable(1).__index = {}", "attempt to index a nil value")]
    [InlineData("getmetatable(redis.call).__index = {}", "attempt to index a nil value")]
    [InlineData("return bit.tohex(1, -2147483648)", null)]
    [InlineData("return bit.tohex(-2^31, 2^31)", null)]
    // The sandbox.
    [InlineData("string.format = 1", "Attempt to modify a readonly table")]
    [InlineData("cjson.encode = 1", "Attempt to modify a readonly table")]
    [InlineData("redis.call = 1", "Attempt to modify a readonly table")]
    [InlineData("rawset(string, 'format', 1)", "Attempt to modify a readonly table")]
    [InlineData("setmetatable(_G, {})", "Attempt to modify a readonly table")]
    [InlineData("getmetatable(_G).__index = {}", "Attempt to modify a readonly table")]
    [InlineData("getmetatable(getmetatable(_G)).__newindex = nil", "Attempt to modify a readonly table")]
    [InlineData("table.insert(string, 1)", "Attempt to modify a readonly table")]
    [InlineData("table.sort(string)", "Attempt to modify a readonly table")]
    [InlineData("error(string)", "Attempt to modify a readonly table")]
    [InlineData("_G = {}", "Attempt to modify a readonly table")]
    [InlineData("return getfenv(1)", "nonexistent global variable 'getfenv'")]
    [InlineData("setfenv(1, {})", "nonexistent global variable 'setfenv'")]
    [InlineData("return dofile('/etc/passwd')", "nonexistent global variable 'dofile'")]
    [InlineData("return newproxy(true)", "nonexistent global variable 'newproxy'")]
    [InlineData("return io.open('x')", "nonexistent global variable 'io'")]
    [InlineData("return debug.getregistry()", "nonexistent global variable 'debug'")]
    [InlineData("return require('os')", "nonexistent global variable 'require'")]
    [InlineData("return os.execute('ls')", "attempt to call field 'execute'")]
    [InlineData("return _G[{}]", "must be a string or number")]
    // Recursion, in Lua and in C.
    [InlineData("local function f() return 1 + f() end return f()", "stack overflow")]
    [InlineData("local function f(s) return s:gsub('.', f) end return f('x')", "C stack overflow")]
    [InlineData("local function f() assert(pcall(f)) end f()", "overflow")]
    [InlineData("local function f() return coroutine.wrap(f)() end return f()", "C stack overflow")]
    [InlineData("local t = {} setmetatable(t, {__index = function(x, k) return x[k] end}) return t.x", "C stack overflow")]
    [InlineData("local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x", "loop in gettable")]
    [InlineData("local function f(a, b) table.sort({1, 2}, f) return true end f()", "C stack overflow")]
    [InlineData("local co co = coroutine.wrap(function() co() end) co()", "cannot resume non-suspended coroutine")]
    [InlineData("local t = {} t[1] = t cjson.encode(t)", "Cannot serialise, excessive nesting (1001)")]
    [InlineData("local t = {} t[1] = t cjson.encode_max_depth(1e9) cjson.encode(t)", "excessive nesting")]
    [InlineData("local t = {} t.x = t cjson.encode_max_depth(1e9) cjson.encode(t)", "excessive nesting")]
    [InlineData("return cjson.decode(('['):rep(1e5))", "Found too many nested data structures (1001) at character 1001")]
    [InlineData("cjson.decode_max_depth(1e9) return cjson.decode(('['):rep(1e5))", "too many nested data structures")]
    [InlineData("cjson.decode_max_depth(1e9) return cjson.decode(('{\"a\":'):rep(1e5))", "too many nested data structures")]
    [InlineData("return cmsgpack.unpack(('\\145'):rep(1e5))", "too many return values at once")]
    [InlineData("return cmsgpack.unpack(('\\129\\1'):rep(1e5))", "too many return values at once")]
    [InlineData("""
        local deep = 0
        local function f() deep = deep + 1 if deep < 180 then return (('x'):gsub('.', f)) end
        cjson.decode_max_depth(1e9) return cjson.decode(('['):rep(1e5)) end
        f()
        """, "nested data structures")]
    // Numbers that overflow.
    [InlineData("return string.rep('x', 2147483647)", "resulting string too large")]
    [InlineData("return string.rep('', 2^31 - 1)", null)]
    [InlineData("return string.format('%2147483647d', 1)", "invalid format")]
    [InlineData("return string.format('%.999f', 1)", "invalid format")]
    [InlineData("return string.format(('%99d'):rep(250), unpack((function() local t = {} for i = 1, 250 do t[i] = i end return t end)()))", null)]
    [InlineData("return struct.pack('c2147483647', 'x')", "string too short")]
    [InlineData("return struct.pack('c99999999999999999999', 'x')", "integral size overflow")]
    [InlineData("return struct.pack('!2147483648i', 1)", "integral size overflow")]
    [InlineData("return struct.unpack('!1073741824d', ('x'):rep(8), 2147483647)", "data string too short")]
    [InlineData("return struct.unpack('i', 'abcd', -1)", "data string too short")]
    [InlineData("return struct.unpack('!8d', ('x'):rep(8), -7)", "data string too short")]
    [InlineData("return struct.unpack('dc0', struct.pack('d', -1) .. 'x')", "data string too short")]
    [InlineData("return struct.unpack('dc0', struct.pack('d', 1e300) .. 'x')", null)]
    [InlineData("return cmsgpack.unpack('\\219\\255\\255\\255\\255x')", "Missing bytes in input.")]
    [InlineData("return cmsgpack.unpack('\\221\\255\\255\\255\\255x')", "Missing bytes in input.")]
    [InlineData("return cmsgpack.unpack('\\223\\255\\255\\255\\255x')", "Missing bytes in input.")]
    [InlineData("return cmsgpack.unpack_one('x', 2^53)", "greater than input length")]
    [InlineData("cjson.encode_sparse_array(true, 0) return cjson.encode({[2^53] = 1})", "excessively sparse array")]
    [InlineData("return table.concat({}, 'x', 1, 2^31 - 1)", "invalid value")]
    [InlineData("return ('x'):find(('x'):rep(5000) .. '.')", "pattern too long")]
    [InlineData("return ('x'):rep(100):find(('(x)'):rep(33))", "too many captures")]
    // Memory.
    [InlineData("local t = {} for i = 1, 1e8 do t[i] = ('x'):rep(1000) .. i end", "not enough memory")]
    [InlineData("return #('x'):rep(20e6):rep(2)", "memory")]
    [InlineData("local t = {} for i = 1, 1e6 do t[i] = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' end return #table.concat(t)", "not enough memory")]
    [InlineData("local s = 'x' while true do s = s .. s end", "not enough memory")]
    [InlineData("return #('x'):rep(1e7):gsub('.', 'xxxxxxxx')", "not enough memory")]
    [InlineData("local t = {} for i = 1, 40 do t = {t, t} end return cjson.encode(t)", "not enough memory")]
    [InlineData("return cjson.decode('[' .. ('{},'):rep(1e6) .. '1]')", "not enough memory")]
    [InlineData("local t = {('x'):rep(1e6)} for i = 1, 6 do t = {t, t} end return cmsgpack.pack(t)", "not enough memory")]
    [InlineData("return cmsgpack.unpack('\\221\\0\\16\\0\\0' .. ('\\144'):rep(1e6))", "not enough memory")]
    [InlineData("return struct.pack(('c0'):rep(100), unpack((function() local t = {} for i = 1, 100 do t[i] = ('x'):rep(1e6) end return t end)()))",
        "not enough memory")]
    [InlineData("local t = {1} for i = 1, 40 do t = {t, t} end return t", "not enough memory")]
    [InlineData("local s = ('x'):rep(1e6) local t = {} for i = 1, 100 do t[i] = s end return t", "not enough memory")]
    [InlineData("redis.call(('x'):rep(9e6), unpack((function() local t = {} for i = 1, 7000 do t[i] = ('y'):rep(9e3) .. i end return t end)()))",
        "not enough memory")]
    public void IsAnErrorAndLeavesTheStateWhole(string source, string? expected)
    {
        for (int round = 0; round < 2; round++)
        {
            LuaStatus status = _lua.Finish(_lua.Start(source));
            string output = _lua.Script.ToString();
            if (expected == null) Assert.True(status == LuaStatus.Done, output);
            else Assert.Contains(expected, Assert.IsType<string>(status == LuaStatus.Error ? output : null), StringComparison.Ordinal);
        }

        Assert.Equal("$7\r\n[1,[2]]\r\n", _lua.Run("return cjson.encode(cmsgpack.unpack(cmsgpack.pack({1, {2}})))"));
        Assert.InRange(_lua.Script.MemoryUsed, 1, 1 << 20);
    }

    [Fact]
    public void AnObjectThatContainsItselfEndsWhereTheStackIsFull()
    {
        string reply = _lua.Run("local a = {} local b = {a} a[1] = b return a");
        Assert.StartsWith("*1\r\n*1\r\n", reply, StringComparison.Ordinal);
        Assert.EndsWith("*1\r\n-ERR reached lua stack limit\r\n", reply, StringComparison.Ordinal);
        Assert.EndsWith("-ERR reached lua stack limit\r\n", _lua.Run("local a = {} a.map = {a} return a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while true do end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("while true do xpcall(function() error('x') end, function() while true do end end) end")]
    [InlineData("while true do xpcall(function() while true do end end, function() while true do end end) end")]
    [InlineData("while true do coroutine.wrap(function() while true do end end)() end")]
    [InlineData("while true do pcall(coroutine.wrap(function() for i = 1, 10 do end end)) end")]
    [InlineData("local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end")]
    [InlineData("while true do coroutine.resume(coroutine.create(function() end)) end")]
    [InlineData("local t = setmetatable({}, {__index = function() while true do end end}) while true do pcall(function() return t.x end) end")]
    [InlineData("while true do pcall(error, setmetatable({}, {__index = function() while true do end end})) end")]
    [InlineData("while true do pcall(load, function() while true do end end) end")]
    [InlineData("for w in function() return 1 end do end")]
    [InlineData("('x'):rep(300000):gsub('.', pcall) while true do end")]
    [InlineData("return ('a'):rep(30000):find(('.-'):rep(50) .. 'b')")]
    [InlineData("return ('a'):rep(300000):find('(.-)(.-)(.-)b')")]
    [InlineData("return ('a'):rep(300000):match(('a*'):rep(50) .. 'b')")]
    [InlineData("return ('('):rep(300000):find(('%b()'):rep(2))")]
    [InlineData("local s = ('a'):rep(100000) while true do s:gsub('a', '%0%0') end")]
    [InlineData("local t = {} for i = 1, 3e5 do t[i] = i end while true do table.sort(t) end")]
    [InlineData("table.sort({1, 2, 3}, function() while true do end end)")]
    [InlineData("local t = {} for i = 1, 3e5 do t[i] = i end while true do table.insert(t, 1, table.remove(t, 1)) end")]
    [InlineData("local s = ('x'):rep(1e6) while true do local t = s .. 'y' end")]
    [InlineData("local t = {} for i = 1, 1e5 do t[i] = i end while true do cjson.decode(cjson.encode(t)) end")]
    [InlineData("local t = {} for i = 1, 1e5 do t[i] = i end while true do cmsgpack.unpack(cmsgpack.pack(t)) end")]
    [InlineData("local f = ('i'):rep(1e5) while true do pcall(struct.size, f) struct.size(f) end")]
    [InlineData("while true do string.format('%s', ('x'):rep(1e5)) end")]
    [InlineData("local t = {} t[1] = t t[2] = t while true do cmsgpack.pack(t) end")]
    [InlineData("local t = {} for i = 1, 30 do t = {t, t} end cmsgpack.pack(t) while true do pcall(cjson.encode, t) end")]
    [InlineData("while true do redis.pcall() redis.error_reply('x') pcall(redis.call) end")]
    [InlineData("while true do pcall(setmetatable, _G, {}) pcall(string.rep, 'x', 1e5) end")]
    public void EndlessScriptsYieldAndDieWhenKilled(string source)
    {
        LuaStatus status = _lua.Start(source);
        for (int slice = 0; slice < 10; slice++)
        {
            Assert.True(status == LuaStatus.Yield, _lua.Script.ToString());
            status = _lua.Script.Resume(default);
        }

        _lua.Script.Kill();
        for (int resumes = 0; status == LuaStatus.Yield; resumes++)
        {
            Assert.True(resumes < 3);
            status = _lua.Script.Resume(default);
        }

        Assert.Equal(LuaStatus.Error, status);
        Assert.StartsWith("ERR Script killed by user with SCRIPT KILL.", _lua.Script.ToString(), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", _lua.Run("return 1"));
        Assert.InRange(_lua.Script.MemoryUsed, 1, 1 << 20);
    }

    [Theory]
    [InlineData("while true do pcall(redis.call, 'x') end")]
    [InlineData("('x'):rep(1e6):gsub('.', function() redis.pcall('x') end)")]
    [InlineData("coroutine.wrap(function() while true do redis.pcall('x') end end)()")]
    public void AScriptThatWaitsForAReplyDiesWhenKilled(string source)
    {
        LuaStatus status = _lua.Start(source);
        for (int call = 0; call < 100; call++) status = _lua.Step(status);
        while (status == LuaStatus.Yield) status = _lua.Script.Resume(default);
        Assert.Equal(LuaStatus.Call, status);
        _lua.Script.Kill();
        Assert.Equal(LuaStatus.Error, _lua.Script.Resume("+OK\r\n"u8));
        Assert.StartsWith("ERR Script killed by user with SCRIPT KILL.", _lua.Script.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryMayEndAnywhere()
    {
        const string Source = """
            local t = {} for i = 1, 20 do t[i] = {i, 'k' .. i, {x = i}} end
            local j = cjson.encode(t) local m = cmsgpack.pack(cjson.decode(j)) local u = cmsgpack.unpack(m)
            struct.unpack('>i4sd', struct.pack('>i4sd', 1, j, 2.5))
            pcall(error, {err = 'X y'}) pcall(redis.call, 'a', 1.5, 'b')
            local co = coroutine.wrap(function() coroutine.yield(1) error('x') end) co() pcall(co)
            for i = 1, 10 do loadstring('return ' .. i .. ', "' .. ('q'):rep(i) .. '"')() end
            xpcall(function() return (('x'):rep(3000) .. j):gsub('x', function(c) return 'yy' end) end, function(e) return e end)
            redis.log(1, 'a', 'b') redis.error_reply('E x')
            return {j, u, {err = 'a'}, {map = {a = 1}}, 1.5}
            """;
        const string Library = "redis.register_function('f', function(keys, args) return cjson.encode({keys, args}) end)";
        int states = 0, done = 0;
        for (int limit = 30_000; limit < 110_000; limit += 173)
        {
            using LuaScript? script = LuaScript.Create(limit, LuaRunner.SliceNanoseconds, 1);
            if (script == null) continue;
            using LuaRunner lua = new(script);
            states++;
            for (int round = 0; round < 2; round++)
            {
                if (lua.Finish(lua.Start(Source)) == LuaStatus.Done) done++;
                if (lua.Load(Library, 1) == LuaStatus.Done) done++;
                if (lua.Finish(lua.StartFunction(Library, 2, "f", 1, new string('k', 500), "a")) == LuaStatus.Done) done++;
            }
        }

        Assert.InRange(done, 6, (states * 6) - 6);
    }

    /// <summary>A hundred looks, one per thousand instructions; the first of a slice begins it.</summary>
    [Theory]
    [InlineData(1_000_000, 50)]
    [InlineData(100_000, 9)]
    [InlineData(1_000, 0)]
    public void WhereLooksMoveTheClockSlicesAreTheSameEachTime(long lookNs, int yields)
    {
        using LuaRunner lua = new(LuaScript.Create(32 << 20, LuaRunner.SliceNanoseconds, 1, lookNs)!);
        for (int run = 0; run < 5; run++)
        {
            int seen = 0;
            for (LuaStatus status = lua.Start("for i = 1, 100000 do end"); status != LuaStatus.Done; seen++) status = lua.Step(status);
            Assert.Equal(yields, seen);
        }
    }

    [Fact]
    public void AStateForWhichThereIsNoMemoryIsNull() => Assert.Null(LuaScript.Create(10_000, LuaRunner.SliceNanoseconds, 1));
}
