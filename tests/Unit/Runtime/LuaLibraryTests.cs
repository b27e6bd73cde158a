using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>cjson, cmsgpack, struct, bit and what else of the libraries is ours: results and errors of the ones that Valkey has.</summary>
public sealed class LuaLibraryTests : IDisposable
{
    private readonly LuaRunner _lua = new();

    public void Dispose() => _lua.Dispose();

    [Theory]
    [InlineData("cjson.encode({1, 2.5, 'a', true, false, cjson.null})", "[1,2.5,\"a\",true,false,null]")]
    [InlineData("cjson.encode({a={}})", "{\"a\":{}}")]
    [InlineData("cjson.encode({[1]=1, [3]=3})", "[1,null,3]")]
    [InlineData("cjson.encode({[1.5]=1})", "{\"1.5\":1}")]
    [InlineData("cjson.encode('\"\\\\/\\b\\f\\n\\r\\t\\0\\127é')", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u007fé\"")]
    [InlineData("cjson.encode({1/3, 1e15, -0.1, 1e100})", "[0.33333333333333,1e+15,-0.1,1e+100]")]
    [InlineData("cjson.encode(nil)", "null")]
    [InlineData("tostring(cjson.decode('[1,[],{}]')[3])", "table: ")]
    [InlineData("cjson.decode('{\"a\":[1,{\"b\":\"c\"}]}').a[2].b", "c")]
    [InlineData("cjson.decode('\"\\\\u0041\\\\u00e9\\\\ud83d\\\\ude00\\\\n\\\\/\"')", "AÃ©ð\u009f\u0098\u0080\n/")]
    [InlineData("tostring(cjson.decode('[null]')[1] == cjson.null)", "true")]
    [InlineData("tostring(cjson.decode('[1e5,-0.5,0x10]')[3])", "16")]
    [InlineData("cjson.encode(cjson.decode(' [ true , false , null , \"x\" , 1 ] '))", "[true,false,null,\"x\",1]")]
    [InlineData("(cjson.encode_invalid_numbers(true) and cjson.encode({0/0, 1/0}))", "[nan,inf]")]
    [InlineData("(cjson.encode_invalid_numbers('null') and cjson.encode({0/0, 1/0}))", "[null,null]")]
    [InlineData("(cjson.encode_number_precision(3) and cjson.encode({1/3}))", "[0.333]")]
    [InlineData("(cjson.encode_sparse_array(true) and cjson.encode({[1000]=1}))", "{\"1000\":1}")]
    [InlineData("tostring(cjson.encode_keep_buffer('off'))", "false")]
    [InlineData("cjson.new().encode({1})", "[1]")]
    [InlineData("tostring(cmsgpack.unpack(cmsgpack.pack({a={1, -1, 0.5, 'x', true}})).a[3])", "0.5")]
    [InlineData("cmsgpack.pack(1, -33, 256, 65536, 2^32, -2^31 - 1, 'a', nil, true)",
        "\u0001\u00d0\u00df\u00cd\u0001\0\u00ce\0\u0001\0\0\u00cf\0\0\0\u0001\0\0\0\0" +
        "\u00d3\u00ff\u00ff\u00ff\u00ff\u007f\u00ff\u00ff\u00ff\u00a1a\u00c0\u00c3")]
    [InlineData("cmsgpack.pack(0.1)", "\u00cb?\u00b9\u0099\u0099\u0099\u0099\u0099\u009a")]
    [InlineData("table.concat({cmsgpack.unpack(cmsgpack.pack(1, 'a', 2))}, ',')", "1,a,2")]
    [InlineData("table.concat({cmsgpack.unpack_one(cmsgpack.pack(1, 2))}, ',')", "1,1")]
    [InlineData("table.concat({cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2, 1)}, ',')", "-1,2,3")]
    [InlineData("struct.pack('>BhI3', 255, -2, 66051)", "\u00ff\u00ff\u00fe\u0001\u0002\u0003")]
    [InlineData("struct.pack('<!4bi', 1, 2)", "\u0001\0\0\0\u0002\0\0\0")]
    [InlineData("struct.pack('sc0c2x', 'ab', 'cd', 'efg')", "ab\0cdef\0")]
    [InlineData("table.concat({struct.unpack('>BhI3', struct.pack('>BhI3', 255, -2, 66051))}, ',')", "255,-2,66051,7")]
    [InlineData("table.concat({struct.unpack('Bc0s', '\\3abcde\\0')}, ',')", "abc,de,8")]
    [InlineData("table.concat({struct.unpack('>fd', struct.pack('>fd', 0.5, -0.25))}, ',')", "0.5,-0.25,13")]
    [InlineData("tostring(struct.size('!8bd'))", "16")]
    [InlineData("table.concat({bit.tobit(2^32 + 5), bit.bnot(0), bit.band(255, 15), bit.bor(1, 2, 4), bit.bxor(5, 1)}, ',')", "5,-1,15,7,4")]
    [InlineData("table.concat({bit.lshift(1, 31), bit.rshift(-1, 1), bit.arshift(-8, 2), bit.rol(1, 31), bit.ror(1, 1)}, ',')",
        "-2147483648,2147483647,-2,-2147483648,-2147483648")]
    [InlineData("bit.tohex(bit.bswap(0x12345678)) .. bit.tohex(-1, -4)", "78563412FFFF")]
    [InlineData("bit.tohex(1, -2147483648)", "00000001")]
    [InlineData("(string.gsub('hello world', '(%w+) (%w+)', '%2 %1'))", "world hello")]
    [InlineData("(string.gsub('abc', '', '-'))", "-a-b-c-")]
    [InlineData("table.concat({string.find('hello', 'l+')}, ',')", "3,4")]
    public void ResultsAreThoseOfValkey(string expression, string expected)
    {
        string reply = _lua.Run($"return {expression}");
        string value = reply[(reply.IndexOf('\n', StringComparison.Ordinal) + 1)..^2];
        if (expected == "table: ") Assert.StartsWith(expected, value, StringComparison.Ordinal);
        else Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("cjson.encode({print=redis.call})", "Cannot serialise function: type not supported")]
    [InlineData("cjson.encode({[1000]=1})", "Cannot serialise table: excessively sparse array")]
    [InlineData("cjson.encode({[true]=1})", "Cannot serialise boolean: table key must be a number or string")]
    [InlineData("cjson.encode(0/0)", "Cannot serialise number: must not be NaN or Inf")]
    [InlineData("cjson.encode()", "bad argument #1 to 'encode' (expected 1 argument)")]
    [InlineData("cjson.decode('')", "Expected value but found T_END at character 1")]
    [InlineData("cjson.decode('[1,]')", "Expected value but found T_ARR_END at character 4")]
    [InlineData("cjson.decode('{1:2}')", "Expected object key string but found T_NUMBER at character 2")]
    [InlineData("cjson.decode('{\"a\" 2}')", "Expected colon but found T_NUMBER at character 6")]
    [InlineData("cjson.decode('[1 2]')", "Expected comma or array end but found T_NUMBER at character 4")]
    [InlineData("cjson.decode('{\"a\":1 2}')", "Expected comma or object end but found T_NUMBER at character 8")]
    [InlineData("cjson.decode('[1] x')", "Expected the end but found invalid token at character 5")]
    [InlineData("cjson.decode('\"abc')", "Expected value but found unexpected end of string at character 5")]
    [InlineData("cjson.decode('\"\\\\ud83d\"')", "Expected value but found invalid unicode escape code at character 2")]
    [InlineData("cjson.decode('\"\\\\x\"')", "Expected value but found invalid escape code at character 2")]
    [InlineData("cjson.decode('\\0x')", "JSON parser does not support UTF-16 or UTF-32")]
    [InlineData("cjson.encode_max_depth(0)", "bad argument #1 to 'encode_max_depth' (expected integer between 1 and 2147483647)")]
    [InlineData("cjson.encode_number_precision(15)", "bad argument #1 to 'encode_number_precision' (expected integer between 1 and 14)")]
    [InlineData("(cjson.encode_max_depth(1) and cjson.encode({{}}))", "Cannot serialise, excessive nesting (2)")]
    [InlineData("(cjson.decode_max_depth(1) and cjson.decode('[[]]'))", "Found too many nested data structures (2) at character 2")]
    [InlineData("cmsgpack.pack()", "bad argument #0 to 'pack' (MessagePack pack needs input.)")]
    [InlineData("cmsgpack.unpack('\\193')", "Bad data format in input.")]
    [InlineData("cmsgpack.unpack('\\146\\1')", "Missing bytes in input.")]
    [InlineData("cmsgpack.unpack('\\129\\192\\1')", "index is nil")]
    [InlineData("cmsgpack.unpack_one('a', 5)", "Start offset 5 greater than input length 1.")]
    [InlineData("cmsgpack.unpack_limit('a', -1)", "Invalid request to unpack with offset of 0 and limit of 1.")]
    [InlineData("struct.pack('z', 1)", "bad argument #1 to 'pack' (invalid format option 'z')")]
    [InlineData("struct.pack('i')", "bad argument #2 to 'pack' (number expected, got nil)")]
    [InlineData("struct.pack('i33', 1)", "integral size 33 is larger than limit of 32")]
    [InlineData("struct.pack('!3i', 1)", "alignment 3 is not a power of 2")]
    [InlineData("struct.pack('c5', 'abc')", "string too short")]
    [InlineData("struct.unpack('i', 'abc')", "data string too short")]
    [InlineData("struct.unpack('s', 'abc')", "unfinished string in data")]
    [InlineData("struct.unpack('c0', 'abc')", "format 'c0' needs a previous size")]
    [InlineData("struct.unpack('i', 'abcd', 0)", "offset must be 1 or greater")]
    [InlineData("struct.size('s')", "option 's' has no fixed size")]
    [InlineData("bit.tobit('x')", "number expected, got string")]
    [InlineData("math.random(0)", "interval is empty")]
    public void ErrorsAreThoseOfValkey(string expression, string expected)
    {
        Assert.Contains(expected, _lua.Run($"return {expression}", LuaStatus.Error), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", _lua.Run("return 1"));
    }

    [Fact]
    public void SettingsOfCjsonEndWithTheScript()
    {
        _lua.Run("cjson.encode_invalid_numbers(true) cjson.encode_number_precision(2) cjson.decode_max_depth(1)");
        Assert.Equal("$8\r\n[0.1234]\r\n", _lua.Run("cjson.decode('[[1]]') return cjson.encode({0.1234})"));
        _lua.Run("return cjson.encode(0/0)", LuaStatus.Error);
    }

    [Fact]
    public void ACircleIsPackedToTheSixteenthTable()
    {
        Assert.Equal(":16\r\n", _lua.Run("local t = {} t[1] = t return #cmsgpack.pack(t) - 1"));
        Assert.Equal(":16\r\n", _lua.Run("""
            local t, depth = {}, 0
            t[1] = t
            t = cmsgpack.unpack(cmsgpack.pack(t))
            while t do depth, t = depth + 1, t[1] end
            return depth
            """));
    }
}
