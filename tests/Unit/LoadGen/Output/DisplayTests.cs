using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Output;
using Spectre.Console;
using Xunit;
using LiveDisplay = Anax.LoadGen.Output.LiveDisplay;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>What is shown while a run lasts: lines for a program, one table for a person.</summary>
public sealed class DisplayTests
{
    private static readonly BenchOptions Options = new() { Qps = 0, TestTime = 2, Warmup = 1, Connections = 10 };

    [Fact]
    public void PlainLinesTellASecondEach()
    {
        StringWriter output = new();
        PlainDisplay display = new(output, Options);
        display.Show(() => Drive(display));
        Assert.Equal(
            """
            warm-up: 1 s, threads 1, connections 10 per thread, closed loop, pipeline 1, not counted
            warm-up: elapsed_s=1.0 requests=1000 requests_per_s=1000 p50_us=100.1 p99_us=100.1 p99.9_us=100.1 hit_rate=0.5000 errors=1
            run: 2 s, threads 1, connections 10 per thread, closed loop, pipeline 1
            run: elapsed_s=1.0 requests=1000 requests_per_s=1000 p50_us=100.1 p99_us=100.1 p99.9_us=100.1 hit_rate=0.5000 errors=1

            """, output.ToString());
    }

    [Fact]
    public void TheTableInATerminalIsDrawnOverItself()
    {
        StringWriter output = new();
        LiveDisplay display = new(Terminal(output), Options);
        display.Show(() => Drive(display));
        string shown = output.ToString();
        Assert.Contains("requests/s", shown, StringComparison.Ordinal);
        Assert.Contains("1.0/2 s", shown, StringComparison.Ordinal);
        Assert.Contains("50.0 %", shown, StringComparison.Ordinal);
        Assert.Matches(@"warm-up +1\.0/1 s +1,000 +1,000 +100\.1 +100\.1 +100\.1 +50\.0 % +1 +10", shown);
        // Each time it goes up to where the table begins, and at the end nothing is left of it.
        Assert.Contains("\u001b[1A", shown, StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyTheLastPhasesAreShown()
    {
        StringWriter output = new();
        LiveDisplay display = new(Terminal(output), Options);
        display.Show(() =>
        {
            for (int i = 0; i < 30; i++)
            {
                PhaseRecord phase = new($"[bold]step {i}", 0, isMeasured: true, Records.StartNs, threads: 1);
                display.Begin(phase);
                display.Refresh(phase, Records.StartNs + Records.SecondNs, hasCollected: false);
                display.End(phase);
            }
        });
        // The 30th table begins behind the last time that the cursor went up.
        string last = output.ToString().Split("phase ")[^1];
        Assert.Contains("[bold]step 29", last, StringComparison.Ordinal);
        Assert.Contains("[bold]step 22", last, StringComparison.Ordinal);
        Assert.DoesNotContain("[bold]step 21", last, StringComparison.Ordinal);
    }

    private static IAnsiConsole Terminal(StringWriter output) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        ColorSystem = ColorSystemSupport.NoColors,
        Out = new Screen(output),
    });

    /// <summary>Two phases of a second: 1000 replies of 100 µs, half of them reads, of which half found something.</summary>
    private static void Drive(IRunDisplay display)
    {
        foreach (string name in (string[])["warm-up", "run"])
        {
            PhaseRecord phase = new(name, 0, name == "run", Records.StartNs, threads: 1);
            ThreadRecorder thread = phase.Threads[0];
            display.Begin(phase);
            display.Refresh(phase, Records.StartNs - 1, hasCollected: false);
            for (int i = 0; i < 10; i++) thread.Connected();
            thread.Error("ERR no"u8);
            long nowNs = Records.StartNs;
            for (int i = 0; i < 1000; i++)
            {
                nowNs += 1000 * Records.MicrosecondNs;
                long sentNs = nowNs - 100 * Records.MicrosecondNs;
                thread.Replies(nowNs, sentNs, sentNs, 1, i % 2, i % 4 == 1 ? 1 : 0);
                thread.HandOut(nowNs);
            }

            bool hasCollected = phase.Collect(nowNs);
            Assert.True(hasCollected);
            display.Refresh(phase, nowNs, hasCollected);
            display.End(phase);
        }
    }

    private sealed class Screen(StringWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;
        public bool IsTerminal => true;
        public int Width => 100;
        public int Height => 30;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
