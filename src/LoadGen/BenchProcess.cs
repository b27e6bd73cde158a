using System.Buffers;
using System.Globalization;
using Anax.LoadGen.Driver;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Output;
using Anax.Runtime;
using AnsiConsole = Spectre.Console.AnsiConsole;

namespace Anax.LoadGen;

/// <summary>The program: reads the options, runs the load, shows and writes the result.</summary>
public static class BenchProcess
{
    public const string Version = "0.1.0";
    private const int ExitFailure = 1;
    private const int ExitUsage = 2;
    private const int RefreshMs = 100;

    private static readonly SearchValues<char> ShellSigns = SearchValues.Create(" \"'$&|;<>()*?#~");

    public static int Run(string[] arguments)
    {
        try
        {
            if (OptionReader.ShowsHelp(arguments, Console.Out, Version)) return 0;
            return RunLoad(OptionReader.Read(arguments), CommandLine(arguments));
        }
        catch (OptionException e)
        {
            return Complain(e.Message, ExitUsage);
        }
        catch (Exception e) when (e is ListenException or IOException)
        {
            return Complain(e.Message, ExitFailure);
        }
    }

    private static int RunLoad(BenchOptions options, string commandLine)
    {
        OutputPaths.Check(options);
        if (options.UnixSocket.Length == 0) _ = ClientSocket.Resolve(options.Host);
        int threads = options.Threads != 0 ? options.Threads : CpuTopology.Detect().Cpus.Count;
        long descriptors = (long)threads * options.Connections + LoadRun.OtherDescriptors;
        if (ProcessLimits.RaiseOpenFiles(descriptors) < descriptors)
            throw new OptionException($"{descriptors} files must be open at one time, the system allows {ProcessLimits.OpenFiles()}");

        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions
        {
            Count = threads,
            // Requests without an answer are over when the kernel has taken them, which io_uring tells late.
            Backend = options.ForceEpoll || options.NoReply ? LoopBackend.Epoll : LoopBackend.Auto,
            Seed = options.Seed,
        });
        using LoadRun run = new(options, group, new SocketDialer(options.TcpNoDelay));
        using ProcessSignals signals = new(name => run.Fail($"ended by {name}"));
        using HdrFile? hdr = options.HdrFile.Length != 0 ? new HdrFile(options.HdrFile, ThreadClock.MonotonicNs()) : null;
        run.Start();
        IRunDisplay display = MakeDisplay(options);
        try
        {
            display.Show(() => Watch(run, display, hdr));
        }
        finally
        {
            // Also where a file could not be written: no loop may run on when its memory goes.
            group.Stop();
            group.Join();
        }

        return Conclude(run.Result(commandLine), display);
    }

    private static IRunDisplay MakeDisplay(BenchOptions options)
    {
        if (Console.IsOutputRedirected || !LiveDisplay.CanShowOn(AnsiConsole.Console)) return new PlainDisplay(Console.Out, options);
        return new LiveDisplay(AnsiConsole.Console, options);
    }

    /// <summary>Shows and writes what was measured, also of a run that broke off.</summary>
    private static int Conclude(RunResult result, IRunDisplay display)
    {
        if (result.Steps.Any(step => step.Replies != 0)) display.Summarize(result);
        if (result.Steps.Count != 0 || result.Failure.Length == 0)
        {
            MachineFacts machine = MachineFacts.Detect();
            BenchOptions options = result.Options;
            if (options.JsonOutFile.Length != 0) JsonFile.Write(options.JsonOutFile, result, machine);
            if (options.ReportFile.Length != 0) ReportFile.Write(options.ReportFile, result, machine);
        }

        string limit = RunNotes.ClientLimit(result);
        if (limit.Length != 0 && result.Failure.Length == 0) _ = Complain($"warning: {limit}", 0);
        if (result.Failure.Length != 0) return Complain(result.Failure, ExitFailure);
        return result.HasErrors ? ExitFailure : 0;
    }

    /// <summary>Shows the run and takes what its threads hand out, until it is over.</summary>
    private static void Watch(LoadRun run, IRunDisplay display, HdrFile? hdr)
    {
        PhaseRecord? shown = null;
        int begun = 0;
        for (bool isOver = false; !isOver;)
        {
            isOver = run.Wait(RefreshMs);
            for (; run.Phase(begun) is { } phase; begun++)
            {
                if (shown is not null) End(shown);
                display.Begin(phase);
                shown = phase;
            }

            if (shown is null || isOver) continue;
            long nowNs = ThreadClock.MonotonicNs();
            bool hasCollected = shown.Collect(nowNs);
            if (hasCollected && shown.IsMeasured) hdr?.Append(shown);
            display.Refresh(shown, nowNs, hasCollected);
        }

        if (shown is not null) End(shown);

        void End(PhaseRecord phase)
        {
            if (phase.Finish() && phase.IsMeasured) hdr?.Append(phase);
            display.End(phase);
        }
    }

    /// <summary>As it could be pasted into a shell, but for a password.</summary>
    private static string CommandLine(string[] arguments)
    {
        string[] shown = new string[arguments.Length];
        for (int i = 0; i < shown.Length; i++)
        {
            string argument = arguments[i];
            bool isPassword = i > 0 && arguments[i - 1].TrimStart('-') == "password";
            if (isPassword) argument = "***";
            else if (argument.TrimStart('-').StartsWith("password=", StringComparison.Ordinal)) argument = "--password=***";
            bool isPlain = argument.Length != 0 && argument.AsSpan().IndexOfAny(ShellSigns) < 0;
            shown[i] = isPlain ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        }

        return $"anax-bench {string.Join(' ', shown)}".TrimEnd();
    }

    private static int Complain(string message, int exit)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"anax-bench: {message}"));
        return exit;
    }
}
