using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Xunit;

namespace Anax.Tests.Unit.Server.Logging;

public sealed class LogWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anax-log-").FullName;

    private string File => Path.Combine(_folder, "anax.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void LinesAreAddedToTheFile()
    {
        System.IO.File.WriteAllText(File, "before\n");
        using (var writer = new LogWriter(Settings("--logfile", File), TimeProvider.System))
            new ServerLog(writer).Ready();

        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* Ready to accept connections$", lines[1]);
    }

    [Fact]
    public void ARelativeFileLiesInTheFolderOfTheOptions()
    {
        using var writer = new LogWriter(Settings("--dir", _folder, "--logfile", "sub.log"), TimeProvider.System);
        Assert.True(System.IO.File.Exists(Path.Combine(_folder, "sub.log")));
    }

    [Fact]
    public void AFileThatCannotBeOpenedSaysWhy()
    {
        var error = Assert.Throws<IOException>(
            () => new LogWriter(Settings("--logfile", "/nowhere/at/all.log"), TimeProvider.System));
        Assert.Equal("No such file or directory", error.Message);
    }

    [Theory]
    [InlineData("debug", 4)]
    [InlineData("verbose", 3)]
    [InlineData("notice", 2)]
    [InlineData("warning", 1)]
    [InlineData("nothing", 0)]
    public void TheLevelMayChangeWhileItRuns(string level, int lines)
    {
        using var writer = new LogWriter(Settings("--logfile", File), TimeProvider.System);
        writer.Apply(Settings("--loglevel", level, "--logfile", File));
        for (var weight = Microsoft.Extensions.Logging.LogLevel.Trace;
            weight <= Microsoft.Extensions.Logging.LogLevel.Warning; weight++)
        {
            writer.Log(weight, default, weight, null, (state, _) => state.ToString());
        }
        Assert.Equal(lines, System.IO.File.ReadAllLines(File).Length);
    }

    [Fact]
    public void LinesOfSeveralThreadsDoNotMix()
    {
        using var writer = new LogWriter(Settings("--logfile", File), TimeProvider.System);
        var log = new ServerLog(writer);
        var text = new string('x', 5000);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 100; i++)
                log.Notice(text);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();

        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(400, lines.Length);
        Assert.All(lines, line => Assert.EndsWith(text, line));
        Assert.Single(lines.Select(line => line.Length).Distinct());
    }

    [Fact]
    public void TheProcessIdFileIsRemovedAtTheEnd()
    {
        var path = Path.Combine(_folder, "anax.pid");
        using (PidFile.Write(path, 4711, out var reason))
        {
            Assert.Null(reason);
            Assert.Equal("4711\n", System.IO.File.ReadAllText(path));
        }
        Assert.False(System.IO.File.Exists(path));
    }

    [Fact]
    public void AProcessIdFileThatCannotBeWrittenIsNotFatal()
    {
        Assert.Null(PidFile.Write("/nowhere/at/all.pid", 1, out var reason));
        Assert.NotNull(reason);
    }

    [Fact]
    public void TheVersionIsTheAssemblys() =>
        Assert.StartsWith(ProductVersion.Text, typeof(ServerProcess).Assembly.GetName().Version!.ToString());

    private static ServerSettings Settings(params string[] arguments) =>
        StartOptions.Read(arguments, Stream.Null, "1").Settings!;
}
