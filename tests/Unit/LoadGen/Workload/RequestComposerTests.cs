using System.Text;
using System.Text.RegularExpressions;
using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Workload;

/// <summary>Templates become the requests that they describe, whatever the digits of keys and the lengths of values.</summary>
public sealed partial class RequestComposerTests
{
    [Theory]
    [InlineData(0UL, "key:0")]
    [InlineData(9UL, "key:9")]
    [InlineData(10UL, "key:10")]
    [InlineData(99_999UL, "key:99999")]
    [InlineData(100_000UL, "key:100000")]
    [InlineData(9_223_372_036_854_775_807UL, "key:9223372036854775807")]
    public void AKeyIsItsPrefixAndItsNumber(ulong number, string key)
    {
        BenchOptions options = new() { KeyMinimum = number, KeyMaximum = number, RatioSet = 0 };
        Assert.Equal($"*2\r\n$3\r\nGET\r\n${key.Length}\r\n{key}\r\n", Compose(options, 1));
    }

    [Fact]
    public void DigitsAreCountedRightlyAroundEveryPowerOfTen()
    {
        ulong power = 1;
        for (int digits = 1; digits <= 19; digits++)
        {
            Assert.Equal(digits, Digits.Count(power));
            Assert.Equal(digits, Digits.Count(power * 9));
            if (power > 1) Assert.Equal(digits - 1, Digits.Count(power - 1));
            if (digits < 19) power *= 10;
        }

        Assert.Equal(1, Digits.Count(0));
    }

    [Fact]
    public void AnOwnCommandIsFilledIn()
    {
        BenchOptions options = new()
        {
            KeyMinimum = 5,
            KeyMaximum = 5,
            ValueBytesMin = 8,
            ValueBytesMax = 8,
            Commands = [new WeightedCommand("zadd  z:__key__:x \"two words\" __score__ v-__data__-w 'a\"b'", 1)],
        };
        string[] arguments = Arguments(Compose(options, 1));
        Assert.Equal(["zadd", "z:key:5:x", "two words"], arguments[..3]);
        Assert.Matches(Score(), arguments[3]);
        Assert.Matches(Value(), arguments[4]);
        Assert.Equal("a\"b", arguments[5]);
    }

    [Fact]
    public void ASemicolonThatStandsAloneJoinsCommandsToOneRequest()
    {
        BenchOptions options = new() { KeyMinimum = 5, KeyMaximum = 5, Commands = [new WeightedCommand("multi ; set __key__ a;b ; echo ';' ; exec", 1)] };
        string set = "*3\r\n$3\r\nset\r\n$5\r\nkey:5\r\n$3\r\na;b\r\n", echo = "*2\r\n$4\r\necho\r\n$1\r\n;\r\n";
        Assert.Equal($"*1\r\n$5\r\nmulti\r\n{set}{echo}*1\r\n$4\r\nexec\r\n", Compose(options, 1));
        Assert.Equal(4, new LoadPlan(options).Template(0).Replies);
    }

    [Fact]
    public void ValuesHaveEveryLengthOfTheirRangeAndAreDrawnAnew()
    {
        BenchOptions options = new() { RatioGet = 0, ValueBytesMin = 0, ValueBytesMax = 120 };
        RequestComposer composer = Composer(options, out LoadPlan plan);
        HashSet<int> lengths = [];
        HashSet<string> values = [];
        for (int i = 0; i < 4000; i++)
        {
            string value = Arguments(Next(composer, plan))[2];
            lengths.Add(value.Length);
            if (value.Length > 10) Assert.True(values.Add(value));
        }

        Assert.Equal(121, lengths.Count);
        string same = Arguments(Compose(options with { RandomData = false, ValueBytesMin = 120 }, 1))[2];
        Assert.Equal(new string('a', 120), same);
    }

    [Fact]
    public void TheRatioIsKept()
    {
        RequestComposer composer = Composer(new BenchOptions { RatioSet = 1, RatioGet = 3 }, out LoadPlan plan);
        int sets = 0;
        for (int i = 0; i < 40_000; i++) sets += Next(composer, plan).StartsWith("*3", StringComparison.Ordinal) ? 1 : 0;
        Assert.InRange(sets, 9_500, 10_500);
    }

    [Fact]
    public void WeightsAreKept()
    {
        BenchOptions options = new() { Commands = [new("a", 1), new("bb", 6), new("ccc", 3)] };
        RequestComposer composer = Composer(options, out LoadPlan plan);
        int[] counts = new int[4];
        for (int i = 0; i < 50_000; i++) counts[Arguments(Next(composer, plan))[0].Length]++;
        Assert.InRange(counts[1], 4_700, 5_300);
        Assert.InRange(counts[2], 29_400, 30_600);
        Assert.InRange(counts[3], 14_500, 15_500);
    }

    [Fact]
    public void TheSeedDecidesEverything()
    {
        BenchOptions options = new() { ValueBytesMin = 1, ValueBytesMax = 99, RatioGet = 1 };
        Assert.Equal(Compose(options, 50), Compose(options, 50));
        Assert.NotEqual(Compose(options, 50), Compose(options with { Seed = 43 }, 50));
    }

    [Fact]
    public void MemcachedIsSpokenToInItsWords()
    {
        BenchOptions options = new()
        {
            Protocol = BenchProtocol.MemcacheText,
            KeyMinimum = 7,
            KeyMaximum = 7,
            RandomData = false,
            RatioGet = 0,
        };
        string value = new('a', 16);
        Assert.Equal($"set key:7 0 0 16\r\n{value}\r\n", Compose(options, 1));
        Assert.Equal($"set key:7 0 0 16 noreply\r\n{value}\r\n", Compose(options with { NoReply = true }, 1));
        Assert.Equal("get key:7\r\n", Compose(options with { RatioSet = 0, RatioGet = 1 }, 1));
        string some = Compose(options with { ValueBytesMin = 3, ValueBytesMax = 200 }, 1);
        Match match = MemcachedSet().Match(some);
        Assert.True(match.Success, some);
        Assert.Equal(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), match.Groups[2].Length);
    }

    [Theory]
    [InlineData("", "there is no command in it")]
    [InlineData("   ", "there is no command in it")]
    [InlineData("get __key__ ;", "there is no command in it")]
    [InlineData("get '__key__", "a quote is not closed")]
    [InlineData("get __key____key__", "has more than one placeholder")]
    [InlineData("set __key__ x__data____score__", "has more than one placeholder")]
    public void ACommandThatMakesNoSenseIsRefused(string command, string expected)
    {
        OptionException refusal = Assert.Throws<OptionException>(
            () => new LoadPlan(new BenchOptions { Commands = [new WeightedCommand(command, 1)] }));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AKeyMayBeLongButNotLonger()
    {
        string prefix = new('k', TemplateCompiler.KeyTextBytesMax);
        string longest = Compose(new BenchOptions { KeyPrefix = prefix, KeyMinimum = 7, KeyMaximum = 7, RatioSet = 0, RatioGet = 1 }, 1);
        Assert.Equal($"*2\r\n$3\r\nGET\r\n${prefix.Length + 1}\r\n{prefix}7\r\n", longest);
        OptionException refusal = Assert.Throws<OptionException>(
            () => new LoadPlan(new BenchOptions { KeyPrefix = prefix, Commands = [new WeightedCommand("get __key__!", 1)] }));
        Assert.Equal("a key has 1001 bytes beside its number, 1000 at most", refusal.Message);
    }

    private static RequestComposer Composer(BenchOptions options, out LoadPlan plan)
    {
        plan = new LoadPlan(options);
        return new RequestComposer(plan, 0, new KeySource(options, plan.Zipf, 0, 1), null);
    }

    private static string Compose(BenchOptions options, int count)
    {
        RequestComposer composer = Composer(options, out LoadPlan plan);
        return string.Concat(Enumerable.Range(0, count).Select(_ => Next(composer, plan)));
    }

    private static string Next(RequestComposer composer, LoadPlan plan)
    {
        // Exactly the room that is promised to suffice.
        byte[] room = new byte[plan.RequestBytesMax];
        CommandTemplate template = plan.Template(composer.NextCommand());
        ulong key = composer.NextKey(template);
        return Encoding.Latin1.GetString(room, 0, composer.Compose(template, key, room));
    }

    private static string[] Arguments(string request)
    {
        int at = 0;
        string Line()
        {
            int end = request.IndexOf("\r\n", at, StringComparison.Ordinal);
            string line = request[at..end];
            at = end + 2;
            return line;
        }

        string[] arguments = new string[int.Parse(Line()[1..], System.Globalization.CultureInfo.InvariantCulture)];
        for (int i = 0; i < arguments.Length; i++)
        {
            int length = int.Parse(Line()[1..], System.Globalization.CultureInfo.InvariantCulture);
            arguments[i] = request.Substring(at, length);
            at += length;
            Assert.Equal("", Line());
        }

        Assert.Equal(request.Length, at);
        return arguments;
    }

    [GeneratedRegex(@"^0\.\d{8}$")]
    private static partial Regex Score();

    [GeneratedRegex("^v-[0-o]{8}-w$")]
    private static partial Regex Value();

    [GeneratedRegex(@"^set key:7 0 0 (\d+)\r\n(a*)\r\n$")]
    private static partial Regex MemcachedSet();
}
