using Anax.Core.Buffers;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Buffers;

public class InputBufferTests
{
    [Fact]
    public void KeepsWhatWasNotConsumedAndGivesAllMemoryBack() =>
        Gen.Select(Gen.Int[0, 3000], Gen.Double[0, 1]).List[1, 80].Sample(steps =>
        {
            var buffer = default(InputBuffer);
            var model = new List<byte>();
            byte next = 0;
            foreach (var (size, part) in steps)
            {
                var bytes = new byte[size];
                foreach (ref var value in bytes.AsSpan()) value = next++;
                Assert.True(buffer.TryAppend(bytes));
                model.AddRange(bytes);
                var consumed = (int)(model.Count * part);
                buffer.Consume(consumed);
                model.RemoveRange(0, consumed);
                Assert.Equal(model.Count, buffer.Length);
                Assert.Equal(model.ToArray(), buffer.Bytes);
            }
            buffer.Consume(buffer.Length);
            Assert.True(buffer.IsEmpty);
            Assert.Equal(0, buffer.Capacity);
        });

    [Fact]
    public void GrowsToTheSizeThatIsNeeded()
    {
        var buffer = default(InputBuffer);
        Assert.Equal(0, buffer.Capacity);
        Assert.True(buffer.TryAppend(new byte[10]));
        Assert.InRange(buffer.Capacity, 10, 4096);
        for (var i = 0; i < 100_000; i++) Assert.True(buffer.TryAppend("x"u8));
        Assert.InRange(buffer.Capacity, 100_010, 300_000);
        buffer.Free();
        Assert.Equal(0, buffer.Capacity);
    }
}
