using System.Globalization;
using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>What must be known about a result before its figures are believed.</summary>
internal static class RunNotes
{
    /// <summary>A schedule counts as kept from this part of it on.</summary>
    private const double KeptShare = 0.99;

    /// <summary>Less of a difference between busy and processor time is the clocks' coarseness.</summary>
    private const double WaitShareMin = 0.05;

    /// <summary>Requests per second that the schedule asks for; 0 in a closed loop.</summary>
    public static double Offered(RunResult result, PhaseRecord step) =>
        Math.Abs(step.Qps) * result.Options.Pipeline * step.Connections;

    public static IReadOnlyList<string> SchedulesNotKept(RunResult result)
    {
        List<string> notes = [];
        foreach (PhaseRecord step in result.Steps)
        {
            double offered = Offered(result, step);
            // The time for which requests were sent: the last replies come after it.
            double seconds = result.Options.TestTime > 0 ? result.Options.TestTime : step.Seconds;
            if (step.Replies >= offered * seconds * KeptShare) continue;
            string name = result.Steps.Count == 1 ? "" : $" at {step.Name}";
            notes.Add($"The schedule was not kept{name}: {FigureText.Rate(step.Rate)} of {FigureText.Rate(offered)} "
                + $"requests/s were answered ({FigureText.Percent(step.Rate / offered)}).");
        }

        return notes;
    }

    /// <summary>
    /// One line when a load thread had no time to spare, else empty. Busy beyond its processor time is a thread that
    /// waited for a processor, which other programs (or the server) had.
    /// </summary>
    public static string ClientLimit(RunResult result)
    {
        SortedSet<int> threads = [];
        List<string> steps = [];
        double busy = 0, waited = 0;
        foreach (PhaseRecord step in result.Steps)
        {
            ClientLoad[] limits = [.. step.Threads.Select(ClientLoad.Of).Where(load => load.IsLimit)];
            if (limits.Length == 0) continue;
            steps.Add(step.Name);
            foreach (ClientLoad load in limits)
            {
                threads.Add(load.Thread);
                busy = Math.Max(busy, Math.Max(load.BusyShare, load.CpuShare));
                waited = Math.Max(waited, load.BusyShare - load.CpuShare);
            }
        }

        if (threads.Count == 0) return "";
        bool isOne = threads.Count == 1 && steps.Count == 1;
        string names = string.Join(", ", threads.Select(thread => thread.ToString(CultureInfo.InvariantCulture)));
        string who = threads.Count == 1 ? $"load thread {names} was busy" : $"load threads {names} were busy";
        string when = result.Steps.Count == 1 ? "" : $" at {string.Join(", ", steps)}";
        string wait = waited < WaitShareMin ? "" : $" ({(isOne ? "" : "up to ")}{Whole(waited)} waiting for a processor)";
        return $"{who} {(isOne ? "" : "up to ")}{Whole(busy)} of the time{wait}{when}: "
            + "the figures are the client's, not the server's";
    }

    private static string Whole(double share) => Math.Min(100, share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";
}
