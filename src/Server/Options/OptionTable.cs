using System.Diagnostics.CodeAnalysis;
using Anax.Core.Text;
using Anax.Server.Options.Rows;

namespace Anax.Server.Options;

/// <summary>
/// Every option of the server, declared once in the rows of its group; both families of spellings lead here. Command
/// line, configuration file, CONFIG GET, SET and REWRITE and --help all read this table.
/// </summary>
public static class OptionTable
{
    private const int NameLengthMax = 64;

    private static readonly OptionSpec[] Everything = Collect();
    private static readonly Dictionary<string, OptionName> ByName = IndexNames();
    private static readonly OptionValues DefaultValues = ReadDefaults();

    public static ReadOnlySpan<OptionSpec> All => Everything;

    /// <summary>The values of a server that was started without any option.</summary>
    public static OptionValues Defaults => DefaultValues;

    /// <summary>Any spelling; the name must be in the table.</summary>
    public static OptionSpec Get(string name) =>
        TryFind(name, out var spec) ? spec : throw new ArgumentException($"no option '{name}'", nameof(name));

    /// <summary>Finds by any spelling and case, dashes or underscores.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out OptionSpec? spec) =>
        TryFind(name, out spec, out _);

    /// <summary>As above; tells whether the name is the older spelling of the option.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out OptionSpec? spec, out bool isAlias)
    {
        if (!ByName.TryGetValue(name, out var found) && !ByName.TryGetValue(Normalize(name), out found))
        {
            (spec, isAlias) = (null, false);
            return false;
        }
        (spec, isAlias) = (found.Spec, found.IsAlias);
        return true;
    }

    /// <summary>As above, from the bytes of a command, without an allocation.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out OptionSpec? spec, out bool isAlias)
    {
        (spec, isAlias) = (null, false);
        if (name.Length > NameLengthMax)
            return false;
        Span<char> wanted = stackalloc char[NameLengthMax];
        wanted = wanted[..name.Length];
        for (var i = 0; i < name.Length; i++)
            wanted[i] = (char)Ascii.ToLower(name[i]);
        var lookup = ByName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(wanted, out var found))
        {
            wanted.Replace('_', '-');
            if (!lookup.TryGetValue(wanted, out found))
                return false;
        }
        (spec, isAlias) = (found.Spec, found.IsAlias);
        return true;
    }

    /// <summary>The spelling that comes nearest to an unknown name, or null when none is near.</summary>
    public static string? Nearest(string name)
    {
        var wanted = Normalize(name);
        var limit = Math.Max(2, wanted.Length / 3);
        string? nearest = null;
        foreach (var spec in Everything)
        {
            Consider(spec.Name);
            Consider(spec.Alias);
            Consider(spec.Flag);
        }
        return nearest;

        void Consider(string? candidate)
        {
            if (candidate is null)
                return;
            var distance = EditDistance.Between(wanted, Normalize(candidate));
            if (distance > limit || (distance == limit && nearest is not null))
                return;
            (nearest, limit) = (candidate, distance);
        }
    }

    internal static string Normalize(string name) => name.Replace('_', '-').ToLowerInvariant();

    private static OptionSpec[] Collect()
    {
        var all = new List<OptionSpec>(512);
        Add(all, "Network", NetworkRows.Table);
        Add(all, "Threads", ThreadRows.Table);
        Add(all, "Process and log", ProcessRows.Table);
        Add(all, "Memory", MemoryRows.Table);
        Add(all, "Data and commands", DataRows.Table);
        Add(all, "Security", SecurityRows.Table);
        Add(all, "Persistence", PersistenceRows.Table);
        Add(all, "Replication", ReplicationRows.Table);
        Add(all, "Cluster", ClusterRows.Table);
        Add(all, "Dragonfly", DragonflyRows.Table);
        return all.ToArray();
    }

    private static void Add(List<OptionSpec> all, string group, OptionSpec[] rows)
    {
        foreach (var row in rows)
        {
            row.Place(all.Count, group);
            all.Add(row);
        }
    }

    private static Dictionary<string, OptionName> IndexNames()
    {
        var names = new Dictionary<string, OptionName>(2 * Everything.Length, StringComparer.Ordinal);
        foreach (var spec in Everything)
        {
            names.Add(Normalize(spec.Name), new OptionName(spec, IsAlias: false));
            // Some older spellings differ by underscores alone (server_cpulist): these are found as they are written.
            if (spec.Alias is not null)
                names.Add(spec.Alias, new OptionName(spec, IsAlias: true));
            if (spec.Flag is not null)
                names.Add(Normalize(spec.Flag), new OptionName(spec, IsAlias: false));
        }
        return names;
    }

    private static OptionValues ReadDefaults()
    {
        var values = new OptionValue[Everything.Length];
        foreach (var spec in Everything)
            values[spec.Index] = OptionReader.ReadDefault(spec);
        return new OptionValues(values);
    }

    private readonly record struct OptionName(OptionSpec Spec, bool IsAlias);
}
