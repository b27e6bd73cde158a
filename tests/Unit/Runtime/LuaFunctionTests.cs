using System.Globalization;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>Function libraries: what their load may do, what it reports, and calls of functions in states with and without them.</summary>
public sealed class LuaFunctionTests : IDisposable
{
    private readonly LuaRunner _lua = new();

    public void Dispose() => _lua.Dispose();

    [Fact]
    public void ALoadReportsItsFunctions()
    {
        const string Code = """
            local function one() return 1 end
            redis.register_function('f', function(keys, args) return one() end)
            server.register_function{function_name='g', callback=one, flags={'no-writes', 'ALLOW-OOM', 'allow-cross-slot-keys'}, description='d'}
            """;
        Assert.Equal(LuaStatus.Done, _lua.Load(Code, 1));
        Assert.Equal(["f", "0"], _lua.Registered[0]);
        LuaFunctionFlags flags = LuaFunctionFlags.NoWrites | LuaFunctionFlags.AllowOom | LuaFunctionFlags.AllowCrossSlotKeys;
        Assert.Equal(["g", ((int)flags).ToString(CultureInfo.InvariantCulture), "d"], _lua.Registered[1]);
        Assert.Equal(2, _lua.Registered.Count);
    }

    [Theory]
    [InlineData("server.register_function()", "wrong number of arguments to server.register_function")]
    [InlineData("server.register_function('f')",
        "calling server.register_function with a single argument is only applicable to Lua table (representing named arguments).")]
    [InlineData("server.register_function('f', function() end, {})", "wrong number of arguments to server.register_function")]
    [InlineData("server.register_function(nil, function() end)", "first argument to server.register_function must be a string")]
    [InlineData("server.register_function('f', 'g')", "second argument to server.register_function must be a function")]
    [InlineData("server.register_function{function_name=1 == 1}", "function_name argument given to server.register_function must be a string")]
    [InlineData("server.register_function{callback='f'}", "callback argument given to server.register_function must be a function")]
    [InlineData("server.register_function{description={}}", "description argument given to server.register_function must be a string")]
    [InlineData("server.register_function{flags=1}", "flags argument to server.register_function must be a table representing function flags")]
    [InlineData("server.register_function{flags={'x'}}", "unknown flag given")]
    [InlineData("server.register_function{x=1}", "unknown argument given to server.register_function")]
    [InlineData("server.register_function{[{}]=1}", "named argument key given to server.register_function is not a string")]
    [InlineData("server.register_function{callback=function() end}", "server.register_function must get a function name argument")]
    [InlineData("server.register_function{function_name='f'}", "server.register_function must get a callback argument")]
    [InlineData("redis.call('ping')", "user_function:1: Script attempted to access nonexistent global variable 'call'")]
    [InlineData("redis.setresp(3)", "user_function:1: Script attempted to access nonexistent global variable 'setresp'")]
    [InlineData("return math.random()", "user_function:1: Script attempted to access nonexistent global variable 'math'")]
    [InlineData("return KEYS", "user_function:1: Script attempted to access nonexistent global variable 'KEYS'")]
    [InlineData("a = 1", "user_function:1: Attempt to modify a readonly table")]
    [InlineData("redis.x = 1", "user_function:1: Attempt to modify a readonly table")]
    public void ABadLoadIsAnError(string code, string expected)
    {
        Assert.Equal(LuaStatus.Error, _lua.Load(code, 1));
        Assert.Equal("ERR Error registering functions: ERR " + expected, _lua.Script.ToString());
    }

    [Fact]
    public void ASyntaxErrorSaysSo()
    {
        Assert.Equal(LuaStatus.Error, _lua.Load("return ++", 1));
        Assert.Equal("ERR Error compiling function: user_function:1: unexpected symbol near '+'", _lua.Script.ToString());
    }

    [Fact]
    public void ALoadThatGoesOnForEverEnds()
    {
        Assert.Equal(LuaStatus.Error, _lua.Load("while true do end", 1, timeoutNanoseconds: 20_000_000));
        Assert.Equal("ERR Error registering functions: ERR FUNCTION LOAD timeout", _lua.Script.ToString());
        Assert.Equal(LuaStatus.Done, _lua.Load("server.register_function('f', function() end)", 2));
    }

    [Fact]
    public void AFunctionGetsKeysAndArguments()
    {
        const string Code = "server.register_function('f', function(keys, args) return {keys[1], args[2], #keys, #args} end)";
        LuaStatus status = _lua.StartFunction(Code, 1, "f", 1, "k", "a", "b");
        Assert.Equal("*4\r\n$1\r\nk\r\n$1\r\nb\r\n:1\r\n:2\r\n", _lua.Expect(LuaStatus.Done, status));
    }

    [Fact]
    public void AStateLoadsWhatItLacksInSilenceAndOnce()
    {
        const string Code = "redis.log(2, 'loaded') local n = 0 redis.register_function('f', function() n = n + 1 return n end)";
        Assert.Equal(":1\r\n", _lua.Expect(LuaStatus.Done, _lua.StartFunction(Code, 1, "f")));
        Assert.Equal(":2\r\n", _lua.Expect(LuaStatus.Done, _lua.StartFunction("not looked at", 1, "f")));
        Assert.Empty(_lua.Registered);
        Assert.Empty(_lua.Logged);
        Assert.Equal(":1\r\n", _lua.Expect(LuaStatus.Done, _lua.StartFunction(Code, 2, "f")));
    }

    [Theory]
    [InlineData("return KEYS", "ERR user_function:1: Script attempted to access nonexistent global variable 'KEYS' script: on @user_function:1.")]
    [InlineData("x = 1", "ERR user_function:1: Attempt to modify a readonly table script: on @user_function:1.")]
    [InlineData("return loadstring('return ARGV')()",
        "ERR [string \"return ARGV\"]:1: Script attempted to access nonexistent global variable 'ARGV' script: on =[C]:-1.")]
    [InlineData("redis.register_function('g', function() end)",
        "ERR user_function:1: attempt to call field 'register_function' (a nil value) script: on @user_function:1.")]
    [InlineData("register('g', function() end)",
        "ERR server.register_function can only be called on FUNCTION LOAD command script: on @user_function:1.")]
    [InlineData("library.math = math", "ERR user_function:1: Attempt to modify a readonly table script: on @user_function:1.")]
    public void AFunctionSeesNeitherKeysNorTheLoad(string body, string expected)
    {
        string code = "local library, register = redis, redis.register_function " +
            $"redis.register_function('f', function() {body} end)";
        string message = _lua.Expect(LuaStatus.Error, _lua.StartFunction(code, 1, "f"));
        if (body.Contains("loadstring", StringComparison.Ordinal)) Assert.Contains("variable 'ARGV'", message, StringComparison.Ordinal);
        else Assert.Equal(expected, message);
    }

    [Fact]
    public void AFunctionThatIsNotThereIsAnError()
    {
        const string Code = "server.register_function('f', function() end)";
        Assert.Equal("ERR Function not found", _lua.Expect(LuaStatus.Error, _lua.StartFunction(Code, 1, "g")));
    }

    [Fact]
    public void AnEndlessFunctionIsKilledInItsOwnWords()
    {
        LuaStatus status = _lua.StartFunction("server.register_function('f', function() while true do end end)", 1, "f");
        Assert.Equal(LuaStatus.Yield, status);
        _lua.Script.Kill();
        Assert.Equal(
            "ERR Script killed by user with FUNCTION KILL. script: on @user_function:1.", _lua.Expect(LuaStatus.Error, status));
    }

    [Fact]
    public void LibrariesThatChangeDoNotMakeAStateGrow()
    {
        for (int id = 1; id <= 1000; id++)
        {
            string code = $"server.register_function('f', function() return {id} end)";
            Assert.Equal($":{id}\r\n", _lua.Expect(LuaStatus.Done, _lua.StartFunction(code, id, "f")));
        }

        Assert.InRange(_lua.Script.MemoryUsed, 1, 2 << 20);
    }
}
