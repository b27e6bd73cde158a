using System.Diagnostics;
using System.Globalization;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>What the process leaves behind and where it speaks: log, process id file, background, exit codes.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("anax-process-").FullName;

    private string Log => Path.Combine(_folder, "anax.log");
    private string PidFile => Path.Combine(_folder, "anax.pid");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ADaemonLeavesTheSessionAndTheCaller()
    {
        int port = TestEnvironment.FreePort();
        using ServerProcess caller = ServerProcess.AnaxAsGiven(port, "--port", $"{port}", "--daemonize", "yes",
            "--dir", _folder, "--pidfile", PidFile, "--logfile", "anax.log", "--proactor_threads", "1");
        Assert.Equal(0, caller.WaitForExit(Limit));
        WaitFor(() => File.Exists(Log) && File.ReadAllText(Log).Contains("Ready to accept", StringComparison.Ordinal));

        int pid = int.Parse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture);
        using Process daemon = Process.GetProcessById(pid);
        string[] facts = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        Assert.Equal($"{pid}", facts[3]);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{pid}/fd/1").LinkTarget);
        using (RespClient client = caller.Connect()) Assert.NotNull(client.Call("PING").ToString());

        using (Process kill = Process.Start("kill", $"{pid}")) kill.WaitForExit();
        Assert.True(daemon.WaitForExit(Limit));
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public void TheLogFileGetsTheLinesAndStandardOutputNone()
    {
        using (ServerProcess server = ServerProcess.Anax("--logfile", Log))
        {
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExit(Limit));
            Assert.Equal("", server.Output);
        }
        Assert.Contains("Ready to accept connections", File.ReadAllText(Log), StringComparison.Ordinal);
    }

    [Fact]
    public void ALogFileThatCannotBeOpenedEndsTheStart()
    {
        using ServerProcess server = ServerProcess.AnaxAsGiven(0, "--logfile", "/nowhere/at/all.log");
        Assert.Equal(1, server.WaitForExit(Limit));
        Assert.Contains("Can't open the log file '/nowhere/at/all.log': No such file or directory", server.Output);
    }

    [Fact]
    public void AProcessIdFileThatCannotBeWrittenIsTold()
    {
        using ServerProcess server = ServerProcess.Anax("--pidfile", "/nowhere/at/all.pid");
        Assert.Contains("Failed to write PID file: No such file or directory", server.Output);
    }

    [Fact]
    public void AConfigurationFileIsReadAndItsErrorsShown()
    {
        string config = Path.Combine(_folder, "anax.conf");
        File.WriteAllText(config, "loglevel nothing\nproactor_threads 1\n");
        int port = TestEnvironment.FreePort();
        using (ServerProcess server = ServerProcess.AnaxAsGiven(port, config, "--port", $"{port}"))
        {
            server.WaitUntilReady();
            Assert.Equal("", server.Output);
        }

        File.WriteAllText(config, "loglevel\n");
        using ServerProcess refused = ServerProcess.AnaxAsGiven(0, config);
        Assert.Equal(1, refused.WaitForExit(Limit));
        Assert.Contains($"{config}, at line 1", refused.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "--proactor_threads=0")]
    [InlineData("--version", "anax ")]
    public void QuestionsAreAnsweredOnStandardOutput(string question, string answer)
    {
        using ServerProcess server = ServerProcess.AnaxAsGiven(0, question);
        Assert.Equal(0, server.WaitForExit(Limit));
        Assert.Contains(answer, server.Output, StringComparison.Ordinal);
    }

    private static void WaitFor(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Limit, "it does not happen");
            Thread.Sleep(20);
        }
    }
}
