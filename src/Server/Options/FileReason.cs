namespace Anax.Server.Options;

/// <summary>Why a file could not be read or written, in the system's words.</summary>
internal static class FileReason
{
    /// <summary>A file's fault or the path's, not ours.</summary>
    public static bool IsKnown(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    public static string Of(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException unauthorized when unauthorized.Message.Contains("directory") => "Is a directory",
        UnauthorizedAccessException => "Permission denied",
        _ => error.Message,
    };
}
