using Anax.LoadGen.Options;
using Anax.LoadGen.Output;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>Files that could not be written are found before the load, and finding out changes nothing.</summary>
public sealed class OutputPathsTests
{
    [Fact]
    public void AMissingFolderIsNamedWithItsOption()
    {
        const string Path = "/nowhere/at/all";
        Assert.StartsWith("--report: ", Message(new BenchOptions { ReportFile = Path }), StringComparison.Ordinal);
        Assert.StartsWith("--json_out_file: ", Message(new BenchOptions { JsonOutFile = Path }), StringComparison.Ordinal);
        string message = Message(new BenchOptions { HdrFile = Path });
        Assert.StartsWith("--hdr_file: ", message, StringComparison.Ordinal);
        Assert.Contains(Path, message, StringComparison.Ordinal);
        Assert.StartsWith("--report: ", Message(new BenchOptions { ReportFile = System.IO.Path.GetTempPath() }), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsThereStaysAndWhatIsNotThereDoesNotAppear()
    {
        string folder = Directory.CreateTempSubdirectory("anax-output").FullName;
        try
        {
            string old = Path.Combine(folder, "old"), other = Path.Combine(folder, "new");
            File.WriteAllText(old, "as it was");
            OutputPaths.Check(new BenchOptions { ReportFile = old, JsonOutFile = other });
            Assert.Equal("as it was", File.ReadAllText(old));
            Assert.False(File.Exists(other));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Message(BenchOptions options) =>
        Assert.Throws<OptionException>(() => OutputPaths.Check(options)).Message;
}
