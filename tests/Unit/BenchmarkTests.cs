using System.Reflection;
using Anax.Bench.Micro;
using BenchmarkDotNet.Attributes;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>Every benchmark runs once with its smallest parameters, so that none rots unseen.</summary>
public sealed class BenchmarkTests
{
    public static TheoryData<Type> Types =>
        [.. typeof(KeyTableBenchmarks).Assembly.GetTypes().Where(t => Benchmarks(t).Any())];

    [Theory]
    [MemberData(nameof(Types))]
    public void RunsOnce(Type type)
    {
        object benchmark = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } parameter)
                property.SetValue(benchmark, parameter.Values[0]);
        }
        Having<GlobalSetupAttribute>(type)?.Invoke(benchmark, null);
        foreach (var method in Benchmarks(type))
            Assert.NotNull(method.Invoke(benchmark, null));
        Having<GlobalCleanupAttribute>(type)?.Invoke(benchmark, null);
    }

    private static IEnumerable<MethodInfo> Benchmarks(Type type) =>
        type.GetMethods().Where(m => m.IsDefined(typeof(BenchmarkAttribute)));

    private static MethodInfo? Having<TAttribute>(Type type) where TAttribute : Attribute =>
        Array.Find(type.GetMethods(), m => m.IsDefined(typeof(TAttribute)));
}
