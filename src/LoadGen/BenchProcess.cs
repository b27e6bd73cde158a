using System.Buffers;
using System.Globalization;
using Anax.LoadGen.Driver;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Output;
using Anax.Runtime;

namespace Anax.LoadGen;

/// <summary>The program: reads the options, runs the load, shows and writes the result.</summary>
public static class BenchProcess
{
    private const string Version = "0.1.0";
    private const int ExitFailure = 1;
    private const int ExitUsage = 2;
    private const int RefreshMs = 100;

    /// <summary>Descriptors beside the connections: loops, files, the runtime's own.</summary>
    private const int OtherDescriptors = 64;

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
        catch (ListenException e)
        {
            return Complain(e.Message, ExitFailure);
        }
    }

    private static int RunLoad(BenchOptions options, string commandLine)
    {
        if (options.UnixSocket.Length == 0) _ = ClientSocket.Resolve(options.Host);
        int threads = options.Threads != 0 ? options.Threads : CpuTopology.Detect().Cpus.Count;
        long descriptors = (long)threads * options.Connections + OtherDescriptors;
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
        run.Start();
        IRunDisplay display = new PlainDisplay();
        Watch(run, display);
        group.Join();
        RunResult result = run.Result(commandLine);
        PlainDisplay.Summarize(result);
        return result.Failure.Length != 0 ? Complain(result.Failure, ExitFailure) : HasErrors(result) ? ExitFailure : 0;
    }

    private static void Watch(LoadRun run, IRunDisplay display)
    {
        RunningPhase? shown = null;
        while (true)
        {
            bool isOver = run.Wait(RefreshMs);
            RunningPhase? phase = run.Phase;
            if (!ReferenceEquals(phase, shown))
            {
                if (shown is not null) display.End();
                shown = phase;
                display.Begin(phase!);
            }

            if (isOver) break;
            if (shown is not null) display.Refresh(ThreadClock.MonotonicNs());
        }

        if (shown is not null) display.End();
    }

    private static bool HasErrors(RunResult result)
    {
        foreach (PhaseResult step in result.Steps)
        {
            foreach (ThreadRecorder recorder in step.Threads)
            {
                if (recorder.Errors.Count != 0) return true;
            }
        }

        return false;
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
