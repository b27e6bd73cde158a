namespace Anax.Core.Rdb;

/// <summary>Versions of the format: who writes them, and which are read.</summary>
public static class RdbVersion
{
    /// <summary>Valkey 9's, which is written here.</summary>
    public const int Written = 80;

    /// <summary>Versions 12 to 79 are Redis's alone, and so are their types from this one on.</summary>
    internal const int ForeignTypeMin = 22;

    private const int ForeignMin = 12, ForeignMax = 79;

    /// <summary>The last one of Redis 8.</summary>
    private const int RedisMax = 14;

    public static bool IsForeign(int version) => version is >= ForeignMin and <= ForeignMax;

    /// <summary>Is a value of this version read? Where the check is relaxed, also of one that nobody knows yet.</summary>
    public static bool IsRead(int version, bool isRelaxed) =>
        version > 0 && (isRelaxed || version is <= RedisMax or > ForeignMax and <= Written);
}
