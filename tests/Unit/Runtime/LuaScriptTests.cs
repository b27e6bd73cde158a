using System.Text;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Scripts on their own stacks: results, calls, slices, kills, and every known way to break the stock library.</summary>
public sealed class LuaScriptTests : IDisposable
{
    private const long MemoryMax = 32 << 20;
    private const long SliceNanoseconds = 1_000_000;

    private readonly LuaScript _script = LuaScript.Create(MemoryMax, SliceNanoseconds)!;
    private int _next;

    public void Dispose() => _script.Dispose();

    [Theory]
    [InlineData("return 3.99", ":3\r\n")]
    [InlineData("return 'a'", "$1\r\na\r\n")]
    [InlineData("return nil", "$-1\r\n")]
    [InlineData("return true", ":1\r\n")]
    [InlineData("return false", "$-1\r\n")]
    [InlineData("return {1,2,nil,4}", "*2\r\n:1\r\n:2\r\n")]
    [InlineData("return {ok='fi\\r\\nne'}", "+fi  ne\r\n")]
    [InlineData("return {err='MY error'}", "-MY error\r\n")]
    [InlineData("return {double=3.25}", "$4\r\n3.25\r\n")]
    [InlineData("return redis.status_reply('yes')", "+yes\r\n")]
    [InlineData("return redis.error_reply('-CODE text')", "-CODE text\r\n")]
    [InlineData("return redis.error_reply('text')", "-ERR text\r\n")]
    [InlineData("return {string.find('hello', 'l+')}", "*2\r\n:3\r\n:4\r\n")]
    [InlineData("return (string.gsub('hello world', '(%w+) (%w+)', '%2 %1'))", "$11\r\nworld hello\r\n")]
    [InlineData("return (string.gsub('abc', '', '-'))", "$7\r\n-a-b-c-\r\n")]
    [InlineData("local t = {3,1,2} table.sort(t) return table.concat(t, ',')", "$5\r\n1,2,3\r\n")]
    [InlineData("local t = {3,1,2} table.sort(t, function(a, b) return a > b end) return t", "*3\r\n:3\r\n:2\r\n:1\r\n")]
    [InlineData("return bit.tohex(1, -2147483648)", "$8\r\n00000001\r\n")]
    [InlineData("return bit.bor(0xff, bit.lshift(1, 31))", ":-2147483393\r\n")]
    [InlineData("return {pcall(error, 'x')}", "*2\r\n$-1\r\n$1\r\nx\r\n")]
    [InlineData("return {xpcall(function() error('x', 0) end, function(e) return e .. 'y' end)}", "*2\r\n$-1\r\n$2\r\nxy\r\n")]
    [InlineData("local n = 0 for k in pairs(math) do n = n + 1 end return n > 20", ":1\r\n")]
    [InlineData("return type(rawget(string, 'format'))", "$8\r\nfunction\r\n")]
    public void ResultsAreRedisReplies(string source, string expected) => Assert.Equal(expected, Run(source));

    [Theory]
    [InlineData("x = 1", "Attempt to modify a readonly table")]
    [InlineData("return x", "Script attempted to access nonexistent global variable 'x'")]
    [InlineData("string.format = 1", "Attempt to modify a readonly table")]
    [InlineData("rawset(string, 'format', 1)", "Attempt to modify a readonly table")]
    [InlineData("rawset(_G, 'x', 1)", "Attempt to modify a readonly table")]
    [InlineData("setmetatable(_G, {})", "Attempt to modify a readonly table")]
    [InlineData("table.insert(string, 1)", "Attempt to modify a readonly table")]
    [InlineData("getmetatable('').__index = {}", "attempt to index")]
    [InlineData("return loadstring(string.dump(function() end))()", "attempt to call")]
    [InlineData("return dofile('/etc/passwd')", "nonexistent global variable 'dofile'")]
    [InlineData("return os.execute('ls')", "attempt to call field 'execute'")]
    [InlineData("return {unpack({1}, 0, 2147483647)}", "too many results to unpack")]
    [InlineData("return {unpack({1}, -2147483648, 2147483647)}", "too many results to unpack")]
    [InlineData("return string.rep('x', 2147483647)", "resulting string too large")]
    [InlineData("return ('x'):find(('x'):rep(5000) .. '.')", "pattern too long")]
    [InlineData("local function f() return 1 + f() end return f()", "stack overflow")]
    [InlineData("local t = {} for i = 1, 1e8 do t[i] = ('x'):rep(1000) .. i end", "not enough memory")]
    [InlineData("local t = {} for i = 1, 200 do t = {t} end return t", "lua stack limit")]
    [InlineData("local t = {1} for i = 1, 40 do t = {t, t} end return t", "not enough memory")]
    [InlineData("local function f(s) return s:gsub('.', f) end return f('x')", "C stack overflow")]
    [InlineData("return {{", "unexpected symbol")]
    [InlineData("error({})", "error object is a table")]
    public void WhatIsRefusedIsAnError(string source, string expected)
    {
        Assert.Contains(expected, Run(source, LuaStatus.Error), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", Run("return 1"));
    }

    [Theory]
    [InlineData("while true do end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("while true do xpcall(function() error('x') end, function() while true do end end) end")]
    [InlineData("while true do coroutine.wrap(function() while true do end end)() end")]
    [InlineData("while true do pcall(coroutine.wrap(function() for i = 1, 10 do end end)) end")]
    [InlineData("('x'):rep(300000):gsub('.', pcall) while true do end")]
    [InlineData("return ('a'):rep(30000):find(('.-'):rep(50) .. 'b')")]
    [InlineData("local t = {} for i = 1, 3e5 do t[i] = i end while true do table.sort(t) end")]
    [InlineData("local t = {} for i = 1, 3e5 do t[i] = i end while true do table.insert(t, 1, table.remove(t, 1)) end")]
    [InlineData("local s = ('x'):rep(1e6) while true do local t = s .. 'y' end")]
    public void EndlessScriptsYieldAndDieWhenKilled(string source)
    {
        LuaStatus status = Start(source);
        for (int slice = 0; slice < 20; slice++)
        {
            Assert.Equal(LuaStatus.Yield, status);
            status = _script.Resume(default);
        }

        _script.Kill();
        for (int resumes = 0; status == LuaStatus.Yield; resumes++)
        {
            Assert.True(resumes < 3);
            status = _script.Resume(default);
        }

        Assert.Equal(LuaStatus.Error, status);
        Assert.Contains("Script killed by user with SCRIPT KILL.", _script.ToString(), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", Run("return 1"));
    }

    [Fact]
    public void CallsSuspendAnywhereInTheScript()
    {
        const string Source = """
            local function get(k) return redis.call('get', k) end
            local out = { (string.gsub('abc', '.', get)) }
            table.sort({2, 1}, function(a, b) out[#out + 1] = get('s') return a < b end)
            out[#out + 1] = coroutine.wrap(function() return get('c') end)()
            out[#out + 1] = setmetatable({}, { __index = function(_, k) return get(k) end }).field
            return table.concat(out, ',')
            """;
        LuaStatus status = Start(Source);
        while (status == LuaStatus.Call)
        {
            Assert.Equal(LuaAsk.Call, _script.Ask);
            Assert.Equal("get", Encoding.ASCII.GetString(_script.Argument(0)));
            string value = "<" + Encoding.ASCII.GetString(_script.Argument(1)) + ">";
            status = _script.Resume(Encoding.ASCII.GetBytes($"${value.Length}\r\n{value}\r\n"));
        }

        Assert.Equal(LuaStatus.Done, status);
        Assert.EndsWith("<a><b><c>,<s>,<c>,<field>\r\n", _script.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+OK\r\n", "return redis.call('x').ok", "$2\r\nOK\r\n")]
    [InlineData("$-1\r\n", "return redis.call('x') == false", ":1\r\n")]
    [InlineData("_\r\n", "return redis.call('x') == nil", ":1\r\n")]
    [InlineData(",3.5\r\n", "return redis.call('x').double * 2", ":7\r\n")]
    [InlineData("%1\r\n+a\r\n:1\r\n", "for k, v in pairs(redis.call('x').map) do return {k.ok, v} end", "*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("~1\r\n$1\r\na\r\n", "return redis.call('x').set.a", ":1\r\n")]
    [InlineData("=7\r\ntxt:abc\r\n", "return redis.call('x').verbatim_string.string", "$3\r\nabc\r\n")]
    [InlineData("(12\r\n", "return redis.call('x').big_number", "$2\r\n12\r\n")]
    [InlineData("-ERR no\r\n", "return redis.pcall('x').err", "$6\r\nERR no\r\n")]
    [InlineData("-ERR no\r\n", "local ok, e = pcall(redis.call, 'x') return {ok, e.err}", "*2\r\n$-1\r\n$6\r\nERR no\r\n")]
    [InlineData("*2\r\n:1\r\n*-1\r\n", "return redis.call('x')", "*2\r\n:1\r\n$-1\r\n")]
    public void RepliesBecomeValues(string reply, string source, string expected)
    {
        Assert.Equal(LuaStatus.Call, Start(source));
        Assert.Equal(LuaStatus.Done, _script.Resume(Encoding.ASCII.GetBytes(reply)));
        Assert.Equal(expected, _script.ToString());
    }

    [Fact]
    public void NumbersAreWrittenAsRedisWritesThem()
    {
        Assert.Equal(LuaStatus.Call, Start("redis.call(1, 1.5, 0.1, 1e15, 3.0)"));
        string[] arguments = [.. Enumerable.Range(0, _script.ArgumentCount).Select(i => Encoding.ASCII.GetString(_script.Argument(i)))];
        Assert.Equal(["1", "1.5", "0.1", "1000000000000000", "3"], arguments);
        Assert.Equal(LuaStatus.Done, _script.Resume("+OK\r\n"u8));
    }

    [Fact]
    public void AnErrorSaysWhereItWasRaised()
    {
        string message = Run("local x = 1\nredis.call()", LuaStatus.Error);
        Assert.Equal("ERR Please specify at least one argument for this call", message);
        Assert.Equal("@user_script", Encoding.ASCII.GetString(_script.Source));
        Assert.Equal(2, _script.Line);
    }

    [Fact]
    public unsafe void KeysAndArgumentsAreTables()
    {
        fixed (byte* bytes = "k1k2a1"u8)
        {
            nint[] addresses = [(nint)bytes, (nint)bytes + 2, (nint)bytes + 4];
            LuaStatus status = _script.Start(
                "return {KEYS[2], ARGV[1], #KEYS, #ARGV}"u8, "keys"u8, 2, 2, addresses, [2, 2, 2]);
            Assert.Equal(LuaStatus.Done, status);
        }

        Assert.Equal("*4\r\n$2\r\nk2\r\n$2\r\na1\r\n:2\r\n:1\r\n", _script.ToString());
    }

    [Fact]
    public void StatesAreUsedAgainWithoutGrowing()
    {
        for (int i = 0; i < 600; i++) Run($"local t = {{}} for i = 1, 1000 do t[i] = i end return {i}");
        Assert.InRange(_script.MemoryUsed, 1, 4 << 20);
    }

    private string Run(string source, LuaStatus expected = LuaStatus.Done)
    {
        LuaStatus status = Start(source);
        while (status == LuaStatus.Yield) status = _script.Resume(default);
        Assert.True(expected == status, $"{status}: {_script}");
        return _script.ToString();
    }

    private LuaStatus Start(string source) =>
        _script.Start(Encoding.UTF8.GetBytes(source), Encoding.ASCII.GetBytes($"id{_next++}"), 2, 0, [], []);
}
