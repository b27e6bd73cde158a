using Anax.Engine.Dispatch;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Searches for places: GEOSEARCH, GEOSEARCHSTORE, and the old GEORADIUS in all its forms. See <see cref="GeoSearch"/>.</summary>
public static class GeoSearchCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;
    private const KeyAccess Stores = KeyAccess.Overwrite | KeyAccess.Update;

    public static readonly CommandSpec[] Table =
    [
        Reading("GEOSEARCH", -7, GeoForm.Search, "Queries a geospatial index for members inside an area of a box, circle, or a polygon."),
        Reading("GEORADIUS_RO", -6, GeoForm.RadiusReadOnly,
            "Returns members from a geospatial index that are within a distance from a coordinate."),
        Reading("GEORADIUSBYMEMBER_RO", -5, GeoForm.MemberReadOnly,
            "Returns members from a geospatial index that are within a distance from a member."),
        Storing("GEOSEARCHSTORE", -8, GeoForm.SearchStore, "geosearchstore", Keys.Pair(Stores, Reads),
            "Queries a geospatial index for members inside an area of a box, a circle, or a polygon, optionally stores the result."),
        Storing("GEORADIUS", -6, GeoForm.Radius, "georadiusstore", SourceAndTargets(6),
            "Queries a geospatial index for members within a distance from a coordinate, optionally stores the result."),
        Storing("GEORADIUSBYMEMBER", -5, GeoForm.Member, "georadiusstore", SourceAndTargets(5),
            "Queries a geospatial index for members within a distance from a member, optionally stores the result."),
    ];

    /// <summary>The old forms name the target behind a word; of several the last one counts.</summary>
    private static KeySpec[] SourceAndTargets(int begin) =>
    [
        new(Reads, KeySearch.Range),
        new(Stores | KeyAccess.VariableFlags, KeySearch.Range) { BeginKeyword = "STORE", RivalKeyword = "STOREDIST", BeginIndex = begin },
        new(Stores | KeyAccess.VariableFlags, KeySearch.Range) { BeginKeyword = "STOREDIST", RivalKeyword = "STORE", BeginIndex = begin },
    ];

    private static CommandSpec Reading(string name, int arity, GeoForm form, string summary)
    {
        var search = new GeoSearch(form);
        return new CommandSpec(name, arity, ReadOnly | MayBeLong, AclCategory.Geo, Keys.First(Reads), search.RunHere, summary)
        { AsCoordinator = search.RunAcross };
    }

    private static CommandSpec Storing(string name, int arity, GeoForm form, string eventName, KeySpec[] keys, string summary)
    {
        var search = new GeoSearch(form, eventName);
        CommandFlags flags = Write | DenyOom | MayBeLong | Tells;
        if (form != GeoForm.SearchStore) flags |= MovableKeys;
        return new CommandSpec(name, arity, flags, AclCategory.Geo, keys, search.RunHere, summary) { AsCoordinator = search.RunAcross };
    }
}
