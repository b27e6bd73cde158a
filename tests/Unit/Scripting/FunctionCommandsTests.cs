using Anax.Engine;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Scripting;

/// <summary>Function libraries: how they come, what they say of themselves, how they go, and calls of their functions.</summary>
public class FunctionCommandsTests
{
    private const string Library = "#!lua name=lib\n"
        + "redis.register_function('add', function(keys, args) return redis.call('incrby', keys[1], args[1]) end)\n"
        + "redis.register_function{function_name='peek', callback=function(keys) return redis.call('get', keys[1]) end, "
        + "flags={'no-writes'}, description='looks'}";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ALibrarysLife(int shards)
    {
        using var server = new TestServer(shards);
        TestClient other = server.Connect(shards - 1);
        Assert.Equal("lib", server.Run("FUNCTION", "LOAD", Library));
        for (int i = 1; i <= 3; i++) Assert.Equal($":{5 * i}", other.Run("FCALL", "ADD", "1", "k", "5"));
        Assert.Equal("15", other.Run("FCALL_RO", "peek", "1", "k"));
        Assert.Equal("-ERR Can not execute a script with write flag using *_ro command.", other.Run("FCALL_RO", "add", "1", "k", "5"));
        Assert.Equal("-ERR Bad number of keys provided", other.Run("FCALL", "add", "x"));
        Assert.Equal("-ERR Number of keys can't be greater than number of args", other.Run("FCALL", "add", "2", "k"));
        Assert.Equal("[[library_name, lib, engine, LUA, functions, [[name, add, description, (nil), flags, []], "
            + "[name, peek, description, looks, flags, [no-writes]]]]]", other.Run("FUNCTION", "LIST", "LIBRARYNAME", "L*"));
        Assert.Equal("[]", other.Run("FUNCTION", "LIST", "WITHCODE", "LIBRARYNAME", "x"));
        Assert.Equal("-ERR Library 'lib' already exists", other.Run("FUNCTION", "LOAD", Library));
        Assert.Equal("lib", other.Run("FUNCTION", "LOAD", "REPLACE", Library.Replace("args[1]", "1", StringComparison.Ordinal)));
        Assert.Equal(":16", server.Run("FCALL", "add", "1", "k", "5"));
        Assert.Equal("[running_script, (nil), engines, [LUA, [libraries_count, :1, functions_count, :2]]]", server.Run("FUNCTION", "STATS"));
        string dump = server.Run("FUNCTION", "DUMP");
        Assert.Equal("-ERR Library lib already exists", server.Run("FUNCTION", "RESTORE", dump));
        Assert.Equal("OK", server.Run("FUNCTION", "DELETE", "lib"));
        Assert.Equal("-ERR Library not found", server.Run("FUNCTION", "DELETE", "lib"));
        Assert.Equal("-ERR Function not found", other.Run("FCALL", "add", "1", "k", "5"));
        Assert.Equal("OK", server.Run("FUNCTION", "RESTORE", dump));
        Assert.Equal("OK", server.Run("FUNCTION", "RESTORE", dump, "REPLACE"));
        Assert.Equal("OK", server.Run("FUNCTION", "RESTORE", dump, "FLUSH"));
        Assert.Equal(":17", other.Run("FCALL", "add", "1", "k", "5"));
        Assert.Equal("OK", other.Run("FUNCTION", "FLUSH"));
        Assert.Equal("[]", server.Run("FUNCTION", "LIST"));
    }

    [Theory]
    [InlineData("-ERR Missing library metadata", "return 1")]
    [InlineData("-ERR Invalid library metadata", "#!lua name=x")]
    [InlineData("-ERR Library name was not given", "#!lua\n")]
    [InlineData("-ERR Invalid metadata value given: a=b", "#!lua name=x a=b\n")]
    [InlineData("-ERR Engine '' not found", "#! name=x\n")]
    [InlineData("-ERR Invalid library metadata", "#!lua name='x\n")]
    [InlineData("-ERR Invalid metadata value, name argument was given multiple times", "#!lua name=x name=y\n")]
    [InlineData("-ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long", "#!lua name=x-y\n")]
    [InlineData("-ERR Engine 'js' not found", "#!js name=x\n")]
    [InlineData("-ERR No functions registered", "#!lua name=x\nlocal a = 1")]
    [InlineData("-ERR Function already exists in the library",
        "#!lua name=x\nredis.register_function('f', function() end) redis.register_function('f', function() end)")]
    [InlineData("-ERR Function names can only contain letters, numbers, or underscores(_) and must be at least one character long",
        "#!lua name=x\nredis.register_function('f-g', function() end)")]
    [InlineData("-ERR Error compiling function: user_function:2: unexpected symbol near '<eof>'", "#!lua name=x\nreturn {")]
    [InlineData("-ERR Function add already exists", "#!lua name=x\nredis.register_function('add', function() end)")]
    public void ABadLibraryIsAnErrorAndChangesNothing(string expected, string code)
    {
        using var server = new TestServer(2);
        server.Run("FUNCTION", "LOAD", Library);
        Assert.Equal(expected, server.Run("FUNCTION", "LOAD", code));
        Assert.Equal(":1", server.Run("FCALL", "add", "1", "k", "1"));
    }

    [Theory]
    [InlineData("-ERR Unknown option given: x", "LOAD", "x", "y")]
    [InlineData("-ERR FUNCTION FLUSH only supports SYNC|ASYNC option", "FLUSH", "x")]
    [InlineData("-ERR library name argument was not given", "LIST", "LIBRARYNAME")]
    [InlineData("-ERR Unknown argument x", "LIST", "x")]
    [InlineData("-ERR DUMP payload version or checksum are wrong", "RESTORE", "x")]
    [InlineData("-ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.", "RESTORE", "x", "y")]
    public void ABadCallIsAnError(string expected, params string[] call)
    {
        using var server = new TestServer(2);
        Assert.Equal(expected, server.Run(["FUNCTION", .. call]));
    }

    [Fact]
    public void APayloadOfValkeysIsRead()
    {
        const string Payload = "\u00f5\u00c3@X@]\u001f#!lua name=foo\nredis.register_fu\u000bnction('f', \u00e0\u0000\r\u0010keys,args) return "
            + "\u0006@7\u000fcall('get') end)P\u0000\u00fc\u00f6\\B~\u0099\u00de\u00a5";
        using var server = new TestServer(2);
        Assert.Equal("OK", server.Run("FUNCTION", "RESTORE", Payload));
        Assert.Equal("#!lua name=foo\nredis.register_function('f', function(keys,args) return redis.call('get') end)",
            server.Ask("FUNCTION", "LIST", "WITHCODE").Items[0].Items[^1].Text);
        string damaged = Payload.Replace("foo", "bar", StringComparison.Ordinal);
        Assert.StartsWith("-ERR DUMP payload", server.Run("FUNCTION", "RESTORE", damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void AStuckFunctionIsShownAndKilled()
    {
        using var server = new TestServer(2, "--busy-reply-threshold", "20");
        TestClient other = server.Connect(1);
        server.Run("FUNCTION", "LOAD", "#!lua name=stuck\nredis.register_function('wait', function() while true do end end)");
        server.Client.Send("FCALL", "wait", "0", "a");
        server.RunUntil(() => server.Loops[1].Busy == BusyWith.Function, "BUSY");
        Assert.Contains("[name, wait, command, [FCALL, wait, 0, a], duration_ms", other.Run("FUNCTION", "STATS"), StringComparison.Ordinal);
        Assert.StartsWith("-BUSY ", other.Run("GET", "k"), StringComparison.Ordinal);
        Assert.StartsWith("-BUSY ", other.Run("SCRIPT", "KILL"), StringComparison.Ordinal);
        Assert.Equal("OK", other.Run("FUNCTION", "KILL"));
        Assert.Equal("-ERR Script killed by user with FUNCTION KILL. script: on @user_function:2.", server.Client.Receive().Text);
        Assert.Equal("PONG", other.Run("PING"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NamesThatDifferInCaseAreTwoFunctionsOfALibraryAndOneToCall(int shards)
    {
        const string Code = "#!lua name=lib\nredis.register_function('f1', function() return 'small' end)\n"
            + "redis.register_function('F1', function() return 'big' end)";
        using var server = new TestServer(shards);
        TestClient other = server.Connect(shards - 1);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal("lib", server.Run("FUNCTION", "LOAD", "REPLACE", Code));
            Assert.Equal("small", other.Run("FCALL", "f1", "0"));
            Assert.Equal("small", other.Run("FCALL", "F1", "0"));
            Assert.Equal("[[library_name, lib, engine, LUA, functions, [[name, f1, description, (nil), flags, []], "
                + "[name, F1, description, (nil), flags, []]]]]", other.Run("FUNCTION", "LIST"));
            Assert.Equal("[running_script, (nil), engines, [LUA, [libraries_count, :1, functions_count, :2]]]", other.Run("FUNCTION", "STATS"));
        }
        Assert.Equal("-ERR Function F1 already exists", other.Run("FUNCTION", "LOAD", "#!lua name=more\nredis.register_function('F1', function() end)"));
        Assert.Equal("OK", other.Run("FUNCTION", "DELETE", "lib"));
        Assert.Equal("-ERR Function not found", server.Run("FCALL", "f1", "0"));
        Assert.Equal("[running_script, (nil), engines, [LUA, [libraries_count, :0, functions_count, :0]]]", server.Run("FUNCTION", "STATS"));
    }

    [Fact]
    public void LibrariesChangeWithinATransaction()
    {
        using var server = new TestServer(4);
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[lib, :3, OK]"], server.Client.Pipeline(["MULTI"], ["FUNCTION", "LOAD", Library],
            ["FCALL", "add", "1", "k", "3"], ["FUNCTION", "FLUSH"], ["EXEC"]));
    }
}
