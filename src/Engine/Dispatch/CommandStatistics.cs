using Anax.Core.Memory;

namespace Anax.Engine.Dispatch;

/// <summary>What one loop counted of one command.</summary>
public struct CommandCounters
{
    public long Calls;
    public long Ns;
    public long Rejected;
    public long Failed;
}

/// <summary>
/// Calls, time, refusals and failures by command, and errors by code, of one loop. In native memory, written by
/// the owner alone; whoever reports sums the loops and so reads approximately.
/// </summary>
public sealed class CommandStatistics(int commands) : IDisposable
{
    /// <summary>Buckets of a latency histogram: powers of two of a nanosecond, from 2^10 on.</summary>
    public const int LatencyBuckets = 32;
    private const int ErrorCodesMax = 128, ErrorCodeBytes = 32;

    private readonly NativeArray<CommandCounters> _counters = new(commands);
    private readonly NativeArray<long> _latency = new(commands * LatencyBuckets);
    private readonly NativeArray<byte> _errorCodes = new(ErrorCodesMax * ErrorCodeBytes);
    private readonly NativeArray<long> _errorCounts = new(ErrorCodesMax);
    private readonly NativeArray<int> _errors = new(1);

    public ref CommandCounters this[int command] => ref _counters[command];

    public long TotalErrors
    {
        get
        {
            long total = 0;
            for (int i = 0; i < _errors[0]; i++) total += _errorCounts[i];
            return total;
        }
    }

    public int ErrorCodes => _errors[0];

    public ReadOnlySpan<long> Latency(int command) => _latency.Span.Slice(command * LatencyBuckets, LatencyBuckets);

    public ReadOnlySpan<byte> ErrorCode(int index, out long count)
    {
        count = _errorCounts[index];
        ReadOnlySpan<byte> code = _errorCodes.Span.Slice(index * ErrorCodeBytes, ErrorCodeBytes);
        int end = code.IndexOf((byte)0);
        return end < 0 ? code : code[..end];
    }

    /// <summary>So many calls took so long each.</summary>
    public void Timed(int command, long ns, int calls = 1)
    {
        ref CommandCounters counters = ref _counters[command];
        counters.Calls += calls;
        counters.Ns += ns * calls;
        int bucket = System.Numerics.BitOperations.Log2((ulong)Math.Max(1, ns)) - 9;
        _latency[command * LatencyBuckets + Math.Clamp(bucket, 0, LatencyBuckets - 1)] += calls;
    }

    /// <summary>Counts an error reply by its code, the first word ("ERR", "WRONGTYPE").</summary>
    public void Error(ReadOnlySpan<byte> code)
    {
        if (code.Length >= ErrorCodeBytes) code = code[..(ErrorCodeBytes - 1)];
        int known = _errors[0];
        for (int i = 0; i < known; i++)
        {
            if (!ErrorCode(i, out _).SequenceEqual(code)) continue;
            _errorCounts[i]++;
            return;
        }
        if (known == ErrorCodesMax) return;
        code.CopyTo(_errorCodes.Span[(known * ErrorCodeBytes)..]);
        _errorCounts[known] = 1;
        _errors[0] = known + 1;
    }

    public void Reset()
    {
        _counters.Span.Clear();
        _latency.Span.Clear();
        _errorCodes.Span.Clear();
        _errorCounts.Span.Clear();
        _errors[0] = 0;
    }

    public void Dispose()
    {
        _counters.Dispose();
        _latency.Dispose();
        _errorCodes.Dispose();
        _errorCounts.Dispose();
        _errors.Dispose();
    }
}
