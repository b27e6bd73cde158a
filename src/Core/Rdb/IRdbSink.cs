using Anax.Core.Memory;

namespace Anax.Core.Rdb;

/// <summary>Takes the bytes that values are written as, in their order.</summary>
public interface IRdbSink
{
    void Write(scoped ReadOnlySpan<byte> bytes);

    /// <summary>The same, of a range of a block, which may be referred to instead of being copied.</summary>
    void WriteBlock(NativeBlock block, int start, int length);
}
