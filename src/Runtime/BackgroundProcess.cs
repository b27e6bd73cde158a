using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>--daemonize: the program again, detached from the terminal and from the session that started it.</summary>
public static class BackgroundProcess
{
    /// <summary>Whether this is the process that was started detached.</summary>
    public static bool IsDetached => Environment.GetEnvironmentVariable(Daemon.DetachedVariable) is not null;

    /// <summary>
    /// Starts it with what is left of standard input; throws <see cref="IOException"/> with the system's reason.
    /// </summary>
    public static int Start(ReadOnlySpan<byte> standardInput)
    {
        int process = Daemon.Start(standardInput);
        return process > 0 ? process : throw new IOException(Errno.Text(-process));
    }
}
