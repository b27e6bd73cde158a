using System.Text;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Scripts on their own stacks: results, errors, calls, and replies both ways, as Valkey has them.</summary>
public sealed class LuaScriptTests : IDisposable
{
    private readonly LuaRunner _lua = new();

    public void Dispose() => _lua.Dispose();

    [Theory]
    [InlineData("return 3.99", ":3\r\n")]
    [InlineData("return -1.9", ":-1\r\n")]
    [InlineData("return 1e300", ":-9223372036854775808\r\n")]
    [InlineData("return 'a'", "$1\r\na\r\n")]
    [InlineData("return nil", "$-1\r\n")]
    [InlineData("return true", ":1\r\n")]
    [InlineData("return false", "$-1\r\n")]
    [InlineData("return {1,2,nil,4}", "*2\r\n:1\r\n:2\r\n")]
    [InlineData("return {ok='fi\\r\\nne'}", "+fi  ne\r\n")]
    [InlineData("return {err='MY error\\r\\n'}", "-MY error\r\n")]
    [InlineData("return {double=3.25}", "$4\r\n3.25\r\n")]
    [InlineData("return {double=0/0}", "$3\r\nnan\r\n")]
    [InlineData("return {double=-1/0}", "$4\r\n-inf\r\n")]
    [InlineData("return {double=5e-324}", "$6\r\n5e-324\r\n")]
    [InlineData("return {double=1234567.125}", "$11\r\n1234567.125\r\n")]
    [InlineData("return {big_number='12\\r\\n3'}", "$5\r\n12  3\r\n")]
    [InlineData("return {verbatim_string={format='txt',string='abc'}}", "$3\r\nabc\r\n")]
    [InlineData("return {verbatim_string={string='abc'}, map={a=1}}", "*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("return {set={a=true}}", "*1\r\n$1\r\na\r\n")]
    [InlineData("redis.setresp(3) return {true, false}", "*2\r\n:1\r\n:0\r\n")]
    [InlineData("return redis.status_reply('yes')", "+yes\r\n")]
    [InlineData("return redis.status_reply(1)", "-ERR wrong number or type of arguments\r\n")]
    [InlineData("return redis.error_reply('-CODE text')", "-CODE text\r\n")]
    [InlineData("return redis.error_reply('CODE text\\r\\n')", "-CODE text\r\n")]
    [InlineData("return redis.error_reply('text')", "-ERR text\r\n")]
    [InlineData("return redis.call", "$-1\r\n")]
    [InlineData("return {redis.REPL_NONE, redis.REPL_AOF, redis.REPL_SLAVE, redis.REPL_REPLICA, redis.REPL_ALL}",
        "*5\r\n:0\r\n:1\r\n:2\r\n:2\r\n:3\r\n")]
    [InlineData("return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING}", "*4\r\n:0\r\n:1\r\n:2\r\n:3\r\n")]
    [InlineData("return {redis.replicate_commands(), redis.breakpoint(), redis.debug('x')}", "*2\r\n:1\r\n$-1\r\n")]
    [InlineData("return {redis.REDIS_VERSION, redis.REDIS_VERSION_NUM, redis.SERVER_NAME}", "*3\r\n$5\r\n7.2.4\r\n:459268\r\n$4\r\nanax\r\n")]
    [InlineData("return redis.set_repl(redis.REPL_ALL)", "$-1\r\n")]
    [InlineData("return redis.register_function", "$-1\r\n")]
    [InlineData("return _G", "*0\r\n")]
    [InlineData("return {pcall(error, 'x')}", "*2\r\n$-1\r\n$1\r\nx\r\n")]
    [InlineData("return {pcall(error, {err='A b'})}", "*2\r\n$-1\r\n$3\r\nA b\r\n")]
    [InlineData("return {xpcall(function() error('x', 0) end, function(e) return e .. 'y' end)}", "*2\r\n$-1\r\n$2\r\nxy\r\n")]
    [InlineData("local n = 0 for k in pairs(math) do n = n + 1 end return n > 20", ":1\r\n")]
    [InlineData("return type(rawget(string, 'format'))", "$8\r\nfunction\r\n")]
    [InlineData("return loadstring('return #KEYS')()", ":0\r\n")]
    [InlineData("KEYS[1] = 'changed' return KEYS[1]", "$7\r\nchanged\r\n")]
    public void ResultsAreRedisReplies(string source, string expected) => Assert.Equal(expected, _lua.Run(source));

    [Theory]
    [InlineData("return true", ":1\r\n")]
    [InlineData("return nil", "_\r\n")]
    [InlineData("redis.setresp(3) return {true, false, 1}", "*3\r\n#t\r\n#f\r\n:1\r\n")]
    [InlineData("return {double=3.5}", ",3.5\r\n")]
    [InlineData("return {big_number='12'}", "(12\r\n")]
    [InlineData("return {map={a=1}}", "%1\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("return {set={a=true}}", "~1\r\n$1\r\na\r\n")]
    [InlineData("return {verbatim_string={format='m',string='abc'}}", "=7\r\nm  :abc\r\n")]
    public void ResultsAreResp3ForAClientThatSpeaksIt(string source, string expected) =>
        Assert.Equal(expected, _lua.Run(source, resp: 3));

    [Theory]
    [InlineData("x = 1", "ERR user_script:1: Attempt to modify a readonly table script: on @user_script:1.")]
    [InlineData("return x", "ERR user_script:1: Script attempted to access nonexistent global variable 'x' script: on @user_script:1.")]
    [InlineData("rawset(_G, 'x', 1)", "ERR Attempt to modify a readonly table script: on @user_script:1.")]
    [InlineData("error('a')", "ERR user_script:1: a script: on @user_script:1.")]
    [InlineData("error('a\\r\\nb', 0)", "ERR a  b script: on @user_script:1.")]
    [InlineData("error({})", "ERR unknown error script: on @user_script:1.")]
    [InlineData("error({err='MY x'})", "MY x script: on @user_script:1.")]
    [InlineData("error()", "ERR nil script: on @user_script:1.")]
    [InlineData("local t\n\nreturn t.x", "ERR user_script:3: attempt to index local 't' (a nil value) script: on @user_script:3.")]
    [InlineData("('x'):gsub('.', redis.call)", "ERR nope script: on =[C]:-1.")]
    [InlineData("redis.call('x')", "ERR nope script: on @user_script:1.")]
    [InlineData("redis.call()", "ERR Please specify at least one argument for this call script: on @user_script:1.")]
    [InlineData("redis.call({})", "ERR Command arguments must be strings or integers script: on @user_script:1.")]
    [InlineData("redis.setresp(4)", "ERR RESP version must be 2 or 3. script: on @user_script:1.")]
    [InlineData("redis.setresp()", "ERR server.setresp() requires one argument. script: on @user_script:1.")]
    [InlineData("redis.log(1)", "ERR server.log() requires two arguments or more. script: on @user_script:1.")]
    [InlineData("redis.log('a', 'b')", "ERR First argument must be a number (log level). script: on @user_script:1.")]
    [InlineData("redis.log(4, 'b')", "ERR Invalid log level. script: on @user_script:1.")]
    [InlineData("redis.sha1hex()", "ERR wrong number of arguments script: on @user_script:1.")]
    [InlineData("redis.set_repl()", "ERR server.set_repl() requires one argument. script: on @user_script:1.")]
    [InlineData("redis.set_repl(9)",
        "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE. script: on @user_script:1.")]
    [InlineData("redis.acl_check_cmd('x')", "ERR nope script: on @user_script:1.")]
    [InlineData("return {{", "ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'")]
    public void ErrorsAreWordedAsValkeyWordsThem(string source, string expected)
    {
        _lua.Reply = "-ERR nope\r\n";
        Assert.Equal(expected, _lua.Run(source, LuaStatus.Error));
        Assert.Equal(":1\r\n", _lua.Run("return 1"));
    }

    [Fact]
    public void OnlyErrorsOfCommandsAreMarkedAsCounted()
    {
        _lua.Reply = "-ERR no\r\n";
        _lua.Run("redis.call('x')", LuaStatus.Error);
        Assert.True(_lua.Script.ErrorCounted);
        _lua.Run("return redis.pcall('x')");
        Assert.True(_lua.Script.ErrorCounted);
        _lua.Run("error('x')", LuaStatus.Error);
        Assert.False(_lua.Script.ErrorCounted);
        _lua.Run("return redis.error_reply('x')");
        Assert.False(_lua.Script.ErrorCounted);
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
        LuaStatus status = _lua.Start(Source);
        while (status == LuaStatus.Call)
        {
            Assert.Equal(LuaAsk.Call, _lua.Script.Ask);
            string[] arguments = _lua.Arguments();
            Assert.Equal("get", arguments[0]);
            string value = "<" + arguments[1] + ">";
            status = _lua.Script.Resume(Encoding.ASCII.GetBytes($"${value.Length}\r\n{value}\r\n"));
        }

        Assert.EndsWith("<a><b><c>,<s>,<c>,<field>\r\n", _lua.Expect(LuaStatus.Done, status), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+OK\r\n", "return redis.call('x').ok", "$2\r\nOK\r\n")]
    [InlineData(":-12\r\n", "return redis.call('x')", ":-12\r\n")]
    [InlineData("$3\r\na\nb\r\n", "return redis.call('x')", "$3\r\na\nb\r\n")]
    [InlineData("$-1\r\n", "return redis.call('x') == false", ":1\r\n")]
    [InlineData("_\r\n", "return redis.call('x') == nil", ":1\r\n")]
    [InlineData("#f\r\n", "return redis.call('x') == false", ":1\r\n")]
    [InlineData(",3.5\r\n", "return redis.call('x').double * 2", ":7\r\n")]
    [InlineData(",inf\r\n", "return redis.call('x').double == math.huge", ":1\r\n")]
    [InlineData("%1\r\n+a\r\n:1\r\n", "for k, v in pairs(redis.call('x').map) do return {k.ok, v} end", "*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("~1\r\n$1\r\na\r\n", "return redis.call('x').set.a", ":1\r\n")]
    [InlineData("=7\r\ntxt:abc\r\n", "return redis.call('x').verbatim_string.string", "$3\r\nabc\r\n")]
    [InlineData("(12\r\n", "return redis.call('x').big_number", "$2\r\n12\r\n")]
    [InlineData("-ERR no\r\n", "return redis.pcall('x').err", "$6\r\nERR no\r\n")]
    [InlineData("-WRONGTYPE no\r\n", "local ok, e = pcall(redis.call, 'x') return {ok, e}", "*2\r\n$-1\r\n$12\r\nWRONGTYPE no\r\n")]
    [InlineData("-ERR no\r\n", "return (select(2, xpcall(function() redis.call('x') end, function(e) return e.err end)))", "$6\r\nERR no\r\n")]
    [InlineData("*2\r\n:1\r\n*-1\r\n", "return redis.call('x')", "*2\r\n:1\r\n$-1\r\n")]
    [InlineData("|1\r\n+k\r\n*2\r\n+a\r\n:90\r\n$3\r\nabc\r\n", "return redis.call('x')", "$3\r\nabc\r\n")]
    [InlineData("*2\r\n|1\r\n+k\r\n+v\r\n|0\r\n:1\r\n:2\r\n", "return redis.call('x')", "*2\r\n:1\r\n:2\r\n")]
    public void RepliesBecomeValues(string reply, string source, string expected)
    {
        _lua.Reply = reply;
        Assert.Equal(expected, _lua.Run(source));
    }

    [Theory]
    [InlineData("*2\r\n:1\r\n")]
    [InlineData("$5\r\nab\r\n")]
    [InlineData("$")]
    [InlineData("?\r\n")]
    [InlineData(":1x\r\n")]
    [InlineData("|1\r\n+k\r\n+v\r\n")]
    [InlineData("|1\r\n+k\r\n")]
    [InlineData("|-1\r\n:1\r\n")]
    [InlineData("")]
    public void ABrokenReplyIsAnError(string reply)
    {
        _lua.Reply = reply;
        Assert.Contains("broken reply of a command", _lua.Run("return redis.call('x')", LuaStatus.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void NumbersAreWrittenAsRedisWritesThem()
    {
        _lua.Start("redis.call(1, 1.5, 0.1, 1e15, 3.0, 1/3, 1e21, 1e-7, 2^63, 1/0, 123456.789e3)");
        Assert.Equal(
            ["1", "1.5", "0.1", "1000000000000000", "3", "0.3333333333333333", "1e+21", "1e-7", "9223372036854776000", "inf", "123456789"],
            _lua.Arguments());
    }

    [Fact]
    public void ACallMayHaveThousandsOfArguments()
    {
        LuaStatus status = _lua.Start("local t = {} for i = 1, 7999 do t[i] = i end return redis.call('x', unpack(t))");
        Assert.Equal(LuaStatus.Call, status);
        Assert.Equal(8000, _lua.Script.ArgumentCount);
        Assert.Equal("7999", _lua.Arguments()[^1]);
    }

    [Theory]
    [InlineData("redis.pcall('a', 1)", LuaAsk.ProtectedCall, "a", "1")]
    [InlineData("redis.sha1hex(12.5)", LuaAsk.Sha1, "12.5")]
    [InlineData("redis.sha1hex(nil)", LuaAsk.Sha1, "")]
    [InlineData("redis.acl_check_cmd('get', 'k')", LuaAsk.AccessCheck, "get", "k")]
    public void WhatIsAskedIsNamed(string source, LuaAsk ask, params string[] arguments)
    {
        Assert.Equal(LuaStatus.Call, _lua.Start(source));
        Assert.Equal(ask, _lua.Script.Ask);
        Assert.Equal(arguments, _lua.Arguments());
    }

    [Fact]
    public void ALogIsOneText()
    {
        _lua.Run("redis.log(redis.LOG_WARNING, 'a', 1, {}, 'b')");
        Assert.Equal(["3", "a 1 b"], Assert.Single(_lua.Logged));
    }

    [Fact]
    public void RandomNumbersGoOnUnlessTheyAreSeeded()
    {
        string first = _lua.Run("return tostring(math.random())");
        Assert.NotEqual(first, _lua.Run("return tostring(math.random())"));
        const string Seeded = "math.randomseed(10) return {tostring(math.random()), math.random(10), math.random(5, 7)}";
        string seeded = _lua.Run(Seeded);
        Assert.Equal(seeded, _lua.Run(Seeded));
    }

    [Fact]
    public unsafe void KeysAndArgumentsAreTables()
    {
        fixed (byte* bytes = "k1k2a1"u8)
        {
            nint[] addresses = [(nint)bytes, (nint)bytes + 2, (nint)bytes + 4];
            LuaStatus status = _lua.Script.Start(
                "return {KEYS[2], ARGV[1], #KEYS, #ARGV}"u8, "keys"u8, 2, 2, addresses, [2, 2, 2]);
            Assert.Equal("*4\r\n$2\r\nk2\r\n$2\r\na1\r\n:2\r\n:1\r\n", _lua.Expect(LuaStatus.Done, status));
        }
    }

    [Fact]
    public void WhatAScriptDoesToKeysAndArgumentsEndsWithIt()
    {
        _lua.Run("KEYS.x = 1 setmetatable(ARGV, {__index = function() return 'mine' end})");
        Assert.Equal("*2\r\n$3\r\nnil\r\n$3\r\nnil\r\n", _lua.Run("return {tostring(KEYS.x), tostring(ARGV[1])}"));
    }

    [Fact]
    public void ACompilationRunsNothing()
    {
        Assert.Equal(LuaStatus.Done, _lua.Script.Compile("redis.call('x')"u8, "a"u8));
        Assert.Equal(0, _lua.Script.Output.Length);
        Assert.Equal(LuaStatus.Error, _lua.Script.Compile("return ++"u8, "b"u8));
        Assert.Equal(LuaStatus.Call, _lua.Script.Start("redis.call('x')"u8, "a"u8, 2, 0, [], []));
    }

    [Fact]
    public void StatesAreUsedAgainWithoutGrowing()
    {
        for (int i = 0; i < 600; i++) _lua.Run($"local t = {{}} for i = 1, 1000 do t[i] = i end return {i}");
        Assert.InRange(_lua.Script.MemoryUsed, 1, 2 << 20);
    }
}
