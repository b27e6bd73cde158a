using System.Text;
using Anax.Core.Structures;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Structures;

public sealed class NameTableTests
{
    [Fact]
    public void NamesKeepTheirNumbersWhateverComesAndGoes()
    {
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 300]).Array[0, 2000].Sample(steps =>
        {
            using var table = new NameTable(new HashKey(1, 2));
            var model = new Dictionary<string, int>();
            foreach ((int action, int id) in steps)
            {
                string name = id == 0 ? "" : $"name:{id}";
                byte[] bytes = Encoding.Latin1.GetBytes(name);
                if (action != 0)
                {
                    int number = table.GetOrAdd(bytes, out bool isNew);
                    if (isNew == model.ContainsKey(name)) return false;
                    if (!isNew && model[name] != number) return false;
                    model[name] = number;
                }
                else if (model.Remove(name, out int number)) table.Remove(number);
                if (table.Count != model.Count) return false;
            }
            foreach ((string name, int number) in model)
            {
                if (table.Find(Encoding.Latin1.GetBytes(name)) != number) return false;
                if (!table.IsTaken(number) || Encoding.Latin1.GetString(table[number]) != name) return false;
            }
            return Enumerable.Range(0, table.Bound).Count(table.IsTaken) == model.Count && model.Values.Distinct().Count() == model.Count;
        });
    }

    [Fact]
    public void AnEmptyTableHoldsNoMemoryForNames()
    {
        using var table = new NameTable(new HashKey(1, 2));
        for (int i = 0; i < 50_000; i++) table.GetOrAdd(Encoding.ASCII.GetBytes($"channel:{i}"), out _);
        long full = table.UsedBytes;
        for (int i = 0; i < 50_000; i++) table.Remove(table.Find(Encoding.ASCII.GetBytes($"channel:{i}")));

        Assert.Equal(0, table.Count);
        Assert.True(full > 50_000 * 13 && table.UsedBytes < 128 * 1024, $"{full} bytes, then {table.UsedBytes}");
        Assert.Equal(-1, table.Find("channel:7"u8));
    }
}
