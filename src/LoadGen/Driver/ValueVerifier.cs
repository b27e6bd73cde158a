using System.Text;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;

namespace Anax.LoadGen.Driver;

/// <summary>Checks the values that one connection gets, and names the first that are wrong.</summary>
internal sealed class ValueVerifier(BenchOptions options, ValueSource values)
{
    /// <summary>Wrong values per connection that are named; further ones are counted under one text.</summary>
    private const int NamedMax = 10;

    private readonly ValueCheck _check = values.MakeCheck();
    private bool _hasBegun;
    private bool _hasLength;
    private int _wrongAt = -1;
    private int _named;

    /// <summary>A piece of the value of the key.</summary>
    public void Take(ulong key, int length, ReadOnlySpan<byte> piece)
    {
        if (!_hasBegun) Begin(key, length);
        int wrong = _check.FindWrong(piece);
        if (_wrongAt < 0) _wrongAt = wrong;
    }

    /// <summary>The value is over: one that is wrong is an error.</summary>
    public void End(ulong key, int length, ThreadRecorder recorder)
    {
        if (!_hasBegun) Begin(key, 0);
        if (!_hasLength || _wrongAt >= 0) recorder.Error(Encoding.UTF8.GetBytes(Describe(key, length)));
        _hasBegun = false;
        _wrongAt = -1;
    }

    private void Begin(ulong key, int length)
    {
        _hasLength = _check.Begin(key, length);
        _hasBegun = true;
    }

    private string Describe(ulong key, int length)
    {
        if (++_named > NamedMax) return "VERIFY a wrong value, one of many";
        return _hasLength
            ? $"VERIFY the value of {options.KeyPrefix}{key} is wrong at byte {_wrongAt}"
            : $"VERIFY the value of {options.KeyPrefix}{key} has {length} bytes instead of {values.LengthOf(key)}";
    }
}
