using Anax.Core.Text;

namespace Anax.Server.Options;

/// <summary>
/// The options that the patterns of one CONFIG GET name, each once. Lives on the caller's stack and allocates
/// nothing: two cells for an option, one for its name and one for its older name.
/// </summary>
public ref struct ConfigMatches
{
    private const int Unmatched = 0;
    private const int ByPattern = -1;

    private static readonly int[] CellsByName = SortCells();

    // A cell holds the argument that named the option exactly, counted from one.
    private readonly Span<int> _cells;

    public ConfigMatches(Span<int> cells)
    {
        _cells = cells[..CellsNeeded];
        _cells.Clear();
    }

    public static int CellsNeeded => 2 * OptionTable.All.Length;

    public int Count { get; private set; }

    /// <summary>Takes one argument of CONFIG GET; hidden options answer to their exact name only.</summary>
    public void Add(ReadOnlySpan<byte> pattern, int argument)
    {
        if (pattern.IndexOfAny((byte)'*', (byte)'?', (byte)'[') < 0)
        {
            if (OptionTable.TryFind(pattern, out var named, out var isAlias))
                Mark((2 * named.Index) + (isAlias ? 1 : 0), argument + 1);
            return;
        }
        foreach (var spec in OptionTable.All)
        {
            if (spec.IsHidden)
                continue;
            if (Glob.Matches(pattern, spec.NameBytes, ignoreCase: true))
                Mark(2 * spec.Index, ByPattern);
            if (spec.AliasBytes.Length != 0 && Glob.Matches(pattern, spec.AliasBytes, ignoreCase: true))
                Mark((2 * spec.Index) + 1, ByPattern);
        }
    }

    /// <summary>
    /// The next match, in the order of names, from a position that starts at zero. An option that was named exactly is answered under the name
    /// that the client wrote, its case included: then <paramref name="argument"/> says which, otherwise it is -1.
    /// </summary>
    public readonly bool TryNext(ref int position, out OptionSpec spec, out byte[] name, out int argument)
    {
        for (; position < _cells.Length; position++)
        {
            var cell = CellsByName[position];
            var mark = _cells[cell];
            if (mark == Unmatched)
                continue;
            spec = OptionTable.All[cell / 2];
            name = NameOf(cell);
            argument = mark == ByPattern ? -1 : mark - 1;
            position++;
            return true;
        }
        (spec, name, argument) = (null!, [], -1);
        return false;
    }

    private static byte[] NameOf(int cell)
    {
        var spec = OptionTable.All[cell / 2];
        return cell % 2 == 0 ? spec.NameBytes : spec.AliasBytes;
    }

    private static int[] SortCells()
    {
        var cells = new int[CellsNeeded];
        for (var cell = 0; cell < cells.Length; cell++)
            cells[cell] = cell;
        Array.Sort(cells, static (left, right) => NameOf(left).AsSpan().SequenceCompareTo(NameOf(right)));
        return cells;
    }

    private void Mark(int cell, int mark)
    {
        if (_cells[cell] != Unmatched)
            return;
        _cells[cell] = mark;
        Count++;
    }
}
