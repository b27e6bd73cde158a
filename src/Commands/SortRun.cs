using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Commands;

/// <summary>Reads the weights of all rows as numbers, in steps. A mutable value.</summary>
internal struct SortWeigher(SortTable table, SortOptions options)
{
    private const int RowsPerStep = 4096;

    private int _next;

    /// <summary>A weight was no number.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>True when all is done.</summary>
    internal bool Step()
    {
        if (options.IsAlpha) return true;
        int end = Math.Min(table.Count, _next + RowsPerStep);
        for (; _next < end; _next++)
        {
            ref SortRow row = ref table.Rows[_next];
            ReadOnlySpan<byte> text = table.TextOf(in row);
            // What has no weight weighs nothing; an empty one is no number.
            if (options.By != 0 && !table.TryCell(row.Cell, out text)) row.Score = 0;
            else if (!Numbers.TryParseDouble(text, out row.Score)) HasFailed = true;
        }
        return _next == table.Count;
    }
}

// Rows are sorted in short runs first, then runs are merged in pairs, from one block to another and back. What a merge has
// reached stands in fields, so that it can stop anywhere.

/// <summary>Sorts the rows of a table, in steps. A mutable value.</summary>
internal struct SortRun(SortTable table, SortOptions options)
{
    private const int ShortRun = 16, RowsPerStep = 8192;

    private NativeBlock _target;
    private int _width;

    /// <summary>The pair of runs that is merged begins here; in its runs, and in the target, this is next.</summary>
    private int _pair, _left, _right, _out;

    internal bool TryBegin()
    {
        if (table.Count < 2) return true;
        _target = NativeBlock.Allocate(table.Count * NativeCast.SizeOf<SortRow>());
        return !_target.IsNull;
    }

    /// <summary>True when all is sorted.</summary>
    internal bool Step()
    {
        int count = table.Count;
        if (count < 2) return true;
        if (_width == 0) return SortShortRuns();
        Span<SortRow> from = table.Rows, to = NativeCast.Cells<SortRow>(_target.Bytes)[..count];
        for (int budget = RowsPerStep; budget > 0; budget--)
        {
            int middle = Math.Min(count, _pair + _width), end = (int)Math.Min(count, _pair + 2L * _width);
            if (_out == end)
            {
                if (end == count)
                {
                    _target = table.ExchangeRows(_target);
                    _width = (int)Math.Min(count, 2L * _width);
                    StartPair(0);
                    return _width == count;
                }
                StartPair(end);
                continue;
            }
            bool takesLeft = _left < middle && (_right == end || Compare(in from[_left], in from[_right]) <= 0);
            to[_out++] = takesLeft ? from[_left++] : from[_right++];
        }
        return false;
    }

    internal void Release()
    {
        if (!_target.IsNull) _target.Release();
        _target = default;
    }

    private void StartPair(int first)
    {
        _pair = _left = _out = first;
        _right = (int)Math.Min(table.Count, (long)first + _width);
    }

    /// <summary>A step of sorting runs by insertion; the merging begins when all are sorted.</summary>
    private bool SortShortRuns()
    {
        Span<SortRow> rows = table.Rows;
        int stop = Math.Min(rows.Length, _pair + RowsPerStep);
        for (; _pair < stop; _pair += ShortRun)
        {
            Span<SortRow> run = rows[_pair..Math.Min(rows.Length, _pair + ShortRun)];
            for (int i = 1; i < run.Length; i++)
            {
                SortRow row = run[i];
                int at = i;
                for (; at > 0 && Compare(in run[at - 1], in row) > 0; at--) run[at] = run[at - 1];
                run[at] = row;
            }
        }
        if (_pair < rows.Length) return false;
        if (rows.Length <= ShortRun) return true;
        _width = ShortRun;
        StartPair(0);
        return false;
    }

    private readonly int Compare(in SortRow left, in SortRow right)
    {
        int order = options.IsAlpha && options.By != 0 ? CompareCells(left.Cell, right.Cell)
            : options.IsAlpha || left.Score.Equals(right.Score) ? table.TextOf(in left).SequenceCompareTo(table.TextOf(in right))
            : left.Score.CompareTo(right.Score);
        return options.IsDescending ? -order : order;
    }

    /// <summary>What was not found comes first.</summary>
    private readonly int CompareCells(int left, int right)
    {
        bool hasLeft = table.TryCell(left, out ReadOnlySpan<byte> leftText), hasRight = table.TryCell(right, out ReadOnlySpan<byte> rightText);
        return hasLeft && hasRight ? leftText.SequenceCompareTo(rightText) : hasLeft.CompareTo(hasRight);
    }
}
