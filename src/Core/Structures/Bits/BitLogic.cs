using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Anax.Core.Structures;

/// <summary>Operations on whole rows of bits, sixteen bytes at a time.</summary>
public static class BitLogic
{
    private interface IOperator
    {
        static abstract Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right);
        static abstract byte Apply(byte left, byte right);
    }

    private readonly struct And : IOperator
    {
        public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left & right;
        public static byte Apply(byte left, byte right) => (byte)(left & right);
    }

    private readonly struct Or : IOperator
    {
        public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left | right;
        public static byte Apply(byte left, byte right) => (byte)(left | right);
    }

    private readonly struct Xor : IOperator
    {
        public static Vector128<byte> Apply(Vector128<byte> left, Vector128<byte> right) => left ^ right;
        public static byte Apply(byte left, byte right) => (byte)(left ^ right);
    }

    /// <summary>Combines the source into the target; where it is shorter, zeros take its place.</summary>
    public static void Combine(BitOperation operation, Span<byte> target, ReadOnlySpan<byte> source)
    {
        int length = Math.Min(target.Length, source.Length);
        switch (operation)
        {
            case BitOperation.And:
                Apply<And>(target[..length], source[..length]);
                target[length..].Clear();
                break;
            case BitOperation.Or:
                Apply<Or>(target[..length], source[..length]);
                break;
            case BitOperation.Xor:
                Apply<Xor>(target[..length], source[..length]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "takes one row of bits");
        }
    }

    /// <summary>Turns every bit over.</summary>
    public static void Invert(Span<byte> target)
    {
        Span<Vector128<byte>> vectors = MemoryMarshal.Cast<byte, Vector128<byte>>(target);
        for (int i = 0; i < vectors.Length; i++) vectors[i] = ~vectors[i];
        Span<byte> rest = target[(vectors.Length * Vector128<byte>.Count)..];
        for (int i = 0; i < rest.Length; i++) rest[i] = (byte)~rest[i];
    }

    private static void Apply<TOperator>(Span<byte> target, ReadOnlySpan<byte> source) where TOperator : struct, IOperator
    {
        Span<Vector128<byte>> left = MemoryMarshal.Cast<byte, Vector128<byte>>(target);
        ReadOnlySpan<Vector128<byte>> right = MemoryMarshal.Cast<byte, Vector128<byte>>(source)[..left.Length];
        for (int i = 0; i < left.Length; i++) left[i] = TOperator.Apply(left[i], right[i]);
        for (int i = left.Length * Vector128<byte>.Count; i < target.Length; i++) target[i] = TOperator.Apply(target[i], source[i]);
    }
}
