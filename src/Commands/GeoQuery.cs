using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>How a search is written.</summary>
internal enum GeoForm : byte
{
    /// <summary>GEORADIUS.</summary>
    Radius,
    RadiusReadOnly,

    /// <summary>GEORADIUSBYMEMBER.</summary>
    Member,
    MemberReadOnly,
    Search,
    SearchStore,
}

internal enum GeoSort : byte { None, Ascending, Descending }

/// <summary>The arguments of a search for places. Whoever reads one releases it.</summary>
internal struct GeoQuery
{
    private GeoForm _form;
    private bool _fromMember, _fromPlace, _any;

    internal GeoShape Shape;

    /// <summary>Places that are wanted at most; 0: all.</summary>
    internal long Count { get; private set; }

    /// <summary>The argument of the key that takes the result; 0: none does.</summary>
    internal int Target { get; private set; }

    /// <summary>Distances are stored, not places.</summary>
    internal bool StoresDistances { get; private set; }
    internal bool WithDistance { get; private set; }
    internal bool WithHash { get; private set; }
    internal bool WithPlace { get; private set; }
    internal GeoSort Sort { get; private set; }

    /// <summary>The search may end when it has met so many; 0: it goes on.</summary>
    internal readonly long EnoughCount => _any ? Count : 0;

    private readonly bool IsSearch => _form >= GeoForm.Search;

    internal static int SourceOf(GeoForm form) => form == GeoForm.SearchStore ? 2 : 1;

    /// <summary>False where something is wrong, which is answered. A key that is not there gives no center, but all else is read.</summary>
    internal bool TryRead(Arguments args, GeoForm form, SortedSetView set, bool exists, ref ReplyWriter reply)
    {
        _form = form;
        int next = form switch { GeoForm.Radius or GeoForm.RadiusReadOnly => 6, GeoForm.SearchStore => 3, GeoForm.Search => 2, _ => 5 };
        if (form == GeoForm.SearchStore) Target = 1;
        if (!IsSearch && !TryReadCircle(args, next, set, exists, ref reply)) return false;
        while (next < args.Count)
            if (!TryReadOption(args, ref next, set, exists, ref reply)) return false;
        return Check(args, ref reply);
    }

    internal void Release() => Shape.Corners.Release();

    private bool TryReadCircle(Arguments args, int end, SortedSetView set, bool exists, ref ReplyWriter reply)
    {
        bool isMember = _form is GeoForm.Member or GeoForm.MemberReadOnly;
        if (isMember && !exists) return true;
        bool hasCenter = isMember
            ? TryFindMember(set, args[2], ref reply) : GeoArguments.TryReadPlace(args, 2, ref reply, out Shape.Center);
        return hasCenter && TryReadRadius(args, end - 2, ref reply);
    }

    private bool TryFindMember(SortedSetView set, ReadOnlySpan<byte> member, ref ReplyWriter reply)
    {
        bool isThere = set.TryGetScore(member, out double score);
        if (isThere) Shape.Center = GeoHash.Decode(score);
        else reply.Error(Errors.NoSuchMember, ClientText.Printed(member));
        return isThere;
    }

    private bool TryReadRadius(Arguments args, int at, ref ReplyWriter reply)
    {
        Shape.Kind = GeoShapeKind.Circle;
        if (!Numbers.TryParseDouble(args[at], out Shape.Radius)) reply.Error(Errors.RadiusNotNumber);
        else if (Shape.Radius < 0) reply.Error(Errors.RadiusNegative);
        else return GeoArguments.TryReadUnit(args[at + 1], ref reply, out Shape.Unit);
        return false;
    }

    private bool TryReadBox(Arguments args, int at, ref ReplyWriter reply)
    {
        Shape.Kind = GeoShapeKind.Box;
        if (!Numbers.TryParseDouble(args[at], out Shape.Width)) reply.Error(Errors.WidthNotNumber);
        else if (!Numbers.TryParseDouble(args[at + 1], out Shape.Height)) reply.Error(Errors.HeightNotNumber);
        else if (Shape.Height < 0 || Shape.Width < 0) reply.Error(Errors.BoxNegative);
        else return GeoArguments.TryReadUnit(args[at + 2], ref reply, out Shape.Unit);
        return false;
    }

    private bool TryReadPolygon(Arguments args, int at, ref ReplyWriter reply, out int corners)
    {
        (Shape.Kind, Shape.Unit) = (GeoShapeKind.Polygon, 1);
        if (!Numbers.TryParseInt(args[at], out corners))
        {
            reply.Error(Errors.VerticesNotNumber);
            return false;
        }
        if (corners < 3 || (args.Count - at - 1) / 2 < corners)
        {
            reply.Error(Errors.TooFewVertices);
            return false;
        }
        for (int i = 0; i < corners; i++)
        {
            if (!GeoArguments.TryReadPlace(args, at + 1 + 2 * i, ref reply, out GeoPlace corner)) return false;
            if (Shape.Corners.TryAdd(in corner)) continue;
            reply.Error(Outcome.OutOfMemory);
            return false;
        }
        return true;
    }

    private bool TryReadOption(Arguments args, ref int next, SortedSetView set, bool exists, ref ReplyWriter reply)
    {
        ReadOnlySpan<byte> option = args[next];
        if (Ascii.EqualsIgnoreCase(option, "WITHDIST"u8)) WithDistance = true;
        else if (Ascii.EqualsIgnoreCase(option, "WITHHASH"u8)) WithHash = true;
        else if (Ascii.EqualsIgnoreCase(option, "WITHCOORD"u8)) WithPlace = true;
        else if (Ascii.EqualsIgnoreCase(option, "ANY"u8)) _any = true;
        else if (Ascii.EqualsIgnoreCase(option, "ASC"u8)) Sort = GeoSort.Ascending;
        else if (Ascii.EqualsIgnoreCase(option, "DESC"u8)) Sort = GeoSort.Descending;
        else if (next + 1 < args.Count && Ascii.EqualsIgnoreCase(option, "COUNT"u8)) return TryReadCount(args, ref next, ref reply);
        else if (_form == GeoForm.SearchStore && Ascii.EqualsIgnoreCase(option, "STOREDIST"u8)) StoresDistances = true;
        else if (IsSearch) return TryReadArea(args, ref next, set, exists, ref reply);
        else if (!TryReadTarget(args, ref next))
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        next++;
        return true;
    }

    private bool TryReadCount(Arguments args, ref int next, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[next + 1], out long count)) reply.Error(Errors.NotInteger);
        else if (count <= 0) reply.Error(Errors.GeoCountTooSmall);
        else
        {
            Count = count;
            next += 2;
            return true;
        }
        return false;
    }

    private bool TryReadTarget(Arguments args, ref int next)
    {
        bool isDistance = Ascii.EqualsIgnoreCase(args[next], "STOREDIST"u8);
        if (!isDistance && !Ascii.EqualsIgnoreCase(args[next], "STORE"u8)) return false;
        if (next + 1 >= args.Count || _form is GeoForm.RadiusReadOnly or GeoForm.MemberReadOnly) return false;
        Target = ++next;
        StoresDistances = isDistance;
        return true;
    }

    /// <summary>Where GEOSEARCH begins, and what it searches.</summary>
    private bool TryReadArea(Arguments args, ref int next, SortedSetView set, bool exists, ref ReplyWriter reply)
    {
        ReadOnlySpan<byte> option = args[next];
        int left = args.Count - next - 1, at = next + 1;
        bool isPolygon = Shape.Kind == GeoShapeKind.Polygon;
        if (left >= 1 && !_fromPlace && !isPolygon && Ascii.EqualsIgnoreCase(option, "FROMMEMBER"u8))
        {
            _fromMember = true;
            next += 2;
            return !exists || TryFindMember(set, args[at], ref reply);
        }
        if (left >= 2 && !_fromMember && !isPolygon && Ascii.EqualsIgnoreCase(option, "FROMLONLAT"u8))
        {
            _fromPlace = true;
            next += 3;
            return GeoArguments.TryReadPlace(args, at, ref reply, out Shape.Center);
        }
        if (left >= 2 && (Shape.Kind is GeoShapeKind.None or GeoShapeKind.Circle) && Ascii.EqualsIgnoreCase(option, "BYRADIUS"u8))
        {
            next += 3;
            return TryReadRadius(args, at, ref reply);
        }
        if (left >= 3 && (Shape.Kind is GeoShapeKind.None or GeoShapeKind.Box) && Ascii.EqualsIgnoreCase(option, "BYBOX"u8))
        {
            next += 4;
            return TryReadBox(args, at, ref reply);
        }
        bool mayBePolygon = left >= 2 && Shape.Kind == GeoShapeKind.None && !_fromMember && !_fromPlace;
        if (mayBePolygon && Ascii.EqualsIgnoreCase(option, "BYPOLYGON"u8))
        {
            bool isRead = TryReadPolygon(args, at, ref reply, out int corners);
            next += 2 + 2 * corners;
            return isRead;
        }
        reply.Error(Errors.Syntax);
        return false;
    }

    private readonly bool Check(Arguments args, ref ReplyWriter reply)
    {
        bool isPolygon = Shape.Kind == GeoShapeKind.Polygon;
        if (Target != 0 && (WithDistance || WithHash || WithPlace))
            reply.Error(_form == GeoForm.SearchStore ? Errors.SearchStoreWithDetails : Errors.StoreWithDetails);
        else if (IsSearch && !_fromMember && !_fromPlace && !isPolygon) reply.Error(Errors.NoGeoCenter, ClientText.Printed(args[0]));
        else if (IsSearch && Shape.Kind == GeoShapeKind.None) reply.Error(Errors.NoGeoShape, ClientText.Printed(args[0]));
        else if (_any && Count == 0) reply.Error(Errors.AnyWithoutCount);
        else return true;
        return false;
    }
}
