using System.Reflection;

namespace Anax.Bench.Micro;

/// <summary>
/// Bytes that an operation of a benchmark allocates on the managed heap once it is warm; on a class, of all its
/// benchmarks. A run compares them with what it measured, and so do the tests.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class ExpectedBytesAttribute(long bytes) : Attribute
{
    public long Bytes { get; } = bytes;

    /// <summary>What the method says, or else its class; null where neither says anything.</summary>
    public static long? Of(MethodInfo benchmark) =>
        (benchmark.GetCustomAttribute<ExpectedBytesAttribute>()
            ?? benchmark.DeclaringType?.GetCustomAttribute<ExpectedBytesAttribute>())?.Bytes;
}
