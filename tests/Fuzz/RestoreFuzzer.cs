using Anax.Core.Rdb;
using Anax.Core.Structures;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Values as all kinds of servers write them, damaged in some places, are read: they are refused, or are values that can be
/// walked, written and read again. Memory is exact afterwards. There is no checksum in the way.
/// </summary>
internal sealed class RestoreFuzzer : IFuzzRounds
{
    private const int EffortMax = 1 << 20;

    private static readonly RdbLimits Small = new(new PackedLimits(4, 8), new SetLimits(6, 4, 8), new PackedLimits(4, 8), new ListLimit(3));

    private readonly LoadedValue _first = new(), _second = new();

    public void Round(Random random)
    {
        (byte[] value, int version) = RdbSamples.Any(random);
        for (int times = random.Next(4); times > 0; times--) value = Damage(value, random);
        RdbLimits limits = random.Next(2) == 0 ? Small : LoadedValue.Limits;
        RdbLoad outcome = _first.Load(value, random.Next(8) == 0 ? random.Next(1, 100) : version, limits);
        if (outcome == RdbLoad.Done) Check(limits, random);
        else if (outcome == RdbLoad.GoesOn || _first.Exists) throw new InvalidOperationException($"reading ended with {outcome}");
        _first.Delete();
        _second.Delete();
        if (_first.UsedBytes != _first.EmptyBytes) throw new InvalidOperationException($"{_first.UsedBytes - _first.EmptyBytes} bytes are left");
    }

    private void Check(RdbLimits limits, Random random)
    {
        string text = _first.Describe();
        if (text.Length > EffortMax) return;
        byte[] saved = _first.Save(random.Next(2) == 0);
        if (_second.Load(saved, RdbVersion.Written, limits) != RdbLoad.Done) throw new InvalidOperationException("what was written is not read: " + text);
        if (Elements(_second.Describe()) != Elements(text)) throw new InvalidOperationException($"{text}\nbecame {_second.Describe()}");
    }

    /// <summary>Without the layout: what another server has packed against the limits may stay so, and is then written otherwise.</summary>
    private static string Elements(string text) =>
        string.Join(',', text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',').Order(StringComparer.Ordinal));

    private static byte[] Damage(byte[] value, Random random)
    {
        var bytes = new List<byte>(value);
        int at = random.Next(bytes.Count);
        // Lengths and kinds are in front more often than not.
        if (random.Next(2) == 0) at = Math.Min(at, random.Next(24));
        int count = Math.Min(random.Next(1, 9), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 or 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                bytes[at] = new byte[] { 0, 1, 0x3F, 0x40, 0x7F, 0x80, 0x81, 0xC0, 0xC3, 0xF0, 0xFE, 0xFF }[random.Next(12)];
                break;
            case 4:
                bytes.RemoveRange(at, count);
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 6:
                bytes.InsertRange(at, [.. Enumerable.Repeat((byte)random.Next(256), count)]);
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
        return bytes.Count == 0 ? [0] : [.. bytes];
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
