namespace Anax.Protocol;

/// <summary>What a request may be at most.</summary>
public static class ProtocolLimits
{
    /// <summary>Default of proto-max-bulk-len.</summary>
    public const long BulkBytes = 512L * 1024 * 1024;

    /// <summary>An inline command, or the line before an argument, without its line end in sight.</summary>
    public const int LineBytes = 64 * 1024;

    public const int Arguments = int.MaxValue;

    /// <summary>Who has not said a password yet may say no more than this.</summary>
    public const int UnauthenticatedArguments = 10;

    public const int UnauthenticatedBulkBytes = 16384;

    /// <summary>
    /// From this length on an argument is received into the block that may become the value.
    /// </summary>
    public const int DirectBytes = 64 * 1024;
}
