using System.Runtime.InteropServices;

namespace Anax.Runtime;

/// <summary>
/// SIGTERM and SIGINT as a request to stop: the first is handed on, a second SIGINT ends the process at once.
/// The handler runs on a thread of the runtime's own, so it may only use what any thread may.
/// </summary>
public sealed class ProcessSignals : IDisposable
{
    private const int InterruptedExitCode = 130;

    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private int _interrupts;

    /// <summary>The callback gets the signal's name, once.</summary>
    public ProcessSignals(Action<string> onStop)
    {
        int asked = 0;
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (Interlocked.Exchange(ref asked, 1) == 0) onStop("SIGTERM");
        });
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref _interrupts) > 1) Environment.Exit(InterruptedExitCode);
            if (Interlocked.Exchange(ref asked, 1) == 0) onStop("SIGINT");
        });
    }

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }
}
