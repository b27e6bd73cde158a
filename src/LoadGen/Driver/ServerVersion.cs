namespace Anax.LoadGen.Driver;

/// <summary>Who a server says it is: the first of its "name_version" lines in INFO that is not Redis's, which all have.</summary>
internal static class ServerVersion
{
    private const string Ending = "_version";

    /// <summary>"valkey 9.1.2", or empty.</summary>
    public static string Parse(string info)
    {
        string redis = "";
        foreach (string line in info.Split('\n', StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(':');
            if (colon < 0 || !line[..colon].EndsWith(Ending, StringComparison.Ordinal)) continue;
            string name = line[..(colon - Ending.Length)];
            if (name is "gcc" or "lua" or "rdb") continue;
            string text = $"{name} {line[(colon + 1)..]}";
            if (name != "redis") return text;
            redis = text;
        }

        return redis;
    }
}
