using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Makes random small scripts and libraries, right ones and wrong ones: calls on known keys, values of every kind as
/// results, errors at every place. Nothing that they can return hangs on time, addresses or the order of a table.
/// </summary>
internal sealed class ScriptGrammar(Random random)
{
    /// <summary>A library of which all functions can run, for whoever begins with it.</summary>
    public const string RightLibrary = """
        #!lua name=right
        redis.register_function('g0', function(keys, args) redis.call('SET', keys[1], args[1]); return redis.call('GET', keys[#keys]) end)
        redis.register_function{function_name='g1', callback=function(keys) return redis.call('MGET', unpack(keys)) end, flags={'no-writes'}}
        redis.register_function('g2', function(keys, args) return {#keys, #args, redis.pcall('INCRBY', keys[1], args[1]), redis.call('DEL', keys[2])} end)
        redis.register_function{function_name='g3', callback=function(keys, args)
            return {redis.call('EXISTS', unpack(keys)), redis.pcall('GET', args[1]), redis.pcall('SET', keys[1], 'x')}
        end, flags={'no-writes'}}
        """;

    private const int KnownMax = 40, DepthMax = 3;

    private static readonly string[] Literals =
        ["0", "3", "-7", "3.99", "-3.99", "1e3", "2^53", "1e300", "1/0", "'abc'", "''", "'12'", "'3.5'", "'a\\r\\nb'", "'\\0'", "true", "false", "nil", "{}"];

    private static readonly string[] Shebangs =
        ["#!lua", "#!lua flags=no-writes", "#!lua flags=allow-stale,no-writes", "#!lua flags=allow-oom", "#!lua flags=no-cluster",
            "#!lua flags=allow-cross-slot-keys", "#!lua flags=", "#!lua flags=foo", "#!lua name=x", "#!python", "#!lua  flags=no-writes", "#!", "#! lua"];

    /// <summary>E is an expression, K a key.</summary>
    private static readonly string[] Calls =
        ["'GET', K", "'GET', K", "'SET', K, E", "'SET', K, E", "'SET', K, E, 'GET'", "'INCR', K", "'INCRBY', K, E", "'INCRBYFLOAT', K, 1.5", "'APPEND', K, E",
            "'DEL', K, K", "'MGET', K, K", "'MGET', unpack(KEYS)", "'MSET', K, E, K, E", "'MSETNX', K, E, K, E", "'STRLEN', K", "'SETRANGE', K, 2, 'zz'",
            "'EXISTS', K", "'RENAME', K, K", "'COPY', K, K", "'GETDEL', K", "'EXPIRE', K, 1000", "'PERSIST', K", "'TYPE', K", "'LCS', K, K, 'IDX'", "'GET'",
            "'NOSUCH', E", "'PING'", "'ECHO', E", "'SUBSCRIBE', 'x'", "'MULTI'", "'WATCH', K", "'EVAL', 'return 1', 0", "'PUBLISH', 'x', E", "'SELECT', 1",
            "'DBSIZE'",
            "'FLUSHDB'", "'SCRIPT', 'FLUSH'", "'FUNCTION', 'FLUSH'", "'HELLO', 3", "'CLIENT', 'GETNAME'", "'CONFIG', 'GET', 'hz'", "'get', K", "E", "",
            "'GET', {}", "'GET', nil"];

    /// <summary>E is an expression, C a call.</summary>
    private static readonly string[] Expressions =
        ["C", "C", "C", "C", "C", "{E, E, E}", "{E, E, E}", "{E}", "{ok = 'FINE'}", "{ok = E}", "{err = 'MINE of my own'}", "{err = 'plain'}", "{err = E}",
        "{double = E}",
            "{map = {a = E}}", "{set = {a = true}}", "{big_number = '123456789012345678901234567890'}", "{big_number = E}",
            "{verbatim_string = {format = 'txt', string = 'text'}}", "{verbatim_string = {string = E}}", "tonumber(E)", "type(E)", "#E", "E .. E", "E + E",
            "E == E",
            "E < E", "E and E or E", "not E", "-E", "redis.error_reply(E)", "redis.error_reply('plain')", "redis.error_reply('CODE text')",
            "redis.status_reply(E)",
            "redis.sha1hex(E)", "redis.sha1hex()", "cjson.encode({E, E})", "cjson.encode(E)", "cjson.decode(E)", "cjson.decode('{\"a\":[1,2.5,null,\"x\"]}').a",
            "cmsgpack.unpack(cmsgpack.pack(E))", "cmsgpack.pack(E, E)", "cmsgpack.unpack(E)", "bit.band(E, E)", "bit.tohex(E)", "struct.pack('>I2s', E, E)",
            "struct.unpack('>I2', E)",
            "(math.randomseed(7) or math.random(10))", "math.floor(E)", "string.rep('x', 3)", "string.format('%s %d', E, E)", "select('#', unpack(ARGV))",
            "table.concat({'a', 'b'}, E)",
            "redis.setresp(E)", "redis.setresp(3)", "redis.setresp(2)", "pcall(function() return E end)", "(select(2, pcall(function() return E end)))",
            "redis.REDIS_VERSION_NUM",
            "redis.log(redis.LOG_DEBUG, E)", "redis.log(E)", "redis.replicate_commands()", "redis.set_repl(redis.REPL_ALL)", "redis.acl_check_cmd('GET', 'x')",
            "redis.register_function('x', E)", "redis.nosuch", "nosuch", "(E)[1]", "(E).err", "(E).ok", "(E).map", "redis.call", "tonumber('0x10')",
            "tonumber(E, 36)",
            "string.sub(E, 2, -2)", "string.find(E, E)", "string.gsub('hello', 'l', E)", "unpack({E, E})", "rawget(redis, 'x')", "next({})",
            "redis.breakpoint()", "redis.debug(E)"];

    private readonly List<string> _known = ["return 1"];

    /// <summary>The word for a placeholder; null for what is none of scripts.</summary>
    public string? Word(string word) => word switch
    {
        "s" => Script(),
        "h" => Sha(),
        "l" => Library(),
        "L" => LibraryName(),
        "F" => Function(),
        "y" => "return redis.call('PUBLISH', KEYS[1], ARGV[1])",
        _ => null,
    };

    private string Script()
    {
        if (random.Next(4) == 0) return Pick(_known);
        string script = random.Next(8) == 0 ? $"{Pick(Shebangs)}\n{Body()}" : Body();
        if (random.Next(16) == 0) script = Spoilt(script);
        if (_known.Count < KnownMax) _known.Add(script);
        else _known[random.Next(KnownMax)] = script;
        return script;
    }

    private string Sha()
    {
        if (random.Next(12) == 0) return Pick(["", "abc", new string('0', 40), new string('g', 40), new string('f', 41)]);
#pragma warning disable CA5350 // The name of a script is its SHA-1, by the protocol.
        string sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.Latin1.GetBytes(Pick(_known))));
#pragma warning restore CA5350
        return random.Next(6) == 0 ? sha.ToUpperInvariant() : sha;
    }

    private string Library()
    {
        var code = new StringBuilder();
        code.Append(Pick(["#!lua name=", "#!lua name=", "#!lua name=", "#!lua name=", "#!LUA name=", "#!lua nam=", "#!python name=", "#!lua name=x name="]));
        code.Append(LibraryName()).Append('\n');
        // Valkey ends when a library goes in which names differ in case only.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (random.Next(4) == 0) code.Append(CultureInfo.InvariantCulture, $"local function twice(x) return {{x, x}} end\n");
        for (int functions = random.Next(1, 4); functions > 0; functions--)
        {
            string name = Function(), body = $"function(keys, args) {Body().Replace("KEYS", "keys").Replace("ARGV", "args")} end";
            if (!names.Add(name) && names.TryGetValue(name, out string? same)) name = same;
            code.Append(random.Next(8) switch
            {
                0 => $"redis.register_function('{name}')",
                1 => $"redis.register_function{{function_name='{name}', callback={body}, "
                    + $"flags={Pick(["{'foo'}", "{'no-writes', 'allow-stale'}", "'no-writes'", "{1}", "{}"])}}}",
                2 => $"redis.register_function{{function_name='{name}', callback={body}, description='what it does'}}",
                3 or 4 => $"redis.register_function{{function_name='{name}', callback={body}, flags={{'no-writes'}}}}",
                5 => random.Next(4) == 0 ? $"redis.register_function({Silent(Expression(0))}, {body})" : $"server.register_function('{name}', {body})",
                _ => $"redis.register_function('{name}', {body})",
            });
            code.Append('\n');
        }
        if (random.Next(12) == 0) code.Append(Silent(Statement(0)));
        string text = code.ToString();
        return random.Next(16) == 0 ? Spoilt(text) : text;
    }

    /// <summary>Valkey ends when a library logs while it is loaded (an assertion in luaLogCommand).</summary>
    private static string Silent(string code) => code.Replace("redis.log(", "tostring(");

    private string LibraryName() => random.Next(16) == 0 ? Pick(["", "a-b", "a b", "é"]) : $"lib{random.Next(3)}";

    private string Function() => random.Next(24) switch
    {
        0 => Pick(["", "a-b", "nosuch", "F1"]),
        < 8 => $"g{random.Next(4)}",
        _ => $"f{random.Next(5)}",
    };

    private string Body()
    {
        var body = new StringBuilder();
        if (random.Next(2) == 0) body.Append("local v = ").Append(Expression(1)).Append(Separator());
        for (int statements = random.Next(3); statements > 0; statements--) body.Append(Statement(0)).Append(Separator());
        body.Append("return ").Append(random.Next(3) == 0 ? Call(1) : Expression(0));
        // A table of two fields has no order, which shows when it is encoded.
        string text = body.ToString();
        bool isEncoded = text.Contains("cjson.encode", StringComparison.Ordinal) || text.Contains("cmsgpack.pack", StringComparison.Ordinal);
        return isEncoded ? text.Replace("{format = 'txt', ", "{") : text;
    }

    private string Statement(int depth) => random.Next(14) switch
    {
        0 => $"if {Expression(depth + 1)} then {Call(depth + 1)} end",
        1 => $"for i = 1, 3 do {Call(depth + 1)} end",
        2 => $"error({Expression(depth + 1)})",
        3 => random.Next(3) == 0 ? "x = 1" : $"local w = {Expression(depth + 1)}",
        4 => random.Next(3) == 0 ? "redis.call = nil" : "redis.setresp(3)",
        5 => $"for _, key in ipairs(KEYS) do redis.call('SET', key, {Expression(depth + 1)}) end",
        _ => Call(depth + 1),
    };

    private string Call(int depth)
    {
        string function = Pick(["redis.call", "redis.call", "redis.call", "redis.pcall", "redis.pcall", "server.call"]);
        return $"{function}({Fill(Pick(Calls), depth)})";
    }

    private string Expression(int depth)
    {
        if (depth >= DepthMax || random.Next(3) == 0) return Leaf();
        return Fill(Pick(Expressions), depth);
    }

    private string Leaf() => random.Next(6) switch
    {
        0 => $"ARGV[{random.Next(1, 4)}]",
        1 => $"KEYS[{random.Next(1, 4)}]",
        2 => random.Next(3) == 0 ? "v" : Pick(["#KEYS", "#ARGV", "KEYS", "ARGV"]),
        _ => Pick(Literals),
    };

    private string Key() => random.Next(8) switch
    {
        0 => $"'k{random.Next(9)}'",
        1 => "ARGV[1]",
        2 or 3 => "KEYS[2]",
        4 => "KEYS[3]",
        _ => "KEYS[1]",
    };

    /// <summary>Puts something in place of each E, K and C that stands alone.</summary>
    private string Fill(string pattern, int depth)
    {
        var text = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            bool isAlone = (i == 0 || !char.IsLetter(pattern[i - 1])) && (i + 1 == pattern.Length || !char.IsLetter(pattern[i + 1]));
            text.Append(pattern[i] switch
            {
                'E' when isAlone => Expression(depth + 1),
                'K' when isAlone => Key(),
                'C' when isAlone => Call(depth + 1),
                char c => $"{c}",
            });
        }
        return text.ToString();
    }

    private string Separator() => random.Next(2) == 0 ? "\n" : "; ";

    /// <summary>A sign too few or too many.</summary>
    private string Spoilt(string text)
    {
        int at = random.Next(text.Length);
        return random.Next(2) == 0 ? text.Remove(at, 1) : text.Insert(at, $"{text[at]}");
    }

    private string Pick(IReadOnlyList<string> choices) => choices[random.Next(choices.Count)];
}
