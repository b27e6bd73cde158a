using System.Buffers.Text;
using Anax.Core.Memory;
using Anax.Engine;

namespace Anax.Bench.Shards;

/// <summary>The texts of all keys of one shard. Native and never written after it is made, so that all loops may read it.</summary>
internal sealed class KeySlice : IDisposable
{
    public const int KeyBytes = 13;
    private const int StrideBytes = 16;

    private readonly NativeArray<byte> _texts;

    private KeySlice(int count) => _texts = new NativeArray<byte>(count * StrideBytes);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _texts.Span.Slice(index * StrideBytes, KeyBytes);

    /// <summary>As many keys of each shard as are wanted, from the numbers that fall to it.</summary>
    public static KeySlice[] Of(EngineSettings settings, int shards, int keysPerShard)
    {
        var slices = new KeySlice[shards];
        for (int i = 0; i < shards; i++) slices[i] = new KeySlice(keysPerShard);
        Span<byte> key = stackalloc byte[KeyBytes];
        "key:"u8.CopyTo(key);
        int missing = shards * keysPerShard;
        for (int number = 0; missing != 0; number++)
        {
            Utf8Formatter.TryFormat(number, key[4..], out _, new System.Buffers.StandardFormat('D', KeyBytes - 4));
            KeySlice slice = slices[ShardId.Of(key, settings.HashKey.Hash(key), settings, shards)];
            if (slice.Count == keysPerShard) continue;
            key.CopyTo(slice._texts.Span[(slice.Count++ * StrideBytes)..]);
            missing--;
        }
        return slices;
    }

    public void Dispose() => _texts.Dispose();
}
