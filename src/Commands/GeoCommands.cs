using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Places of members, which are their scores: GEOADD, GEODIST, GEOHASH, GEOPOS.</summary>
public static class GeoCommands
{
    private static readonly KeySpec[] Read = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);

    public static readonly CommandSpec[] Table =
    [
        new("GEOADD", -5, Write | DenyOom | Tells, AclCategory.Geo, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), ScoredMembers.AddPlaces,
            "Adds one or more members to a geospatial index. The key is created if it doesn't exist."),
        new("GEODIST", -4, ReadOnly, AclCategory.Geo, Read, Distance, "Returns the distance between two members of a geospatial index."),
        new("GEOHASH", -2, ReadOnly, AclCategory.Geo, Read, Hashes, "Returns members from a geospatial index as geohash strings."),
        new("GEOPOS", -2, ReadOnly, AclCategory.Geo, Read, Places, "Returns the longitude and latitude of members from a geospatial index."),
    ];

    private static void Distance(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        double meters = 1;
        if (args.Count > 5)
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (args.Count == 5 && !GeoArguments.TryReadUnit(args[4], ref reply, out meters)) return;
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        if (set.TryGetScore(args[2], out double from) && set.TryGetScore(args[3], out double to))
            GeoArguments.WriteDistance(GeoShape.Distance(GeoHash.Decode(from), GeoHash.Decode(to)) / meters, ref reply);
        else reply.Null();
    }

    private static void Hashes(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int Letters = 11;
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        reply.Array(args.Count - 2);
        Span<byte> text = stackalloc byte[Letters];
        for (int i = 2; i < args.Count; i++)
        {
            if (set.TryGetScore(args[i], out double score))
            {
                GeoHash.Format(score, text);
                reply.Bulk(text);
            }
            else reply.Null();
        }
    }

    private static void Places(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++)
        {
            if (set.TryGetScore(args[i], out double score)) GeoArguments.WritePlace(GeoHash.Decode(score), ref reply);
            else reply.NullArray();
        }
    }
}
