using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// Fifteen buckets behind a segment that may not split further, because its depth is far above the table's
/// mean: with a keyed hash only a collision of many hash bits leads here. Searched from end to end.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct OverflowBlock
{
    public const int SizeBytes = 1024;

    private const int BucketCount = SizeBytes / Bucket.SizeBytes - 1;

    public uint Next;

    public Bucket* First
    {
        get
        {
            fixed (OverflowBlock* block = &this) return (Bucket*)block + 1;
        }
    }

    public Bucket* End => First + BucketCount;
}
