using System.Reflection;
using Anax.Bench.Micro;
using Anax.Bench.Shards;
using Anax.Tests.Unit.Harness;
using BenchmarkDotNet.Attributes;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>
/// Every micro-benchmark runs with its smallest parameters, so that none rots unseen, and allocates what it says; the
/// benchmark of shards runs once.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class BenchmarkTests
{
    private const int Calls = 50;

    public static TheoryData<string, string> MicroBenchmarks
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (Type type in typeof(KeyTableBenchmarks).Assembly.GetTypes())
            {
                foreach (MethodInfo method in type.GetMethods().Where(m => m.IsDefined(typeof(BenchmarkAttribute))))
                    rows.Add(type.Name, method.Name);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(MicroBenchmarks))]
    public void AMicroBenchmarkAllocatesWhatItSays(string typeName, string methodName)
    {
        Type type = typeof(KeyTableBenchmarks).Assembly.GetType($"Anax.Bench.Micro.{typeName}")!;
        MethodInfo method = type.GetMethod(methodName)!;
        long? expected = ExpectedBytesAttribute.Of(method);
        Assert.True(expected is not null, "it does not say what it allocates");
        Assert.True(type.IsDefined(typeof(MemoryDiagnoserAttribute)), "a run would not measure what it allocates");

        object benchmark = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } parameter) property.SetValue(benchmark, parameter.Values[0]);
        }
        Having<GlobalSetupAttribute>(type)?.Invoke(benchmark, null);
        long operations = (long)Calls * method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
        Assert.Equal(expected * operations, BytesOf(benchmark, method));
        Having<GlobalCleanupAttribute>(type)?.Invoke(benchmark, null);
    }

    [Fact]
    public void TheBenchmarkOfShardsHasAValueForEachFigure()
    {
        using var run = new ShardsRun(new ShardsOptions { Seconds = 0.2, Rounds = 1, KeysPerShard = 10_000 });
        using var output = new StringWriter();
        run.Run().Write(output);
        Assert.Empty(run.SharedLines());
        string text = output.ToString();
        Assert.Contains("scaling, 2 x one / two, after a compacting collection", text, StringComparison.Ordinal);
        Assert.Contains("hop, on top, batches of 32", text, StringComparison.Ordinal);
        Assert.Contains("hop to a loop that sleeps, visited, P99", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("∞", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void LoopsShareNoLineOfHotNativeMemory(int shards)
    {
        using var rig = new EngineRig(shards, keysPerShard: 1, cpus: []);
        List<HotRange> ranges = HotMemory.Of(rig.Group, rig.Engine);
        Assert.Equal(shards, ranges.Count(range => range.Name == "peers"));
        Assert.Equal(shards * shards, ranges.Count(range => range.Name == "ring"));
        Assert.All(ranges, range => Assert.True(range.Address != 0 && range.Bytes > 0, range.Name));
        Assert.Empty(HotMemory.SharedLines(ranges));
    }

    [Fact]
    public void ASharedLineIsNamed()
    {
        HotRange[] ranges = [new("loop 0", "a", 4096, 72), new("loop 1", "b", 4180, 4), new("loop 1", "c", 4224, 64)];
        Assert.Equal(["a of loop 0, b of loop 1"], HotMemory.SharedLines(ranges));
    }

    [Theory]
    [InlineData("--seconds 2.5 --rounds 3", true)]
    [InlineData("--rounds 0", false)]
    [InlineData("--rounds", false)]
    [InlineData("--turns 3", false)]
    public void TheOptionsOfShardsAreChecked(string arguments, bool areGood) =>
        Assert.Equal(areGood, ShardsOptions.TryRead(arguments.Split(' ')) is not null);

    /// <summary>Called as a delegate, because a call by reflection allocates the result's box.</summary>
    private static long BytesOf(object benchmark, MethodInfo method)
    {
        Assert.True(method.ReturnType.IsValueType && method.ReturnType != typeof(void), "a benchmark returns a value, so that it is not compiled away");
        MethodInfo measure = typeof(BenchmarkTests).GetMethod(nameof(BytesOfCalls), BindingFlags.NonPublic | BindingFlags.Static)!;
        Delegate call = method.CreateDelegate(typeof(Func<>).MakeGenericType(method.ReturnType), benchmark);
        return (long)measure.MakeGenericMethod(method.ReturnType).Invoke(null, [call])!;
    }

    private static long BytesOfCalls<TResult>(Func<TResult> benchmark) => Allocations.Of(() =>
    {
        for (int i = 0; i < Calls; i++) benchmark();
    });

    private static MethodInfo? Having<TAttribute>(Type type) where TAttribute : Attribute =>
        Array.Find(type.GetMethods(), m => m.IsDefined(typeof(TAttribute)));
}
