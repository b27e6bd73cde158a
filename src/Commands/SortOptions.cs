using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>The options of SORT. Arguments are named by their indexes, 0 for none.</summary>
internal struct SortOptions
{
    internal long LimitStart;
    internal long LimitCount;
    internal int By;
    internal int Store;

    /// <summary>How many GETs there are.</summary>
    internal int Gets;
    internal bool IsDescending;
    internal bool IsAlpha;

    /// <summary>BY names no keys: the elements stay in their order.</summary>
    internal bool IsUnsorted;

    /// <summary>What collecting the elements goes by.</summary>
    internal readonly SortFlags ElementFlags =>
        (IsUnsorted ? SortFlags.Unsorted : 0) | (IsDescending ? SortFlags.Descending : 0) | (Store != 0 ? SortFlags.Stored : 0);

    /// <summary>Sorted by the elements' own texts.</summary>
    internal readonly SortOptions ByElement() => this with { IsUnsorted = false, IsAlpha = true, By = 0 };

    internal static bool TryRead(Arguments args, bool mayStore, ref ReplyWriter reply, out SortOptions options)
    {
        options = new SortOptions { LimitCount = -1 };
        for (int i = 2; i < args.Count; i++)
        {
            int left = args.Count - i - 1;
            ReadOnlySpan<byte> word = args[i];
            if (Ascii.EqualsIgnoreCase(word, "ASC"u8)) options.IsDescending = false;
            else if (Ascii.EqualsIgnoreCase(word, "DESC"u8)) options.IsDescending = true;
            else if (Ascii.EqualsIgnoreCase(word, "ALPHA"u8)) options.IsAlpha = true;
            else if (left >= 2 && Ascii.EqualsIgnoreCase(word, "LIMIT"u8))
            {
                if (!ListValue.TryReadLong(args[i + 1], ref reply, out options.LimitStart)) return false;
                if (!ListValue.TryReadLong(args[i + 2], ref reply, out options.LimitCount)) return false;
                i += 2;
            }
            else if (left >= 1 && mayStore && Ascii.EqualsIgnoreCase(word, "STORE"u8)) options.Store = ++i;
            else if (left >= 1 && Ascii.EqualsIgnoreCase(word, "BY"u8))
            {
                options.By = ++i;
                options.IsUnsorted |= !SortPattern.HasStar(args[i]);
            }
            else if (left >= 1 && Ascii.EqualsIgnoreCase(word, "GET"u8))
            {
                options.Gets++;
                i++;
            }
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        return true;
    }

    /// <summary>The argument of the GET of this number, which is there.</summary>
    internal static int FindGet(Arguments args, int number)
    {
        for (int i = 2; ; i = Next(args, i))
            if (Ascii.EqualsIgnoreCase(args[i], "GET"u8) && number-- == 0) return i + 1;
    }

    /// <summary>The argument of the last STORE; 0 where there is none.</summary>
    internal static int FindStore(Arguments args)
    {
        int found = 0;
        for (int i = 2; i < args.Count; i = Next(args, i))
            if (i + 1 < args.Count && Ascii.EqualsIgnoreCase(args[i], "STORE"u8)) found = i + 1;
        return found;
    }

    /// <summary>Does BY or GET name keys that depend on the elements?</summary>
    internal static bool HasPatterns(Arguments args)
    {
        for (int i = 2; i + 1 < args.Count; i = Next(args, i))
        {
            bool isPattern = Ascii.EqualsIgnoreCase(args[i], "BY"u8) || Ascii.EqualsIgnoreCase(args[i], "GET"u8);
            if (isPattern && SortPattern.HasStar(args[i + 1])) return true;
        }
        return false;
    }

    /// <summary>The index behind an option and its values.</summary>
    private static int Next(Arguments args, int index)
    {
        ReadOnlySpan<byte> word = args[index];
        if (Ascii.EqualsIgnoreCase(word, "LIMIT"u8)) return index + 3;
        bool hasValue = Ascii.EqualsIgnoreCase(word, "BY"u8) || Ascii.EqualsIgnoreCase(word, "GET"u8) || Ascii.EqualsIgnoreCase(word, "STORE"u8);
        return index + (hasValue ? 2 : 1);
    }

    /// <summary>Which of so many rows are wanted.</summary>
    internal readonly void Limit(int rows, out int first, out int count)
    {
        first = (int)Math.Min(Math.Max(LimitStart, 0), rows);
        long most = LimitCount < 0 ? rows : LimitCount;
        count = (int)Math.Min(rows - first, most);
    }
}

/// <summary>What collecting the elements for SORT goes by.</summary>
[Flags]
internal enum SortFlags
{
    None = 0,

    /// <summary>In their own order.</summary>
    Unsorted = 1 << 0,

    /// <summary>The other way round, where they are not sorted.</summary>
    Descending = 1 << 1,

    /// <summary>They are stored: those of a set must have some order then.</summary>
    Stored = 1 << 2,
}
