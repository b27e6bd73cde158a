using System.Text;
using Anax.Runtime;
using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Win32.SafeHandles;

namespace Anax.Server;

/// <summary>
/// One run of the program from its arguments to its exit code: options, background, folder, log, process id file,
/// then the server until a signal or SHUTDOWN ends it.
/// </summary>
public static class ServerProcess
{
    private const int Failed = 1;
    private const long BytesOfMib = 1024 * 1024;

    public static int Run(string[] arguments)
    {
        using var input = new MemoryStream();
        if (Array.IndexOf(arguments, "-") >= 0)
            ReadStandardInput(input);
        var start = StartOptions.Read(arguments, input, ProductVersion.Text);
        if (start.Settings is not { } settings)
        {
            Print(OutputFile.StandardOutput, start.Output);
            Print(OutputFile.StandardError, start.Error);
            return start.Error is null ? 0 : Failed;
        }
        try
        {
            if (settings.Daemonize && !BackgroundProcess.IsDetached)
            {
                BackgroundProcess.Start(input.ToArray());
                return 0;
            }
            Environment.CurrentDirectory = settings.Folder;
            using var writer = OpenLog(settings);
            return Run(start, settings, new ServerLog(writer));
        }
        catch (IOException error)
        {
            Print(OutputFile.StandardError, $"anax: {error.Message}\n");
            return Failed;
        }
    }

    private static int Run(StartOptions start, ServerSettings settings, ServerLog log)
    {
        log.Starting(ProductVersion.Text, Environment.ProcessId);
        foreach (var notice in start.Notices)
            log.Notice(notice);
        using var pidFile = WritePidFile(settings, log);
        try
        {
            using var server = new AnaxServer(settings, start.ConfigFile, log);
            using var signals = new ProcessSignals(name => server.Stop(name));
            var limit = AnaxServer.EffectiveMaxMemory(settings) / BytesOfMib;
            log.Threads(server.Loops.Length, settings.AffinityMode == AffinityMode.Off ? "not pinned" : "pinned");
            log.Backend(server.Backend, server.BackendReason);
            log.MemoryLimit(limit, settings.MaxMemory == 0 ? "80 % of what the system allows" : "maxmemory");
            server.Start();
            server.Join();
            return server.ExitCode;
        }
        catch (ListenException error)
        {
            log.StartFailed(error.Message);
            if (!settings.LogToStandardError)
                Print(OutputFile.StandardError, $"anax: {error.Message}\n");
            return Failed;
        }
    }

    private static LogWriter OpenLog(ServerSettings settings)
    {
        try
        {
            return new LogWriter(settings, TimeProvider.System);
        }
        catch (Exception error) when (FileReason.IsKnown(error))
        {
            throw new IOException($"Can't open the log file '{settings.LogFile}': {error.Message}", error);
        }
    }

    private static PidFile? WritePidFile(ServerSettings settings, ServerLog log)
    {
        if (settings.PidFile is not { } path)
            return null;
        var file = PidFile.Write(path, Environment.ProcessId, out var reason);
        if (reason is not null)
            log.PidFileFailed(reason);
        return file;
    }

    private static void ReadStandardInput(MemoryStream into)
    {
        using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read);
        input.CopyTo(into);
        into.Position = 0;
    }

    private static void Print(OutputFile output, string? text)
    {
        if (text is not null)
            output.Write(Encoding.UTF8.GetBytes(text));
    }
}
