using System.Reflection;
using Anax.Bench.Micro;
using Anax.Tests.Unit.Harness;
using BenchmarkDotNet.Attributes;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>
/// Every micro-benchmark runs with its smallest parameters, so that none rots unseen, and allocates what it says.
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
