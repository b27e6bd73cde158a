using Anax.LoadGen.Options;

namespace Anax.LoadGen.Output;

/// <summary>Finds before the load runs that a file could not be written after it.</summary>
internal static class OutputPaths
{
    /// <summary>Throws <see cref="OptionException"/>; changes no file.</summary>
    public static void Check(BenchOptions options)
    {
        Check("--json_out_file", options.JsonOutFile);
        Check("--hdr_file", options.HdrFile);
        Check("--report", options.ReportFile);
    }

    private static void Check(string option, string path)
    {
        if (path.Length == 0) return;
        bool wasThere = File.Exists(path);
        try
        {
            using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OptionException($"{option}: {e.Message}");
        }

        if (!wasThere) File.Delete(path);
    }
}
