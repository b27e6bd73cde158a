namespace Anax.Core.Text;

/// <summary>How many single-character slips (insert, delete, replace, swap of neighbours) lie between two words.</summary>
public static class EditDistance
{
    public static int Between(string left, string right)
    {
        // Three rows of the table suffice: a swap looks two rows back.
        var width = right.Length + 1;
        Span<int> cells = stackalloc int[3 * width];
        var older = cells[..width];
        var above = cells.Slice(width, width);
        var row = cells[(2 * width)..];
        for (var column = 0; column < width; column++)
            above[column] = column;

        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                var best = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    best = Math.Min(best, older[j - 2] + 1);
                row[j] = best;
            }
            var spare = older;
            older = above;
            above = row;
            row = spare;
        }
        return above[right.Length];
    }
}
