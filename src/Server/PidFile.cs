using System.Globalization;
using Anax.Server.Options;

namespace Anax.Server;

/// <summary>The file with the process id: written at start, removed at the end. A failure is told, not fatal.</summary>
public sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <summary>Null, and the reason, when the file cannot be written.</summary>
    public static PidFile? Write(string path, int pid, out string? reason)
    {
        try
        {
            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{pid}\n"));
            reason = null;
            return new PidFile(path);
        }
        catch (Exception error) when (FileReason.IsKnown(error))
        {
            reason = FileReason.Of(error);
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception error) when (FileReason.IsKnown(error))
        {
            // Somebody took the folder away; the process ends all the same.
        }
    }
}
