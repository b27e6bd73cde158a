using System.Globalization;

namespace Anax.Bench.HeadToHead.Settings;

/// <summary>CPUs by their numbers, ascending, written as taskset and the kernel write them: 0-3,5.</summary>
internal sealed class CpuList
{
    private const int CpuMax = 4095;

    private CpuList(IReadOnlyList<int> numbers) => Numbers = numbers;

    public IReadOnlyList<int> Numbers { get; }

    public int Count => Numbers.Count;

    public static CpuList Of(params int[] numbers) => new([.. numbers.Distinct().Order()]);

    /// <summary>Null where the text is no list.</summary>
    public static CpuList? TryParse(string text)
    {
        List<int> numbers = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || first > last)
                return null;
            numbers.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return Of([.. numbers]);
    }

    public bool Contains(CpuList other) => other.Numbers.All(Numbers.Contains);

    public bool Meets(CpuList other) => other.Numbers.Any(Numbers.Contains);

    public override string ToString()
    {
        List<string> parts = [];
        for (int i = 0; i < Count;)
        {
            int end = i;
            while (end + 1 < Count && Numbers[end + 1] == Numbers[end] + 1) end++;
            parts.Add(i == end ? $"{Numbers[i]}" : $"{Numbers[i]}-{Numbers[end]}");
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= CpuMax;
}
